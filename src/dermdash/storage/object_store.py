"""Objects of the workspace: pictures, masks, models and the like, each named for good and whole or not there at all.

`ObjectStore` is what every workflow asks; `FolderStore` keeps them in a folder, `bucket_store.BucketStore` in a bucket.
Pictures, masks and logs are named by the sha256 of their content, all others by what they belong to.
"""

import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import FileDamaged, FileMissing
from dermdash.whole_files import disk_is_full, no_room_for, passing_name, whole_file, why_not_written

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader or a crash sees the whole file or none.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The disk is full, or the folder cannot be written; no partial file is left.
    """
    temporary = passing_name(path)
    try:
        try:
            handle = os.open(temporary, _CREATE, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, _CREATE, 0o666)
        with os.fdopen(handle, "wb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        os.replace(temporary, path)  # noqa: PTH105  half the time of Path.replace, once per image
    except OSError as error:
        with suppress(OSError):  # in a folder that cannot be written, it is not there either
            temporary.unlink(missing_ok=True)
        if (known := why_not_written(path, error)) is not None:
            raise known from error
        raise
    except BaseException:  # an interruption leaves no half-written file behind
        temporary.unlink(missing_ok=True)
        raise


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that a reader, a crash or a power cut sees the whole copy or none; only its owner may read it.

    Raises
    ------
    WorkspaceFull
        The disk is full; no partial file is left.
    """
    with whole_file(target) as passing:
        handle = os.open(passing, _CREATE, 0o600)
        with source.open("rb") as whole, os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(whole, file, 1 << 20)


ORIGINALS = "originals"
THUMBNAILS = "thumbnails"
MASKS = "masks"
LOCKED = "locked"
"""Versions of images in which something shows who somebody is: kept as evidence, and read by nothing in the app."""
READING_LOGS = "reading_logs"
MANIFESTS = "manifests"
"""What records of tagged versions were, one compressed file per state."""
MODELS = "models"
EMBEDDINGS = "embeddings"
OBJECT_FOLDERS = (ORIGINALS, LOCKED, MASKS, READING_LOGS, MANIFESTS, THUMBNAILS, MODELS, EMBEDDINGS)
"""Folders of objects that belong to a workspace; maps and descriptors are objects, too, and made anew where missing."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing has it: its name, its size in bytes and when it was written (seconds since 1970)."""

    name: str
    size: int
    written: float


