"""Under which names components send something to their pages."""

from enum import StrEnum


class Sends(StrEnum):
    """Under which name a component sends something to its page."""

    OUTBOX = "outbox"
    SELECTION = "selection"
    OPENED = "opened"
    ACT = "act"
    CROP = "crop"
    JUDGEMENT = "judgement"
    GATE_ANSWER = "gate_answer"
    LASSO = "lasso"
    LANGUAGE = "language"
    LOOK = "look"
    JOINED = "joined"
    THEME = "theme"
