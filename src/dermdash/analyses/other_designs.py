"""Where a study is of another design than an analysis is made for: why not, and which analysis to take instead."""

from typing import Any

from dermdash.analyses.declaration import Lack, sentence_of
from dermdash.errors import MissingColumns
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable

ARMS, MRMC, AGREEMENT, TIMES, BENEFIT = (
    "Comparison of arms", "Multi-reader multi-case comparison", "Agreement", "Reading time", "Benefit of assistance",
)  # fmt: skip
"""Analyses by their titles; a test holds them to that."""
_SIDES = ("dx", "malignant_answer", "correct")
"""Columns of answers that are right or wrong."""


def says_no_side(table: Any) -> bool:
    """Whether no reader named a class or a side: they gave ratings or said what they would do, or nothing at all."""
    return isinstance(table, ReadingsTable) and not any(map(table.has, _SIDES))


def fit_without_diagnosis(table: ReadingsTable) -> tuple[str, ...]:
    """Keys of the analyses that take readings without a diagnosis, the first for what assistance does."""
    phases = set(table.frame["phase"])
    if table.has("malignancy_rating"):
        apart = len(phases) == 2 and (reading_pairs(table).empty or in_separate_periods(table))
        return (*(("arms",) if apart else ()), "mrmc", "agreement", "reading-time")
    paired = table.has("management") and not reading_pairs(table).empty
    return (*(("benefit",) if paired else ()), "agreement", "reading-time")


def why_no_diagnosis(table: Any) -> str | None:
    """Why no answer is right or wrong, and which analyses take what readers gave; None where one may be."""
    if not says_no_side(table):
        return None
    if table.has("malignancy_rating"):
        if "arms" in fit_without_diagnosis(table):
            first = f"{ARMS} and {MRMC} compare the ratings with and without assistance"
        elif len(set(table.frame["phase"])) > 1:
            first = f"{MRMC} compares the ratings with and without assistance"
        else:
            first = f"{MRMC} says how well the ratings tell malignant from benign"
        return (
            f"readers gave a rating of malignancy and no diagnosis. {first}, {AGREEMENT} says how far readers agree on "
            "them"
        )
    if table.has("management"):
        judged = f"{BENEFIT} says how far it is appropriate before and after, " if _paired(table) else ""
        return (
            f"readers said what they would do and gave no diagnosis. {judged}{AGREEMENT} says how far they agree on "
            f"it, {TIMES} how long they took"
        )
    return f"readers gave no diagnosis, rating or management. {TIMES} says how long they took"


def lack_of_diagnosis(table: Any, icon: str) -> Lack | None:
    """The same as a page says it, with the ways on; None where a reader named a class or a side."""
    why = why_no_diagnosis(table)
    if why is None:
        return None
    return Lack(icon, "These readings hold no diagnosis", sentence_of(why), fit_without_diagnosis(table))


def require_answers(table: ReadingsTable, *columns: str, purpose: str) -> None:
    """Raise MissingColumns when a column of answers holds nothing, and lead to what fits readings without diagnoses."""
    try:
        table.require(*columns, purpose=purpose)
    except MissingColumns as error:
        if (why := why_no_diagnosis(table)) is None:
            raise
        raise MissingColumns(f"{error}: {why}") from None


def _paired(table: ReadingsTable) -> bool:
    return not reading_pairs(table).empty


def why_no_pairs(table: ReadingsTable) -> str | None:
    """Why no reader answered a case both without and with assistance; None where one did."""
    phases = set(table.frame["phase"])
    if not phases:
        return "there is no answer"
    if len(phases) < 2:
        one = "without" if Phase.UNAIDED in phases else "with"
        changes_none = f"all answers were given {one} assistance, so that it can change none"
        if why := why_no_diagnosis(table):
            return f"{changes_none}: {why}"
        return (
            f"{changes_none}. How well readers did is "
            "on the page Multi-reader multi-case comparison, how far they agree on Agreement"
        )
    if not _paired(table):
        apart = "no reader answered a case both without and with assistance, as in parallel arms"
        if why := why_no_diagnosis(table):
            return f"{apart}: {why}"
        return f"{apart}. {ARMS} compares the readers of each"
    return None


def in_separate_periods(table: ReadingsTable) -> bool:
    """Whether readers answered without and with assistance in two periods, as in a crossover."""
    if table.frame["period"].isna().all():
        return False
    pairs = reading_pairs(table)
    return bool((pairs["period_unaided"] != pairs["period_aided"]).fillna(False).any())


def why_no_advice_followed(table: ReadingsTable) -> str | None:
    """Why answers say nothing of whether advice was followed; None where they may."""
    if why := why_no_pairs(table):
        return why
    if not in_separate_periods(table):
        return None
    return (
        "the answers without and with assistance are of two periods, in either order: that they differ is no answer "
        f"changed to advice, as readers differ from themselves, too. {ARMS} says what assistance does"
    )


def say_design(table: ReadingsTable) -> tuple[str, ...]:
    """What before and after mean in these readings, where it is not the two answers of one look at a case."""
    if in_separate_periods(table):
        return (
            "Before and after stand for the answers without and with assistance of two periods, whichever came first; "
            f"{ARMS} takes the effect of the period out.",
        )
    phases = set(table.frame["phase"])
    if len(phases) == 2 and reading_pairs(table).empty:
        return (
            "Before and after stand for readers without and readers with assistance: nobody read both ways, and the "
            f"two differ by their readers, too. {ARMS} compares them.",
        )
    return ()
