"""What an interrupted training needs to go on: one file, replaced after every epoch. Imports torch when called.

- ``fingerprint(...)``: the identity of a run; a state of another run is refused.
- ``write_state(path, fingerprint, state)`` and ``read_state(path, fingerprint) -> state or None``.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from dermdash.errors import InvalidInput
from dermdash.whole_files import whole_file


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Return the sha256 of the settings and data of a run, given as anything JSON can hold."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()


def write_state(path: Path, identity: str, state: Mapping[str, Any]) -> None:
    """Replace the state atomically: a crash leaves the one before."""
    import torch

    # An interruption inside torch.save would come out of it as an error of its own.
    with _interruptions_later(), whole_file(path) as passing, passing.open("wb") as file:
        sink = _Sink(file)
        try:
            torch.save({"fingerprint": identity, "state": dict(state)}, cast(BinaryIO, sink))
        except RuntimeError as error:
            raise (sink.failed or error) from None


class _Sink:
    """A file that remembers why it could not be written: torch says only that something went wrong."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _interruptions_later() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is over. Python hands signals to its main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, lambda caught, _: received.append(caught))
    try:
        yield
    finally:
        for number, handler in before.items():
            if callable(handler):
                signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


def read_state(path: Path, identity: str) -> dict[str, Any] | None:
    """Read the state of the run of that identity; None when there is no file yet.

    Raises
    ------
    InvalidInput
        When the file is damaged or belongs to a run of other data or settings.
    """
    import torch

    if not path.is_file():
        return None
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
        known, state = held["fingerprint"], held["state"]
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} is damaged and no training can go on from it: delete it to start anew") from error
    if known != identity:
        raise InvalidInput(
            f"{path} belongs to a training with other data or settings: give those again, or delete it to start anew"
        )
    return dict(state)
