"""The files of a source that can say something about its images, in folders and archives, beside the images."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dermdash.dataset.file_listing import SourceLimits, close_archives, list_files
from dermdash.dataset.image_source import ImageSource, is_image_name
from dermdash.errors import InvalidInput, UnreadableImage
from dermdash.records.table_files import TABLE_SUFFIXES
from dermdash.records.text_file import read_bytes

_SUFFIXES = TABLE_SUFFIXES | {"", ".npz"}
_WORKBOOKS = frozenset({".xlsx", ".ods", ".npz"})
"""Archives by their bytes, not by what they are."""
# Tables may be larger than any image: that of ISIC 2024 has 230 MB.
_LIMITS = SourceLimits(max_image_bytes=2 << 30)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may be a table: its path below what was named; where it lies, or its bytes if in an archive."""

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
        return self.data if self.data is not None else read_bytes(self.source, file_kind=self.short)


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What lies under the paths.

    Attributes
    ----------
    tables
        Files that may be tables.
    images
        Paths of all images below what was named; masks are none.
    image_places
        Folders and zip files to open for the images.
    problems
        Files left out, and why.
    """

    tables: tuple[SourceFile, ...]
    images: tuple[str, ...]
    image_places: tuple[Path, ...]
    problems: tuple[tuple[str, str], ...] = ()


def list_source(paths: Iterable[Path]) -> SourceListing:
    """List what is under the paths without reading an image; hidden files are passed over.

    Raises
    ------
    InvalidInput
        A path does not exist or is an image, or a zip file is damaged.
    """
    tables: list[SourceFile] = []
    places: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"there is no file or folder {path}")
        if path.is_dir() or (path.suffix.lower() not in _WORKBOOKS and zipfile.is_zipfile(path)):
            places.append(path)
        elif is_image_name(path.name):
            raise InvalidInput(f"{path} is an image: name its folder")
        else:
            # Two tables of one name are told apart by their folders, as those in a folder are by their paths.
            twice = any(t.name == path.name for t in tables)
            tables.append(SourceFile(f"{path.parent.name}/{path.name}" if twice else path.name, path))
    listing = list_files(places, _is_of_use, limits=_LIMITS)
    problems = [(e.image_id, e.detail) for e in listing.problems]
    try:
        for entry in listing.files:
            if is_image_name(entry.name):
                continue
            if entry.member is None:
                tables.append(SourceFile(entry.relative, entry.path))
                continue
            try:
                tables.append(SourceFile(entry.relative, None, entry.read()))
            except UnreadableImage as error:
                problems.append((entry.relative, str(error)))
        images = tuple(entry.relative for entry in ImageSource.of(listing).images)
    finally:
        listing.close()
        close_archives()
    return SourceListing(tuple(tables), images, tuple(places), tuple(problems))


def _is_of_use(name: str) -> bool:
    return is_image_name(name) or PurePosixPath(name).suffix.lower() in _SUFFIXES
