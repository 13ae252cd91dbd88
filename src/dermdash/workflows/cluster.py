"""Chunks of work on the workers of a Dask cluster: who may take part, and what is said where it is lost.

A worker is sent names of stored files, not their bytes, and reads them in the workspace folder, which all machines
share: photographs would pass twice through the network and once through this process and the scheduler, which a
hundred workers then wait for. What comes back is small (figures, features, maps), and this process alone writes it to
the database.

Dask gives a chunk to another worker where one is lost. Its own executor is used and not joblib's backend: that one
sends arguments beside their task, from where they are not sent again when their worker is gone, and hands out a
cancelled chunk as if it were a result.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

import dermdash
from dermdash.errors import ClusterAway, DermdashError, InvalidInput
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.storage.object_store import write_atomically
from dermdash.storage.private_files import keep_files_private
from dermdash.workflows.claimed_work import FOLDER

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_S = 10.0
"""So long a scheduler may take to answer, and a first worker to be there."""
_SHARED_FOLDER_S = 5.0
"""So long a file may take until other machines see it in a folder that they share."""
_SAME_RESULTS = ("numpy", "opencv-python-headless", "pillow", "scipy", "torch")
"""Libraries whose other versions give other figures."""
_NOT_UNPACKED = "deserialization of the task graph"
"""So Dask's scheduler says that it lacks a module."""
_KEPT = "What was done until then is kept: the same again goes on from there"
_WITHOUT = "without --cluster and DERMDASH_CLUSTER this machine does it"

Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClusterPool:
    """A pool of the cluster's workers, how many chunks they do at one time, and how an outcome is waited for."""

    pool: Executor
    threads: int
    outcome: Callable[[Future[Any]], Any]


@contextmanager
def open_cluster(address: str, home: Path) -> Iterator[ClusterPool]:
    """Connect to a scheduler for work on the workspace at ``home``, and leave it at the end; it goes on running.

    Parameters
    ----------
    address
        ``tcp://host:port``, or ``tls://`` where Dask's own configuration names certificates.

    Raises
    ------
    InvalidInput
        The address is none, Dask is not installed here, or a worker has another version or another folder.
    ClusterAway
        Nobody answers, there is no worker, or the scheduler was lost on the way.
    DermdashError
        Workers die of a chunk again and again.
    """
    if not address.startswith(("tcp://", "tls://")):
        raise InvalidInput(f"{address!r} is no address of a cluster: it is like tcp://scheduler.example.org:8786.")
    try:
        from distributed import Client, KilledWorker
        from distributed.client import ClosedClientError
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise InvalidInput(
            "A cluster needs Dask's package distributed, which is not installed here: install dermdash with its extra "
            f"`cluster` (docs/clusters.md), or leave it out: {_WITHOUT}."
        ) from error
    try:
        client = Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterAway(
            f"No Dask scheduler answers at {address}: start it (`dask scheduler`), or {_WITHOUT}."
        ) from error
    mark = home / FOLDER / f"cluster-{secrets.token_hex(8)}"
    try:
        write_atomically(mark, b"")
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError as error:
            raise ClusterAway(
                f"The cluster at {address} has no worker: start some (`dask worker {address} --nthreads 1`), or "
                f"{_WITHOUT}."
            ) from error
        pool = _Workers(client.get_executor(pure=False), home, mark.name)
        yield ClusterPool(pool, sum(client.nthreads().values()), partial(_outcome, client, _scheduler_id(client)))
    except (CancelledError, ClosedClientError, CommClosedError) as error:
        raise ClusterAway(f"The cluster at {address} was lost. {_KEPT}; {_WITHOUT}.") from error
    except KilledWorker as error:
        raise DermdashError(
            f"Several workers of the cluster at {address} died of the same images, most likely because their memory "
            f"ran out. {_KEPT}."
        ) from error
    except (ModuleNotFoundError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and _NOT_UNPACKED not in str(error):
            raise
        raise InvalidInput(
            f"The cluster at {address} does not know the work that it was sent ({error.__cause__ or error}): scheduler "
            "and workers are started in an environment like the one here (docs/clusters.md)."
        ) from error
    finally:
        mark.unlink(missing_ok=True)
        with suppress(OSError, TimeoutError):
            client.close()


def _outcome(client: Client, scheduler: str | None, future: Future[Any]) -> Any:
    """What became of a chunk.

    Dask leaves a future waiting for good that was handed in while its client gave up, or after a scheduler that ends
    took leave of it: whoever waits looks from time to time whether the scheduler is still there.

    Raises
    ------
    CancelledError
        The scheduler is gone, or is another one at the same address, which knows nothing of the chunk.
    """
    while not wait([future], timeout=PATIENCE_S).done:
        if _scheduler_id(client) != scheduler and not future.done():
            raise CancelledError
    return future.result()


def _scheduler_id(client: Client) -> str | None:
    """Which scheduler answers; None: none does."""
    scheduler = client.scheduler
    if client.status != "running" or scheduler is None:
        return None
    try:
        return str(client.sync(scheduler.identity, callback_timeout=PATIENCE_S)["id"])
    except (OSError, TimeoutError):
        return None


class _Workers(Executor):
    """Dask's executor, whose workers look first whether they may take part."""

    def __init__(self, pool: Executor, home: Path, mark: str) -> None:
        self._pool, self._home, self._mark = pool, home, mark

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As one value: Dask would look through arguments for the results of other tasks."""
        return self._pool.submit(_Chunk(partial(fn, *args, **kwargs), self._home, self._mark, versions_here()))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Begin nothing more; the workers are the cluster's and go on."""
        self._pool.shutdown(wait=wait)


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Work on a chunk as it travels to a worker, with what has to be so there."""

    work: Callable[[], Any]
    home: Path
    mark: str
    versions: Versions

    def __call__(self) -> Any:
        take_part(self.home, self.mark, self.versions)
        return self.work()


@lru_cache(maxsize=4)
def take_part(home: Path, mark: str, versions: Versions) -> None:
    """Let this worker process work for a workspace; it looks once for each run.

    Raises
    ------
    InvalidInput
        It has other versions than whoever asks, or does not see the workspace: it would find no image, or another.
    """
    me = platform.node()
    other = [
        f"{name} {here} instead of {asked}"
        for (name, asked), (_, here) in zip(versions, versions_here(), strict=True)
        if asked != here
    ]
    if other:
        raise InvalidInput(
            f"A worker of the cluster on {me} has {', '.join(other)}, and would give other results: start the workers "
            "in an environment like the one here (docs/clusters.md)."
        )
    place = home / FOLDER / mark
    until = time.monotonic() + _SHARED_FOLDER_S
    while not place.exists():
        if time.monotonic() > until:
            raise InvalidInput(
                f"A worker of the cluster on {me} does not see the workspace {home}: all machines have to share this "
                "folder under this very name (docs/clusters.md)."
            )
        time.sleep(0.1)
    keep_files_private()
    TAXONOMIES.use_workspace(home)
    threadpool_limits(1)  # a worker has a core; and sums in another order are other sums


@lru_cache(maxsize=1)
def versions_here() -> Versions:
    """What results depend on, by name: this package (a hash of its code), Python, and the libraries that calculate."""
    package = Path(dermdash.__file__).parent
    code = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] == "app":  # pages, which lie in the package only where it is installed
            continue
        code.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    libraries = ((name, importlib.metadata.version(name).partition("+")[0]) for name in _SAME_RESULTS)
    python = ".".join(platform.python_version_tuple()[:2])
    return (("dermdash", code.hexdigest()[:12]), ("Python", python), *libraries)
