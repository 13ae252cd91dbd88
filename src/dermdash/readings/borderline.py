"""Readings under another policy of borderline diagnoses: every analysis can be done again with it."""

from dataclasses import replace
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.any_table import Table
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy
from dermdash.wording import counted

COUNTED = {policy: f" ({policy.counted})" for policy in BorderlinePolicy}
"""What the source is called under another policy than its own, so that no heading, file or cache takes it for that."""
_SIDE: dict[BorderlinePolicy, Any] = {
    BorderlinePolicy.BENIGN: False,
    BorderlinePolicy.MALIGNANT: True,
    BorderlinePolicy.OWN: pd.NA,
}
# Of the confidence in a borderline answer, in a rating that was made of it (`confidence_weighted_rating`).
_SIGN = {BorderlinePolicy.BENIGN: -1.0, BorderlinePolicy.MALIGNANT: 1.0, BorderlinePolicy.OWN: 0.0}


def with_borderline(table: Table, policy: BorderlinePolicy | None) -> Table:
    """The same readings or counts, in which borderline diagnoses count as the policy says; no diagnosis changes.

    None: as the source itself says (``planned_borderline``), which is benign where it says nothing.

    Where malignancy was derived from a diagnosis it is derived again: the truth, the answer, the advice, and the sign
    of a rating that was made of an answer. As a class of its own, a borderline case is left out where malignant is held
    against benign, and a borderline answer is no call of malignancy. A protocol names its analyses for its own policy:
    under another none is pre-specified.

    Raises
    ------
    InvalidInput
        The diagnoses are of no known taxonomy, so that nobody knows which are borderline.
    """
    planned = table.planned_borderline
    policy = planned if policy is None else policy
    if policy is table.borderline is planned:
        return table
    taxonomy = table.classes
    if taxonomy is None:
        raise InvalidInput(
            f"{table.source} has no diagnoses of a known taxonomy: which of its cases are borderline is not known"
        )
    if not taxonomy.has_borderline:
        return table
    was: BorderlinePolicy = table.borderline
    counted_as: Taxonomy = taxonomy.counting_borderline_as(policy)
    said: set[str] = {
        warning for p in BorderlinePolicy for warning in _warnings(table, taxonomy.counting_borderline_as(p))
    }
    table = replace(
        table,
        source=table.source.removesuffix(COUNTED[was]) + ("" if policy is planned else COUNTED[policy]),
        warnings=(*(w for w in table.warnings if w not in said), *_warnings(table, counted_as)),
        borderline=policy,
    )
    if isinstance(table, AggregateTable):
        return table
    kept = table.prespecified if policy is planned else ()
    return replace(table, frame=_counted(table.frame, was, counted_as), prespecified=kept)


def policy_said(rows: pd.DataFrame, taxonomy: Taxonomy) -> BorderlinePolicy:
    """What a log counts borderline diagnoses as, told from the malignancy of the truth that it gives; else benign.

    As a class of its own where it says which cases are malignant and says nothing of the borderline ones.
    """
    if not {"truth_dx", "truth_malignant"} <= set(rows.columns):
        return BorderlinePolicy.BENIGN
    known = rows[rows["truth_dx"].notna()]
    borderline = known["truth_dx"].isin(taxonomy.borderline_codes)
    sides, others = known.loc[borderline, "truth_malignant"], known.loc[~borderline, "truth_malignant"]
    if sides.notna().any():
        return BorderlinePolicy.MALIGNANT if bool(sides.dropna().all()) else BorderlinePolicy.BENIGN
    has_side = known["truth_dx"].isin((*taxonomy.malignant_codes, *taxonomy.benign_codes)) & ~borderline
    own = len(sides) > 0 and bool(has_side.any()) and bool(others[has_side[~borderline]].notna().all())
    return BorderlinePolicy.OWN if own else BorderlinePolicy.BENIGN


def without_sides(rows: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """The rows of a log without the malignancy it gives of borderline diagnoses, which then follows from a policy."""
    if "truth_malignant" not in rows or "truth_dx" not in rows:
        return rows
    given, borderline = rows["truth_malignant"].astype(object), rows["truth_dx"].isin(taxonomy.borderline_codes)
    if given[borderline].dropna().nunique() > 1:  # which follows from no policy
        return rows
    return rows.assign(truth_malignant=given.mask(borderline, None))


def _warnings(table: ReadingsTable | AggregateTable, taxonomy: Taxonomy) -> tuple[str, ...]:
    """What has to be said under the policy of this taxonomy; nothing where it is benign and the source means that."""
    policy, planned = taxonomy.borderline, table.planned_borderline
    if policy is planned is BorderlinePolicy.BENIGN:
        return ()
    names = " and ".join(taxonomy[code].name for code in taxonomy.borderline_codes)
    cases = table.frame.loc[table.frame["truth_dx"].isin(taxonomy.borderline_codes), "case"].nunique()
    own = ", as in the source itself" if policy is planned else ""
    if policy is BorderlinePolicy.OWN:
        said = (
            f"{names}: a class of its own{own}. {counted(cases, 'case')} of it left out wherever malignant is held "
            "against benign; such an answer is no call of malignancy."
        )
    else:
        said = f"{names} ({counted(cases, 'case')}) counted as {policy.value}{own}."
    shown = "advice_probability" in table.frame and table.frame["advice_probability"].notna().any()
    if policy is planned or not shown:
        return (said,)
    return (said, f"Probabilities of malignancy stay as readers were shown them, with {planned.counted}.")


def _counted(frame: pd.DataFrame, was: BorderlinePolicy, taxonomy: Taxonomy) -> pd.DataFrame:
    """The columns of malignancy anew, where a diagnosis is borderline."""
    found = frame.copy()
    policy, codes = taxonomy.borderline, taxonomy.borderline_codes
    side = _SIDE[policy]
    answered, true, advised = (frame[name].isin(codes) for name in ("dx", "truth_dx", "advice_dx"))
    found.loc[true, "truth_malignant"] = side
    found.loc[answered, "malignant_answer"] = policy is BorderlinePolicy.MALIGNANT
    found.loc[advised, "advice_malignant"] = side
    made = answered & (frame["malignancy_rating"] == _SIGN[was] * frame["confidence"]).fillna(False).astype(bool)
    # Not -0.0 where borderline is a class of its own.
    found.loc[made, "malignancy_rating"] = _SIGN[policy] * frame.loc[made, "confidence"] + 0.0
    # Advice that names no class, and answers that do not, are right or wrong by their side alone.
    of_side = ("advice_malignant", "advice_dx", "advice_correct"), ("malignant_answer", "dx", "correct")
    for chosen, dx, given in of_side:
        by_side = true & frame[dx].isna() & frame[chosen].notna()
        undecided = policy is BorderlinePolicy.OWN
        found.loc[by_side, given] = pd.NA if undecided else frame.loc[by_side, chosen].astype("boolean") == side
    return found
