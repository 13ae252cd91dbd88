"""What a kind of finding is: what it concerns, how much it spoils, its decisions, how it is laid side by side.

The kinds themselves are declared in `finding_kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Concerns(StrEnum):
    """What one finding of a kind is about."""

    RECORD = "record"
    PAIR = "pair"
    GROUP = "group"
    FIELD = "field"


class Severity(IntEnum):
    """How much a finding that is true spoils; the first thing by which the list of all kinds is ordered."""

    SPOILS_RESULTS = 3
    """Figures of a model or a study are wrong with it: a test image in the training set, a wrong label."""
    SPOILS_RECORDS = 2
    """A record says what is not so, or is none of its data set."""
    WORTH_KNOWING = 1
    """Something is missing or poor; whoever uses the data should know it."""

    @property
    def words(self) -> str:
        """For people."""
        return {3: "spoils results", 2: "spoils records", 1: "worth knowing"}[int(self)]


class FindingNeed(StrEnum):
    """What a check cannot do without."""

    FEATURES = "features"
    SPLIT = "split"
    LABELS = "labels"


class FindingLayout(StrEnum):
    """How a finding is laid side by side."""

    PAIR = "pair"
    """Two images, and what differs between them once one is laid over the other."""
    IMAGES = "images"
    """The images of the records with the fields concerned."""
    LABEL = "label"
    """The image with the given and the proposed label, and the images nearest to it."""
    FIELD = "field"
    """The values of a field, and the records that stand out."""


@dataclass(frozen=True, slots=True)
class FindingDecision:
    """What a person may decide about a finding.

    ``confirms``: it is what the finding says (True), it is not (False), nobody can tell (None).
    """

    key: str
    title: str
    confirms: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingKind:
    """One kind of findings.

    Attributes
    ----------
    key
        As stored, in commands and in files.
    title, meaning
        For people; the meaning is one sentence.
    score_means
        What a score says (0 to 1); it orders the findings of the kind and is no probability unless it says so.
    threshold
        Scores from here on are findings.
    verdicts
        What the measurement can say, with its words.
    what_to_do
        The way out.
    check
        Which check finds it (``workflows/findings/checks.py``); empty: it comes of an act, not of a check.
    fields
        Columns of a record that it is about.
    score
        Of kinds that are not measured, the score of all their findings.
    """

    key: str
    title: str
    meaning: str
    score_means: str
    what_to_do: str
    concerns: Concerns
    severity: Severity
    decisions: tuple[FindingDecision, ...]
    verdicts: dict[str, str]
    check: str
    layout: FindingLayout
    threshold: float = 0.0
    needs: tuple[FindingNeed, ...] = ()
    fields: tuple[str, ...] = ()
    score: float = 1.0
    is_contradiction: bool = False

    def decision(self, key: str) -> FindingDecision | None:
        """The decision of that key; None where the kind has none."""
        return next((d for d in self.decisions if d.key == key), None)
