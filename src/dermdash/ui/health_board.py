"""How a data set stands at a glance: a mosaic of lesions and counts, each of which leads to the records behind it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange.health import CountPayload, CountsPayload, HealthPayload, MosaicPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.navigation import address_of, switch_page
from dermdash.ui.script_route import our_component

_board = our_component("health_board")


class BoardTarget(NamedTuple):
    """Where a number leads: the script of a page and the parameters of its address."""

    script: str
    query: Mapping[str, str]

    @property
    def href(self) -> str:
        """Address relative to the page that it stands on."""
        return f"{address_of(self.script)}?{urlencode(self.query)}"


class BoardCount(NamedTuple):
    """A number with what it counts; ``words`` where it is shown otherwise than as a number."""

    label: str
    number: int
    target: BoardTarget
    color: str | None = None
    words: str = ""


class BoardGroup(NamedTuple):
    """Numbers under one heading; ``draw``: "stack", "bars" or "list" as of `CountsPayload`."""

    title: str
    draw: str
    rows: Sequence[BoardCount]
    note: str = ""


class BoardPicture(NamedTuple):
    """A picture of the mosaic: data URI, what it shows, the colour of its diagnosis."""

    image: str
    label: str
    target: BoardTarget
    color: str | None = None


def health_board(mosaic: Sequence[BoardPicture], groups: Sequence[BoardGroup], *, key: str, label: str) -> None:
    """Show them, and go where a click leads."""
    targets: dict[str, BoardTarget] = {}

    def name(target: BoardTarget) -> str:
        targets[target.href] = target
        return target.href

    def row(one: BoardCount, most: int) -> CountPayload:
        words = one.words or f"{one.number:,}"
        return CountPayload(
            id=name(one.target),
            href=one.target.href,
            label=one.label,
            count=words,
            share=one.number / max(most, 1),
            color=one.color,
        )

    def group(one: BoardGroup) -> CountsPayload:
        counts = [r.number for r in one.rows]
        most = sum(counts) if one.draw == "stack" else max(counts, default=0)
        return CountsPayload(title=one.title, draw=one.draw, rows=[row(r, most) for r in one.rows], note=one.note)

    data = HealthPayload(
        label=label,
        mosaic=[
            MosaicPayload(id=name(one.target), href=one.target.href, image=one.image, label=one.label, color=one.color)
            for one in mosaic
        ],
        groups=[group(one) for one in groups if one.rows],
    )
    sent = _board(key=key, data=data, **callback_of(Sends.OPENED, _nothing))
    chosen = targets.get(str(sent_value(sent, Sends.OPENED)))
    if chosen is not None:
        switch_page(chosen.script, query_params=chosen.query)


def _nothing() -> None:
    """Streamlit shows a trigger in the result only where it has a callback."""
