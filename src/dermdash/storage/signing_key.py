"""The key that signs the head of the change log: made at first use, for the account alone that runs the app."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dermdash.errors import DermdashError
from dermdash.storage.file_lock import only_one
from dermdash.whole_files import whole_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEYS = "keys"
"""Folder of the workspace."""
_PRIVATE, _PUBLIC = "change-log.pem", "change-log.pub"
_PATIENCE_S = 10.0


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The workspace's key.

    Raises
    ------
    DermdashError
        The file cannot be read, or holds no such key.
    """
    # A twentieth of a second that only who signs pays for.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = home / KEYS / _PRIVATE
    if not path.exists():
        _make(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise DermdashError(
            f"The key {path}, which signs the head of the change log, cannot be read. Bring it back from a backup, or "
            "move it away: a new one is made, which does not vouch for heads that the old one signed."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DermdashError(f"{path} is no Ed25519 key: move it away, and a new one is made.")
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """The public half of a key in hexadecimal digits: to be kept with the heads that were written down."""
    return key.public_key().public_bytes_raw().hex()


def signature_fits(public: str, signature: str, signed: bytes) -> bool:
    """Whether a signature (hexadecimal) is that of these bytes by the key with this public half."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    busy = DermdashError(f"Another process is making the key {path}: do it again in a moment.")
    with only_one(path.parent / ".lock", busy, patience_s=_PATIENCE_S):
        if path.exists():  # of two processes at once the first one's key stays
            return
        key = Ed25519PrivateKey.generate()
        with whole_file(path) as passing:
            passing.touch(mode=0o600)
            passing.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with whole_file(path.with_name(_PUBLIC)) as passing:
            passing.write_text(f"{public_key(key)}\n", "ascii")
