"""What one person says of one record: diagnosis, fields, structures with their marks, quality, and how sure.

An annotation comes from a browser and is hostile until `parse_annotation` has held all of it to the nomenclature.
A draft is what somebody has typed so far: it is kept as it is, within bounds, and checked when it is submitted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.deliveries import MAX_CHARACTERS, MAX_TEXT, finite_number
from dermdash.errors import InvalidInput
from dermdash.picture_frame import PictureFrame
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELDS, STRUCTURES, FieldSpec, Kind, is_filled
from dermdash.records.taxonomy import Taxonomy
from dermdash.verification.marks import Mark, parse_marks
from dermdash.wording import counted

MOST_COMMENT = 2000
"""Characters of a comment."""
QUALITY_LEVELS = ("Unusable", "Poor", "Fair", "Good", "Reference")
"""Names of the quality scores 1 to 5; 1 and 2 are rejected for image quality."""
STRUCTURES_FIELD = "dermoscopic_structures"
_SAID_OTHERWISE = {
    "clinical_diagnosis": "is the diagnosis of the annotation",
    "image_quality_score": "is its quality",
    "examiner_id": "is the account that annotates",
    "verification_stage": "follows from what has been done",
    "histopathology_result": "is entered as histology",
}
ENTERABLE: tuple[FieldSpec, ...] = tuple(f for f in FIELDS if f.name not in _SAID_OTHERWISE)
"""The fields that an annotation holds as values, in display order."""
_ENTRIES = ("dx", "values", "marks", "unsure", "comment", "quality")
_DEEPEST = 8
"""Levels of a draft; its marks have five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What one person says of one record at one time.

    Attributes
    ----------
    dx
        Class code of the taxonomy; None only with ``unsure``.
    values
        The enterable fields (`ENTERABLE`) by name, only filled ones. Its structures hold every marked one.
    marks
        In pixels of the stored image.
    unsure
        They ask that others look, with or without a diagnosis.
    quality
        Of the image, 1 (unusable) to 5 (reference).
    """

    dx: str | None
    values: Mapping[str, Any]
    marks: tuple[Mark, ...] = ()
    unsure: bool = False
    comment: str = ""
    quality: int | None = None

    @property
    def structures(self) -> tuple[str, ...]:
        """The dermoscopic structures that they saw, marked or not."""
        return tuple(self.values.get(STRUCTURES_FIELD) or ())

    def as_json(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "dx": self.dx, "values": dict(self.values), "marks": [mark.as_json() for mark in self.marks],
            "unsure": self.unsure, "comment": self.comment, "quality": self.quality,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Annotation":
        """From what `as_json` gave; what a browser sends goes through `parse_annotation`."""
        marks = tuple(Mark.from_json(mark) for mark in stored["marks"])
        return cls(**{**{entry: stored[entry] for entry in _ENTRIES}, "marks": marks})


def parse_annotation(
    data: object, *, taxonomy: Taxonomy, width: int, height: int, frame: PictureFrame | None = None
) -> Annotation:
    """Check a submitted annotation.

    Parameters
    ----------
    data
        What a browser sent: the entries of `Annotation.as_json`. Others are refused.
    taxonomy
        Of the record's data set.
    width, height
        Of the stored image, upright, in pixels.
    frame
        Where that image lies in the picture that the browser had, when the marks are in pixels of that picture.

    Raises
    ------
    InvalidInput
        Naming the field, what is wrong with it and the way out.
    """
    if not isinstance(data, Mapping) or set(data) - set(_ENTRIES):
        raise InvalidInput("This is no annotation of this version of the page: reload the page and submit again.")
    dx, unsure = _dx(data.get("dx"), taxonomy), data.get("unsure", False)
    if not isinstance(unsure, bool):
        raise InvalidInput("Unsure is either yes or no: choose it again.")
    marks = parse_marks(data.get("marks"), width=width, height=height, frame=frame)
    annotation = Annotation(
        dx=dx,
        values=_with_marked(parse_values(data.get("values")), marks),
        marks=marks,
        unsure=unsure,
        comment=_comment(data.get("comment")),
        quality=_quality(data.get("quality")),
    )
    missing = missing_from(annotation)
    if missing:
        raise InvalidInput(" ".join(missing))
    return annotation


def missing_from(annotation: Annotation) -> list[str]:
    """Say what a submission still lacks; an empty list means nothing."""
    missing = []
    if annotation.dx is None and not annotation.unsure:
        missing.append("The diagnosis is missing: choose one, or mark the record as unsure.")
    if annotation.quality is None:
        missing.append(f"The image quality is missing: choose 1 to {len(QUALITY_LEVELS)}.")
    return missing


def parse_draft(data: object) -> dict[str, Any]:
    """Keep what somebody has typed so far, right or not, for themselves alone.

    Raises
    ------
    InvalidInput
        It is no annotation at all, or larger than any.
    """
    if not isinstance(data, Mapping):
        raise InvalidInput("This is no draft of an annotation: reload the page.")
    draft = {entry: data[entry] for entry in _ENTRIES if entry in data}
    if not _nests_at_most(draft, _DEEPEST):
        raise InvalidInput("This is no draft of an annotation: reload the page.")
    try:
        written = json.dumps(draft, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError):
        raise InvalidInput("This is no draft of an annotation: reload the page.") from None
    if len(json.dumps(draft)) > MAX_CHARACTERS:
        raise InvalidInput("The draft is too large to keep: delete some marks.")
    # Half of a character, as of an emoji that was cut, can neither be stored nor shown: it becomes a question mark.
    kept: dict[str, Any] = json.loads(written.encode("utf-8", "replace"))
    return kept


def _nests_at_most(value: object, levels: int) -> bool:
    """Whether lists and mappings lie no deeper in one another: who stores them goes down by recursion."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return levels >= 0 and all(_nests_at_most(entry, levels - 1) for entry in inner)


