"""What becomes of the classes of one taxonomy in another, and what is lost on the way.

Both say which diagnoses of the vocabulary each class covers. A class has one class in the other taxonomy where all of
its diagnoses belong to that; where they belong to several, or some to none, the class alone does not decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dermdash.records.taxonomies.classes import DiagnosticClass, Status, Taxonomy
from dermdash.records.taxonomies.vocabulary import class_of_diagnosis, narrower_diagnoses, vocabulary


class MappingOutcome(StrEnum):
    """What becomes of a class: one class of its own, one that others become too, no single one, or none at all."""

    KEPT = "kept"
    MERGED = "merged"
    UNDECIDED = "undecided"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MappedClass:
    """A class and what becomes of it.

    ``code`` is its class in the other taxonomy, None where it has none or several (``candidates``); ``lost`` says in
    sentences what is no longer told apart, changes its status, or has no place.
    """

    source: DiagnosticClass
    outcome: MappingOutcome
    code: str | None
    candidates: tuple[str, ...]
    lost: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "code": self.source.code, "name": self.source.name, "status": str(self.source.status),
            "outcome": str(self.outcome), "to": self.code, "candidates": list(self.candidates), "lost": list(self.lost),
        }  # fmt: skip


def map_taxonomy(source: Taxonomy, target: Taxonomy) -> tuple[MappedClass, ...]:
    """Every class of ``source`` in its order, with what becomes of it in ``target``."""
    diagnoses = {c.code: _diagnoses_of(c, source) for c in source.classes}
    found = {code: {key: class_of_diagnosis(key, target).code for key in keys} for code, keys in diagnoses.items()}
    single = {code: _single(classes) for code, classes in found.items()}
    return tuple(_mapped(c, source, target, found[c.code], single) for c in source.classes)


def _diagnoses_of(of: DiagnosticClass, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The diagnoses that belong to a class: what it covers, with what stands under that and belongs to no other."""
    every = dict.fromkeys(key for covered in of.covers for key in (covered, *sorted(narrower_diagnoses(covered))))
    return tuple(key for key in every if class_of_diagnosis(key, taxonomy).code == of.code)


def _single(classes: Mapping[str, str | None]) -> str | None:
    """The one class of all of them; None where there is none or are several."""
    codes = set(classes.values())
    return codes.pop() if len(codes) == 1 else None


def _mapped(
    of: DiagnosticClass,
    source: Taxonomy,
    target: Taxonomy,
    classes: Mapping[str, str | None],
    single: Mapping[str, str | None],
) -> MappedClass:
    code = single[of.code]
    reached = set(classes.values()) - {None}
    if code is None:
        candidates = tuple(c for c in target.codes if c in reached)
        outcome = MappingOutcome.UNDECIDED if candidates else MappingOutcome.NONE
        return MappedClass(of, outcome, None, candidates, _what_is_not_placed(of, target, classes))
    becomes = target[code]
    others = [source[other].name for other, to in single.items() if to == code and other != of.code]
    lost = []
    if others:
        lost.append(f"Not told apart from {', '.join(others)}.")
    if becomes.status is not of.status:
        said = "says nothing about malignancy" if becomes.status is Status.UNKNOWN else f"is {becomes.status}"
        lost.append(f"{_status(of)}; {becomes.name} {said}.")
    return MappedClass(of, MappingOutcome.MERGED if others else MappingOutcome.KEPT, code, (), tuple(lost))


def _what_is_not_placed(of: DiagnosticClass, target: Taxonomy, classes: Mapping[str, str | None]) -> tuple[str, ...]:
    if not classes:
        return ("Which diagnoses the class covers is not known: name them in its file under covers.",)
    if not set(classes.values()) - {None}:
        return (f"No class of {target.name} has it.",)
    parts = []
    for code in (*target.codes, None):
        keys = [key for key, to in classes.items() if to == code]
        if keys:
            names = ", ".join(vocabulary()[key].name for key in keys)
            parts.append(f"{names}: {'no class' if code is None else target[code].name}.")
    return tuple(parts)


def _status(of: DiagnosticClass) -> str:
    return "Says nothing about malignancy" if of.status is Status.UNKNOWN else f"Is {of.status}"
