"""What changes a record: the acts that the change log tells apart, and what a person is asked for one."""

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
    TEXT_DECISION = "text_decision"
    """A person looked at what may be burned-in text."""
    MASKING = "masking"
    """Regions of an image were covered: the record has a new version of it."""
    CLEANING = "cleaning"
    """What a file held beside its pixels was taken out after its import: the record has a new version of it."""
    TEXT_SIGN_OFF = "text_sign_off"
    ACQUISITION = "acquisition"
    """A person scored the image at the acquisition gate, or took that back."""
    SPLIT = "split"
    """Records were divided, into parts or folds, under a name."""
    SPLIT_LOCK = "split_lock"
    """The test part of a split was frozen."""
    SPLIT_WITHDRAWAL = "split_withdrawal"
    VERSION = "version"
    """A state of a data set got a name."""
    DOCUMENT_ANSWER = "document_answer"
    """A question of the documents about a data set was answered, or its answer taken back."""
    UNDO = "undo"

    @property
    def words(self) -> str:
        """The act as people read it ("initial annotation")."""
        return _WORDS.get(self, self.value.replace("_", " "))


_WORDS = {
    Act.REOPENING: "reopened",
    Act.FINDING_DECISION: "decision on a possible error",
    Act.TEXT_DECISION: "writing in the picture looked at",
    Act.MASKING: "part of the image covered",
    Act.CLEANING: "image file cleaned",
    Act.TEXT_SIGN_OFF: "privacy signed off",
    Act.ACQUISITION: "image quality scored",
    Act.SPLIT_LOCK: "test part locked",
    Act.SPLIT_WITHDRAWAL: "split withdrawn",
    Act.DOCUMENT_ANSWER: "answer for the documents",
    Act.UNDO: "taken back",
}
"""Where the name of an act is not what somebody who looks at skin would call it."""


def words_of_act(act: str) -> str:
    """An act of the log as people read it; one that this version does not know by its name."""
    return Act(act).words if act in set(Act) else act.replace("_", " ")


class TaskPurpose(StrEnum):
    """What an annotation is asked for."""

    INITIAL = "initial"
    REVIEW = "review"
    REPEAT = "repeat"
    """A record that the same person has annotated before, shown again unsaid."""
