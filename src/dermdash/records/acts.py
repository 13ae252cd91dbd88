"""What changes a record: the acts that the change log tells apart."""

from enum import StrEnum


class Act(StrEnum):
    """By which act something came to be as it is."""

    IMPORT = "import"
    INITIAL_ANNOTATION = "initial_annotation"
    REVIEW = "review"
    CONSENSUS = "consensus"
    HISTOLOGY = "histology"
    REOPENING = "reopening"
    CORRECTION = "correction"
    FINDING_DECISION = "finding_decision"
    MERGE = "merge"
    UNDO = "undo"

    @property
    def words(self) -> str:
        """The act as people read it ("initial annotation")."""
        return self.value.replace("_", " ")
