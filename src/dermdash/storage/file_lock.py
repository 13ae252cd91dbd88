"""Work that only one process of a machine may do at a time, decided by a lock on a file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dermdash.errors import DermdashError


@contextmanager
def only_one(lock: Path, refusal: DermdashError, *, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock on a file while the block runs; the system lets go when the process ends, however it ends.

    Raises
    ------
    DermdashError
        ``refusal``, where another process (or thread) held it for all of ``patience_s``.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with lock.open("a") as file:
        until = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() < until:
                    time.sleep(0.05)
                    continue
                raise refusal from None
        yield
