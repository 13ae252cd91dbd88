"""Readers who go on whatever happens: they keep an answer until it is acknowledged, and connect again.

Each is a client as the reading panel is (`streamlit_client`), with one answer in hand: an answer that was sent before
the connection broke goes out again under its own id. When a reader has read all cases the next invitation takes the
place. All run in one thread beside the one that makes the faults.
"""

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import WebSocketException

from dermdash.records.taxonomy import HAM7
from tests.benchmarks.streamlit_client import ReadingClient, ReadingRefused

CONNECT_AGAIN_S = (0.2, 2.0)
"""First and longest wait before a reader connects again."""


@dataclass(slots=True)
class Answer:
    """One answer as its reader typed it; ``typed`` and ``acknowledged`` are moments of the monotonic clock."""

    id: str
    token: str
    step: str
    phase: str
    dx: str
    confidence: int
    typed: float = field(default_factory=time.monotonic)
    acknowledged: float | None = None
    refused: str | None = None


@dataclass(slots=True)
class Ledger:
    """Everything that was typed, and where each place is."""

    answers: list[Answer] = field(default_factory=list)
    last_progress: dict[int, float] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    """Places at which no invitation is left."""
    broken: dict[str, int] = field(default_factory=dict)
    """How often a connection broke, by the name of the error."""

    def longest_wait_s(self, since: float, until: float) -> float:
        """The longest time from Enter to the next step of the answers that were acknowledged between two moments."""
        waits = [a.acknowledged - a.typed for a in self.answers if a.acknowledged and since <= a.acknowledged < until]
        return max(waits, default=0.0)

    def acknowledged_since(self, moment: float) -> set[int]:
        """The places that have had an answer acknowledged (or refused, where the other tab was first) since."""
        return {place for place, at in dict(self.last_progress).items() if at > moment}


class PatientReaders:
    """So many places at the study, each taken by one invitation after the other; a context in which they read.

    Parameters
    ----------
    urls
        Of the apps; a reader whose connection breaks takes the next.
    tabs
        How many tabs each invitation is open in: both answer the same steps.
    client
        Makes the client of one connection: of an address and an invitation.
    """

    def __init__(
        self, urls: Sequence[str], tokens: Sequence[str], places: int, *, tabs: int = 1, think_s: float = 0.3,
        seed: int = 1, client: Callable[[str, str], ReadingClient] = ReadingClient,
    ) -> None:  # fmt: skip
        self.ledger = Ledger()
        self._urls = list(urls)
        self._waiting = deque(tokens)
        self._places, self._tabs, self._think_s = places, tabs, think_s
        self._rng = random.Random(seed)
        self._client = client
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="readers")

    def __enter__(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading; what is in hand is given up."""
        self._end.set()
        self._thread.join(timeout=60)

    @property
    def places(self) -> int:
        """Tabs in which somebody reads or has read."""
        return self._places * self._tabs

    @property
    def reading(self) -> int:
        """Tabs in which somebody still reads."""
        return self.places - len(self.ledger.done)

    def wait_for_progress(self, since: float, *, timeout_s: float) -> list[float]:
        """Wait until every place has had an answer acknowledged; how long after ``since`` each had, those that did."""
        end = time.monotonic() + timeout_s
        first: dict[int, float] = {}
        while len(first.keys() | self.ledger.done) < self.places and time.monotonic() < end:
            for place in self.ledger.acknowledged_since(since):
                first.setdefault(place, self.ledger.last_progress[place] - since)
            time.sleep(0.02)
        return sorted(first.values())

    async def _all(self) -> None:
        await asyncio.gather(*(self._place(place) for place in range(self._places)))

    async def _place(self, place: int) -> None:
        while self._waiting and not self._end.is_set():
            token = self._waiting.popleft()
            await asyncio.gather(*(self._tab(place * self._tabs + tab, token) for tab in range(self._tabs)))
        self.ledger.done |= {place * self._tabs + tab for tab in range(self._tabs)}

    async def _tab(self, place: int, token: str) -> None:
        """One tab until the study is read to the end: connect, answer, and again from where it broke."""
        in_hand: tuple[Answer | None, dict[str, Any], dict[str, Any]] | None = None
        wait, at = CONNECT_AGAIN_S[0], place
        while not self._end.is_set():
            client = self._client(self._urls[at % len(self._urls)], token)
            try:
                async with client:
                    wait = CONNECT_AGAIN_S[0]
                    while not self._end.is_set():
                        if in_hand is None:
                            if client.step is None:
                                return
                            await client.ready()
                            await asyncio.sleep(self._think_s * self._rng.uniform(0.5, 1.5))
                            if self._end.is_set():
                                return
                            in_hand = self._typed(client, token)
                        answer, item, leaving = in_hand
                        try:
                            await client.deliver(item, leaving=leaving)
                        except ReadingRefused as refusal:
                            if answer is not None:
                                answer.refused = str(refusal)
                            self.ledger.last_progress[place] = time.monotonic()  # the page has answered
                            in_hand = None
                            break  # the page comes again with the step that is open
                        self._acknowledged(place, answer)
                        in_hand = None
            except (WebSocketException, OSError, TimeoutError, RuntimeError) as error:
                name = type(error).__name__
                self.ledger.broken[name] = self.ledger.broken.get(name, 0) + 1
                at += 1
            if in_hand is not None and in_hand[1]["id"] in client.panel.get("acknowledged", ()):
                self._acknowledged(place, in_hand[0])
                in_hand = None
            await asyncio.sleep(wait * self._rng.uniform(0.5, 1.5))
            wait = min(CONNECT_AGAIN_S[1], 1.6 * wait)

    def _typed(self, client: ReadingClient, token: str) -> tuple[Answer | None, dict[str, Any], dict[str, Any]]:
        step = client.step
        assert step is not None
        dx, confidence = self._rng.choice(HAM7.codes), self._rng.randint(1, len(client.panel["confidence_levels"]))
        item = client.item(dx=dx, confidence=confidence, client_ms=1000 * self._think_s)
        answer = None
        if item["kind"] == "answer":
            answer = Answer(item["id"], token, step["key"], step["phase"], dx, confidence)
            self.ledger.answers.append(answer)
        return answer, item, step

    def _acknowledged(self, place: int, answer: Answer | None) -> None:
        moment = time.monotonic()
        if answer is not None:
            answer.acknowledged = moment
        self.ledger.last_progress[place] = moment
