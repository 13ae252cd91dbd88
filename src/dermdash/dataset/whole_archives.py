"""Archives that do not compress, tar and HDF5: their files are read where they stand in them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from dermdash.dataset.hdf5_members import hdf5_pictures, is_hdf5
from dermdash.dataset.source_entry import ImageEntry, SourceLimits, is_archive
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.dataset.tar_members import TarMember, is_tar, tar_members
from dermdash.dataset.zip_names import decoded_names
from dermdash.errors import UnreadableImage
from dermdash.wording import counted, file_size

_SEVERAL = "the archive has several files of this path"


@dataclass(slots=True)
class WholeArchive:
    """Entries, what is left out, and what is to be said."""

    found: list[ImageEntry | Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def is_whole_archive(path: Path) -> bool:
    """Whether a file begins as such an archive does."""
    return is_hdf5(path) or is_tar(path)


def list_whole_archive(
    path: Path, below: PurePosixPath, shown: str, *, wanted: Callable[[str], bool], limits: SourceLimits
) -> WholeArchive:
    """List the files of a tar or HDF5 file.

    Parameters
    ----------
    below
        The folder that it counts as.
    shown
        What messages call it.
    wanted
        Which files, by their names.
    """
    archive = WholeArchive()
    if is_hdf5(path):
        archive.found += _of_hdf5(path, below, shown, limits, archive.notes)
    else:
        archive.found += _of_tar(path, below, shown, wanted, limits, archive.notes)
    return archive


def _of_hdf5(
    path: Path, below: PurePosixPath, shown: str, limits: SourceLimits, notes: list[str]
) -> Iterator[ImageEntry | Exclusion]:
    try:
        pictures, others = hdf5_pictures(path)
    except UnreadableImage as error:
        yield Exclusion(path.stem, ExclusionReason.UNREADABLE_IMAGE, f"{shown}: {error}")
        return
    if others:
        notes.append(f"{shown}: {counted(others, 'data set')} in it {'is' if others == 1 else 'are'} no picture.")
    times = Counter(picture.name for picture in pictures)
    for picture in pictures:
        posix = PurePosixPath(picture.name)
        if leads_out(picture.name, posix):
            yield _left_out(posix, shown, ExclusionReason.UNSAFE_ARCHIVE_ENTRY, "its path leads out of the archive")
        elif picture.size > limits.max_image_bytes:
            yield _left_out(
                posix, shown, ExclusionReason.UNSAFE_IMAGE, _too_large(picture.size, limits.max_image_bytes)
            )
        elif times[picture.name] > 1:
            yield _left_out(posix, shown, ExclusionReason.AMBIGUOUS_IMAGE_NAME, _SEVERAL)
        else:
            yield _entry(path, below, shown, posix, picture.name, (picture.start, picture.size), limits)


def _of_tar(
    path: Path,
    below: PurePosixPath,
    shown: str,
    wanted: Callable[[str], bool],
    limits: SourceLimits,
    notes: list[str],
) -> Iterator[ImageEntry | Exclusion]:
    members: list[TarMember] = []
    try:
        members.extend(tar_members(path))
    except UnreadableImage as error:
        words = f"{shown}: {error}; its first {counted(len(members), 'file')} can be read"
        yield Exclusion(path.stem, ExclusionReason.UNREADABLE_IMAGE, words)
    names, encoding = decoded_names([member.name for member in members])
    if encoding not in ("", "utf-8"):
        notes.append(f"{shown}: names of files read as {encoding}.")
    times = Counter(names)
    for member, name in zip(members, names, strict=True):
        posix = PurePosixPath(name.replace("\\", "/"))
        if any(map(is_hidden, posix.parts)) or not wanted(posix.name):
            continue
        most = limits.most(posix.name)
        if leads_out(name, posix):
            yield _left_out(posix, shown, ExclusionReason.UNSAFE_ARCHIVE_ENTRY, "its path leads out of the archive")
        elif member.problem:
            yield _left_out(posix, shown, ExclusionReason.UNSAFE_ARCHIVE_ENTRY, member.problem)
        elif is_archive(posix.name):
            words = "an archive inside a tar file is not opened"
            yield _left_out(posix, shown, ExclusionReason.UNREADABLE_IMAGE, words)
        elif member.size > most:
            yield _left_out(posix, shown, ExclusionReason.UNSAFE_IMAGE, _too_large(member.size, most))
        elif times[name] > 1:
            yield _left_out(posix, shown, ExclusionReason.AMBIGUOUS_IMAGE_NAME, _SEVERAL)
        else:
            yield _entry(path, below, shown, posix, name, (member.start, member.size), limits)


def _entry(
    path: Path,
    below: PurePosixPath,
    shown: str,
    posix: PurePosixPath,
    name: str,
    span: tuple[int, int],
    limits: SourceLimits,
) -> ImageEntry:
    return ImageEntry(posix.stem, path, name, limits.most(posix.name), str(below / posix), f"{shown}:{posix}", span)


def _left_out(posix: PurePosixPath, shown: str, reason: ExclusionReason, words: str) -> Exclusion:
    return Exclusion(posix.stem, reason, f"{shown}:{posix}: {words}")


def _too_large(size: int, most: int) -> str:
    return f"it has {file_size(size)}, more than the {file_size(most)} allowed"


def leads_out(name: str, posix: PurePosixPath) -> bool:
    """Whether the path of an entry leads to a place of its own choice."""
    return posix.is_absolute() or ".." in posix.parts or bool(PureWindowsPath(name).drive)


def is_hidden(part: str) -> bool:
    """Whether a file or folder is none that people see."""
    return part == "__MACOSX" or (part.startswith(".") and part not in (".", ".."))