def _dx(value: object, taxonomy: Taxonomy) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in taxonomy:
        raise InvalidInput(f"The diagnosis is none of {taxonomy.title}: choose one of {', '.join(taxonomy.codes)}.")
    return value


def _quality(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= len(QUALITY_LEVELS):
        raise InvalidInput(f"The image quality is no whole number from 1 to {len(QUALITY_LEVELS)}: choose it again.")
    return value


def _comment(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput("The comment is no text: write it again.")
    text = "\n".join(line.rstrip() for line in value.replace("\t", " ").splitlines()).strip()
    if len(text) > MOST_COMMENT:
        raise InvalidInput(
            f"The comment has {counted(len(text), 'character')}, and {MOST_COMMENT:,} are the most: shorten it."
        )
    if not all(line.isprintable() for line in text.split("\n")):
        raise InvalidInput("The comment holds characters that cannot be shown: remove or retype them.")
    return text


def parse_values(data: object) -> dict[str, Any]:
    """Check fields by name: only those that can be entered, only filled ones.

    Raises
    ------
    InvalidInput
        Naming the field, what is wrong with it and the way out.
    """
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise InvalidInput("The fields are no list of names and values: reload the page and submit again.")
    known = {spec.name for spec in ENTERABLE}
    unknown = next((name for name in data if name not in known), None)
    if unknown is not None:
        why = _SAID_OTHERWISE.get(unknown, "is no field of a record") if isinstance(unknown, str) else "is no name"
        raise InvalidInput(f"{str(unknown)[:MAX_TEXT]!r} {why}: it cannot be entered here. Leave it out.")
    values = {spec.name: _value(spec, data.get(spec.name)) for spec in ENTERABLE}
    return {name: value for name, value in values.items() if is_filled(value)}


def _value(spec: FieldSpec, value: object) -> Any:
    if not is_filled(value):
        return None
    try:
        written = _written(spec, value)
        parsed = parse_field(spec, written)
    except UnusableValue as error:
        raise InvalidInput(f"{spec.title} {error}: correct it or leave it empty.") from None
    return [c for c in spec.choices if c in parsed] if spec.kind is Kind.LIST and parsed else parsed


def _written(spec: FieldSpec, value: object) -> str:
    """A value of JSON as a cell of a file would hold it, where it is of the right kind."""
    if spec.kind is Kind.BOOLEAN:
        if not isinstance(value, bool):
            raise UnusableValue("is neither yes nor no")
        return str(value)
    if spec.is_number:
        try:
            return repr(finite_number(value))
        except ValueError:
            raise UnusableValue("is no number") from None
    if spec.kind is Kind.LIST:
        if not isinstance(value, list) or len(value) > MAX_TEXT or not all(isinstance(v, str) for v in value):
            raise UnusableValue("is no list of words")
        return json.dumps(value)
    if not isinstance(value, str):
        raise UnusableValue("is no text")
    if len(value) > MAX_TEXT:
        raise UnusableValue(f"has {counted(len(value), 'character')}, and {MAX_TEXT} are the most")
    if not value.isprintable():
        raise UnusableValue("holds characters that cannot be shown")
    return value


def _with_marked(values: dict[str, Any], marks: tuple[Mark, ...]) -> dict[str, Any]:
    """A structure that somebody marks is one that they see."""
    seen = {*values.get(STRUCTURES_FIELD, ()), *(mark.structure for mark in marks)}
    ordered = [s for s in STRUCTURES if s in seen]
    return {
        spec.name: ordered if spec.name == STRUCTURES_FIELD else values[spec.name]
        for spec in ENTERABLE
        if spec.name in values or (spec.name == STRUCTURES_FIELD and ordered)
    }
