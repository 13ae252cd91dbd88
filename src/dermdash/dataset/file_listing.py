"""Every file in folders, zip and tar files, listed without reading any; archives in archives are unpacked for the time.

Files of an archive are read where they lie. An archive inside another is written to a private temporary folder first,
as reading within it would unpack it anew for every file; the folder goes with the listing.
"""

import errno
import os
import stat
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dermdash.dataset.places_apart import told_apart
from dermdash.dataset.source_entry import (
    ARCHIVES,
    CLOSED,
    DAMAGE,
    DEFAULT_LIMITS,
    ImageEntry,
    SourceLimits,
    is_archive,
    is_closed,
    open_zip,
)
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.dataset.whole_archives import is_hidden, is_whole_archive, list_whole_archive
from dermdash.dataset.whole_archives import leads_out as leads_out_of_archive
from dermdash.dataset.zip_names import decoded_names, zip_names
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload, WorkspaceFull
from dermdash.records.folder_links import leads_out
from dermdash.records.folder_links import words as link_words
from dermdash.wording import file_size, number

MAX_COMPRESSION_RATIO = 200.0
# Below this a high ratio is harmless: a tiny mask of one colour packs 500:1.
RATIO_MATTERS_FROM_BYTES = 4 << 20
# zipfile inflates deflate in bounded steps; its bz2 and lzma readers unpack a block of any size at once.
READABLE_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DEEPEST = 3
_CHUNK = 1 << 20


@dataclass(slots=True)
class FileListing:
    """Files found, what was left out and why, and what to say; keep it for as long as its files are read."""

    files: list[ImageEntry] = field(default_factory=list)
    problems: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unpacked: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    def close(self) -> None:
        """Remove what was unpacked; archives inside archives can be read no longer."""
        if self.unpacked is not None:
            self.unpacked.cleanup()


def list_files(
    paths: Iterable[Path], wanted: Callable[[str], bool], *, limits: SourceLimits = DEFAULT_LIMITS
) -> FileListing:
    """List the files under the paths whose name is ``wanted``, without reading any.

    Where several of the places have files of one path below them, the paths begin with the name of the place: what a
    table or a label file in one of them says is not about the images of another.

    Raises
    ------
    InvalidInput
        A path does not exist or is neither a directory nor a zip file.
    UnsafeUpload
        A zip file claims to unpack to more than the limit.
    """
    listing = FileListing()
    seen: set[tuple[Path, str | None]] = set()
    below: defaultdict[Path, list[ImageEntry]] = defaultdict(list)
    for path in paths:
        root = Path(path).resolve()
        lister = _Lister(listing, wanted, limits)
        for found in lister.list_path(root):
            if isinstance(found, Exclusion):
                listing.problems.append(found)
            elif (place := (found.path, found.member)) not in seen:
                # The same folder given twice, or a folder and one inside it.
                seen.add(place)
                below[root].append(found)
    listing.files += told_apart(below)
    return listing


