"""The files of a source that can say something about its images, in folders and archives, beside the images."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dermdash.dataset.file_listing import FileListing, list_files
from dermdash.dataset.formats.sample_texts import ONLY_IN_SAMPLES, Shards, part_samples
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.places_apart import shortest_names
from dermdash.dataset.source_entry import (
    CLOSED,
    DEFAULT_LIMITS,
    ImageEntry,
    SourceLimits,
    close_archives,
    is_closed,
    is_image_name,
)
from dermdash.dataset.whole_archives import is_whole_archive
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload
from dermdash.records.table_files import TABLE_SUFFIXES
from dermdash.records.text_file import read_bytes

_SUFFIXES = TABLE_SUFFIXES | {"", ".npz", ".yaml", ".yml"}
_WORKBOOKS = frozenset({".xlsx", ".ods", ".npz"})
"""Archives by their bytes, not by what they are."""


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
    """What lies under the paths; close it when its files are read no more.

    Attributes
    ----------
    tables
        Files that may be tables.
    pictures
        All images and masks.
    has_places
        Whether a folder or archive was named, in which images may lie.
    problems
        Files left out, and why.
    shards
        Tar files of samples among them.
    """

    tables: tuple[SourceFile, ...]
    pictures: ImageSource
    has_places: bool
    problems: tuple[tuple[str, str], ...] = ()
    shards: Shards = field(default_factory=Shards, repr=False)

    @property
    def images(self) -> tuple[str, ...]:
        """Paths of all images below what was named; masks are none."""
        return tuple(entry.relative for entry in self.pictures.images)

    def close(self) -> None:
        """Remove what was unpacked of archives inside archives."""
        self.pictures.close()


def list_source(
    paths: Iterable[Path], *, images: Iterable[Path] = (), limits: SourceLimits = DEFAULT_LIMITS
) -> SourceListing:
    """List what is under the paths without reading an image; hidden files are passed over.

    Parameters
    ----------
    images
        Further folders and archives, of which only the images are listed.

    Raises
    ------
    InvalidInput
        A path does not exist or is an image, or an archive is damaged.
    """
    alone: list[Path] = []
    places: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"there is no file or folder {path}: moved, renamed or deleted? Name where it is now")
        if is_closed(path.name):
            raise InvalidInput(f"{path} {CLOSED}")
        if (
            path.is_dir()
            or is_whole_archive(path)
            or (path.suffix.lower() not in _WORKBOOKS and zipfile.is_zipfile(path))
        ):
            places.append(path)
        elif is_image_name(path.name):
            raise InvalidInput(f"{path} is an image: name its folder")
        elif path not in alone:
            alone.append(path)
    further = list(images)
    listing = list_files(places, _is_of_use, limits=limits)
    try:
        more = list_files(further, is_image_name, limits=limits)
        shards, others = part_samples(listing.files)
        found, problems = _tables_of(listing, others)
    except InvalidInput:
        listing.close()
        raise
    finally:
        close_archives()
    problems += shards.problems
    pictures = ImageSource.of(listing, more)
    # Tables of one name are told apart by their folders, as those in a folder are by their paths.
    names = shortest_names(alone, {table.name for table in found})
    tables = [SourceFile(name, path) for name, path in zip(names, alone, strict=True)]
    return SourceListing((*tables, *found), pictures, bool(places or further), tuple(problems), shards)


def _tables_of(listing: FileListing, entries: Iterable[ImageEntry]) -> tuple[list[SourceFile], list[tuple[str, str]]]:
    tables: list[SourceFile] = []
    problems = [(e.image_id, e.detail) for e in listing.problems]
    for entry in entries:
        if entry.member is None:
            tables.append(SourceFile(entry.relative, entry.path))
            continue
        try:
            tables.append(SourceFile(entry.relative, None, entry.read()))
        except (UnreadableImage, UnsafeUpload) as error:
            problems.append((entry.relative, str(error)))
    return tables, problems


def _is_of_use(name: str) -> bool:
    return is_image_name(name) or PurePosixPath(name).suffix.lower() in _SUFFIXES | ONLY_IN_SAMPLES
