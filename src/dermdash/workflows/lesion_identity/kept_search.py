"""What a search that was stopped had compared, so that the next one goes on there instead of beginning anew."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dermdash.dataset.descriptor_index import Candidates
from dermdash.dataset.image_pairs import Pairs
from dermdash.storage.object_store import write_atomically
from dermdash.storage.workspace import Workspace

_NAMES = "lesion-search-"


@dataclass(slots=True)
class KeptSearch:
    """A list of pairs, how many of them are compared, and what was found among these.

    Two files of the workspace: the pairs, written once, and the rest, written as the comparison goes on. With the pairs
    the votes that they come of are forgotten.

    Attributes
    ----------
    pairs
        In the order they are compared.
    done
        How many are.
    found
        What `storage.findings` needs of those above the threshold, by pair.
    """

    folder: Path
    key: str
    pairs: Pairs
    done: int = 0
    found: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, workspace: Workspace, about: bytes) -> KeptSearch | None:
        """What is kept of a search about the same images; None where nothing is, or where it is damaged."""
        kept = cls(_folder(workspace), _key(about), np.empty((0, 2), np.int64))
        try:
            with np.load(kept._pairs_path, allow_pickle=False) as file:
                kept.pairs = file["pairs"].astype(np.int64)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        try:
            said = json.loads(kept._found_path.read_bytes())
            kept.found = {(int(one["pair"][0]), int(one["pair"][1])): one["found"] for one in said["found"]}
            kept.done = min(int(said["done"]), len(kept.pairs))
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            kept.done, kept.found = 0, {}
        return kept

    @classmethod
    def begun(cls, workspace: Workspace, about: bytes, pairs: Pairs) -> KeptSearch:
        """Keep a list of pairs of which none is compared; what was kept of another search goes."""
        kept = cls(_folder(workspace), _key(about), pairs)
        _forget_all(workspace)
        buffer = io.BytesIO()
        np.savez(buffer, pairs=pairs.astype(np.int32))
        write_atomically(kept._pairs_path, buffer.getvalue())
        return kept

    def write(self) -> None:
        """Keep how far the comparison has come."""
        found = [{"pair": pair, "found": said} for pair, said in self.found.items()]
        write_atomically(self._found_path, json.dumps({"done": self.done, "found": found}).encode())

    def forget(self) -> None:
        """The search has come to its end."""
        self._pairs_path.unlink(missing_ok=True)
        self._found_path.unlink(missing_ok=True)

    @property
    def _pairs_path(self) -> Path:
        return self.folder / f"{_NAMES}{self.key}.npz"

    @property
    def _found_path(self) -> Path:
        return self.folder / f"{_NAMES}{self.key}.json"


@dataclass(frozen=True, slots=True)
class KeptVotes:
    """What rounds of images have voted for, until the list of pairs is made: a round takes minutes among 100,000."""

    folder: Path
    key: str

    @classmethod
    def of(cls, workspace: Workspace, about: bytes) -> KeptVotes:
        """Of a search about the same images."""
        return cls(_folder(workspace), _key(about))

    def round(self, number: int, cast: Callable[[], Candidates]) -> Candidates:
        """What came of that round; it is cast where nothing is kept, or where that is damaged."""
        path = self.folder / f"{_NAMES}{self.key}-votes-{number}.npz"
        try:
            with np.load(path, allow_pickle=False) as file:
                return Candidates(file["first"], file["second"], file["votes"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            found = cast()
        buffer = io.BytesIO()
        np.savez(buffer, first=found.first, second=found.second, votes=found.votes)
        write_atomically(path, buffer.getvalue())
        return found


def _folder(workspace: Workspace) -> Path:
    return workspace.home / "findings"


def _key(about: bytes) -> str:
    return hashlib.sha256(about).hexdigest()[:16]


def _forget_all(workspace: Workspace) -> None:
    for path in _folder(workspace).glob(f"{_NAMES}*"):
        path.unlink(missing_ok=True)
