"""Work on many images by the chunk, in processes or threads of this machine or on a cluster: the home of that choice.

A batch says a function over a chunk, which can be pickled, and what becomes of each outcome; it stores what is done as
it comes. Where the work runs is what the settings say: ``cluster`` is the address of a Dask scheduler, empty for this
machine.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.workflows.cluster import open_cluster
from dermdash.workflows.worker_pool import worker_pool

_IN_FLIGHT = 4
"""Chunks on their way for each worker: none waits for work, and a stop does not wait for many."""

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")


class ChunkWorkers:
    """Workers of this machine or of a cluster, as `chunk_workers` gives them."""

    def __init__(self, pool: Executor, workers: int, outcome: Callable[[Future[Any]], Any] = Future.result) -> None:
        self._pool, self._outcome = pool, outcome
        self._at_once = _IN_FLIGHT * max(1, workers)

    def in_order(
        self, work: Callable[[Sequence[_Item]], _Outcome], chunks: Iterable[Sequence[_Item]]
    ) -> Iterator[tuple[Sequence[_Item], _Outcome]]:
        """Each chunk with its outcome, in order, as soon as it and those before are done; few are under way at once."""
        waiting: deque[tuple[Sequence[_Item], Future[_Outcome]]] = deque()
        try:
            for chunk in chunks:
                waiting.append((chunk, self._pool.submit(work, chunk)))
                if len(waiting) >= self._at_once:
                    first, future = waiting.popleft()
                    yield first, self._outcome(future)
            while waiting:
                first, future = waiting.popleft()
                yield first, self._outcome(future)
        finally:
            for _, future in waiting:
                future.cancel()


@contextmanager
def chunk_workers(workspace: Workspace, *, processes: bool) -> Iterator[ChunkWorkers]:
    """Start workers, or go to the cluster that the settings name, and end or leave them at the end.

    Each works on one thread. After an error, a stop or Ctrl-C no chunk is begun any more; what is under way here ends.

    Parameters
    ----------
    processes
        Worker processes on this machine, else threads, for work that is done sooner than a process starts
        (`worker_pool.worth_processes`). A cluster is asked either way.

    Raises
    ------
    DermdashError
        A worker process ended unexpectedly, or as `open_cluster`.
    """
    if address := workspace.settings.cluster:
        with open_cluster(address, workspace.home) as cluster:
            yield ChunkWorkers(cluster.pool, cluster.threads, cluster.outcome)
        return
    workers = workspace.settings.workers or os.cpu_count() or 1
    try:
        # Small matrices gain nothing from a second thread, which would spin on a core that others could use.
        with threadpool_limits(1), worker_pool(workers, processes=processes) as pool:
            try:
                yield ChunkWorkers(pool, workers)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise DermdashError(
            "A worker process ended unexpectedly, most likely because memory ran out. What was done until then is "
            "kept; set DERMDASH_WORKERS=1 and run the same again to finish."
        ) from error


def chunks_of(items: Sequence[_Item], size: int) -> list[list[_Item]]:
    """The items in chunks of ``size``, fewer in the last."""
    return [list(items[at : at + size]) for at in range(0, len(items), size)]