class ObjectStore(ABC):
    """Named objects, each there whole or not at all; it can be pickled, for workers of other processes.

    Whatever a store cannot do for now is an `OutOfReach`: `FileMissing` where there is no such object, `WorkspaceFull`
    where there is no room, `WorkspaceReadOnly` or `ObjectsAway` where it cannot be reached or refuses.
    """

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the objects lie, for messages; it holds no key."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The content of an object, or FileMissing."""

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """Store an object, whatever has that name."""

    @abstractmethod
    def add_file(self, name: str, source: Path) -> None:
        """Store a copy of a file, whatever has that name; none of it need fit into memory."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is such an object."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Let go of an object; one that is not there is no error."""

    @abstractmethod
    def list(self, folder: str) -> Iterator[StoredObject]:
        """The objects of a folder and of those in it, by name; nothing of what is being written at this moment."""

    @abstractmethod
    def local(self, name: str) -> Path:
        """A file of this machine with the object, for what takes no bytes; nothing lies there where there is no object.

        Only for names whose content never changes: a copy is kept.
        """

    @abstractmethod
    def opened(self, name: str) -> AbstractContextManager[Path]:
        """A file with the object as it is stored now, to be read within the context; FileMissing where none is."""

    @abstractmethod
    def link(self, kind: str, other_kind: str, sha256: str) -> None:
        """Store an object under a second kind too, without sending its bytes once more where the store can."""

    def guard(self, kind: str, sha256: str) -> None:  # noqa: B027  most stores know no such right
        """Let nobody write over an object by mistake, where the store knows such a right."""

    def image(self, kind: str, sha256: str) -> Callable[[], bytes]:
        """A picture as the classifier's decoder takes it: read by `get_whole` when its turn comes, and kept nowhere."""
        return _Picture(self, kind, sha256)

    def put(self, kind: str, sha256: str, data: bytes) -> None:
        """Store `data`; storing the same hash again does nothing."""
        if not self.holds(kind, sha256):
            self.replace(kind, sha256, data)

    def replace(self, kind: str, sha256: str, data: bytes) -> None:
        """Store `data` whatever lies there, as over a damaged file."""
        self.write(object_name(kind, sha256), data)

    def get(self, kind: str, sha256: str) -> bytes:
        """Return the object, or raise FileMissing."""
        return self.read(object_name(kind, sha256))

    def get_whole(self, kind: str, sha256: str) -> bytes:
        """Return an object whose name is its hash, once its content was found to have that hash.

        Raises
        ------
        FileMissing
            It is not there.
        FileDamaged
            Its content is another one.
        """
        data = self.get(kind, sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise damaged(object_name(kind, sha256), self.place)
        return data

    def holds(self, kind: str, sha256: str) -> bool:
        """Whether the object of that hash is there."""
        return self.has(object_name(kind, sha256))

    def take_away(self, kind: str, sha256: str) -> None:
        """Let go of the object of that hash; one that is not there is no error."""
        self.remove(object_name(kind, sha256))


def object_name(kind: str, sha256: str) -> str:
    """The name of an object that is known by its hash: `kind`/`first two hex digits`/`sha256`."""
    return f"{kind}/{sha256[:2]}/{sha256}"


def missing(name: str, place: str) -> FileMissing:
    """The error for an object that is not there."""
    folder, _, last = name.rpartition("/")
    return FileMissing(
        f"The file {folder.partition('/')[0]}/{last[:12]}… is missing from the workspace {place}. "
        "Restore it from a backup, or import the data set again."
    )


def damaged(name: str, place: str) -> FileDamaged:
    """The error for an object that is not what was stored."""
    folder, _, last = name.rpartition("/")
    return FileDamaged(
        f"The file {folder.partition('/')[0]}/{last[:12]}… of the workspace {place} is damaged: it is not what was "
        "stored. Restore it from a backup, or import the data set again."
    )


@dataclass(frozen=True, slots=True)
class _Picture:
    files: ObjectStore
    kind: str
    sha256: str

    def __call__(self) -> bytes:
        return self.files.get_whole(self.kind, self.sha256)

    def __str__(self) -> str:
        return f"{self.kind}/{self.sha256[:12]}…"


@dataclass(frozen=True, slots=True)
class FolderStore(ObjectStore):
    """Objects as files below one folder."""

    root: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.root)

    def path(self, kind: str, sha256: str) -> Path:
        """Where the object of that hash lies, present or not."""
        return self.root / kind / sha256[:2] / sha256

    def read(self, name: str) -> bytes:
        """The content of an object, or FileMissing."""
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            raise missing(name, self.place) from None
        except OSError as error:
            folder, _, last = name.rpartition("/")
            raise FileMissing(
                f"The file {folder.partition('/')[0]}/{last[:12]}… of the workspace {self.root} cannot be read: "
                f"{error.strerror}. Look whether the disk is there and the app may read it."
            ) from error

    def write(self, name: str, data: bytes) -> None:
        """Store an object, whatever has that name."""
        write_atomically(self.root / name, data)

    def add_file(self, name: str, source: Path) -> None:
        """Store a copy of a file, whatever has that name."""
        copy_whole(source, self.root / name)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.root / name).exists()

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        (self.root / name).unlink(missing_ok=True)

    def list(self, folder: str) -> Iterator[StoredObject]:
        """The files of a folder and of those in it; links, and what is being written, are left out."""
        for path in sorted((self.root / folder).rglob("*")):
            if not path.name.startswith(".") and not path.is_symlink() and path.is_file():
                with suppress(FileNotFoundError):  # it only passed
                    found = path.stat()
                    yield StoredObject(path.relative_to(self.root).as_posix(), found.st_size, found.st_mtime)

    def local(self, name: str) -> Path:
        """The file itself."""
        return self.root / name

    def opened(self, name: str) -> AbstractContextManager[Path]:
        """The file itself."""
        if not (self.root / name).is_file():
            raise missing(name, self.place)
        return nullcontext(self.root / name)

    def guard(self, kind: str, sha256: str) -> None:
        """Take the right to write it from everybody."""
        self.path(kind, sha256).chmod(0o400)

    def link(self, kind: str, other_kind: str, sha256: str) -> None:
        """Store an object under a second kind too, sharing its bytes on disk where the file system can."""
        source, target = self.path(kind, sha256), self.path(other_kind, sha256)
        if target.exists():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(source)
        except FileExistsError:
            return
        except OSError as error:
            if disk_is_full(error):
                raise no_room_for(target) from error
            # Some file systems know no links; where nothing can be written, this says so.
            write_atomically(target, source.read_bytes())
