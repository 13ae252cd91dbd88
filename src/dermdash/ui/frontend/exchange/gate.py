"""The desk of the acquisition gate."""

from enum import StrEnum
from typing import TypedDict


class GateAct(StrEnum):
    """What somebody does about an image at the acquisition gate."""

    SCORE = "score"
    TAKE_BACK = "take_back"
    """The answer that holds of this image is taken back."""
    UNDO = "undo_last"
    """The last answer of this person is taken back, whichever image it was about."""
    NEXT = "next"
    PREVIOUS = "previous"


class GateScorePayload(TypedDict):
    """A score from 1 to 5 with its name, its definition and a drawn reference picture."""

    score: int
    name: str
    definition: str
    picture: str


class GateItemPayload(TypedDict):
    """An item of the checklist and the key that ticks it."""

    key: str
    hotkey: str
    text: str


class GateGroupPayload(TypedDict):
    """A group of the checklist."""

    title: str
    items: list[GateItemPayload]


class GateAnswersPayload(TypedDict):
    """What is ticked: item and "yes", "no" or "na"."""

    item: str
    answer: str


class GateProposalPayload(TypedDict):
    """A proposed score and why, in sentences."""

    score: int
    why: list[str]


class GatePayload(TypedDict):
    """An image at the acquisition gate.

    ``image_id`` names it; ``scores`` and ``groups`` are what can be said; ``proposal``: None where none was made or it
    is hidden until the answer, which ``hidden`` says; ``score`` (0: nobody has scored it), ``held`` (its id) and
    ``said`` of the answer that holds, ``ticked`` with it; ``last``: what was done last, in words; ``place`` of
    ``total`` images, from 1, and ``done`` of ``images`` are decided, whatever is shown. ``next_image``: the picture
    that comes next, to be ready for it, empty where there is none or it is large.
    ``may``: whether something can be said, with a note of so many
    characters; ``seen``: number of the last answer that the page knows.
    """

    image: str
    image_id: str
    next_image: str
    label: str
    scores: list[GateScorePayload]
    groups: list[GateGroupPayload]
    proposal: GateProposalPayload | None
    hidden: bool
    score: int
    held: str
    said: str
    ticked: list[GateAnswersPayload]
    last: str
    place: int
    total: int
    done: int
    images: int
    may: bool
    longest_note: int
    seen: int


class GateAnswerPayload(TypedDict):
    """What somebody does about an image as it was shown (``held``); ``score`` 0: none; each ``number`` is larger."""

    number: int
    act: str
    image_id: str
    held: str
    score: int
    ticked: list[GateAnswersPayload]
    note: str
