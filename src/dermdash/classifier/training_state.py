"""What an interrupted training needs to go on: one file, replaced after every epoch. Imports torch when called.

- ``fingerprint(...)``: the identity of a run; a state of another run is refused.
- ``write_state(path, fingerprint, state)`` and ``read_state(path, fingerprint) -> state or None``.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Return the sha256 of the settings and data of a run, given as anything JSON can hold."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()


def write_state(path: Path, identity: str, state: Mapping[str, Any]) -> None:
    """Replace the state atomically: a crash leaves the one before."""
    import torch

    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        torch.save({"fingerprint": identity, "state": dict(state)}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


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
