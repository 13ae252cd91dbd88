"""The ladder a label climbs: initial annotation, consensus of three specialists, histology."""

from enum import IntEnum

from dermdash.errors import InvalidInput


class VerificationStage(IntEnum):
    """How a label was confirmed; higher is stronger."""

    INITIAL_ANNOTATION = 1
    CONSENSUS = 2
    HISTOLOGY = 3

    @property
    def title(self) -> str:
        """The stage in words."""
        return {1: "Initial annotation", 2: "Consensus", 3: "Histology"}[self.value]

    @property
    def described(self) -> tuple[str, str, str]:
        """What the methodology calls the stage, what is done in it, and what comes of it."""
        return _DESCRIBED[self.value]


_DESCRIBED = {
    1: (
        "Initial clinical annotation",
        "Dermatologist records clinical diagnosis and dermoscopic structure description according to the metadata "
        "model form",
        "Initial label with specialist identifier",
    ),
    2: (
        "Consensus review",
        "Independent review of the record by three specialists; disagreements resolved through discussion and a "
        "consensus formulation recorded",
        "Confirmed or corrected label",
    ),
    3: (
        "Histological verification",
        "For cases with suspected malignancy, the record is supplemented with histopathological examination results",
        "Label with morphological confirmation",
    ),
}


STAGE_OF_DX_TYPE: dict[str, VerificationStage] = {
    "histo": VerificationStage.HISTOLOGY,
    # Follow-up and confocal microscopy confirm without tissue: they rank with consensus, and dx_type keeps
    # the difference.
    "follow_up": VerificationStage.CONSENSUS,
    "consensus": VerificationStage.CONSENSUS,
    "confocal": VerificationStage.CONSENSUS,
}
DX_TYPE_WORDS: dict[str, str] = {
    "histo": "Histopathology",
    "follow_up": "Follow-up",
    "consensus": "Consensus",
    "confocal": "Confocal microscopy",
}


def dx_type_words(how: str) -> str:
    """How a diagnosis was confirmed, in words; what is none of ours as it stands."""
    return DX_TYPE_WORDS.get(how, how)


def stage_words(stage: float | str, claimed: bool = False) -> str:
    """A stage in words ("3 · Histology"), with whether only the source says so; what is no stage as it stands."""
    text = str(stage) if isinstance(stage, str) else f"{stage:g}"
    words = f"{text} · {VerificationStage(int(text)).title}" if text in ("1", "2", "3") else text
    return f"{words}, claimed elsewhere" if claimed else words


def stage_of_dx_type(dx_type: str) -> VerificationStage:
    """Map HAM10000's dx_type to the stage; raises InvalidInput on an unknown one."""
    try:
        return STAGE_OF_DX_TYPE[dx_type]
    except KeyError:
        raise InvalidInput(f"unknown dx_type {dx_type!r}: expected {', '.join(STAGE_OF_DX_TYPE)}") from None
