"""Where a study is of another design than an analysis is made for: why not, and which analysis to take instead."""

from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable

ARMS = "Comparison of arms"
"""The analysis of parallel arms and crossovers, by its title; a test holds it to that."""


def why_no_pairs(table: ReadingsTable) -> str | None:
    """Why no reader answered a case both without and with assistance; None where one did."""
    phases = set(table.frame["phase"])
    if not phases:
        return "there is no answer"
    if len(phases) < 2:
        one = "without" if Phase.UNAIDED in phases else "with"
        return (
            f"all answers were given {one} assistance, so that it can change none. How well readers did is "
            "on the page Multi-reader multi-case comparison, how far they agree on Agreement"
        )
    if reading_pairs(table).empty:
        return (
            f"no reader answered a case both without and with assistance, as in parallel arms. {ARMS} compares the "
            "readers of each"
        )
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
