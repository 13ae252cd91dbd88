"""The diagnoses that words of people can mean, in a tree: every taxonomy says which of them each of its classes covers.

They are declared in `vocabulary.yaml`. Only what stands between words and classes is here: no taxonomy.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

from dermdash.records.taxonomies.classes import Status, Taxonomy


@dataclass(frozen=True, slots=True)
class KnownDiagnosis:
    """One diagnosis of the vocabulary; the entries are explained at the top of its file."""

    key: str
    name: str
    under: str | None
    status: Status
    words: tuple[str, ...]
    codes: tuple[str, ...]
    one_of: tuple[str, ...]
    may_be: tuple[str, ...]
    modified: bool


@dataclass(frozen=True, slots=True)
class ClassOfDiagnosis:
    """Where a diagnosis belongs in a taxonomy: its class, or None with the classes that it may belong to."""

    code: str | None
    may_be: tuple[str, ...] = ()


@functools.cache
def vocabulary() -> Mapping[str, KnownDiagnosis]:
    """Every diagnosis by its key, wider ones before what stands under them or not."""
    text = (files("dermdash.records.taxonomies") / "vocabulary.yaml").read_text("utf-8")
    raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    status: dict[str, Status] = {}

    def status_of(key: str) -> Status:
        if key not in status:
            own = raw[key].get("status")
            status[key] = Status(own) if own else status_of(raw[key]["under"])
        return status[key]

    return {
        key: KnownDiagnosis(
            key,
            entry["name"],
            entry.get("under"),
            status_of(key),
            tuple(map(str, entry.get("words", ()))),
            tuple(map(str, entry.get("codes", ()))),
            tuple(entry.get("one_of", ())),
            tuple(entry.get("may_be", ())),
            bool(entry.get("modified", False)),
        )
        for key, entry in raw.items()
    }


def wider_diagnoses(key: str) -> Iterator[str]:
    """The diagnosis itself, then what it stands under, up to the top."""
    at: str | None = key
    while at is not None:
        yield at
        at = vocabulary()[at].under


@functools.cache
def narrower_diagnoses(key: str) -> frozenset[str]:
    """All that stands under a diagnosis, and what else its words may mean, at any depth; not itself."""
    found: set[str] = set()
    for other, diagnosis in vocabulary().items():
        if diagnosis.under == key:
            found |= {other} | narrower_diagnoses(other)
    for other in (*vocabulary()[key].one_of, *vocabulary()[key].may_be):
        found |= {other} | narrower_diagnoses(other)
    return frozenset(found)


def class_of_diagnosis(key: str, taxonomy: Taxonomy) -> ClassOfDiagnosis:
    """The class of a taxonomy that a diagnosis belongs to.

    That which covers it, else the next wider diagnosis that one covers. What is one of several diagnoses has a class
    where all of them have the same. Else the classes of what stands under it are those that it may belong to.
    """
    covering = {covered: c.code for c in taxonomy.classes for covered in c.covers}
    code = _covering(key, covering)
    if code is not None:
        return ClassOfDiagnosis(code)
    parts = {_covering(part, covering) for part in vocabulary()[key].one_of}
    if len(parts) == 1 and (common := parts.pop()) is not None:
        return ClassOfDiagnosis(common)
    may_be = {_covering(other, covering) for other in narrower_diagnoses(key)}
    return ClassOfDiagnosis(None, tuple(c for c in taxonomy.codes if c in may_be))


def _covering(key: str, covering: Mapping[str, str]) -> str | None:
    return next((covering[wider] for wider in wider_diagnoses(key) if wider in covering), None)
