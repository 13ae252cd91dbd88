"""What asks for a look at a record."""

from enum import StrEnum


class RecordFlag(StrEnum):
    """A reason to look at a record; its value stands in addresses."""

    MODEL_DIFFERS = "model"
    BREAKS_RULE = "rule"
    LACKS_HISTOLOGY = "histology"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _LABELS[self]

    @property
    def short(self) -> str:
        """The reason on a tile."""
        return _SHORT[self]


_LABELS = {
    RecordFlag.MODEL_DIFFERS: "Model in use names another diagnosis",
    RecordFlag.BREAKS_RULE: "Breaks a rule",
    RecordFlag.LACKS_HISTOLOGY: "Malignant without histology",
}
_SHORT = {
    RecordFlag.MODEL_DIFFERS: "Model disagrees",
    RecordFlag.BREAKS_RULE: "Breaks a rule",
    RecordFlag.LACKS_HISTOLOGY: "No histology",
}


def flag_in_words(option: str) -> str:
    """A flag as it stands in an address, in words; as it is where there is no such flag."""
    return RecordFlag(option).label if option in set(RecordFlag) else option
