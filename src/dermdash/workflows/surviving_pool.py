"""Batches of work through worker processes, in order, of which some may die: only what kills its worker is given up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from dermdash.errors import DermdashError

IN_FLIGHT = 8
MOST_DEATHS = 10
"""So many, and it is not single images that a worker dies of."""

_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")
_Waiting = tuple[Sequence[_Task], "Future[list[_Outcome]]", int]


class SurvivingPool(Generic[_Task, _Outcome]):
    """A pool of workers that is made anew when one of them dies.

    The dead one may have been at any batch that was under way. So these are done again: the oldest alone, and if its
    worker dies once more, its tasks one by one. A task of which a worker dies alone is given up.

    Parameters
    ----------
    make
        Starts the workers.
    work
        Done by them: the outcomes of a batch, in order.
    given_up
        The outcome of a task that its worker died of.
    """

    def __init__(
        self,
        make: Callable[[], Executor],
        work: Callable[[Sequence[_Task]], list[_Outcome]],
        given_up: Callable[[_Task], _Outcome],
    ) -> None:
        self._make = make
        self._work = work
        self._given_up = given_up
        self._pool = make()
        self._made = 1

    def __enter__(self) -> SurvivingPool[_Task, _Outcome]:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        # What waits is not begun any more after an error or Ctrl-C; what is under way is finished.
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def in_order(self, batches: Iterable[Sequence[_Task]]) -> Iterator[tuple[Sequence[_Task], list[_Outcome]]]:
        """Each batch with its outcomes; few are under way at once, so that memory stays as it is.

        Raises
        ------
        DermdashError
            Workers go on dying.
        """
        waiting: deque[_Waiting[_Task, _Outcome]] = deque()
        for batch in batches:
            waiting.append(self._submitted(batch))
            if len(waiting) > IN_FLIGHT:
                yield self._finished(waiting.popleft())
        while waiting:
            yield self._finished(waiting.popleft())

    def _submitted(self, batch: Sequence[_Task]) -> _Waiting[_Task, _Outcome]:
        try:
            future = self._pool.submit(self._work, batch)
        except BrokenProcessPool as error:  # it died between two batches
            future = Future()
            future.set_exception(error)
        return batch, future, self._made

    def _finished(self, waiting: _Waiting[_Task, _Outcome]) -> tuple[Sequence[_Task], list[_Outcome]]:
        batch, future, made = waiting
        try:
            return batch, future.result()
        except BrokenProcessPool as error:
            if made == self._made:
                self._make_anew(error)
        outcomes = self._alone(batch)
        if outcomes is None:
            outcomes = [(self._alone([task]) or [self._given_up(task)])[0] for task in batch]
        return batch, outcomes

    def _alone(self, batch: Sequence[_Task]) -> list[_Outcome] | None:
        """The outcomes of a batch with nothing else under way; None where its worker died."""
        try:
            return self._submitted(batch)[1].result()
        except BrokenProcessPool as error:
            self._make_anew(error)
            return None

    def _make_anew(self, error: BrokenProcessPool) -> None:
        if self._made > MOST_DEATHS:
            raise DermdashError(
                "Worker processes go on ending unexpectedly, most likely because memory runs out. What was done before "
                "is kept; set DERMDASH_WORKERS=1 and run the same command again to finish."
            ) from error
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._make()
        self._made += 1
