"""What a case is there for: only one of its parts ever counts."""

from enum import StrEnum


class CasePart(StrEnum):
    """The part of a study that a case belongs to, in the order they are read; checks stand among the study's cases."""

    PRACTICE = "practice"
    """With feedback, before anything counts."""
    SCREENING = "screening"
    """A test of the reader."""
    STUDY = "study"
    CHECK = "check"
    """Says which answer to give, to see whether the reader reads."""

    @property
    def counts(self) -> bool:
        """Whether readings of it are results."""
        return self is CasePart.STUDY

    @property
    def in_rounds(self) -> bool:
        """Whether it is read within the rounds."""
        return self in (CasePart.STUDY, CasePart.CHECK)
