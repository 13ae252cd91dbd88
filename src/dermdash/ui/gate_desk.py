"""One image at the acquisition gate: scores with a key each, the checklist, and what somebody says."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dermdash.dataset.acquisition.checklist import BY_KEY, Ticked
from dermdash.records.quality_score import SCORES
from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.desk_acts import hear_desk
from dermdash.ui.frontend.changes import as_message
from dermdash.ui.frontend.exchange.gate import GateAct, GateAnswerPayload, GatePayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.script_route import our_component
from dermdash.workflows.dataset.assess_acquisition import LONGEST_NOTE

_desk = our_component("gate_desk")


_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """What somebody does about an image; ``score`` 0 where it is not scored, ``held``: the answer that held there."""

    number: int
    act: GateAct
    image_sha256: str
    score: int = 0
    ticked: dict[str, str] = field(default_factory=dict)
    note: str = ""
    held: str = ""


def gate_desk(data: GatePayload, *, key: str, on_act: Callable[[GateAnswer], None]) -> None:
    """Show an image and hear of what somebody says of it, once, before the page is drawn again.

    Parameters
    ----------
    data
        What it shows; ``seen`` is filled in here. All of it reaches the browser.
    key
        Widget key.
    on_act
        Checks who is at the browser, and does it.
    """
    hear_desk(_desk, data, key=key, sends=Sends.GATE_ANSWER, parse=parse_answer, on_act=on_act)


def parse_answer(value: object) -> GateAnswer | None:
    """Read what a browser sent; None where it is not of the form."""
    message = as_message(value, GateAnswerPayload)
    if message is None:
        return None
    number, note, image, score = (
        delivery_number(message["number"]), message["note"], message["image_id"], message["score"],
    )  # fmt: skip
    if number is None or not isinstance(note, str) or len(note) > LONGEST_NOTE:
        return None
    if message["act"] not in list(GateAct) or not isinstance(image, str) or len(image) != 64:
        return None
    if isinstance(score, bool) or not isinstance(score, int) or score not in (0, *SCORES):
        return None
    ticked = _ticked(message["ticked"])
    if ticked is None or (message["act"] == GateAct.SCORE) != (score > 0):
        return None
    held = message["held"]
    if not isinstance(held, str) or len(held) > _LONGEST_ID:
        return None
    return GateAnswer(number, GateAct(message["act"]), image, score, ticked, note, held)


def _ticked(value: object) -> dict[str, str] | None:
    if not isinstance(value, list) or len(value) > len(BY_KEY):
        return None
    found = {}
    for one in value:
        if not isinstance(one, dict) or one.get("item") not in BY_KEY or one.get("answer") not in list(Ticked):
            return None
        found[str(one["item"])] = str(one["answer"])
    return found
