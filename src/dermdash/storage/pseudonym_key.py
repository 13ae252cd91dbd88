"""The key of pseudonyms: a file outside the workspace, so that whoever has the data alone cannot undo them."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.pseudonyms import Pseudonyms
from dermdash.settings import Settings
from dermdash.storage.engine import now
from dermdash.storage.file_lock import only_one
from dermdash.whole_files import whole_file

_LENGTH = 32
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class KeyFact:
    """What may be said of a key: its name, when it was made, whether it is the one in use."""

    key_id: str
    made_at: str
    in_use: bool


def key_path(settings: Settings) -> Path:
    """Where the key lies: the file of the setting, else beside the folder of the workspace, never in it."""
    if settings.pseudonym_key:
        path = Path(settings.pseudonym_key).expanduser().resolve()
        if path.is_relative_to(settings.home.resolve()):
            raise InvalidInput(
                f"The key of pseudonyms may not lie in the workspace ({path}): a copy of the data would bring it "
                "along. Set DERMDASH_PSEUDONYM_KEY to a file elsewhere."
            )
        return path
    home = settings.home.resolve()
    return home.parent / f"{home.name}-pseudonyms.key"


def pseudonyms(settings: Settings, key_id: str | None = None) -> Pseudonyms:
    """The pseudonyms of the key in use, which is made at first use, or of an earlier one by its name.

    Raises
    ------
    InvalidInput
        No key has that name, or the file lies in the workspace.
    DermdashError
        The file cannot be read or written.
    """
    path = key_path(settings)
    if not path.exists():
        _add(path, first=True)
    keys = _read(path)
    for name, _, key in reversed(keys):
        if key_id in (None, name):
            return Pseudonyms(key, name)
    raise InvalidInput(f"{path} has no key {key_id!r}: it has {', '.join(name for name, *_ in keys)}.")


def rotate(settings: Settings) -> Pseudonyms:
    """Make a new key and use it from now on; the earlier ones stay in the file, for what was exported with them."""
    path = key_path(settings)
    _add(path, first=False)
    return pseudonyms(settings)


def key_facts(settings: Settings) -> list[KeyFact]:
    """Every key that there is, the earliest first; none is made."""
    path = key_path(settings)
    keys = _read(path) if path.exists() else []
    return [KeyFact(name, made_at, place == len(keys)) for place, (name, made_at, _) in enumerate(keys, start=1)]


def _read(path: Path) -> list[tuple[str, str, bytes]]:
    try:
        stored: Any = json.loads(path.read_text("utf-8"))
        keys = [(str(row["id"]), str(row["made_at"]), bytes.fromhex(row["key"])) for row in stored["keys"]]
    except OSError as error:
        raise DermdashError(f"The key of pseudonyms {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DermdashError(
            f"{path} is no file of keys of pseudonyms. Bring it back from where you keep a copy: with another key "
            "every pseudonym is another one."
        ) from error
    if not keys or any(len(key) != _LENGTH for *_, key in keys):
        raise DermdashError(f"{path} holds no key, or one that is cut off: bring it back from where you keep a copy.")
    return keys


def _add(path: Path, *, first: bool) -> None:
    busy = DermdashError(f"Another process is writing {path}: do it again in a moment.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(path.with_name(f".{path.name}.lock"), busy, patience_s=_PATIENCE_S):
            if first and path.exists():  # of two processes at once the first one's stays
                return
            keys = _read(path) if path.exists() else []
            key = secrets.token_bytes(_LENGTH)
            # Names a key without telling it; one digest of 256 random bits is nothing to guess from.
            name = f"k{len(keys) + 1}-{hashlib.sha256(b'name of ' + key).hexdigest()[:8]}"
            rows = [*keys, (name, now().isoformat(timespec="seconds"), key)]
            stored = {"keys": [{"id": i, "made_at": made, "key": k.hex()} for i, made, k in rows]}
            with whole_file(path) as passing:
                passing.touch(mode=0o600)
                passing.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise DermdashError(
            f"The key of pseudonyms cannot be written to {path}: {error.strerror}. Set DERMDASH_PSEUDONYM_KEY to a "
            "file that the app may write, outside the workspace."
        ) from error
