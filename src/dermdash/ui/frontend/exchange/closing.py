"""What stands at the end of a reader's way, or where there is none."""

from typing import TypedDict


class OwnResultPayload(TypedDict):
    """How many answers were right of how many cases."""

    label: str
    right: int
    cases: int


class CertificatePayload(TypedDict):
    """What a certificate says after a name that the browser alone knows; ``day``: ISO date of the last answer."""

    text: str
    day: str


class MissedPayload(TypedDict):
    """A case that a reader had wrong in their last answer to it, as a small picture, with the right diagnosis."""

    image: str
    position: int
    answered: str
    truth: str


class ClosingPayload(TypedDict):
    """The end of a study: own results, empty where readers are told none, and a certificate where there is one.

    ``debrief``: what is told of advice that was wrong on purpose, in sentences. ``note``: why it is not told which
    cases were wrong, or empty. ``missed``: those that were, where that may be told; ``missed_left_out``: further ones.
    ``rank``: the reader's place in the high score, or empty.
    """

    debrief: list[str]
    results: list[OwnResultPayload]
    note: str
    missed: list[MissedPayload]
    missed_left_out: int
    rank: str
    certificate: CertificatePayload | None


class ClosedPayload(TypedDict):
    """Why there is no step for a reader who has not finished; ``opens``: when there is one (ISO), or empty.

    A paragraph may name the place ``{when}``, which the browser fills with that moment on the reader's own clock.
    """

    title: str
    paragraphs: list[str]
    opens: str
