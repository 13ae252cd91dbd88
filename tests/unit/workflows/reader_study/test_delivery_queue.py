"""The line before the database: one delivery of a reader at a time, readers in turn, older deliveries dropped."""

import threading
import time
from collections.abc import Callable

from dermdash.workflows.reader_study.delivery_queue import DeliveryQueue


class Sender:
    """Delivers in a thread; `go` ends its turn."""

    def __init__(self, queue: DeliveryQueue, reader: str, log: list[str], *, name: str = "") -> None:
        self.go = threading.Event()
        self.outcome: bool | None = None
        self._run = (queue, reader, log, name or reader)
        self.thread = threading.Thread(target=self._deliver)
        self.thread.start()

    def _deliver(self) -> None:
        queue, reader, log, name = self._run
        with queue.turn(reader) as mine:
            self.outcome = mine
            if mine:
                log.append(name)
                assert self.go.wait(60)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_one_sender_among_others_waits_for_its_turn_like_everybody() -> None:
    queue, log = DeliveryQueue(1), list[str]()
    first = Sender(queue, "hostile", log)
    until(lambda: log == ["hostile"])
    waiting = []
    for i, reader in enumerate(("ada", "hostile", "berta")):
        waiting.append(Sender(queue, reader, log))
        until(lambda i=i: queue.length == i + 1)  # type: ignore[misc]
    for sender in (first, *waiting):
        sender.go.set()
    for sender in (first, *waiting):
        sender.thread.join(60)
    assert log == ["hostile", "ada", "hostile", "berta"]


def test_a_newer_delivery_takes_the_place_of_the_one_that_waits_and_the_older_is_dropped() -> None:
    queue, log = DeliveryQueue(1), list[str]()
    running = Sender(queue, "ada", log, name="ada 0")
    until(lambda: log == ["ada 0"])
    senders = []
    for i in range(50):
        senders.append(Sender(queue, "hostile", log, name=f"hostile {i}"))
        until(lambda: queue.length == 1)
    until(lambda: [s.outcome for s in senders].count(False) == 49)
    last = Sender(queue, "berta", log)
    until(lambda: queue.length == 2)
    newest = Sender(queue, "hostile", log, name="newest")
    for sender in (running, last, newest):
        sender.go.set()
    for sender in (running, *senders, last, newest):
        sender.thread.join(60)
    # The newest stands where the first of them stood, before the reader who came later.
    assert log == ["ada 0", "newest", "berta"]
    assert queue.length == 0


def test_two_deliveries_of_one_reader_are_never_stored_at_once_where_there_is_room_for_two() -> None:
    queue, log = DeliveryQueue(2), list[str]()
    first = Sender(queue, "ada", log, name="first")
    until(lambda: log == ["first"])
    second = Sender(queue, "ada", log, name="second")
    until(lambda: queue.length == 1)
    other = Sender(queue, "berta", log)
    until(lambda: log == ["first", "berta"])
    first.go.set()
    until(lambda: log == ["first", "berta", "second"])
    for sender in (other, second):
        sender.go.set()
        sender.thread.join(60)


def test_a_delivery_that_fails_gives_its_place_back() -> None:
    queue = DeliveryQueue(1)
    for _ in range(3):
        try:
            with queue.turn("ada"):
                raise ValueError
        except ValueError:
            pass
    with queue.turn("berta") as mine:
        assert mine
