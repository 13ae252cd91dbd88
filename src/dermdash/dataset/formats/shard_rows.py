"""What the samples of a WebDataset say of their images, a row each."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from dermdash.dataset.formats.class_names import ClassNames, names_of_lines, nearest_above
from dermdash.dataset.formats.drawn_lesions import AnnotationFiles, DrawnLesions
from dermdash.dataset.formats.folder_splits import split_of
from dermdash.dataset.formats.sample_texts import CLASSES, JSON, TEXTS, SampleText, Shards, sample_key
from dermdash.dataset.formats.source_files import SourceFile
from dermdash.errors import InvalidInput
from dermdash.records.text_file import read_text

_CLASS_FILES = frozenset({"classnames.txt", "classes.txt"})
_LONGEST_CLASS = 200


def read_shards(shards: Shards, images: Iterable[str], tables: Sequence[SourceFile]) -> AnnotationFiles | None:
    """A row for each image of the shards, and for each sample without one; None where there are none."""
    if not shards.texts:
        return None
    names = names_of_lines(tables, _CLASS_FILES)
    said: defaultdict[str, dict[str, SampleText]] = defaultdict(dict)
    for text in shards.texts:
        said[text.key].setdefault(text.kind, text)
    of_key: defaultdict[str, list[str]] = defaultdict(list)
    for image in images:
        if image in shards.images:
            of_key[sample_key(image)].append(image)
    drawn = DrawnLesions()
    has_class = any(text.kind in CLASSES for text in shards.texts)
    has_json = any(text.kind == JSON for text in shards.texts)
    for key in dict.fromkeys([*of_key, *said]):
        try:
            row = _row(said.get(key, {}), _names_for(key, names), has_class=has_class, has_json=has_json)
        except InvalidInput as error:
            for image in of_key.get(key, [key]):
                drawn.leave_out(image, str(error))
            continue
        for image in of_key.get(key, [key]):
            drawn.rows.append({"file_name": image, **row, "split": row.get("split") or _split(image)})
    if not names and has_class and all(_is_number(r["class"]) for r in drawn.rows if r.get("class")):
        drawn.notes.append("the classes are not named (classnames.txt): their numbers are the labels")
    more = f" and {len(shards.names) - 1:,} more" if shards.names[1:] else ""
    return AnnotationFiles(f"{shards.names[0]}{more}", drawn, frozenset(one.file for one in names))


def _names_for(key: str, names: Sequence[ClassNames]) -> ClassNames | None:
    return nearest_above(names, key) or next(iter(names), None)


def _row(
    texts: Mapping[str, SampleText], names: ClassNames | None, *, has_class: bool, has_json: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if (entry := texts.get(JSON)) is not None:
        for name, value in _object(entry).items():
            # A sample is about the image of its key, whatever its JSON calls that.
            taken = name.strip().lower() == "file_name" or (name.strip().lower() == "class" and has_class)
            row[f"json {name}" if taken else name] = value
    if (entry := _first(texts, CLASSES)) is not None:
        word = _text(entry)
        if len(word) > _LONGEST_CLASS:
            raise InvalidInput(f"{entry.place} is longer than any name of a class")
        row["class"] = names.name_of(int(word), entry.place) if names is not None and _is_number(word) else word
    if (entry := _first(texts, TEXTS)) is not None:
        # A text is the class where nothing else may say one, of this sample or of any other.
        row["text" if has_class or has_json else "class"] = _text(entry)
    return row


def _first(texts: Mapping[str, SampleText], kinds: Iterable[str]) -> SampleText | None:
    return next((texts[kind] for kind in kinds if kind in texts), None)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", word) is not None


def _text(entry: SampleText) -> str:
    return read_text(entry.data, file_kind=entry.place).strip()


def _object(entry: SampleText) -> dict[str, Any]:
    try:
        content = json.loads(read_text(entry.data, file_kind=entry.place))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{entry.place} is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidInput(f"{entry.place} holds no object with names")
    return content


def _split(image: str) -> str:
    """The part of the data set by the folders of an image, or by a word in the name of its tar file."""
    folders = PurePosixPath(image).parts[:-1]
    return split_of(folders) or split_of(word for name in folders for word in re.split(r"[-_. ]+", name))
