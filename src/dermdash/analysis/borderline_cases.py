"""What is said of cases whose true class is borderline, or says nothing about malignancy."""

from collections.abc import Mapping

from dermdash.analysis.scored_cases import ScoredCases
from dermdash.errors import InvalidInput, WayOut
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy
from dermdash.wording import counted


def check_policy(taxonomy: Taxonomy, *, made_under: BorderlinePolicy | None, what: str) -> None:
    """Raise where thresholds (``what``) were made with borderline diagnoses counted otherwise than ``taxonomy`` does.

    The threshold of a sum of probabilities says nothing about the sum over other classes. ``made_under`` None: nobody
    knows, and nothing is refused.

    Raises
    ------
    InvalidInput
        The policies differ, and a class is borderline.
    """
    if made_under is None or made_under is taxonomy.borderline or not taxonomy.has_borderline:
        return
    raise InvalidInput(
        f"{what} was made with {made_under.counted}, and here {taxonomy.borderline.counted} is asked for: its "
        "thresholds of malignancy say nothing then",
        way_out=WayOut.BORDERLINE,
    )


def left_out_words(taxonomy: Taxonomy, counts: Mapping[str, int], noun: str = "record") -> str:
    """Which cases are neither malignant nor benign, with their numbers; empty where there are none."""
    if not counts:
        return ""
    named = ", ".join(f"{taxonomy[code].name} ({counted(n, noun)})" for code, n in counts.items())
    return f"{named}: neither malignant nor benign, left out where one is held against the other."


def neither_malignant_nor_benign(cases: ScoredCases) -> dict[str, int]:
    """How many cases of each class count as neither malignant nor benign; classes without such a case are absent."""
    classes = enumerate(cases.taxonomy.classes)
    counts = {c.code: int((cases.truth == i).sum()) for i, c in classes if c.malignancy is None}
    return {code: n for code, n in counts.items() if n}


def borderline_warnings(cases: ScoredCases) -> tuple[str, ...]:
    """What the cases of borderline classes counted as, and which were left out where malignancy is measured."""
    taxonomy, said = cases.taxonomy, []
    if taxonomy.borderline is not BorderlinePolicy.OWN:
        named = [
            f"{taxonomy[code].name} ({counted(n, 'image')})"
            for code in taxonomy.borderline_codes
            if (n := int((cases.truth == taxonomy.codes.index(code)).sum()))
        ]
        if named:
            said.append(f"{', '.join(named)}: borderline, counted as {taxonomy.borderline} against the other side.")
    if left := left_out_words(taxonomy, neither_malignant_nor_benign(cases), "image"):
        said.append(left)
    return tuple(said)
