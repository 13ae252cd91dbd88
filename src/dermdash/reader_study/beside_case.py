"""What readers see of a case beside its image, fixed when the study is frozen: fields, clinical image, other lesions.

None of it may say what any lesion is: fields are of `SHOWN_FIELDS`, images are named by their records, whose names stay
on the server.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.reader_study.protocol_parts import SHOWN_FIELDS, CaseView

CLINICAL_TYPES = ("clinical_close_up", "clinical_overview")
"""Types of image that are clinical, the nearer first."""
MOST_LESIONS = 60
"""Of a patient, beside the one to be judged: more could not be told apart on a screen, nor arrive at once."""


@dataclass(frozen=True, slots=True)
class BesideCase:
    """What is shown beside one case.

    Attributes
    ----------
    fields
        By name, None where nothing is recorded; in the order of the protocol.
    clinical
        Record of the clinical image of the same lesion; None where there is none or none is asked for.
    lesions
        Records of the patient's other lesions, one each; empty where none is asked for.
    lesions_left_out
        Further ones that are not shown: beyond `MOST_LESIONS`, or told in another case.
    """

    fields: dict[str, Any]
    clinical: str | None = None
    lesions: tuple[str, ...] = ()
    lesions_left_out: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the case."""
        return {
            "fields": self.fields, "clinical": self.clinical, "lesions": list(self.lesions),
            "lesions_left_out": self.lesions_left_out,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "BesideCase":
        """As it was stored; nothing for a case of a study that shows nothing beside images."""
        if not stored:
            return cls({})
        return cls(stored["fields"], stored["clinical"], tuple(stored["lesions"]), stored["lesions_left_out"])


def is_clinical(records: pd.DataFrame) -> "pd.Series[bool]":
    """Which records are clinical images."""
    return records["image_type"].isin(CLINICAL_TYPES)


def beside_cases(
    records: pd.DataFrame, *, view: CaseView, cases: Iterable[str], told: Collection[str] = ()
) -> dict[str, BesideCase]:
    """Fix what is shown beside each case.

    Parameters
    ----------
    records
        Every record of the data set that may be shown: ``record_id``, ``one_lesion`` (number of the records that show
        one lesion), ``patient_id``, ``image_type`` and the fields of the view.
    cases
        Record ids of the cases.
    told
        Cases whose diagnosis readers are told while they read: no other case shows their lesion.

    Raises
    ------
    InvalidInput
        A case is not among the records.
    """
    rows = records.set_index(records["record_id"].rename(None)).sort_index()
    clinical = rows[is_clinical(rows)]
    known = set(rows.index)
    hidden = set(rows.loc[[r for r in told if r in known], "one_lesion"])
    found = {}
    for case in cases:
        if case not in known:
            raise InvalidInput(f"the record {case} of a case is not among the records that may be shown")
        row = rows.loc[case]
        beside = BesideCase({name: _plain(row[name]) for name in view.fields})
        if view.clinical_image:
            beside = _with_clinical(beside, clinical[clinical["one_lesion"] == row["one_lesion"]], case)
        if view.whole_patient and pd.notna(row["patient_id"]):
            others = rows[(rows["patient_id"] == row["patient_id"]) & (rows["one_lesion"] != row["one_lesion"])]
            beside = _with_lesions(beside, others, hidden)
        found[case] = beside
    return found


def _with_clinical(beside: BesideCase, same_lesion: pd.DataFrame, case: str) -> BesideCase:
    others = same_lesion[same_lesion["record_id"] != case]
    if others.empty:
        return beside
    nearest = others.assign(rank=others["image_type"].map(CLINICAL_TYPES.index)).sort_values(["rank", "record_id"])
    return BesideCase(beside.fields, str(nearest["record_id"].iloc[0]))


def _with_lesions(beside: BesideCase, others: pd.DataFrame, hidden: Collection[int]) -> BesideCase:
    # Lesions are compared as they look under the dermatoscope, where there is such an image.
    order = others.assign(rank=is_clinical(others)).sort_values(["rank", "record_id"], kind="stable")
    one_each = order.drop_duplicates("one_lesion")
    shown = one_each[~one_each["one_lesion"].isin(list(hidden))].head(MOST_LESIONS)
    lesions = tuple(str(record_id) for record_id in shown["record_id"])
    return BesideCase(beside.fields, beside.clinical, lesions, len(one_each) - len(shown))


def _plain(value: Any) -> Any:
    """A cell as JSON has it; None where nothing is recorded."""
    if value is None or (not isinstance(value, (list, tuple)) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def check_shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce stored fields to those that may leave for a browser, whatever was stored."""
    return {name: value for name, value in fields.items() if name in SHOWN_FIELDS}
