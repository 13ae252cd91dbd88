"""A log as it lies on disk: one file, or several of one study in a folder or a zip file."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dermdash.errors import InvalidInput, UnsafeUpload
from dermdash.records.folder_links import leads_out
from dermdash.records.folder_links import words as link_words
from dermdash.wording import counted, file_size

MOST_BYTES = 200_000_000
MOST_ROWS = 1_000_000
"""Rows of a log become objects of about 2 kB each: more would take the memory of a small server."""
_MOST_FILES = 50
_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".imrmc", ".tab", ".dat"})
_ZIP_START = b"PK\x03\x04"
_DAMAGED = (zlib.error, lzma.LZMAError, UnicodeDecodeError)
"""What unpacking raises on data that is no such stream, and on names of files that are no text."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """The bytes of one file and what it is called."""

    name: str
    data: bytes


def open_log(source: Path | bytes | Sequence[Path], *, name: str | None = None) -> tuple[LogFile, ...]:
    """Read a log file, a folder or zip file of them, or several files, sorted by name.

    Raises
    ------
    InvalidInput
        No such file, nothing that could be a log, or a spreadsheet.
    UnsafeUpload
        More than 200 MB, or an archive that unpacks to more.
    """
    if isinstance(source, bytes):
        check_size(len(source), name or "the file")
        return _unpacked(LogFile(name or "log.csv", source))
    if isinstance(source, Path):
        return _read_path(source)
    files = joined(_read_path(path) for path in source)
    if not files:
        raise InvalidInput("no file was named")
    return files


def joined(opened: Iterable[Sequence[LogFile]]) -> tuple[LogFile, ...]:
    """Files of several uploads or paths in one, sorted by name.

    Raises
    ------
    UnsafeUpload
        They are too large together; those after that are not opened.
    """
    files: list[LogFile] = []
    for some in opened:
        files += some
        check_size(sum(len(file.data) for file in files), "all files together")
    return tuple(sorted(files, key=lambda file: file.name))


def bundle(files: Sequence[LogFile]) -> bytes:
    """Several files as one zip file: the same bytes for the same files, so that its hash names them."""
    if len(files) == 1:
        return files[0].data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files, key=lambda f: f.name):
            archive.writestr(zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0)), file.data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def check_rows(files: Sequence[LogFile]) -> None:
    """Raise UnsafeUpload for more rows than a log may have."""
    # Line ends of old spreadsheets are a lone carriage return.
    rows = sum(max(file.data.count(b"\n"), file.data.count(b"\r")) for file in files)
    if rows > MOST_ROWS:
        raise UnsafeUpload(
            f"{files[0].name} has {counted(rows, 'row')}, more than the {MOST_ROWS:,} a log may have: split it by "
            "reader or by session"
        )


def _read_path(path: Path) -> tuple[LogFile, ...]:
    try:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
            if links := [p for p in found if leads_out(p, path)]:
                raise InvalidInput(link_words(links[0]))
            if not found:
                raise InvalidInput(f"the folder {path} holds no log: expected CSV, TSV or .imrmc files")
            check_size(sum(p.stat().st_size for p in found), str(path))
            if len(found) > _MOST_FILES:
                raise UnsafeUpload(
                    f"the folder {path} holds {counted(len(found), 'file')}: more than {_MOST_FILES} is no log"
                )
            return tuple(LogFile(p.name, p.read_bytes()) for p in found)
        check_size(path.stat().st_size, str(path))
        return _unpacked(LogFile(path.name, path.read_bytes()))
    except FileNotFoundError:
        raise InvalidInput(f"there is no file {path}") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error


def check_size(size: int, what: str) -> None:
    """Raise UnsafeUpload for more bytes than a log may have."""
    if size > MOST_BYTES:
        raise UnsafeUpload(
            f"{what} has {file_size(size)}, more than the {file_size(MOST_BYTES)} a log may have: "
            "split it by reader or by session"
        )


def _unpacked(file: LogFile) -> tuple[LogFile, ...]:
    if not file.data.startswith(_ZIP_START):
        return (file,)
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if any(m.filename == "[Content_Types].xml" for m in members):
                raise InvalidInput(f"{file.name} is a spreadsheet: save the sheet as CSV first")
            wanted = [
                m
                for m in members
                if PurePosixPath(m.filename).suffix.lower() in _SUFFIXES
                and not PurePosixPath(m.filename).name.startswith((".", "_"))
                and "__MACOSX" not in m.filename
            ]
            if not wanted:
                raise InvalidInput(f"{file.name} holds no log: expected CSV, TSV or .imrmc files inside")
            if len(wanted) > _MOST_FILES:
                raise UnsafeUpload(
                    f"{file.name} holds {counted(len(wanted), 'file')}: more than {_MOST_FILES} is no log"
                )
            check_size(sum(m.file_size for m in wanted), f"{file.name}, unpacked,")
            unpacked = []
            for member in sorted(wanted, key=lambda m: m.filename):
                with archive.open(member) as stream:
                    # What the archive says of sizes may be a lie; what is read is not.
                    data = stream.read(member.file_size + 1)
                if len(data) != member.file_size:
                    raise UnsafeUpload(f"{file.name}: {member.filename} is not as long as the archive says")
                unpacked.append(LogFile(PurePosixPath(member.filename).name, data))
            return tuple(unpacked)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, *_DAMAGED) as error:
        raise InvalidInput(f"{file.name} is a damaged or encrypted zip file: {error}") from error
