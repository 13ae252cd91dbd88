"""A slow line that breaks: connections to a port share few bytes a second, and all end every so often."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.browser.ports import free_port, leave_port

_PIECE_S = 0.05
"""How often bytes pass: in pieces of so many seconds of the line."""


class SlowLine:
    """Forward connections to ``target_port``.

    Parameters
    ----------
    rate
        Bytes a second towards the browser, of all connections together, and as many from it; None: as fast as can be.
    breaks_every_s
        After so many seconds all connections end, again and again; None: never.
    breaks_every_bytes
        The same after so many bytes towards the browser, however long they took: what a slow line carries between two
        breaks, on a machine of any speed.

    ``breaks`` counts how often they did, ``carried`` the bytes towards the browser; the parameters may be changed while
    the line stands.
    """

    def __init__(
        self,
        target_port: int,
        *,
        rate: float | None = None,
        breaks_every_s: float | None = None,
        breaks_every_bytes: int | None = None,
    ) -> None:
        self.rate, self.breaks_every_s, self.breaks_every_bytes = rate, breaks_every_s, breaks_every_bytes
        self._since_break = 0
        self.breaks = self.carried = 0
        self.port = free_port()
        self._target = target_port
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._budget = {True: 0.0, False: 0.0}
        started = threading.Event()
        threading.Thread(target=self._run, args=(started.set,), daemon=True).start()
        started.wait(10)

    @property
    def url(self) -> str:
        """Where the app is reached over this line."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """End all connections and the line."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        leave_port(self.port)

    def _run(self, started: Callable[[], None]) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._join, "127.0.0.1", self.port))
        tasks = [self._loop.create_task(self._break()), self._loop.create_task(self._fill())]
        started()
        self._loop.run_forever()
        self._cut()
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._loop.close()

    async def _fill(self) -> None:
        """Let the line carry on: what nobody uses is not saved up."""
        while True:
            await asyncio.sleep(_PIECE_S)
            for way in self._budget:
                self._budget[way] = (self.rate or 0.0) * _PIECE_S

    async def _break(self) -> None:
        waited = 0.0
        while True:
            await asyncio.sleep(_PIECE_S)
            waited += _PIECE_S
            if self.breaks_every_s is None:
                waited = 0.0
            elif waited >= self.breaks_every_s:
                waited = 0.0
                self.breaks += 1
                self._cut()

    def _cut(self) -> None:
        self._since_break = 0
        for end in list(self._open):
            end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target, limit=2048)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._open |= ends
        await asyncio.gather(self._pump(reader, far_writer, down=False), self._pump(far_reader, writer, down=True))
        self._open -= ends

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, down: bool) -> None:
        sink.transport.set_write_buffer_limits(high=2048)
        with suppress(OSError):
            while data := await source.read(1024):
                while data:
                    piece = data if self.rate is None else data[: await self._may(len(data), down=down)]
                    data = data[len(piece) :]
                    sink.write(piece)
                    await sink.drain()
                    if down:
                        self._carry(len(piece))
        sink.transport.abort() if down is False else sink.close()

    def _carry(self, count: int) -> None:
        self.carried += count
        self._since_break += count
        if self.breaks_every_bytes is not None and self._since_break >= self.breaks_every_bytes:
            self.breaks += 1
            self._cut()

    async def _may(self, wanted: int, *, down: bool) -> int:
        """Wait until the line has room; how many bytes of those wanted it takes."""
        while self.rate is not None and self._budget[down] < 1:
            await asyncio.sleep(_PIECE_S / 2)
        if self.rate is None:
            return wanted
        given = max(1, min(wanted, int(self._budget[down])))
        self._budget[down] -= given
        return given
