"""One file from another host: gone on with where it broke off, checked, and then put under its name in one step.

Until then it lies beside its place as ``.NAME.part``, with ``.NAME.part.json`` that says which file it is the
beginning of.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from dermdash.downloads.client import DownloadClient
from dermdash.errors import DownloadFailed, InvalidInput, SourceAway
from dermdash.whole_files import disk_is_full, no_room_for
from dermdash.wording import counted, file_size

_RENEWS_PATIENCE = 1 << 16
"""Bytes that an attempt has to bring before the failures before it are forgotten: a byte each time is no progress."""
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_ALGORITHMS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a source publishes of a file's content: an algorithm of hashlib and the digest in small hexadecimal."""

    algorithm: str
    digest: str

    @classmethod
    def published(cls, algorithm: str, digest: str) -> Checksum | None:
        """The checksum under the name that a source gives it ("MD5", "SHA-256"); None for one that is unknown."""
        name = _ALGORITHMS.get(algorithm.lower().replace("-", ""))
        return cls(name, digest.strip().lower()) if name is not None and digest.strip() else None

    def of(self, path: Path) -> str:
        """The digest of a file by the same algorithm."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(self.algorithm, usedforsecurity=False)).hexdigest()


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file to fetch: where it lies, where it goes to, and what is known of it.

    ``size`` in bytes where the source says it; ``most_bytes`` is the bound where it does not.
    """

    url: str
    path: Path
    size: int | None = None
    checksum: Checksum | None = None
    most_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """How a file came: ``received`` bytes in this run, after ``resumed_at`` from one before; both 0: it was whole."""

    received: int
    resumed_at: int


def is_whole(wanted: WantedFile) -> bool:
    """Whether the file is there already.

    Raises
    ------
    DownloadFailed
        Another file lies under its name.
    """
    if not wanted.path.exists():
        return False
    if wanted.path.is_file() and _fault(wanted, wanted.path) is None:
        return True
    raise DownloadFailed(
        f"{wanted.path} is there and is not what is published ({_fault(wanted, wanted.path) or 'it is a folder'}): it "
        "was left as it is. Move it away and run the same command again."
    )


def partial_bytes(wanted: WantedFile) -> int:
    """How much of a file lies here from an earlier run and will be used."""
    return _Part(wanted).usable_bytes()


def fetch_file(
    client: DownloadClient, wanted: WantedFile, *, progress: Callable[[int], None] = lambda _: None
) -> FetchedFile:
    """Fetch a file, or the rest of it.

    Parameters
    ----------
    progress
        Called with the bytes of the file that are here, again and again.

    Raises
    ------
    SourceAway
        The server stayed away; what came is kept for the next run.
    DownloadFailed
        The server refuses, or what it sends is not what is published.
    WorkspaceFull
        The disk is full; what came is kept.
    InvalidInput
        The folder cannot be written to.
    """
    if is_whole(wanted):
        progress(wanted.path.stat().st_size)
        return FetchedFile(0, 0)
    part = _Part(wanted)
    try:
        return _fetch(client, part, progress)
    except OSError as error:
        if disk_is_full(error):
            raise no_room_for(wanted.path) from error
        raise InvalidInput(f"{wanted.path.parent} cannot be written to: {error.strerror or error}.") from error


def _fetch(client: DownloadClient, part: _Part, progress: Callable[[int], None]) -> FetchedFile:
    wanted = part.wanted
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    patience = client.patience()
    furthest = resumed_at = part.usable_bytes()
    came_whole = 0
    while True:
        if (here := part.usable_bytes()) == 0:
            part.discard()
        try:
            if here == 0 or here != wanted.size:
                _receive(client, part, progress)
        except SourceAway as problem:
            # What cannot be gone on with is no progress, or a server that always breaks off would keep us for ever.
            if (here := part.usable_bytes()) >= furthest + _RENEWS_PATIENCE:
                furthest = here
                patience.renew()
            patience.after(problem)
            continue
        fault = _fault(wanted, part.path)
        if fault is None:
            part.take_its_place()
            return FetchedFile(part.received, resumed_at)
        part.discard()
        came_whole += 1
        if came_whole > 1:
            raise DownloadFailed(
                f"{wanted.path.name} came twice, and each time it was not what is published ({fault}). It was not "
                "kept: it is damaged at its source, or something on the way changes it."
            )
        resumed_at = 0


