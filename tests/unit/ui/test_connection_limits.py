"""Connections of one address are bounded, and one connection is heard at a person's pace."""

import asyncio
import time
from typing import Any

import pytest
from tests import own_loop

from dermdash.ui import connection_limits
from dermdash.ui.connection_limits import AT_ONCE, CUT_OFF, PENDING, TRY_AGAIN_LATER, ConnectionLimits, PacedInbox

Message = dict[str, Any]


def delivery(size: int = 10) -> Message:
    return {"type": "websocket.receive", "bytes": b"x" * size}


class Line:
    """Both ends of a websocket without a network."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []

    async def send(self, message: Any) -> None:
        self.sent.append(message)


def test_what_comes_at_a_persons_pace_passes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "MESSAGES_PER_S", 0.01)  # whoever has to wait waits for minutes

    async def work() -> None:
        line = Line()
        inbox = PacedInbox(line.incoming.get, line.send)
        line.incoming.put_nowait({"type": "websocket.connect"})
        assert (await inbox.receive())["type"] == "websocket.connect"
        started = time.monotonic()
        for _ in range(AT_ONCE - 1):
            line.incoming.put_nowait(delivery())
            assert await inbox.receive() == delivery()
        assert time.monotonic() - started < 30
        await inbox.close()

    own_loop.run(work)


def test_what_comes_faster_waits_and_nothing_of_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "MESSAGES_PER_S", 50.0)

    async def work() -> None:
        line = Line()
        inbox = PacedInbox(line.incoming.get, line.send)
        for i in range(AT_ONCE + 10):
            line.incoming.put_nowait(delivery(i))
        started = time.monotonic()
        received = [len((await inbox.receive())["bytes"]) for _ in range(AT_ONCE + 10)]
        assert received == list(range(AT_ONCE + 10))
        assert time.monotonic() - started > 0.15
        await inbox.close()

    own_loop.run(work)


@pytest.mark.parametrize(("count", "size"), [(AT_ONCE + PENDING + 20, 10), (AT_ONCE + 10, 900_000)])
def test_a_flood_is_cut_off_and_what_waited_of_it_is_discarded(count: int, size: int) -> None:
    async def work() -> None:
        line = Line()
        inbox = PacedInbox(line.incoming.get, line.send)
        for _ in range(count):
            line.incoming.put_nowait(delivery(size))
        received = []
        while (message := await inbox.receive())["type"] == "websocket.receive":
            received.append(message)
        assert message == {"type": "websocket.disconnect", "code": CUT_OFF}
        assert line.sent == [{"type": "websocket.close", "code": CUT_OFF}]
        assert len(received) <= AT_ONCE
        await inbox.close()

    own_loop.run(work)


def test_when_the_sender_has_left_nothing_they_sent_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "MESSAGES_PER_S", 0.01)

    async def work() -> None:
        line = Line()
        inbox = PacedInbox(line.incoming.get, line.send)
        for _ in range(AT_ONCE):
            line.incoming.put_nowait(delivery())
            await inbox.receive()
        for _ in range(30):
            line.incoming.put_nowait(delivery())
        line.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        started = time.monotonic()
        kinds = [(await inbox.receive())["type"]]
        while kinds[-1] != "websocket.disconnect":
            kinds.append((await inbox.receive())["type"])
        assert len(kinds) <= 3
        assert time.monotonic() - started < 30
        await inbox.close()

    own_loop.run(work)


class Served:
    """An app that keeps its connections until told, behind the limits."""

    def __init__(self) -> None:
        self.leave = asyncio.Event()
        self.reached = 0
        self.app = ConnectionLimits(self._stay)

    async def _stay(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached += 1
        await self.leave.wait()

    async def connect(self, address: str, line: Line) -> None:
        await self.app({"type": "websocket", "client": (address, 1)}, line.incoming.get, line.send)


def test_an_address_has_so_many_connections_and_others_are_not_touched(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DERMDASH_CONNECTIONS_PER_ADDRESS", "3")

    async def work() -> None:
        served, refused = Served(), Line()
        open_ones = [asyncio.create_task(served.connect("10.0.0.1", Line())) for _ in range(3)]
        await asyncio.sleep(0.01)
        for _ in range(20):
            await served.connect("10.0.0.1", refused)
        assert refused.sent == [{"type": "websocket.close", "code": TRY_AGAIN_LATER}] * 20
        open_ones.append(asyncio.create_task(served.connect("10.0.0.2", Line())))
        await asyncio.sleep(0.01)
        assert served.reached == 4
        served.leave.set()
        await asyncio.gather(*open_ones)
        await served.connect("10.0.0.1", Line())
        assert served.reached == 5

    own_loop.run(work)
    assert len([m for m in caplog.messages if "10.0.0.1" in m]) == 1
