"""The content of a COCO file: a row per image with the category of its annotations, and the lesion as they draw it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from dermdash.dataset.formats.drawn_lesions import DrawnLesions, draws_lesions, label_of, notes_on_other
from dermdash.dataset.outlines import LesionOutline, joined, ring_of, runs_of

_NOT_IN_ROWS = ("id", "category", "boxes")
_FAR = 1e7
"""Pixels: further than any picture reaches; also what is no number at all."""


def read_annotations(name: str, content: Mapping[str, Any]) -> DrawnLesions:
    """A row per image; one whose annotations are of several categories says no diagnosis."""
    named = [c for c in content["categories"] if isinstance(c, dict) and isinstance(c.get("id"), int | str)]
    names = {category["id"]: str(category.get("name", "")).strip() for category in named}
    of_image: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    listed = content.get("annotations")
    for annotation in listed if isinstance(listed, list) else ():
        if isinstance(annotation, dict) and isinstance(annotation.get("image_id"), int | str):
            of_image[annotation["image_id"]].append(annotation)
    drawn = DrawnLesions()
    unread: Counter[str] = Counter()
    said: set[str] = set()
    for image in content["images"]:
        if not isinstance(image, dict):
            drawn.leave_out("", "an image is no object")
            continue
        file = str(image.get("file_name") or "").strip()
        marks = of_image.get(image.get("id"), []) if isinstance(image.get("id"), int | str) else []
        categories = [_category(mark, names) for mark in marks]
        unnamed = [mark.get("category_id") for mark, category in zip(marks, categories, strict=True) if not category]
        label, several = label_of(categories)
        if several:
            drawn.leave_out(file, f"{file} is annotated as {' and as '.join(several)}")
            continue
        if unnamed:
            drawn.leave_out(file, f"{file} is annotated as category {unnamed[0]}, which the file does not name")
            continue
        boxes = "; ".join(
            f"{category} {' '.join(f'{n:g}' for n in mark['bbox'])}"
            for mark, category in zip(marks, categories, strict=True) if _is_box(mark.get("bbox"))
        )  # fmt: skip
        row = {key: value for key, value in image.items() if key not in _NOT_IN_ROWS}
        drawn.rows.append({"file_name": "", **row, "category": label, "boxes": boxes})
        lesion = draws_lesions(label)
        if not lesion and any(mark.get("segmentation") for mark in marks):
            unread[label] += 1
        outlines = [_outline(name, file, image, mark, drawn.notes) for mark in marks if lesion]
        whole = joined(one for one in outlines if one is not None)
        # A later row of one file is left out, and so is what it draws.
        if whole is not None and file and file not in said:
            drawn.outlines[file] = whole
        said.add(file)
    drawn.notes += notes_on_other(unread)
    return drawn


def _category(mark: Mapping[str, Any], names: Mapping[Any, str]) -> str:
    number = mark.get("category_id")
    return names.get(number, "") if isinstance(number, int | str) else ""


def _is_box(box: object) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(isinstance(n, int | float) and abs(n) < _FAR for n in box)


def _outline(
    name: str, file: str, image: Mapping[str, Any], mark: Mapping[str, Any], notes: list[str]
) -> LesionOutline | None:
    """What one annotation draws; None where it draws nothing, or nothing that can be read, which is noted."""
    drawing = mark.get("segmentation")
    if not drawing:
        return None
    location = f"{name}: outline of {file}"
    size = _size(image)
    if isinstance(drawing, list):
        rings = [ring_of(part) if isinstance(part, list) else None for part in drawing]
        if all(ring is not None for ring in rings):
            return LesionOutline(file, location, size, tuple(ring for ring in rings if ring is not None))
    elif isinstance(drawing, dict):
        there = drawing.get("size")
        if isinstance(there, list) and len(there) == 2 and all(type(n) is int and n > 0 for n in there):
            runs = runs_of(drawing.get("counts"), there[0] * there[1])
            if runs is not None and size in (None, (there[1], there[0])):
                return LesionOutline(file, location, (there[1], there[0]), (), (runs,))
    notes.append(f"{location} (annotation {mark.get('id')}) cannot be read and is not used")
    return None


def _size(image: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = image.get("width"), image.get("height")
    return (width, height) if type(width) is int and type(height) is int and width > 0 and height > 0 else None
