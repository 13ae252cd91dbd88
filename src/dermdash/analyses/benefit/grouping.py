"""Parts of the pairs to compare: what is known about the reader, the case, the advice or the place in the study."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput

YES, NO = "yes", "no"
OTHER = "other"
_MOST_LEVELS, _MOST_NUMBERS = 12, 6
SKILL = "unaided_skill"


@dataclass(frozen=True, slots=True)
class GroupingKind:
    """What a grouping is made from: a column of the pairs, and whether its groups have an order."""

    title: str
    column: str
    ordered: bool = False


GROUPINGS: dict[str, GroupingKind] = {
    "experience_group": GroupingKind("Experience", "experience_group", ordered=True),
    "profession": GroupingKind("Profession", "profession"),
    "truth_dx": GroupingKind("True class", "truth_dx"),
    "truth_malignant": GroupingKind("Malignant or benign", "truth_malignant", ordered=True),
    "confidence": GroupingKind("Confidence before assistance", "confidence_unaided", ordered=True),
    "advice_correct": GroupingKind("Advice right or wrong", "advice_correct", ordered=True),
    "advice_faulty": GroupingKind("Advice made wrong on purpose", "advice_faulty", ordered=True),
    "round": GroupingKind("Round", "round", ordered=True),
    SKILL: GroupingKind("Skill before assistance", "", ordered=True),
}
"""By key. Skill is measured on other cases than its change (see `skill`): it is no column of the pairs."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each pair (None: not known) and the groups in the order to show."""

    key: str
    labels: "pd.Series[str]"
    levels: tuple[str, ...]

    @property
    def kind(self) -> GroupingKind:
        """Title and order."""
        return GROUPINGS[self.key]


def group_pairs(frame: pd.DataFrame, key: str, *, order: Sequence[str] = ()) -> Grouping:
    """Name the group of each pair.

    Parameters
    ----------
    order
        Groups in the order to show; others follow alphabetically. Numbers and yes or no have their own order.

    Raises
    ------
    InvalidInput
        An unknown grouping.
    """
    if key not in GROUPINGS or key == SKILL:
        raise InvalidInput(f"there is no breakdown {key!r}: expected one of {', '.join(GROUPINGS)}")
    values = frame[GROUPINGS[key].column]
    known = values.notna()
    if pd.api.types.is_bool_dtype(values.dtype):
        labels = values.map({True: YES, False: NO}).astype(object)
        levels = [level for level in (NO, YES) if level in set(labels[known])]
    elif pd.api.types.is_numeric_dtype(values.dtype):
        labels, levels = _numbers(values)
    else:
        labels = values.astype(object).where(known, None)
        counts = labels[known].astype(str).value_counts()
        if len(counts) > _MOST_LEVELS:
            rare = counts.index[_MOST_LEVELS - 1 :]
            labels = labels.where(~labels.isin(rare), OTHER)
        found = {str(label) for label in labels[known]}
        levels = [level for level in order if level in found and level != OTHER]
        levels += sorted(found - set(levels) - {OTHER}) + [OTHER] * (OTHER in found)
    return Grouping(key, labels.where(known, None), tuple(levels))


def _numbers(values: "pd.Series[float]") -> tuple["pd.Series[str]", list[str]]:
    """Few different numbers are groups as they are; many are cut into thirds of the pairs."""
    numbers = values.astype("Float64").to_numpy(float, na_value=np.nan)
    known = np.isfinite(numbers)
    distinct, place = np.unique(numbers[known], return_inverse=True)
    if len(distinct) <= _MOST_NUMBERS:
        names = [f"{v:g}" for v in distinct]
    else:
        first, second = (float(q) for q in np.quantile(numbers[known], [1 / 3, 2 / 3]))
        names = [f"up to {first:g}", f"over {first:g} to {second:g}", f"over {second:g}"]
        place = (numbers[known] > first).astype(int) + (numbers[known] > second)
    labels = np.full(len(numbers), None, object)
    labels[known] = np.array(names, object)[place]
    return pd.Series(labels, index=values.index, dtype=object), [names[i] for i in np.unique(place)]
