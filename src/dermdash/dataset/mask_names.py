"""Which files are masks of a lesion, and of which image: by the names that public data sets give them.

``<id>_segmentation.png`` (HAM10000), ``_Segmentation`` (ISIC 2016 to 2018), ``_mask``, ``A1mask.png`` (Edinburgh),
``_lesion.bmp`` (PH2), ``_seg``. A photograph may be called "P1_lesion.jpg" as well: only beside its image such a file
is a mask.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dermdash.dataset.source_entry import ImageEntry, same_content
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.records.alike_names import folded

_CERTAIN = re.compile(r"(.+?)([_.-]segmentation|[_-]attribute_\w+)", re.IGNORECASE)
_LIKELY = re.compile(r"(.+?)([_.-](?:mask|lesion|seg)|(?<=\d)mask)", re.IGNORECASE)
_STRUCTURE = "attribute"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A file that is a mask: of the image called ``base``; ``ending`` is what its name has besides, empty for none."""

    entry: ImageEntry
    base: str
    ending: str = ""

    @property
    def is_of_a_structure(self) -> bool:
        """Whether it marks a structure within the lesion (ISIC 2018, task 2), not the lesion."""
        return _STRUCTURE in self.ending.lower()


@dataclass(frozen=True, slots=True)
class MaskMatches:
    """The mask of each image id that has one, and the masks that are of no image here, each with the reason."""

    found: Mapping[str, ImageEntry]
    problems: tuple[Exclusion, ...] = ()


def part_masks(files: Iterable[ImageEntry]) -> tuple[tuple[ImageEntry, ...], tuple[MaskFile, ...]]:
    """Part the files of a source into images and masks."""
    images: list[ImageEntry] = []
    certain: list[MaskFile] = []
    likely: list[MaskFile] = []
    for entry in files:
        if found := _CERTAIN.fullmatch(entry.image_id):
            certain.append(MaskFile(entry, found[1], found[2]))
        elif found := _LIKELY.fullmatch(entry.image_id):
            likely.append(MaskFile(entry, found[1], found[2]))
        else:
            images.append(entry)
    known = {folded(entry.image_id) for entry in images}
    beside = [mask for mask in likely if folded(mask.base) in known]
    alone = [mask.entry for mask in likely if folded(mask.base) not in known]
    return (*images, *alone), (*certain, *beside)


def masks_apart(files: Iterable[ImageEntry], images: Iterable[ImageEntry]) -> tuple[MaskFile, ...]:
    """The masks of a place of their own, where they need no ending; what is an image of the data set is none."""
    taken = {(entry.path, entry.member) for entry in images}
    found = []
    for entry in files:
        named = _CERTAIN.fullmatch(entry.image_id) or _LIKELY.fullmatch(entry.image_id)
        if named:
            found.append(MaskFile(entry, named[1], named[2]))
        elif (entry.path, entry.member) not in taken:
            found.append(MaskFile(entry, entry.image_id))
    return tuple(found)


def match_masks(
    wanted: Mapping[str, ImageEntry | None], masks: Sequence[MaskFile], *, others: Iterable[ImageEntry] = ()
) -> MaskMatches:
    """Find the mask of every image.

    Parameters
    ----------
    wanted
        Image id to the image's file; None where it was stored before.
    masks
        Each at most once.
    others
        Images that are there and not imported: a mask may be theirs.
    """
    by_base: dict[str, list[MaskFile]] = defaultdict(list)
    problems: list[Exclusion] = []
    for mask in masks:
        if mask.is_of_a_structure:
            detail = f"{mask.entry.location} is the mask of a structure, not of the lesion: not read"
            problems.append(Exclusion(mask.base, ExclusionReason.MASK_WITHOUT_IMAGE, detail))
        else:
            by_base[folded(mask.base)].append(mask)
    images_called: dict[str, list[str]] = defaultdict(list)
    for image_id, entry in wanted.items():
        for name in {folded(image_id), folded(entry.image_id if entry else image_id)}:
            images_called[name].append(image_id)
    not_imported = {folded(entry.image_id) for entry in others}
    images_of: dict[ImageEntry, list[str]] = defaultdict(list)
    listed: set[ImageEntry] = set()
    for base in by_base.keys() & images_called.keys():
        alone = len(images_called[base]) == 1 and base not in not_imported
        for image_id in images_called[base]:
            fitting = _one_file(_fitting(by_base[base], wanted[image_id], alone=alone))
            if len(fitting) == 1:
                images_of[fitting[0].entry].append(image_id)
            elif fitting:
                named = _named(mask.entry for mask in fitting)
                problems.append(
                    Exclusion(image_id, ExclusionReason.AMBIGUOUS_MASK, f"several masks, none used: {named}")
                )
                listed.update(mask.entry for mask in fitting)
    found = {ids[0]: entry for entry, ids in images_of.items() if len(ids) == 1}
    for shared, ids in images_of.items():
        if len(ids) > 1:
            detail = f"{shared.location} may be the mask of {', '.join(ids[:_NAMED])}: not used"
            problems.append(Exclusion(ids[0], ExclusionReason.AMBIGUOUS_MASK, detail))
    listed |= images_of.keys()
    for candidates in by_base.values():
        problems += [
            _unmatched(m, several=folded(m.base) in images_called) for m in candidates if m.entry not in listed
        ]
    return MaskMatches(found, tuple(problems))


def _fitting(candidates: Sequence[MaskFile], image: ImageEntry | None, *, alone: bool) -> Sequence[MaskFile]:
    """Which masks of a name may be of the image: one in its folder before others, one with an ending before others."""
    ended = [mask for mask in candidates if mask.ending] or candidates
    if image is not None:
        beside = [mask for mask in ended if _place(mask.entry) == _place(image)]
        folder = PurePosixPath(image.relative).parent.name
        mirrored = [m for m in ended if folder and PurePosixPath(m.entry.relative).parent.name == folder]
        if here := beside or mirrored:
            return here
    # Two images of one name, and a mask that lies beside neither: it may be of either.
    return ended if alone else ()


def _place(entry: ImageEntry) -> tuple[Path, str]:
    """The folder that a file lies in, on the disk or in its archive."""
    if entry.member is None:
        return entry.path.parent, ""
    return entry.path, str(PurePosixPath(entry.relative).parent)


def _one_file(masks: Sequence[MaskFile]) -> Sequence[MaskFile]:
    """The first of masks that are the same file, byte by byte; else all of them."""
    return masks[:1] if len(masks) > 1 and same_content([mask.entry for mask in masks]) else masks


def _named(entries: Iterable[ImageEntry]) -> str:
    places = [entry.location for entry in entries]
    return ", ".join(places[:_NAMED]) + (f" and {len(places) - _NAMED:,} more" if places[_NAMED:] else "")


def _unmatched(mask: MaskFile, *, several: bool) -> Exclusion:
    said = "may be of several images" if several and mask.ending else "is the mask of no image that is imported"
    if several and not mask.ending:
        said = f"stands beside masks of {mask.base} whose names say that they are masks: not used"
    return Exclusion(mask.base, ExclusionReason.MASK_WITHOUT_IMAGE, f"{mask.entry.location} {said}")


def named_as_mask(name: str) -> bool:
    """Whether a file of this name, without ending, would be taken for a mask, alone or beside an image."""
    return bool(_CERTAIN.fullmatch(name) or _LIKELY.fullmatch(name))
