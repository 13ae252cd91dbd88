"""What stands in tar files beside images under the same key, as WebDataset packs samples.

The key of a member is its path up to the first dot of its name: ``0001.jpg``, ``0001.cls`` and ``0001.json`` are one
sample.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dermdash.dataset.source_entry import ImageEntry, is_image_name
from dermdash.errors import UnreadableImage, UnsafeUpload

CLASSES = ("cls", "label")
TEXTS = ("txt", "text", "caption")
JSON = "json"
ONLY_IN_SAMPLES = frozenset({".cls", ".label", ".text", ".caption"})
"""Endings of files that say something in a sample, and nothing elsewhere."""
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SampleText:
    """A text of a sample: the key of that, its ending ("cls"), the place in words, and the bytes."""

    key: str
    kind: str
    place: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shards:
    """Tar files of samples: their names, the images in them (paths as listed) and the texts beside these."""

    names: tuple[str, ...] = ()
    images: frozenset[str] = frozenset()
    texts: tuple[SampleText, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def sample_key(path: str) -> str:
    """The key of a member: its path up to the first dot of its name."""
    whole = PurePosixPath(path)
    return str(whole.with_name(whole.name.partition(".")[0] or whole.name))


def part_samples(files: Iterable[ImageEntry]) -> tuple[Shards, list[ImageEntry]]:
    """Samples among the files of a source, and the files that are of none, images not among them."""
    of_tar: defaultdict[Path, list[ImageEntry]] = defaultdict(list)
    rest: list[ImageEntry] = []
    for entry in files:
        if entry.span is not None:
            of_tar[entry.path].append(entry)
        elif not is_image_name(entry.name) and not _only_in_samples(entry):
            rest.append(entry)
    names: list[str] = []
    images: set[str] = set()
    texts: list[SampleText] = []
    problems: list[tuple[str, str]] = []
    for path, entries in of_tar.items():
        pictures = {entry.relative for entry in entries if is_image_name(entry.name)}
        keys = {sample_key(picture) for picture in pictures}
        others = [entry for entry in entries if entry.relative not in pictures]
        beside = [entry for entry in others if _kind(entry) in (JSON, *CLASSES, *TEXTS)]
        if not any(sample_key(entry.relative) in keys for entry in beside):
            rest += [entry for entry in others if not _only_in_samples(entry)]
            continue
        names.append(path.name)
        images |= pictures
        for entry in others:
            if entry not in beside or (_kind(entry) in TEXTS and sample_key(entry.relative) not in keys):
                rest += [] if _only_in_samples(entry) else [entry]
                continue
            try:
                texts.append(_read(entry))
            except (UnreadableImage, UnsafeUpload) as error:
                problems.append((entry.relative, str(error)))
    return Shards(tuple(names), frozenset(images), tuple(texts), tuple(problems)), rest


def _read(entry: ImageEntry) -> SampleText:
    if entry.size() > _MOST_BYTES:
        raise UnsafeUpload(f"{entry.location} is larger than what is said of an image")
    return SampleText(sample_key(entry.relative), _kind(entry), entry.location, entry.read())


def _kind(entry: ImageEntry) -> str:
    return entry.name.partition(".")[2].lower()


def _only_in_samples(entry: ImageEntry) -> bool:
    return PurePosixPath(entry.name).suffix.lower() in ONLY_IN_SAMPLES