class _Lister:
    """Goes through one path that was given; what all its archives unpack to counts together."""

    def __init__(self, listing: FileListing, wanted: Callable[[str], bool], limits: SourceLimits) -> None:
        self.listing = listing
        self.wanted = wanted
        self.limits = limits
        self.total = 0

    def list_path(self, path: Path) -> Iterator[ImageEntry | Exclusion]:
        if path.is_dir():
            return self._list_directory(path)
        if not path.exists():
            raise InvalidInput(f"there is no directory or zip file {path}")
        if is_whole_archive(path):
            return iter(self._list_whole(path, PurePosixPath(path.stem), path.name))
        if not zipfile.is_zipfile(path):
            raise InvalidInput(f"{path} is neither a directory nor a complete zip or tar file")
        return iter(self._list_zip(path, PurePosixPath(), "", 1))

    def _list_directory(self, root: Path) -> Iterator[ImageEntry | Exclusion]:
        for folder, subfolders, files in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if not is_hidden(name))
            # Linked folders are not walked into, those within the folder neither: they may lead round in a circle.
            for name in subfolders:
                if (path := Path(folder, name)).is_symlink():
                    yield Exclusion(name, ExclusionReason.LINK, link_words(path))
            below = PurePosixPath(*Path(folder).relative_to(root).parts)
            for name in sorted(files):
                if not is_hidden(name) and self._is_looked_at(name):
                    yield from self._list_file(root, Path(folder, name), below)

    def _list_file(self, root: Path, path: Path, below: PurePosixPath) -> Iterator[ImageEntry | Exclusion]:
        if path.is_symlink() and leads_out(path, root):
            yield Exclusion(path.stem, ExclusionReason.LINK, link_words(path))
        elif not path.is_file():
            return
        elif self.wanted(path.name):
            relative = str(below / path.name)
            if not _is_text(relative):
                relative = decoded_names([os.fsencode(relative)])[0][0]
            stem = PurePosixPath(relative).stem
            yield ImageEntry(stem, path, None, self.limits.most(relative), relative)
        elif is_closed(path.name):
            yield Exclusion(path.stem, ExclusionReason.UNREADABLE_IMAGE, f"{path} {CLOSED}")
        elif is_whole_archive(path):
            yield from self._list_whole(path, below / path.stem, path.name)
        elif zipfile.is_zipfile(path):
            yield from self._list_zip(path, below / path.stem, "", 1)
        else:
            yield Exclusion(path.stem, ExclusionReason.UNREADABLE_IMAGE, f"{path} is no complete zip or tar file")

    def _list_whole(self, path: Path, below: PurePosixPath, shown: str) -> list[ImageEntry | Exclusion]:
        """List an archive that does not compress."""
        archive = list_whole_archive(path, below, shown, wanted=self._is_looked_at, limits=self.limits)
        self.listing.notes += archive.notes
        for entry in archive.found:
            if isinstance(entry, ImageEntry):
                self._count(entry.size(), shown)
        return archive.found

    def _is_looked_at(self, name: str) -> bool:
        return self.wanted(name) or is_archive(name)

    def _list_zip(self, path: Path, below: PurePosixPath, inside: str, depth: int) -> list[ImageEntry | Exclusion]:
        shown = inside or path.name
        try:
            entries = open_zip(path).infolist()
        except DAMAGE as error:
            raise InvalidInput(f"{shown} is not a readable zip file: {error}") from error
        renamed, note = zip_names(entries)
        if note:
            self.listing.notes.append(f"{shown}: {note}.")
        found: list[ImageEntry | Exclusion] = []
        contents: dict[str, set[tuple[int, int]]] = {}
        for info in entries:
            contents.setdefault(info.filename, set()).add((info.CRC, info.file_size))
        for info in entries:
            posix = PurePosixPath(renamed.get(info.filename, info.filename).replace("\\", "/"))
            archive = posix.name.lower().endswith(ARCHIVES)
            if not info.filename or info.is_dir() or any(map(is_hidden, posix.parts)):
                continue
            if not self._is_looked_at(posix.name):
                continue
            if is_closed(posix.name):
                found.append(Exclusion(posix.stem, ExclusionReason.UNREADABLE_IMAGE, f"{shown}:{posix} {CLOSED}"))
                continue
            problem = _entry_problem(info, posix, self.limits, archive=archive)
            if not problem and len(contents[info.filename]) > 1:  # read by its name, it would be the last of them
                problem = ExclusionReason.AMBIGUOUS_IMAGE_NAME, "the archive has several files of this path"
            if problem:
                reason, words = problem
                found.append(Exclusion(posix.stem, reason, f"{shown}:{posix}: {words}"))
                continue
            self._count(info.file_size, shown)
            if archive:
                found += self._list_inner(path, info, below / posix, f"{shown}:{posix}", depth)
            else:
                most, place = self.limits.most(posix.name), f"{shown}:{posix}"
                found.append(ImageEntry(posix.stem, path, info.filename, most, str(below / posix), place))
        return found

    def _count(self, size: int, shown: str) -> None:
        self.total += size
        if self.total > self.limits.max_archive_bytes:
            raise UnsafeUpload(
                f"{shown} would unpack to {file_size(self.total)}, more than the "
                f"{file_size(self.limits.max_archive_bytes)} allowed; raise DERMDASH_MAX_ARCHIVE_GIGABYTES if it is "
                "meant to be that large"
            )

    def _list_inner(
        self, path: Path, info: zipfile.ZipInfo, below: PurePosixPath, shown: str, depth: int
    ) -> list[ImageEntry | Exclusion]:
        if depth >= _DEEPEST:
            words = f"{shown}: an archive inside {depth} others is not opened"
            return [Exclusion(below.stem, ExclusionReason.UNSAFE_ARCHIVE_ENTRY, words)]
        try:
            inner = self._unpack(path, info, shown)
            if is_whole_archive(inner):
                return self._list_whole(inner, below.with_suffix(""), shown)
            return self._list_zip(inner, below.with_suffix(""), shown, depth + 1)
        except (UnreadableImage, InvalidInput) as error:
            if isinstance(error, UnsafeUpload):
                raise
            return [Exclusion(below.stem, ExclusionReason.UNREADABLE_IMAGE, str(error))]

    def _unpack(self, path: Path, info: zipfile.ZipInfo, shown: str) -> Path:
        if self.listing.unpacked is None:
            self.listing.unpacked = tempfile.TemporaryDirectory(prefix="dermdash-", ignore_cleanup_errors=True)
        folder = self.listing.unpacked.name
        target = Path(folder, f"{len(os.listdir(folder))}.archive")  # noqa: PTH208  # counts, and needs no paths
        written = 0
        try:
            with open_zip(path).open(info) as source, target.open("xb") as unpacked:
                while chunk := source.read(_CHUNK):
                    written += len(chunk)
                    if written > info.file_size:
                        raise UnsafeUpload(f"{shown} holds more than it says")
                    unpacked.write(chunk)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise WorkspaceFull(
                    f"there is no room to unpack {shown} ({file_size(info.file_size)}) in {folder}"
                ) from error
            raise UnreadableImage(f"{shown} cannot be unpacked: {error}") from error
        except DAMAGE as error:
            raise UnreadableImage(f"{shown} cannot be unpacked: {error}") from error
        return target


def _entry_problem(
    info: zipfile.ZipInfo, posix: PurePosixPath, limits: SourceLimits, *, archive: bool
) -> tuple[ExclusionReason, str] | None:
    unsafe_entry = ExclusionReason.UNSAFE_ARCHIVE_ENTRY
    if leads_out_of_archive(info.filename, posix):
        return unsafe_entry, "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return unsafe_entry, "it is a link, not a file"
    if info.flag_bits & 0x1:
        return ExclusionReason.UNREADABLE_IMAGE, "it is encrypted; pack the images without a password"
    if info.compress_type not in READABLE_METHODS:
        return ExclusionReason.UNREADABLE_IMAGE, "its compression is not supported; pack it as plain zip"
    if info.file_size > limits.most(posix.name) and not archive:
        allowed = file_size(limits.most(posix.name))
        return (
            ExclusionReason.UNSAFE_IMAGE,
            f"it unpacks to {file_size(info.file_size)}, more than the {allowed} allowed",
        )
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > RATIO_MATTERS_FROM_BYTES and ratio > MAX_COMPRESSION_RATIO:
        return ExclusionReason.UNSAFE_IMAGE, f"it unpacks {number(ratio, 0)} times, as archive bombs do"
    return None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
