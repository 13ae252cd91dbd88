"""The image quality score of the procedure: its five definitions, and which scores let an image in."""

LOWEST_ACCEPTED = 3
SCORES: dict[int, tuple[str, str]] = {
    1: ("Unsuitable", "Blurring, substantial glare, or artefacts that obscure much of the lesion"),
    2: ("Significant defects", "Significant defects, but the lesion can be discerned"),
    3: ("Acceptable", "Acceptable quality with local artefacts"),
    4: ("Good", "Good quality, minimal artefacts"),
    5: ("Reference", "Reference quality"),
}
"""Score to name and definition (the methodology's section 2.4)."""
ACCEPTED, REJECTED = "accepted", "rejected"


def decision_of(score: int) -> str:
    """What a person's score at the gate decides: from 3 on an image is accepted, below it is rejected."""
    return ACCEPTED if score >= LOWEST_ACCEPTED else REJECTED
