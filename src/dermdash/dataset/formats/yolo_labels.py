"""The files of a YOLO data set: what each label file says of its image.

A line is a class number and a box (middle, width, height) or the points of an outline, all as shares of the image. The
label of ``images/train/a.jpg`` is ``labels/train/a.txt``, or lies beside it. data.yaml or classes.txt name the classes.
Source: https://docs.ultralytics.com/datasets/detect/.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from dermdash.dataset.formats.class_names import ClassNames, names_of_lines, nearest_above
from dermdash.dataset.formats.drawn_lesions import (
    AnnotationFiles,
    DrawnLesions,
    draws_lesions,
    label_of,
    notes_on_other,
)
from dermdash.dataset.formats.folder_splits import split_of
from dermdash.dataset.formats.source_files import SourceFile
from dermdash.dataset.formats.yaml_entry import YamlEntry, read_yaml
from dermdash.dataset.outlines import LesionOutline, joined, ring_of
from dermdash.errors import InvalidInput
from dermdash.records.text_file import read_text
from dermdash.wording import counted

YAML_SUFFIXES = frozenset({".yaml", ".yml"})
_IMAGES, _LABELS, _CLASSES = "images", "labels", "classes.txt"
_MOST_BYTES = 1 << 20
_MOST_CLASSES = 1_000_000
_PARTS = ("train", "val", "test")
_BEYOND = 0.01
"""By how much of the image a point may lie outside: annotation programs round."""


@dataclass(frozen=True, slots=True)
class _Classes:
    """Who names the classes, each the outermost first."""

    of_yaml: Sequence[ClassNames]
    of_lines: Sequence[ClassNames]

    @property
    def all(self) -> tuple[ClassNames, ...]:
        return (*self.of_yaml, *self.of_lines)

    def of(self, file: str) -> ClassNames | None:
        """Who names those of a file: the nearest data.yaml above it before any classes.txt, else whoever there is."""
        return nearest_above(self.of_yaml, file) or nearest_above(self.of_lines, file) or next(iter(self.all), None)


def read_labels(tables: Sequence[SourceFile], images: Sequence[str]) -> AnnotationFiles | None:
    """What label files among the tables say of the images; None where there are none."""
    said: list[str] = []
    classes = _Classes(
        [of for f in _outermost(tables) if f.suffix in YAML_SUFFIXES and (of := _of_yaml(f, said)) is not None],
        names_of_lines(tables, (_CLASSES,)),
    )
    labels = _label_files(tables, images, beside=bool(classes.all))
    if not labels or (not classes.all and not any(map(_holds_marks, list(labels.values())[:20]))):
        return None
    drawn = DrawnLesions(notes=said)
    if not classes.all:
        drawn.notes.append("the classes are not named (data.yaml, classes.txt): their numbers are the labels")
    unread: Counter[str] = Counter()
    images_of: defaultdict[str, list[str]] = defaultdict(list)
    for image in images:
        images_of[_label_key(image)].append(image)
    folders = {key.rpartition("/")[0] for key in labels}
    wanted = [*labels, *(key for key in images_of if key not in labels and key.rpartition("/")[0] in folders)]
    asked: dict[str, ClassNames] = {}
    for key in wanted:
        files, label = images_of.get(key) or [_image_key(key)], labels.get(key)
        if (named := classes.of(files[0] if label is None else label.name)) is not None:
            asked[named.file] = named
        for file in files:
            if label is not None and len(files) > 1:
                drawn.leave_out(file, f"{label.name} may be about any of {', '.join(files)}")
            else:
                _add(drawn, label, file, named, unread)
    known = [dict(named.names) for named in asked.values()]
    if others := [named.file for named in classes.all if named.names not in known]:
        drawn.notes.append(f"{', '.join(others)}: other classes than those that are used")
    drawn.notes += notes_on_other(unread)
    used = frozenset([*asked, *(file.name for file in labels.values())])
    return AnnotationFiles(next(iter((*asked, *(f.name for f in labels.values())))), drawn, used)


def _outermost(files: Iterable[SourceFile]) -> list[SourceFile]:
    return sorted(files, key=lambda f: f.name.count("/"))


def _of_yaml(file: SourceFile, said: list[str]) -> ClassNames | None:
    """The classes of a data.yaml; None for another YAML file."""
    try:
        text = read_text(file.source, file_kind=file.short)
        entries = read_yaml(text, file=file.short, most_bytes=_MOST_BYTES, what="data.yaml").entries()
        names = _names(entries["names"]) if "names" in entries else {}
        parts = {part: tuple(_folders(entries[part])) for part in _PARTS if part in entries}
    except InvalidInput as error:
        if file.short.lower().startswith("data."):
            said.append(f"{error}; its classes are not known")
        return None
    if not names:
        if parts or file.short.lower().startswith("data."):
            said.append(f"{file.name} names no classes")
        return None
    said_number = entries["nc"].text().strip() if "nc" in entries and entries["nc"].is_text else ""
    if said_number not in ("", str(len(names))):
        named = counted(len(names), "class", "classes")
        said.append(f"{file.name} says nc: {said_number[:20]} and names {named}")
    return ClassNames(file.name, names, parts)


def why_no_table(file: SourceFile) -> str:
    """What is to be said of a YAML file that no label file goes with."""
    if _of_yaml(file, []) is None:
        return f"{file.short} is a YAML file, no table: a mapping is named apart"
    return f"{file.short} names the classes of a YOLO data set, and no label files lie beside it (labels/NAME.txt)"


def _names(entry: YamlEntry) -> dict[int, str]:
    try:
        words: Iterable[tuple[str | int, str]] = entry.words().items()
    except InvalidInput:
        words = enumerate(entry.texts())
    found = {}
    for number, name in words:
        if re.fullmatch(r"[0-9]{1,9}", str(number).strip()) is None:
            raise entry.refuse(f"expected numbers of classes, found {str(number)[:60]!r}")
        found[int(number)] = name.strip()
    return found


def _folders(entry: YamlEntry) -> list[tuple[str, ...]]:
    paths = [entry.text()] if entry.is_text else list(entry.texts())
    parts = [
        tuple(p for p in PurePosixPath(path.replace("\\", "/")).parts if p not in (".", "..", "/")) for path in paths
    ]
    return [folder for folder in parts if folder and "." not in folder[-1]]


def _label_files(tables: Sequence[SourceFile], images: Sequence[str], *, beside: bool) -> dict[str, SourceFile]:
    """Label files by their path without its ending: those in a folder called labels, else those beside an image."""
    texts = [f for f in tables if f.suffix == ".txt" and f.short.lower() != _CLASSES]
    inside = [f for f in texts if _LABELS in (p.lower() for p in PurePosixPath(f.name).parts[:-1])]
    found = {_swapped(_stem(f.name), _LABELS, _LABELS): f for f in inside}
    if found or not beside:
        return found
    known = {_stem(image) for image in images}
    return {key: f for f in texts if (key := _stem(f.name)) in known}


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix("")) if path else ""


def _swapped(path: str, old: str, new: str) -> str:
    """A path whose last folder called ``old`` is called ``new``."""
    parts = list(PurePosixPath(path).parts)
    for at in range(len(parts) - 2, -1, -1):
        if parts[at].lower() == old:
            parts[at] = new
            break
    return str(PurePosixPath(*parts))


def _label_key(image: str) -> str:
    return _swapped(_stem(image), _IMAGES, _LABELS)


def _image_key(label: str) -> str:
    return _swapped(label, _LABELS, _IMAGES)


def _holds_marks(file: SourceFile) -> bool:
    try:
        lines = _lines(file)
    except InvalidInput:
        return False
    return bool(lines) and all(_mark(line) is not None for _, line in lines)


def _lines(file: SourceFile) -> list[tuple[int, str]]:
    text = read_text(file.source, file_kind=file.short)
    return [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _mark(line: str) -> tuple[int, list[float]] | None:
    """The class number of a line and its shares; None where it is no box and no outline."""
    try:
        first, *shares = (float(word) for word in line.split())
    except ValueError:
        return None
    # A box of a model has how sure it is behind it.
    is_box = len(shares) in (4, 5)
    if not (is_box or (len(shares) >= 6 and len(shares) % 2 == 0)) or not 0 <= first < _MOST_CLASSES:
        return None
    if first != int(first) or not all(math.isfinite(s) and -_BEYOND <= s <= 1 + _BEYOND for s in shares):
        return None
    return int(first), shares


def _add(
    drawn: DrawnLesions, label: SourceFile | None, file: str, classes: ClassNames | None, unread: Counter[str]
) -> None:
    """The row of an image."""
    marks: list[tuple[str, list[float]]] = []
    try:
        for number, line in _lines(label) if label is not None else ():
            where = f"{label.name} line {number}" if label is not None else ""
            mark = _mark(line)
            if mark is None:
                raise InvalidInput(f"{where} is no class number with a box or an outline in shares of the image")
            marks.append((_class_name(mark[0], classes, where), mark[1]))
    except InvalidInput as error:
        drawn.leave_out(file, str(error))
        return
    name, several = label_of([category for category, _ in marks])
    if several:
        drawn.leave_out(file, f"{file} is annotated as {' and as '.join(several)}")
        return
    boxes = "; ".join(
        f"{category} {' '.join(f'{s:g}' for s in shares)}" for category, shares in marks if len(shares) < 6
    )
    drawn.rows.append({"file_name": file, "class": name, "split": _split(file, classes), "boxes": boxes})
    rings = [ring for _, shares in marks if len(shares) >= 6 and (ring := ring_of(shares)) is not None]
    if rings and not draws_lesions(name):
        unread[name] += 1
    elif rings and label is not None:
        whole = joined([LesionOutline(file, f"{label.name}: outline", None, (ring,), (), True) for ring in rings])
        assert whole is not None
        drawn.outlines[file] = whole


def _class_name(number: int, classes: ClassNames | None, where: str) -> str:
    return str(number) if classes is None else classes.name_of(number, where)


def _split(file: str, classes: ClassNames | None) -> str:
    """The part of the data set: as data.yaml says of the folder, else as a folder is called."""
    folders = PurePosixPath(file).parts[:-1]
    for part, places in classes.parts.items() if classes is not None else ():
        for place in places:
            if any(folders[at : at + len(place)] == place for at in range(len(folders))):
                return part
    return split_of(folders)
