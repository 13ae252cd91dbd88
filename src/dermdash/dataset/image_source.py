"""Directories and zip files as one mapping from image id to bytes; nothing is ever extracted to disk."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.errors import InvalidInput, NotFound, UnreadableImage, UnsafeUpload
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.records.folder_links import leads_out
from dermdash.records.folder_links import words as link_words
from dermdash.wording import file_size, number

MASK_ENDING = "_segmentation"
MAX_COMPRESSION_RATIO = 200.0
# Below this a high ratio is harmless: a tiny mask of one colour packs 500:1.
RATIO_MATTERS_FROM_BYTES = 4 << 20
# zipfile inflates deflate in bounded steps; its bz2 and lzma readers unpack a block of any size at once.
READABLE_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
DEFAULT_IMAGE_BYTES = 64 * 10**6
_CHUNK = 1 << 20
# ValueError: a name that is no UTF-8 where it is said to be. OverflowError: an offset beyond any file.
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What a source may cost: bytes per image and bytes of all images of an archive, unpacked."""

    max_image_bytes: int = DEFAULT_IMAGE_BYTES
    max_archive_bytes: int = 40 * 10**9


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """Where one image lies: a file, or (``member`` given) an entry of the zip file ``path``. Picklable."""

    image_id: str
    path: Path
    member: str | None = None
    max_bytes: int = DEFAULT_IMAGE_BYTES

    @property
    def location(self) -> str:
        """The place in words for messages."""
        return f"{self.path.name}:{self.member}" if self.member else str(self.path)

    def read(self) -> bytes:
        """Return the bytes.

        Raises
        ------
        UnsafeUpload
            The entry holds more bytes than allowed, whatever its header claims.
        UnreadableImage
            The file cannot be read or the entry is damaged.
        """
        try:
            if self.member is None:
                with self.path.open("rb") as stream:
                    return self._read_capped(stream)
            with _open_zip(self.path).open(self.member) as stream:
                return self._read_capped(stream)
        except _DAMAGE as error:
            raise UnreadableImage(f"{self.location} cannot be read: {error}") from error

    def _read_capped(self, stream: IO[bytes]) -> bytes:
        parts: list[bytes] = []
        total = 0
        while chunk := stream.read(min(_CHUNK, self.max_bytes + 1 - total)):
            parts.append(chunk)
            total += len(chunk)
            if total > self.max_bytes:
                raise UnsafeUpload(f"{self.location} holds more than the {file_size(self.max_bytes)} allowed")
        return b"".join(parts)


class ImageSource:
    """Images and masks found in one or several directories and zip files, by image id.

    The id is the file name without its extension; where two files share it the first found counts and the
    other is listed in ``problems``. Files ending in ``_segmentation`` are masks of the id before that ending.
    Plain data throughout, so that it travels to worker processes.
    """

    def __init__(
        self,
        images: dict[str, ImageEntry],
        masks: dict[str, ImageEntry],
        problems: tuple[Exclusion, ...],
    ) -> None:
        self._images = images
        self._masks = masks
        self.problems = problems

    @classmethod
    def open(cls, paths: Iterable[Path], *, limits: SourceLimits = SourceLimits()) -> "ImageSource":
        """List every image under the paths, without reading any.

        Raises
        ------
        InvalidInput
            A path does not exist or is neither a directory nor a zip file.
        UnsafeUpload
            A zip file claims to unpack to more than the limit.
        """
        images: dict[str, ImageEntry] = {}
        masks: dict[str, ImageEntry] = {}
        problems: list[Exclusion] = []
        for path in paths:
            resolved = Path(path).resolve()
            for found in _list_path(resolved, limits):
                if isinstance(found, Exclusion):
                    problems.append(found)
                    continue
                shelf, key = images, found.image_id
                if key.endswith(MASK_ENDING):
                    shelf, key = masks, key.removesuffix(MASK_ENDING)
                if key in shelf:
                    detail = f"{found.location} has the same id as {shelf[key].location}, which is used"
                    problems.append(Exclusion(key, ExclusionReason.DUPLICATE_IMAGE_FILE, detail))
                else:
                    shelf[key] = found
        return cls(images, masks, tuple(problems))

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._images

    def names(self) -> tuple[str, ...]:
        """Ids of all images (masks not among them), in the order found."""
        return tuple(self._images)

    def find(self, image_id: str) -> ImageEntry | None:
        """Return where the image lies, or None."""
        return self._images.get(image_id)

    def find_mask(self, image_id: str) -> ImageEntry | None:
        """Return where ``<image_id>_segmentation`` lies, or None."""
        return self._masks.get(image_id)

    def read(self, image_id: str) -> bytes:
        """Return the image's bytes; raises NotFound, UnsafeUpload or UnreadableImage."""
        entry = self.find(image_id)
        if entry is None:
            raise NotFound(f"there is no image file for {image_id}")
        return entry.read()


