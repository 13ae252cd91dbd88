"""Open a study archive: every file is there, is named by the manifest, and has the hash that it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dermdash.dataset.file_listing import list_files
from dermdash.dataset.source_entry import ImageEntry, SourceLimits, close_archives
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload
from dermdash.progress import StageProgress
from dermdash.reader_study.protocol import Protocol
from dermdash.settings import Settings
from dermdash.storage import tables as t
from dermdash.storage.study_rows import BESIDE, OF_A_STUDY, PAIRS, Row, row_of
from dermdash.wording import counted
from dermdash.workflows.reader_study.archive.layout import (
    IMAGES,
    LINES,
    MANIFEST,
    MODEL,
    PROTOCOL,
    ROWS,
    ArchiveManifest,
    read_manifest,
)
from dermdash.workflows.reader_study.archive.leaving import arrived

_LARGEST_MANIFEST = 64 << 20
_TABLES = {table.name: table for table in (*BESIDE, *OF_A_STUDY)}
STUDY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
"""What the id of a study looks like: it stands in addresses and names of files."""
_PAIR = {"record_1", "record_2", "decision"}


@dataclass(frozen=True, slots=True)
class OpenedArchive:
    """An archive of which every file was read once and is what the manifest says."""

    path: Path
    manifest: ArchiveManifest
    _entries: Mapping[str, ImageEntry]

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self, folder: str) -> list[str]:
        """Its files in a folder, sorted."""
        return sorted(name for name in self._entries if name.startswith(folder))

    def entry(self, name: str) -> ImageEntry:
        """Where a file of it lies."""
        return self._entries[name]

    def read(self, name: str) -> bytes:
        """A file of it; InvalidInput where it has none of that name, or it has changed under the name since."""
        entry = self._entries.get(name)
        if entry is None:
            raise InvalidInput(f"{self.name} has no {name}: take the archive anew")
        data = _bytes(self.name, name, entry)
        if sha256(data).hexdigest() != self.manifest.files[name][0]:
            raise _changed(self.name, name)
        return data

    def json(self, name: str) -> Any:
        """A JSON file of it."""
        try:
            return _of_json(self.read(name))
        except (ValueError, RecursionError):
            raise InvalidInput(f"{self.name}: {name} is no JSON: take the archive anew") from None


@contextmanager
def opened_archive(path: Path, settings: Settings, progress: StageProgress | None = None) -> Iterator[OpenedArchive]:
    """Open an archive and verify all of it.

    Raises
    ------
    InvalidInput
        It is no study archive, of a newer form, cut off, or a file was changed, added or taken out.
    UnsafeUpload
        It would unpack to more than is allowed, or an entry leads out of it.
    """
    if not path.is_file():
        raise InvalidInput(f"there is no file {path}")
    limits = SourceLimits(
        max_image_bytes=int(settings.max_image_megabytes * 1e6),
        max_archive_bytes=int(settings.max_archive_gigabytes * 1e9),
    )
    say = progress or (lambda words, share: None)
    try:
        listing = list_files([path], lambda name: True, limits=limits)
        try:
            if listing.problems:
                raise UnsafeUpload(
                    f"{path.name} is not used: {listing.problems[0].detail or listing.problems[0].reason}"
                )
            entries = {entry.relative: entry for entry in listing.files}
            manifest = _manifest(path, entries)
            _verify(path.name, manifest, entries, say)
            yield OpenedArchive(path, manifest, {name: entries[name] for name in manifest.files})
        finally:
            listing.close()
    finally:
        close_archives()


def _manifest(path: Path, entries: Mapping[str, ImageEntry]) -> ArchiveManifest:
    entry = entries.get(MANIFEST)
    if entry is None:
        raise InvalidInput(f"{path.name} is no study archive: it has no {MANIFEST}")
    if entry.size() > _LARGEST_MANIFEST:
        raise UnsafeUpload(f"{path.name}: {MANIFEST} is larger than any is")
    try:
        said = _of_json(_bytes(path.name, MANIFEST, entry))
    except (ValueError, RecursionError):
        raise InvalidInput(f"{path.name}: {MANIFEST} is no JSON: the archive is damaged, take it anew") from None
    return read_manifest(said, path.name)


def _verify(name: str, manifest: ArchiveManifest, entries: Mapping[str, ImageEntry], say: StageProgress) -> None:
    if missing := sorted(manifest.files.keys() - entries.keys()):
        raise InvalidInput(f"{name} lacks {missing[0]}{_more(missing)}: take the archive anew")
    if foreign := sorted(entries.keys() - manifest.files.keys() - {MANIFEST}):
        raise InvalidInput(
            f"{name} has {foreign[0][:80]!r}, which {MANIFEST} does not name{_more(foreign)}: it was changed"
        )
    for done, (file, (digest, size)) in enumerate(manifest.files.items()):
        say("Reading the archive", done / len(manifest.files))
        data = _bytes(name, file, entries[file])
        if len(data) != size or sha256(data).hexdigest() != digest:
            raise _changed(name, file)


def _of_json(data: bytes) -> Any:
    """The value of a JSON text; raises ValueError, too, where a text in it is none that could be stored or shown."""
    value = json.loads(data)
    if b"\\ud" in data.lower():  # half of a pair of which a character is made
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _bytes(name: str, file: str, entry: ImageEntry) -> bytes:
    try:
        return entry.read()
    except UnreadableImage as error:
        raise InvalidInput(f"{name} is damaged: {error}. Take the archive anew") from None


def _changed(name: str, file: str) -> InvalidInput:
    return InvalidInput(f"{name}: {file} is not what was archived, its sha256 differs: take the archive anew")


def _more(names: list[str]) -> str:
    return f" (and {counted(len(names) - 1, 'more file')})" if len(names) > 1 else ""


def rows_in(archive: OpenedArchive) -> dict[str, list[Row]]:
    """The rows of an archive, each held to the columns and types of its table, and to one study.

    Raises
    ------
    InvalidInput
        A table that this version does not know, a row that is none, several studies, or a protocol that is not the one
        of the manifest.
    """
    rows: dict[str, list[Row]] = {}
    for name in archive.names(ROWS):
        table = name.removeprefix(ROWS).removesuffix(LINES)
        said = list(_lines(archive, name))
        if table == PAIRS:
            rows[table] = [_pair(line, f"{name}, line {i}") for i, line in enumerate(said, start=1)]
            continue
        if table not in _TABLES:
            raise InvalidInput(
                f"{archive.name} has rows of {table[:60]!r}, which this version does not know: it was made by "
                f"dermdash {archive.manifest.dermdash}, install that one"
            )
        filled = arrived(table, said)
        rows[table] = [row_of(_TABLES[table], row, f"{name}, line {i}") for i, row in enumerate(filled, start=1)]
    _check_study(archive, rows)
    return rows


def _lines(archive: OpenedArchive, name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(archive.read(name).splitlines(), start=1):
        try:
            said = _of_json(line)
        except (ValueError, RecursionError):
            raise InvalidInput(f"{archive.name}: {name}, line {number} is no JSON: take the archive anew") from None
        if not isinstance(said, dict):
            raise InvalidInput(f"{archive.name}: {name}, line {number} is no row")
        yield said


def _pair(said: dict[str, Any], where: str) -> Row:
    if set(said) != _PAIR or not all(isinstance(value, str) for value in said.values()):
        raise InvalidInput(f"{where} is no pair of records")
    return said


def _check_study(archive: OpenedArchive, rows: Mapping[str, list[Row]]) -> None:
    studies = rows.get("study", [])
    if len(studies) != 1:
        raise InvalidInput(f"{archive.name} holds {counted(len(studies), 'study', 'studies')}: expected one")
    study = studies[0]
    if not STUDY_ID.fullmatch(study["id"]):
        raise InvalidInput(f"{archive.name}: {study['id'][:80]!r} is no id of a study")
    protocol = Protocol.from_json(study["protocol"])
    known = (study["id"], study["protocol_sha256"], study["protocol"].encode())
    if protocol.sha256 != study["protocol_sha256"] or known != (
        archive.manifest.study["id"], archive.manifest.study["protocol_sha256"], archive.read(PROTOCOL)
    ):  # fmt: skip
        raise InvalidInput(f"{archive.name}: the protocol is not the one that was frozen, its sha256 differs")
    for name in ("reading", "reader", "study_case", "invitation"):
        if any(row["study_id"] != study["id"] for row in rows.get(name, ())):
            raise InvalidInput(f"{archive.name}: rows of {name} are of another study")


def images_in(archive: OpenedArchive) -> dict[str, str]:
    """Names of the images of an archive by their hash."""
    return {name.removeprefix(IMAGES).rpartition(".")[0]: name for name in archive.names(IMAGES)}


def model_in(archive: OpenedArchive) -> str | None:
    """The name of the checkpoint that an archive holds."""
    found = archive.names(MODEL)
    return found[0] if found else None


def table_of(name: str) -> Any:
    """A table by its name."""
    return t.metadata.tables[name]
