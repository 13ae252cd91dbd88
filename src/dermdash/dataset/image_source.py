"""The images and masks of folders and zip files, told apart by their names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from dermdash.dataset.file_listing import FileListing, list_files
from dermdash.dataset.mask_names import part_masks
from dermdash.dataset.source_entry import DEFAULT_LIMITS, ImageEntry, SourceLimits, is_image_name
from dermdash.dataset.source_records import Exclusion
from dermdash.errors import NotFound


class ImageSource:
    """Images and masks found in one or several directories and zip files.

    Plain data throughout, so that it travels to worker processes.

    Attributes
    ----------
    images
        Every image file, also those that share a name.
    masks
        Files that are masks by their name (`dermdash.dataset.mask_names`).
    problems, notes
        What was left out while listing, and what is to be said of it.
    """

    def __init__(
        self,
        files: Iterable[ImageEntry],
        problems: Iterable[Exclusion] = (),
        notes: Iterable[str] = (),
        *,
        listings: Sequence[FileListing] = (),
    ) -> None:
        self.images, self.masks = part_masks(files)
        self.problems = tuple(problems)
        self.notes = tuple(notes)
        self._listings = listings
        self._by_id: dict[str, list[ImageEntry]] = defaultdict(list)
        for entry in self.images:
            self._by_id[entry.image_id].append(entry)

    @classmethod
    def open(cls, paths: Iterable[Path], *, limits: SourceLimits = DEFAULT_LIMITS) -> "ImageSource":
        """List every image under the paths, without reading any.

        Raises
        ------
        InvalidInput
            A path does not exist or is neither a directory nor a zip file.
        UnsafeUpload
            A zip file claims to unpack to more than the limit.
        """
        return cls.of(list_files(paths, is_image_name, limits=limits))

    @classmethod
    def of(cls, *listings: FileListing) -> "ImageSource":
        """The images of files that are listed already, each once; others among them are left aside."""
        files = {
            (entry.path, entry.member): entry
            for listing in listings for entry in listing.files if is_image_name(entry.name)
        }  # fmt: skip
        problems = dict.fromkeys(problem for listing in listings for problem in listing.problems)
        notes = dict.fromkeys(note for listing in listings for note in listing.notes)
        return cls(files.values(), problems, notes, listings=listings)

    def __getstate__(self) -> dict[str, object]:
        # What was unpacked belongs to the process that did it.
        return {**self.__dict__, "_listings": ()}

    def __len__(self) -> int:
        return len(self.images)

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._by_id

    def names(self) -> tuple[str, ...]:
        """Ids of all images (masks not among them), in the order found, each once."""
        return tuple(self._by_id)

    def find(self, image_id: str) -> ImageEntry | None:
        """Return where the one image of that id lies; None where there is none, or several."""
        found = self._by_id.get(image_id, ())
        return found[0] if len(found) == 1 else None

    def read(self, image_id: str) -> bytes:
        """Return the image's bytes; raises NotFound, UnsafeUpload or UnreadableImage."""
        entry = self.find(image_id)
        if entry is None:
            several = len(self._by_id.get(image_id, ()))
            none = f"there is no image file for {image_id}"
            raise NotFound(f"{several} files are called {image_id}" if several else none)
        return entry.read()

    def close(self) -> None:
        """Remove what was unpacked of archives inside archives."""
        for listing in self._listings:
            listing.close()
