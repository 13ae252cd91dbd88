"""A secret of the workspace, from which names and keys are derived that browsers get in place of ours."""

import hashlib
import hmac
import secrets
from functools import lru_cache
from pathlib import Path

from dermdash.errors import DermdashError
from dermdash.storage.file_lock import only_one
from dermdash.whole_files import whole_file

_FILE = Path("keys") / "browsers.key"
_LENGTH = 32


def derived(home: Path, purpose: str, name: str) -> str:
    """A name or key for something of ours: 64 hexadecimal digits that nobody can trace back without the secret.

    Parameters
    ----------
    home
        Folder of the workspace; the secret is made there at first use. Whoever loses it loses nothing but these names.
    purpose, name
        What it is for, and the thing.
    """
    return hmac.new(_secret(home), f"{purpose}\0{name}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _secret(home: Path) -> bytes:
    path = home / _FILE
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        busy = DermdashError(f"{path} is being written by another process: try again in a moment.")
        # Of two processes at once the first one's stays.
        with only_one(path.with_suffix(".lock"), busy, patience_s=5.0):
            if not path.exists():
                with whole_file(path) as passing:
                    passing.write_bytes(secrets.token_bytes(_LENGTH))
    return path.read_bytes()