def _receive(client: DownloadClient, part: _Part, progress: Callable[[int], None]) -> None:
    """One attempt: append what comes to the part, after throwing it away where the server begins anew."""
    wanted, have = part.wanted, part.usable_bytes()
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        if part.validator:
            headers["If-Range"] = part.validator
    with client.answer(wanted.url, headers) as response:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise DownloadFailed(f"{wanted.path.name} comes packed, which was not asked for; it was not kept.")
        if response.status_code == 416 or (response.status_code == 206 and not _continues(response, have)):
            part.discard()
            raise SourceAway(f"{wanted.path.name} is not continued where it broke off; it is fetched from its start.")
        if response.status_code == 200 and have:
            part.discard()
            have = 0
        _require_published_size(wanted, response, have)
        if have == 0:
            part.begin(_validator(response))
        most = wanted.size if wanted.size is not None else wanted.most_bytes
        with part.path.open("ab") as file:
            # As it comes: gathered into larger pieces, what a connection had brought before it broke would be lost.
            for chunk in response.iter_raw():
                have += len(chunk)
                if have > most:
                    file.close()
                    part.discard()
                    raise DownloadFailed(
                        f"{wanted.path.name} is larger than the {file_size(most)} that are allowed for it; it was not "
                        "kept."
                    )
                file.write(chunk)
                file.flush()  # a killed run keeps it
                part.received += len(chunk)
                progress(have)
                if client.is_stopped:
                    raise SourceAway("Stopped.")
    if wanted.size is not None and have < wanted.size:
        raise SourceAway(f"{wanted.path.name} broke off after {counted(have, 'byte')} of {wanted.size:,}.")


def _continues(response: httpx.Response, have: int) -> bool:
    said = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    return said is not None and int(said[1]) == have


def _require_published_size(wanted: WantedFile, response: httpx.Response, have: int) -> None:
    announced = response.headers.get("content-length", "")
    if wanted.size is None or not (announced.isascii() and announced.isdigit()):
        return
    total = have + int(announced)
    if total != wanted.size:
        raise DownloadFailed(
            f"{wanted.path.name} should have {counted(wanted.size, 'byte')}, the server announces {total:,}; it was "
            "not fetched."
        )


def _validator(response: httpx.Response) -> str:
    """What tells this content from another one under the same address; empty where the server gives no strong one."""
    tag = response.headers.get("etag", "").strip()
    return tag if tag.startswith('"') and tag.endswith('"') and len(tag) < 200 else ""


def _fault(wanted: WantedFile, path: Path) -> str | None:
    """How a file differs from what is published; None where it does not."""
    size = path.stat().st_size
    if wanted.size is not None and size != wanted.size:
        return f"{size:,} bytes and not {wanted.size:,}"
    if wanted.checksum is not None and wanted.checksum.of(path) != wanted.checksum.digest:
        return f"its {wanted.checksum.algorithm.upper()} is not {wanted.checksum.digest}"
    return None


class _Part:
    """The beginning of a file, and what it is the beginning of."""

    def __init__(self, wanted: WantedFile) -> None:
        self.wanted = wanted
        self.received = 0
        self.path = wanted.path.with_name(f".{wanted.path.name}.part")
        self._note = wanted.path.with_name(f".{wanted.path.name}.part.json")

    @property
    def validator(self) -> str:
        """What the server said of the content when it began, for it to say whether it is still the same."""
        said = self._read_note().get("validator")
        return said if isinstance(said, str) else ""

    def bytes_here(self) -> int:
        """How much lies here."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def usable_bytes(self) -> int:
        """How much of it can be gone on with: what can be told to be of the same file, now or when all is there."""
        note = self._read_note()
        known = self.wanted.checksum is not None or bool(note.get("validator"))
        have = self.bytes_here()
        fits = self.wanted.size is None or have <= self.wanted.size
        return have if known and fits and note.get("of") == self._identity() else 0

    def begin(self, validator: str) -> None:
        """Say what the part will be of, before its first byte."""
        self._note.write_text(json.dumps({"of": self._identity(), "validator": validator}), encoding="utf-8")

    def discard(self) -> None:
        """Throw away what is here."""
        for path in (self.path, self._note):
            path.unlink(missing_ok=True)

    def take_its_place(self) -> None:
        """Put the file under its name: whole, and on the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self.wanted.path)
        self._note.unlink(missing_ok=True)

    def _identity(self) -> list[str | int | None]:
        checksum = self.wanted.checksum
        return [self.wanted.size, checksum.digest if checksum is not None else None]

    def _read_note(self) -> dict[str, object]:
        try:
            read = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}
