"""Cases with their truth, the probabilities to judge, and which of them belong together.

`ScoredCases` is the one input of every evaluation, whether the probabilities come from a model of the workspace or from
a file, and whether they were made by a network or by people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy
from dermdash.wording import counted

# The name under which malignancy stands beside the classes, in thresholds and tables.
MALIGNANCY = "malignancy"


@dataclass(frozen=True, slots=True)
class ScoredCases:
    """n cases in a fixed order.

    Attributes
    ----------
    taxonomy
        Its codes name the columns of ``probabilities`` and the values of ``truth``.
    case_ids
        Name of each case (image or record id), unique.
    truth
        int (n,), index of the true class in the taxonomy.
    probabilities
        float (n, classes), finite, 0..1.
    groups
        int (n,), equal for cases that are not independent (one patient, lesion or file).
    group_keys
        What each case was grouped by ("patient P1"): comparable between sets of cases, as ``groups`` is not.
    grouping
        How many groups are patients, lesions and single images, in this order of preference.
    attributes
        One row per case: sex, age_at_exam, dataset_id, ... for subgroup tables; may have no column.
    """

    taxonomy: Taxonomy
    case_ids: tuple[str, ...]
    truth: IntArray
    probabilities: FloatArray
    groups: IntArray
    group_keys: tuple[str, ...]
    grouping: dict[str, int]
    attributes: pd.DataFrame

    def __len__(self) -> int:
        return len(self.case_ids)

    @property
    def malignant(self) -> BoolArray:
        """Whether the true class counts as malignant."""
        return self.malignant_classes[self.truth]

    @property
    def benign(self) -> BoolArray:
        """Whether the true class counts as benign; false of one that counts as neither."""
        return ~self.malignant & self.sided_classes[self.truth]

    @property
    def malignancy(self) -> FloatArray:
        """Probability of any malignant class: the sum over them, at most 1."""
        return np.minimum(self.probabilities[:, self.malignant_classes].sum(axis=1), 1.0)

    @property
    def predicted(self) -> IntArray:
        """Index of the most probable class; ties go to the first."""
        return self.probabilities.argmax(axis=1)

    @property
    def malignant_classes(self) -> BoolArray:
        """bool (classes,): whether the class counts as malignant."""
        return np.array([c.is_malignant for c in self.taxonomy.classes])

    @property
    def sided_classes(self) -> BoolArray:
        """bool (classes,): whether the class counts as malignant or benign, and not as neither."""
        return np.array([c.malignancy is not None for c in self.taxonomy.classes])

    @property
    def sided(self) -> "ScoredCases":
        """The cases whose true class counts as malignant or benign: what malignancy is measured on."""
        kept = self.sided_classes[self.truth]
        return self if kept.all() else self.subset(kept)

    def counting_borderline_as(self, policy: BorderlinePolicy) -> "ScoredCases":
        """The same cases, whose borderline classes count as the policy says."""
        return replace(self, taxonomy=self.taxonomy.counting_borderline_as(policy))

    def subset(self, kept: BoolArray) -> "ScoredCases":
        """The cases marked True, in the same order; groups keep their numbers."""
        return self.take(np.flatnonzero(kept))

    def take(self, at: IntArray) -> "ScoredCases":
        """The cases at these positions, in their order; groups keep their numbers."""
        return replace(
            self,
            case_ids=tuple(self.case_ids[i] for i in at),
            truth=self.truth[at],
            probabilities=self.probabilities[at],
            groups=self.groups[at],
            group_keys=tuple(self.group_keys[i] for i in at),
            grouping=_count_kinds([self.group_keys[i] for i in at]),
            attributes=self.attributes.iloc[at].reset_index(drop=True),
        )

    def renamed(self, case_ids: Sequence[str]) -> "ScoredCases":
        """The same cases under other names, in the same order."""
        return replace(self, case_ids=tuple(case_ids))

    def with_probabilities(self, probabilities: FloatArray) -> "ScoredCases":
        """The same cases judged by other probabilities."""
        return replace(self, probabilities=probabilities)


def make_cases(
    *,
    taxonomy: Taxonomy,
    case_ids: Sequence[str],
    truth: Sequence[str],
    probabilities: FloatArray,
    lesion_ids: Sequence[str | None] | None = None,
    patient_ids: Sequence[str | None] | None = None,
    group_keys: Sequence[str] | None = None,
    attributes: pd.DataFrame | None = None,
) -> ScoredCases:
    """Check and build `ScoredCases`.

    Parameters
    ----------
    lesion_ids, patient_ids
        What to group the cases by (`group_cases`), where nothing more is known of them.
    group_keys
        The group of each case, its kind first ("patient ..."), where it was found otherwise
        (`workflows.dataset.identity_groups`); the ids are not used then.

    Raises
    ------
    InvalidInput
        No case, lengths that differ, a case named twice, a truth outside the taxonomy, or probabilities that are not
        finite numbers from 0 to 1.
    """
    n = len(case_ids)
    if n == 0:
        raise InvalidInput("there is no case to evaluate")
    if len(set(case_ids)) != n:
        raise InvalidInput("a case stands twice among those to evaluate")
    if len(truth) != n or probabilities.shape != (n, len(taxonomy.codes)):
        raise InvalidInput(
            f"{counted(n, 'case')}, {counted(len(truth), 'diagnosis', 'diagnoses')}, probabilities of shape "
            f"{probabilities.shape}: expected {n} of each for {counted(len(taxonomy.codes), 'class', 'classes')}"
        )
    if unknown := sorted(set(truth) - set(taxonomy.codes)):
        raise InvalidInput(
            f"diagnoses outside {taxonomy.name}: {', '.join(map(str, unknown))}; expected {', '.join(taxonomy.codes)}"
        )
    values = np.asarray(probabilities, float)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1 + 1e-6:
        raise InvalidInput("some probabilities are not numbers from 0 to 1")
    position = {code: i for i, code in enumerate(taxonomy.codes)}
    if group_keys is None:
        groups, keys = group_cases(case_ids, lesion_ids=lesion_ids, patient_ids=patient_ids)
    elif len(group_keys) == n:
        groups, keys = number_groups(group_keys), tuple(group_keys)
    else:
        raise InvalidInput(f"{counted(len(group_keys), 'group')} for {counted(n, 'case')}: expected one for each")
    table = pd.DataFrame(index=range(n)) if attributes is None else attributes.reset_index(drop=True)
    return ScoredCases(
        taxonomy=taxonomy,
        case_ids=tuple(map(str, case_ids)),
        truth=np.array([position[code] for code in truth], dtype=np.int64),
        probabilities=np.clip(values, 0.0, 1.0),
        groups=groups,
        group_keys=keys,
        grouping=_count_kinds(keys),
        attributes=table,
    )


def group_cases(
    case_ids: Sequence[str],
    *,
    lesion_ids: Sequence[str | None] | None = None,
    patient_ids: Sequence[str | None] | None = None,
) -> tuple[IntArray, tuple[str, ...]]:
    """Number the groups of cases that belong together: one patient, else one lesion, else the case alone.

    A lesion belongs to one patient: where any of its images names the patient, all of them count under that patient.
    A lesion id that is missing or equals its case id says nothing, and the case stands alone.

    Returns
    -------
    groups, keys
        int (n,), and what each case was grouped by: "patient P1", "lesion L7" or "image I3".
    """
    n = len(case_ids)
    lesions = [_known(v) for v in lesion_ids] if lesion_ids is not None else [None] * n
    patients = [_known(v) for v in patient_ids] if patient_ids is not None else [None] * n
    lesions = [None if lesion == str(case) else lesion for lesion, case in zip(lesions, case_ids, strict=True)]
    patient_of = {
        lesion: p for lesion, p in zip(lesions, patients, strict=True) if lesion is not None and p is not None
    }
    keys = []
    for case, lesion, patient in zip(case_ids, lesions, patients, strict=True):
        owner = patient or (patient_of.get(lesion) if lesion else None)
        keys.append(f"patient {owner}" if owner else f"lesion {lesion}" if lesion else f"image {case}")
    return number_groups(keys), tuple(keys)


def number_groups(keys: Sequence[str]) -> IntArray:
    """Numbers int (n,), equal where the keys are."""
    number = {key: i for i, key in enumerate(sorted(set(keys)))}
    return np.array([number[key] for key in keys], dtype=np.int64)


def _count_kinds(keys: Iterable[str]) -> dict[str, int]:
    kinds = [key.split(" ", 1)[0] for key in set(keys)]
    return {kind: kinds.count(kind) for kind in ("patient", "lesion", "image")}


def _known(value: object) -> str | None:
    # pandas gives NaN for a missing text; NaN is not equal to itself.
    return None if value is None or value != value or value == "" else str(value)
