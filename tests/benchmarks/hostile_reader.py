"""One invitation that sends without end among readers who think for a second: what it costs them, and for how long.

The hostile client delivers 200 new pause events every 50 ms and connects again at once when it is cut off. The readers'
steps are told apart by when they were begun: before it, during it, after it has left.
"""

import asyncio
import multiprocessing
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

from websockets.exceptions import WebSocketException

from dermdash.records.taxonomy import HAM7
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.streamlit_client import ReadingClient
from tests.benchmarks.study_server import ready_readers, served, study_workspace

NAME = "hostile_reader"
THINK_S = 1.0
EVERY_S = 0.05
EVENTS = 200
Step = tuple[float, float]
"""When a reader's answer was sent, in seconds from the start, and how many milliseconds the next step took."""


def measure(*, quick: bool) -> list[Figure]:
    """20 readers for a minute, the hostile one in the middle third (quick: 5 readers for 9 s)."""
    readers, third = (5, 3.0) if quick else (20, 20.0)
    study = study_workspace()
    *tokens, hostile = ready_readers(study, readers + 1)
    with served(study) as (url, _):
        context = multiprocessing.get_context("spawn")
        with context.Pool(2) as pool:
            # Each in a process of its own, so that the sender does not slow the readers down by itself.
            sending = pool.apply_async(_send, (url, hostile, third, third))
            steps, failures = pool.apply(_read, (url, tokens, 3 * third))
            sent = sending.get()
    phases = {"before": (0.0, third), "during": (third, 2 * third), "after": (2 * third, 3 * third)}
    figures = []
    for name, (start, end) in phases.items():
        durations = [ms for at, ms in steps if start <= at < end]
        figures += percentiles(NAME, f"{readers} readers, {name}: submit to next step", durations)
        figures.append(Figure(NAME, f"{readers} readers, {name}: longest step", max(durations, default=0.0), "ms"))
    figures.append(Figure(NAME, "hostile messages sent", sent, "", f"{EVENTS} events each"))
    figures.append(Figure(NAME, "readers failed", len(failures), "", "; ".join(failures[:2])))
    return figures


def pause_events(count: int) -> list[dict[str, str]]:
    """Events as the panel makes them, each new."""
    now = datetime.now(UTC).isoformat()
    return [{"kind": "event", "id": str(uuid4()), "event": "pause", "step_key": "", "at": now} for _ in range(count)]


async def send_without_end(url: str, token: str, *, seconds: float) -> int:
    """Be the hostile client for so long; returns the number of messages sent."""
    sent = 0
    # The server reads what comes too fast later: without an end a message may wait in the sender for as long.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with suppress(WebSocketException, OSError):
                    async with ReadingClient(url, token) as client:
                        while True:
                            await client.send(pause_events(EVENTS))
                            sent += 1
                            await asyncio.sleep(EVERY_S)
                await asyncio.sleep(EVERY_S)
    return sent


def _send(url: str, token: str, delay: float, seconds: float) -> int:
    time.sleep(delay)
    return asyncio.run(send_without_end(url, token, seconds=seconds))


def _read(url: str, tokens: list[str], seconds: float) -> tuple[list[Step], list[str]]:
    return asyncio.run(_all_readers(url, tokens, seconds))


async def _all_readers(url: str, tokens: list[str], seconds: float) -> tuple[list[Step], list[str]]:
    started = time.monotonic()
    steps: list[Step] = []
    failures: list[str] = []

    async def reader(token: str) -> None:
        rng = random.Random(token)
        await asyncio.sleep(rng.uniform(0, THINK_S))
        try:
            async with ReadingClient(url, token) as client:
                while client.step is not None and time.monotonic() - started < seconds:
                    await asyncio.sleep(THINK_S)
                    at = time.monotonic() - started
                    took = await client.answer(dx=rng.choice(HAM7.codes), confidence=1, client_ms=THINK_S * 1000)
                    steps.append((at, took))
        except Exception as error:  # noqa: BLE001  a reader that fails is a result, whatever made it fail
            failures.append(f"{type(error).__name__}: {error}")

    await asyncio.gather(*map(reader, tokens))
    return steps, failures
