"""What files of annotations say of images: a row each, and lesions drawn on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.outlines import LesionOutline
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.wording import counted

PROBLEM = "\0problem"
"""In a row, why it cannot be used."""
ABOUT = "\0about"
"""Beside it, the file that the row is about."""
_LESION = frozenset({"lesion", "skin lesion", "skin_lesion"})


@dataclass(slots=True)
class DrawnLesions:
    """Rows (objects whose names are columns), outlines by the name of the file in its row, and what else is to be
    said."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    outlines: dict[str, LesionOutline] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, file: str, why: str) -> None:
        """Add the row of an image that cannot be used."""
        self.rows.append({PROBLEM: why, ABOUT: file})


@dataclass(frozen=True, slots=True)
class AnnotationFiles:
    """What several files say together: what they are called, what was read, and the names of the tables among them."""

    name: str
    drawn: DrawnLesions
    used: frozenset[str]


def label_of(categories: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The one diagnosis that the categories of an image name, and all of them where they name no single one.

    "Lesion" is no diagnosis: beside one it only says where the lesion is.
    """
    named = list(dict.fromkeys(filter(None, categories)))
    telling = [name for name in named if name.lower() not in _LESION] or named
    return ("", tuple(telling)) if len(telling) > 1 else ("".join(telling), ())


def draws_lesions(label: str) -> bool:
    """Whether what is annotated so is a lesion: the word itself, or a diagnosis; not hair, rulers or structures."""
    return label.lower() in _LESION or any(class_of(label, taxonomy) for taxonomy in TAXONOMIES.values())


def notes_on_other(labels: Mapping[str, int]) -> list[str]:
    """What is to be said of outlines of images with these labels, which are no lesions as far as is known."""
    return [
        f"{label!r} is no diagnosis that is known here: its outlines are not used as masks ({counted(n, 'image')})"
        for label, n in labels.items()
    ]
