"""A reader without a browser: speaks Streamlit's own websocket, as the page and the reading panel do in Chromium.

Streamlit's protocol in short. The browser opens ``/_stcore/stream`` (subprotocol ``streamlit``) and sends a BackMsg
with ``rerun_script``: the query string, and the value of every widget. The server runs the script and answers with
ForwardMsgs: ``new_session``, one ``delta`` per element, ``script_finished``. A component of the second kind arrives
as the delta ``bidi_component``: ``id`` names the widget, ``json`` holds its data. The component's answer is the
widget value ``json_value`` under that id, a JSON object with one entry per state; here ``{"outbox": {...}}``.

Like the panel, the client keeps an answer until the server has acknowledged its id, and delivers it again while it
waits. An answer counts as acknowledged only when its id is in the data of a later run.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import orjson
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from dermdash.ui.frontend.exchange.reading import HELD_WORDS

RESEND_AFTER_S = 2.0
"""As the outbox of the panel does; each resend waits longer."""
RESEND_SLOW_S = 10.0
"""The same on a slow line."""
_RESEND_SLOWER = 1.6
_RESEND_PATIENT_S = 6.0


class ReadingRefused(Exception):
    """The server refused an answer: the client and the server disagree about the open step."""


@dataclass(slots=True)
class ReadingClient:
    """One reader with an invitation; use it as an async context manager.

    ``panel`` is the data of the reading panel as last received, ``bytes_received`` counts everything that came over
    the wire, ``acknowledged`` the ids of the answers the server has confirmed.
    """

    url: str
    token: str
    page_name: str = ""
    component: str = "dermdash_reading_panel"
    panel: dict[str, Any] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    submitted: set[str] = field(default_factory=set)
    bytes_received: int = 0
    deliveries: int = 0
    cookie: str = ""
    fetches: bool = False
    """It fetches pictures itself (`tests.faults.slow_reader`), and asks again as late as a panel on a slow line."""
    _connection: ClientConnection | None = None
    _widget_id: str = ""
    _page: str = ""
    _sequence: int = 0
    _held: set[str] = field(default_factory=set)
    _took_s: float = 0.0

    async def __aenter__(self) -> Self:
        """Connect and receive the first step."""
        address = urlsplit(self.url)
        self._connection = await connect(
            f"ws://{address.netloc}/_stcore/stream",
            subprotocols=self.subprotocols,  # type: ignore[arg-type]
            max_size=None,
            compression=None,
            open_timeout=60,
            additional_headers={"Cookie": f"dermdash_session={self.cookie}"} if self.cookie else None,
        )
        await self._send_run(None)
        await self._receive_until(lambda: bool(self.panel), timeout_s=60)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    @property
    def subprotocols(self) -> list[str]:
        """As a browser names them."""
        return ["streamlit"]

    async def ready(self) -> None:
        """Have what the open step shows: here it has come along."""

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the address."""
        return {"invitation": self.token}

    @property
    def step(self) -> dict[str, Any] | None:
        """The open step, None when the reader is done."""
        return self.panel.get("step")

    async def answer(self, *, dx: str, confidence: int, client_ms: float) -> float:
        """Answer the open step and return the milliseconds until the next step had arrived with the acknowledgement."""
        assert self.step is not None
        return await self.deliver(self.item(dx=dx, confidence=confidence, client_ms=client_ms), leaving=self.step)

    def item(self, *, dx: str, confidence: int, client_ms: float) -> dict[str, Any]:
        """What goes into the outbox for the open step: an answer with an id of its own, or after feedback going on."""
        step = self.step
        assert step is not None
        if step["feedback"]:
            return {
                "id": str(uuid4()), "kind": "event", "event": "continue", "step_key": step["key"], "at": _now(),
            }  # fmt: skip
        asked = self.panel["asked"]
        return {
            "id": str(uuid4()),
            "kind": "answer",
            "step_key": step["key"],
            "phase": step["phase"],
            "dx": dx,
            "confidence": confidence,
            "malignancy_rating": 50 if asked["malignancy_rating"] else None,
            "management": asked["managements"][0]["code"] if asked["managements"] else None,
            "client_ms": client_ms,
            "hidden_ms": 0.0,
            "shown_at": _now(),
            "submitted_at": _now(),
        }

    async def send(self, items: list[dict[str, Any]]) -> None:
        """Deliver items, whatever they are, and wait for nothing."""
        self._sequence += 1
        self.deliveries += 1
        await self.send_value({"outbox": self._outbox(items)})

    def _outbox(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        return {"seq": self._sequence, "items": items, "holds": sorted(self._held), "fetches": self.fetches}

    async def send_value(self, value: dict[str, Any]) -> None:
        """Send a value of the panel, whatever it is, and wait for nothing."""
        await self._send_run(value)

    async def close_code_after(self, raw: bytes) -> int:
        """Write bytes to the connection as they are; returns the code with which the server closes it."""
        assert self._connection is not None
        self._connection.transport.write(raw)
        async with asyncio.timeout(20):
            await self._connection.wait_closed()
        return self._connection.close_code or 0

    async def deliver(self, item: dict[str, Any], *, leaving: dict[str, Any]) -> float:
        """Deliver an item until it is acknowledged and another step has come; returns the milliseconds it took."""
        item_id = item["id"]
        if item["kind"] == "answer":
            self.submitted.add(item_id)
        started = time.perf_counter()
        wait = max(RESEND_SLOW_S if self.fetches else RESEND_AFTER_S, min(_RESEND_PATIENT_S, 2 * self._took_s))

        def arrived() -> bool:
            for refusal in self.panel["refused"]:
                if refusal["id"] == item_id:
                    raise ReadingRefused(refusal["reason"])
            return item_id in self.panel["acknowledged"] and _name(self.step) != _name(leaving)

        while True:
            await self.send([item])
            try:
                await self._receive_until(arrived, timeout_s=wait)
            except TimeoutError:
                wait *= _RESEND_SLOWER
                if wait > 60:
                    raise
                continue
            if item["kind"] == "answer":
                self.acknowledged.add(item_id)
            self._took_s = time.perf_counter() - started
            return self._took_s * 1000

    def _hold(self) -> None:
        """Keep what the panel keeps: words, and of the pictures those that it shows."""
        arrived = set(self.panel.get("pictures", {}))
        words = {f"{HELD_WORDS}{self.panel['language']}"} if "words" in self.panel else set()
        spoken = {name for name in self._held if name.startswith(HELD_WORDS)}
        self._held = ((self._held | arrived) & pictures_of(self.panel)) | spoken | words

    async def _send_run(self, value: dict[str, Any] | None) -> None:
        message = BackMsg()
        message.rerun_script.query_string = urlencode(self.query)
        message.rerun_script.page_script_hash = self._page
        if not self._page:
            message.rerun_script.page_name = self.page_name
        if value is not None:
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id = self._widget_id
            widget.json_value = json.dumps(value)
        assert self._connection is not None
        await self._connection.send(message.SerializeToString())

    async def _receive_until(self, done: Any, *, timeout_s: float) -> None:
        assert self._connection is not None
        async with asyncio.timeout(timeout_s):
            while True:
                data = await self._connection.recv()
                assert isinstance(data, bytes)
                self.bytes_received += len(data)
                if self._take(ForwardMsg.FromString(data)) and done():
                    return

    def _take(self, message: ForwardMsg) -> bool:
        """Note what a message says; True when it brought data for the panel."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                raise RuntimeError(f"the page failed: {element.exception.message}")
            if (
                element.WhichOneof("type") == "bidi_component"
                and element.bidi_component.component_name == self.component
            ):
                self._widget_id = element.bidi_component.id
                self.panel = orjson.loads(element.bidi_component.json)
                self._hold()
                return True
        return False


def pictures_of(panel: dict[str, Any]) -> set[str]:
    """Names of what the panel shows, as its script counts them (`neededBy`)."""
    step, prefetch = panel.get("step") or {}, panel.get("prefetch")
    assistance, beside = step.get("assistance") or {}, step.get("beside") or {}
    forms = [assistance, *assistance.get("parts", [])]
    neighbours = [one for form in forms for one in form.get("neighbours", [])]
    missed = (panel.get("closing") or {}).get("missed", [])
    named = {shown["image"] for shown in (step, prefetch, panel.get("large"), *neighbours, *missed) if shown}
    further = [beside.get("clinical"), *(beside.get("lesions") or []), *(form.get("overlay") for form in forms)]
    return named | {name for name in further if name}


def _name(step: dict[str, Any] | None) -> tuple[str, str, bool] | None:
    return None if step is None else (step["key"], step["phase"], bool(step["feedback"]))


def _now() -> str:
    return datetime.now(UTC).isoformat()
