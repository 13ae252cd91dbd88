"""One image to look at for what shows a person: rectangles proposed and drawn, and what somebody does about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.desk_acts import hear_desk
from dermdash.ui.frontend.changes import as_message
from dermdash.ui.frontend.exchange.judging import JudgementAct, JudgementPayload, JudgingPayload, RegionPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.script_route import our_component
from dermdash.workflows.dataset.judge_images import LONGEST_NOTE, MOST_REGIONS

_LONGEST_SIDE = 1 << 20

_desk = our_component("judging_desk")


@dataclass(frozen=True, slots=True)
class ImageJudgement:
    """What somebody does about an image; ``regions`` in pixels of the upright image, none where nothing is covered."""

    number: int
    act: JudgementAct
    image_sha256: str
    regions: tuple[TextRegion, ...] = ()
    note: str = ""


def judging_desk(data: JudgingPayload, *, key: str, on_act: Callable[[ImageJudgement], None]) -> None:
    """Show an image and hear of what somebody does about it, once, before the page is drawn again.

    Parameters
    ----------
    data
        What it shows; ``seen`` is filled in here. All of it reaches the browser.
    key
        Widget key.
    on_act
        Checks who is at the browser, and does it.
    """
    hear_desk(_desk, data, key=key, sends=Sends.JUDGEMENT, parse=parse_judgement, on_act=on_act)


def parse_judgement(value: object) -> ImageJudgement | None:
    """Read what a browser sent; None where it is not of the form."""
    message = as_message(value, JudgementPayload)
    if message is None or not isinstance(message["regions"], list) or len(message["regions"]) > MOST_REGIONS:
        return None
    number, note, image = delivery_number(message["number"]), message["note"], message["image_id"]
    regions = [_region(region) for region in message["regions"]]
    if number is None or None in regions or not isinstance(note, str) or len(note) > LONGEST_NOTE:
        return None
    if message["act"] not in list(JudgementAct) or not isinstance(image, str) or len(image) != 64:
        return None
    found = tuple(region for region in regions if region is not None)
    return ImageJudgement(number, JudgementAct(message["act"]), image, found, note)


def _region(value: object) -> TextRegion | None:
    if not isinstance(value, Mapping) or set(value) != set(RegionPayload.__annotations__):
        return None
    sides = [value[name] for name in ("x", "y", "width", "height")]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and isfinite(v) for v in sides):
        return None
    x, y, width, height = (int(v) for v in sides)
    if not (0 <= x < _LONGEST_SIDE and 0 <= y < _LONGEST_SIDE):
        return None
    if not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE):
        return None
    return TextRegion(x, y, width, height, 0.0)