def _list_path(path: Path, limits: SourceLimits) -> Iterator[ImageEntry | Exclusion]:
    if path.is_dir():
        return _list_directory(path, limits)
    if not path.exists():
        raise InvalidInput(f"there is no directory or zip file {path}")
    if not zipfile.is_zipfile(path):
        raise InvalidInput(f"{path} is neither a directory nor a complete zip file")
    return iter(_list_zip(path, limits))


def _list_directory(root: Path, limits: SourceLimits) -> Iterator[ImageEntry | Exclusion]:
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not _is_hidden(name))
        # Linked folders are not walked into, those within the folder neither: they may lead round in a circle.
        for name in subfolders:
            if (path := Path(folder, name)).is_symlink():
                yield Exclusion(name, ExclusionReason.LINK, link_words(path))
        for name in sorted(files):
            if _is_hidden(name) or not _has_image_suffix(name):
                continue
            path = Path(folder, name)
            if path.is_symlink() and leads_out(path, root):
                yield Exclusion(path.stem, ExclusionReason.LINK, link_words(path))
            elif path.is_file():
                yield ImageEntry(path.stem, path, None, limits.max_image_bytes)


def _list_zip(path: Path, limits: SourceLimits) -> list[ImageEntry | Exclusion]:
    try:
        entries = _open_zip(path).infolist()
    except _DAMAGE as error:
        raise InvalidInput(f"{path} is not a readable zip file: {error}") from error
    found: list[ImageEntry | Exclusion] = []
    total = 0
    for info in entries:
        posix = PurePosixPath(info.filename.replace("\\", "/"))
        if not info.filename or info.is_dir() or not _has_image_suffix(posix.name) or any(map(_is_hidden, posix.parts)):
            continue
        problem = _entry_problem(info, posix, limits)
        if problem:
            reason, words = problem
            found.append(Exclusion(posix.stem, reason, f"{path.name}:{info.filename}: {words}"))
            continue
        total += info.file_size
        found.append(ImageEntry(posix.stem, path, info.filename, limits.max_image_bytes))
    if total > limits.max_archive_bytes:
        raise UnsafeUpload(
            f"{path.name} would unpack to {file_size(total)}, more than the {file_size(limits.max_archive_bytes)} "
            "allowed; raise DERMDASH_MAX_ARCHIVE_GIGABYTES if it is meant to be that large"
        )
    return found


def _entry_problem(
    info: zipfile.ZipInfo, posix: PurePosixPath, limits: SourceLimits
) -> tuple[ExclusionReason, str] | None:
    unsafe_entry = ExclusionReason.UNSAFE_ARCHIVE_ENTRY
    if posix.is_absolute() or ".." in posix.parts or PureWindowsPath(info.filename).drive:
        return unsafe_entry, "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return unsafe_entry, "it is a link, not a file"
    if info.flag_bits & 0x1:
        return ExclusionReason.UNREADABLE_IMAGE, "it is encrypted; pack the images without a password"
    if info.compress_type not in READABLE_METHODS:
        return ExclusionReason.UNREADABLE_IMAGE, "its compression is not supported; pack it as plain zip"
    if info.file_size > limits.max_image_bytes:
        allowed = file_size(limits.max_image_bytes)
        return (
            ExclusionReason.UNSAFE_IMAGE,
            f"it unpacks to {file_size(info.file_size)}, more than the {allowed} allowed",
        )
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > RATIO_MATTERS_FROM_BYTES and ratio > MAX_COMPRESSION_RATIO:
        return ExclusionReason.UNSAFE_IMAGE, f"it unpacks {number(ratio, 0)} times, as archive bombs do"
    return None


def _is_hidden(part: str) -> bool:
    return part == "__MACOSX" or (part.startswith(".") and part not in (".", ".."))


def _has_image_suffix(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


def _open_zip(path: Path) -> zipfile.ZipFile:
    status = path.stat()
    return _opened(path, status.st_mtime_ns, status.st_size, os.getpid())


# Reading the directory of a 10,000-entry archive takes longer than decoding an image, so each process keeps
# its archives open. The process id is part of the key: a forked worker must not share its parent's file offset.
@lru_cache(maxsize=8)
def _opened(path: Path, mtime_ns: int, size: int, process_id: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def close_archives() -> None:
    """Let go of every archive this process keeps open: a deleted one would fill the disk until then."""
    _opened.cache_clear()
