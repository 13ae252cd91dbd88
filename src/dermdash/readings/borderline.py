"""Readings under another policy of borderline diagnoses: every analysis can be done again with it."""

from dataclasses import replace
from typing import TypeVar

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import BorderlinePolicy, Status, Taxonomy
from dermdash.wording import counted

Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)
COUNTED = {
    BorderlinePolicy.MALIGNANT: " (borderline as malignant)",
    BorderlinePolicy.OWN: " (borderline as a class of its own)",
}
"""What the source is called by then, so that no heading, file or cache takes it for the usual one."""


def with_borderline(table: Table, policy: BorderlinePolicy) -> Table:
    """The same readings or counts, in which borderline diagnoses count as the policy says; no diagnosis changes.

    Where malignancy was derived from a diagnosis it is derived again: the truth, the answer, the advice, and the sign
    of a rating that was made of an answer. As a class of its own, a borderline case is left out where malignant is held
    against benign, and a borderline answer is no call of malignancy. A protocol names its analyses for the usual policy
    (benign): of the result none is pre-specified.

    Raises
    ------
    InvalidInput
        The diagnoses are of no known taxonomy, so that nobody knows which are borderline.
    """
    if policy is BorderlinePolicy.BENIGN:
        return table
    taxonomy = table.classes
    if taxonomy is None:
        raise InvalidInput(
            f"{table.source} has no diagnoses of a known taxonomy: which of its cases are borderline is not known"
        )
    if not taxonomy.has_borderline:
        return table
    counted_as = taxonomy.counting_borderline_as(policy)
    codes = {c.code for c in taxonomy.classes if c.status is Status.BORDERLINE}
    warning = _warning(table.frame, codes, counted_as)
    table = replace(
        table, source=f"{table.source}{COUNTED[policy]}", warnings=(*table.warnings, warning), borderline=policy
    )
    if isinstance(table, AggregateTable):
        return table
    return replace(table, frame=_counted(table.frame, codes, counted_as), prespecified=())


def _warning(frame: pd.DataFrame, codes: set[str], taxonomy: Taxonomy) -> str:
    names = " and ".join(taxonomy[code].name for code in taxonomy.codes if code in codes)
    cases = frame.loc[frame["truth_dx"].isin(codes), "case"].nunique()
    if taxonomy.borderline is BorderlinePolicy.OWN:
        return (
            f"{names}: a class of its own. {counted(cases, 'case')} of it left out wherever malignant is held against "
            "benign; such an answer is no call of malignancy."
        )
    return f"{names} ({counted(cases, 'case')}) counted as malignant."


def _counted(frame: pd.DataFrame, codes: set[str], taxonomy: Taxonomy) -> pd.DataFrame:
    """The columns of malignancy anew, where a diagnosis is borderline."""
    found = frame.copy()
    own = taxonomy.borderline is BorderlinePolicy.OWN
    side: bool | None = None if own else True
    answered, true, advised = (frame[name].isin(codes) for name in ("dx", "truth_dx", "advice_dx"))
    found.loc[true, "truth_malignant"] = pd.NA if side is None else side
    found.loc[answered, "malignant_answer"] = not own
    found.loc[advised, "advice_malignant"] = pd.NA if side is None else side
    # A rating made of a borderline answer is minus the confidence (`confidence_weighted_rating`).
    made = answered & (frame["malignancy_rating"] == -frame["confidence"]).fillna(False).astype(bool)
    found.loc[made, "malignancy_rating"] = 0.0 if own else frame.loc[made, "confidence"]
    # Advice that names no class, and answers that do, are right or wrong by their side alone.
    of_side = ("advice_malignant", "advice_dx", "advice_correct"), ("malignant_answer", "dx", "correct")
    for chosen, dx, given in of_side:
        by_side = true & frame[dx].isna() & frame[chosen].notna()
        found.loc[by_side, given] = pd.NA if side is None else frame.loc[by_side, chosen].astype("boolean") == side
    return found
