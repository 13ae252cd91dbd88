"""The files of a source that can say something about its images: in folders, zip files, and zip files in zip files."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dermdash.errors import InvalidInput, UnsafeUpload
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.records.folder_links import leads_out
from dermdash.records.table_files import TABLE_SUFFIXES
from dermdash.wording import file_size

_FILE_SUFFIXES = TABLE_SUFFIXES | {"", ".npz"}
_MOST_BYTES = 2 << 30
_MOST_BYTES_IN_ZIP = 512 << 20
_DEPTH = 2
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may be a table: its path below what was named, where it lies, its bytes if that is in a zip file."""

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)

    @property
    def suffix(self) -> str:
        """Its ending in small letters."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def short(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.name).name

    @property
    def source(self) -> Path | bytes:
        """What a reader takes: the path or the bytes."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        return self.path

    def read(self) -> bytes:
        """Its bytes; raises InvalidInput where they cannot be read."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise UnsafeUpload(f"{self.name} is larger than the {file_size(_MOST_BYTES)} that a table may have")
            return self.path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{self.name} cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What lies under the paths: files that may be tables, and the relative paths of all images.

    ``image_places`` are the folders and zip files to open for the images.
    """

    tables: tuple[SourceFile, ...]
    images: tuple[str, ...]
    image_places: tuple[Path, ...]
    problems: tuple[str, ...] = ()


def list_source(paths: Iterable[Path]) -> SourceListing:
    """List what is under the paths without reading tables or images; hidden files are passed over.

    Raises
    ------
    InvalidInput
        A path does not exist, or a zip file is damaged.
    """
    tables: list[SourceFile] = []
    images: list[str] = []
    places: list[Path] = []
    problems: list[str] = []
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"there is no file or folder {path}")
        if path.is_dir():
            places.append(path)
            for name, found in _walk(path, problems):
                _sort_in(name, found, tables, images, problems)
        elif _is_zip(path):
            places.append(path)
            _list_zip(path, path.name, tables, images, problems, depth=_DEPTH)
        elif path.suffix.lower() in IMAGE_SUFFIXES:
            raise InvalidInput(f"{path} is an image: name its folder")
        else:
            tables.append(SourceFile(path.name, path))
    return SourceListing(tuple(tables), tuple(images), tuple(places), tuple(problems))


def _is_zip(path: Path) -> bool:
    # A workbook and an archive of arrays are zip files, too.
    return path.suffix.lower() not in (".xlsx", ".ods", ".npz") and zipfile.is_zipfile(path)


def _walk(root: Path, problems: list[str]) -> Iterator[tuple[str, Path]]:
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(n for n in subfolders if not _is_hidden(n) and not Path(folder, n).is_symlink())
        for name in sorted(files):
            path = Path(folder, name)
            if _is_hidden(name):
                continue
            if path.is_symlink() and leads_out(path, root):
                problems.append(f"{path}: a link that leads out of the folder")
                continue
            yield path.relative_to(root).as_posix(), path


def _sort_in(name: str, path: Path, tables: list[SourceFile], images: list[str], problems: list[str]) -> None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        images.append(name)
    elif suffix == ".zip":
        _list_zip(path, name, tables, images, problems, depth=_DEPTH)
    elif suffix in _FILE_SUFFIXES:
        tables.append(SourceFile(name, path))


def _list_zip(
    source: Path | bytes, name: str, tables: list[SourceFile], images: list[str], problems: list[str], *, depth: int
) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            for info in archive.infolist():
                inner = info.filename.replace("\\", "/")
                posix = PurePosixPath(inner)
                if info.is_dir() or any(map(_is_hidden, posix.parts)) or posix.is_absolute() or ".." in posix.parts:
                    continue
                suffix = posix.suffix.lower()
                if suffix in IMAGE_SUFFIXES:
                    images.append(inner)
                    continue
                nested = suffix == ".zip" and depth > 1
                if not nested and suffix not in _FILE_SUFFIXES:
                    continue
                if info.file_size > _MOST_BYTES_IN_ZIP:
                    if not nested:
                        problems.append(f"{name}:{inner} has {file_size(info.file_size)} and was not looked at")
                    continue
                data = archive.read(info)
                if nested:
                    _list_zip(data, f"{name}:{inner}", tables, images, problems, depth=depth - 1)
                else:
                    tables.append(SourceFile(inner, None, data))
    except _DAMAGE as error:
        raise InvalidInput(f"{name} is not a readable zip file: {error}") from error


def _is_hidden(part: str) -> bool:
    return part == "__MACOSX" or (part.startswith(".") and part not in (".", ".."))
