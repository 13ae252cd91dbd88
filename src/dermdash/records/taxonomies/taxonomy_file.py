"""A taxonomy as a YAML file: how dermdash's own are declared, and how a workspace adds one.

.. code-block:: yaml

    name: clinic3                  # small letters, digits, - and _
    title: Clinic, three classes
    source: Who defined them.      # optional, as is note
    classes:                       # their order is that of model outputs and of keys 1..n
    - code: nv                     # small letters, digits and _
      name: Melanocytic nevus
      origin: melanocytic          # melanocytic, non-melanocytic or unknown
      status: benign               # benign, borderline, malignant or unknown
      aliases: [mole]              # optional: how others spell it
      covers: [nevus]              # optional: diagnoses of the vocabulary; else those that name and aliases mean
"""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from dermdash.errors import InvalidInput
from dermdash.records.taxonomies.classes import DiagnosticClass, LesionOrigin, Status, Taxonomy
from dermdash.records.taxonomies.phrases import find_phrases
from dermdash.records.taxonomies.vocabulary import vocabulary
from dermdash.records.yaml_text import read_yaml_text

SUFFIX = ".yaml"
MOST_BYTES = 256 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYS = {"name": True, "title": True, "classes": True, "source": False, "note": False}
_CLASS_KEYS = {"code": True, "name": True, "origin": True, "status": True, "aliases": False, "covers": False}
_Word = TypeVar("_Word", bound=StrEnum)


def parse_taxonomy(text: str, *, file: str) -> Taxonomy:
    """Read a taxonomy; all of it or nothing.

    Raises
    ------
    InvalidInput
        No YAML, an entry that is missing, unknown or not of its kind, or two classes that share a code, a spelling or a
        diagnosis; the message names the file and the place in it.
    """
    raw = read_yaml_text(text, file=file, most_bytes=MOST_BYTES, what="taxonomy")
    entries = _entries(raw, _KEYS, file)
    name = _text(entries, "name", file)
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{file}, name {name!r}: small letters, digits, - and _, beginning with a letter")
    listed = entries["classes"]
    if not isinstance(listed, list) or len(listed) < 2:
        raise InvalidInput(f"{file}, classes: expected a list of at least two classes")
    classes = [_class(entry, f"{file}, class {i}") for i, entry in enumerate(listed, start=1)]
    _refuse_shared(classes, file)
    return Taxonomy(
        name,
        _text(entries, "title", file),
        tuple(classes),
        source=_text(entries, "source", file, ""),
        note=_text(entries, "note", file, ""),
    )


def taxonomy_yaml(taxonomy: Taxonomy) -> str:
    """The taxonomy as such a file: a template for one's own."""
    body: dict[str, Any] = {"name": taxonomy.name, "title": taxonomy.title}
    body |= {key: value for key, value in (("source", taxonomy.source), ("note", taxonomy.note)) if value}
    body["classes"] = []
    for c in taxonomy.classes:
        entry: dict[str, Any] = {"code": c.code, "name": c.name, "origin": str(c.origin), "status": str(c.status)}
        entry |= {key: list(of) for key, of in (("aliases", c.aliases), ("covers", c.covers)) if of}
        body["classes"].append(entry)
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120)


def _entries(raw: object, keys: Mapping[str, bool], place: str) -> Mapping[str, Any]:
    """The entries of a mapping that has every needed key and no other."""
    if not isinstance(raw, dict):
        raise InvalidInput(f"{place}: expected entries {', '.join(keys)}, found {_shown(raw)}")
    for key in raw:
        if key not in keys:
            raise InvalidInput(
                f"{place}: unknown entry {_shown(key)}{_near(str(key), keys)}; known are {', '.join(keys)}"
            )
    if missing := [key for key, needed in keys.items() if needed and raw.get(key) is None]:
        raise InvalidInput(f"{place}: {', '.join(missing)} is missing")
    return raw


def _class(raw: object, place: str) -> DiagnosticClass:
    entries = _entries(raw, _CLASS_KEYS, place)
    code = _text(entries, "code", place)
    if not _CODE.fullmatch(code):
        raise InvalidInput(f"{place}, code {code!r}: small letters, digits and _, beginning with a letter")
    place = f"{place} ({code})"
    name, aliases = _text(entries, "name", place), _texts(entries, "aliases", place)
    if "covers" in entries:
        covers = _texts(entries, "covers", place)
        for key in covers:
            if key not in vocabulary():
                raise InvalidInput(f"{place}: the vocabulary has no diagnosis {key!r}{_near(key, vocabulary())}")
    else:
        covers = _meant(name, aliases)
    return DiagnosticClass(
        code,
        name,
        _word(entries, "origin", LesionOrigin, place),
        _word(entries, "status", Status, place),
        aliases,
        covers,
    )


def _meant(name: str, aliases: Sequence[str]) -> tuple[str, ...]:
    """The diagnoses that the names of a class are, without those that only stand for a wider one."""
    found = dict.fromkeys(key for text in (name, *aliases) for key in find_phrases(text).diagnoses)
    return tuple(found)


def _refuse_shared(classes: Sequence[DiagnosticClass], file: str) -> None:
    spelt: dict[str, str] = {}
    covering: dict[str, str] = {}
    codes: set[str] = set()
    for c in classes:
        if c.code in codes:
            raise InvalidInput(f"{file}: two classes have the code {c.code}")
        codes.add(c.code)
        for text in {c.code, c.name.lower(), *(a.lower() for a in c.aliases)}:
            if spelt.setdefault(text, c.code) != c.code:
                raise InvalidInput(f"{file}: {text!r} means two classes, {spelt[text]} and {c.code}")
        for key in c.covers:
            if covering.setdefault(key, c.code) != c.code:
                raise InvalidInput(
                    f"{file}: the diagnosis {key} ({vocabulary()[key].name}) would belong to two classes, "
                    f"{covering[key]} and {c.code}: say in covers which has it"
                )


def _text(entries: Mapping[str, Any], key: str, place: str, default: str | None = None) -> str:
    value = entries.get(key, default)
    if not isinstance(value, str) or (not value.strip() and default is None):
        raise InvalidInput(f"{place}, {key}: expected text, found {_shown(value)}; write it in quotes")
    return value.strip()


def _texts(entries: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = entries.get(key) or []
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise InvalidInput(f"{place}, {key}: expected a list of texts, found {_shown(value)}")
    return tuple(v.strip() for v in value)


def _word(entries: Mapping[str, Any], key: str, words: type[_Word], place: str) -> _Word:
    value = entries[key]
    try:
        return words(value)
    except ValueError:
        known = [str(w) for w in words]
        raise InvalidInput(
            f"{place}, {key} {_shown(value)}{_near(str(value), known)}: expected one of {', '.join(known)}"
        ) from None


def _near(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _shown(value: object) -> str:
    try:
        return repr(value)[:60]
    except ValueError:  # Python writes no number of thousands of digits
        return "a number"
