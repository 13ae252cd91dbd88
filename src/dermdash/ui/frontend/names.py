"""Makes the JavaScript module `names.mjs` of what Python declares, so that no script spells a shared name by itself.

It exports enumerations (``PHASE.AIDED``), shapes of messages (``SHAPE.PANEL``, read through `messages.mjs`) and bounds.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from dermdash.deliveries import KIND, MAX_CHARACTERS, MAX_ITEMS
from dermdash.reader_study.answer_time import MAX_CLIENT_MS
from dermdash.reader_study.management import HIGHEST_RATING
from dermdash.reader_study.outbox import STEERING, ClientEvent, EventKind, ItemKind, ReadingSubmission
from dermdash.reader_study.protocol import MOST_LEVELS
from dermdash.reader_study.words.for_screen import SCREEN_WORDS
from dermdash.readings.modality import Modality, Phase
from dermdash.ui import address
from dermdash.ui.frontend.exchange import (
    annotation,
    facets,
    gallery,
    gate,
    health,
    judging,
    page_frame,
    point_map,
    reader_frame,
    reading,
    sends,
    sign_in,
    viewer,
)
from dermdash.verification.annotation import Annotation
from dermdash.verification.annotation_outbox import AnnotationItemKind, AnnotationSubmission, DraftSave
from dermdash.verification.marks import Mark, MarkShape
from dermdash.workflows.accounts.passwords import SHORTEST

NAMES_MODULE = "names"
ENUMERATIONS: dict[str, type[StrEnum]] = {
    "PHASE": Phase,
    "MODALITY": Modality,
    "ITEM": ItemKind,
    "EVENT": EventKind,
    "ENTRY": AnnotationItemKind,
    "MARK": MarkShape,
    "STATE": reading.PanelState,
    "CONNECTION": reading.Connection,
    "SENDS": sends.Sends,
    "SIGN_IN": sign_in.SignInKind,
    "LOOK_AT": reading.LookAt,
    "JUDGE": judging.JudgementAct,
    "GATE": gate.GateAct,
}
_SHAPES: dict[str, tuple[type, ...]] = {
    "PANEL": (reading.PanelPayload, reading.ReaderWaitingPayload),
    "LOOK": (reading.LookPayload,),
    "OUTBOX": (reading.OutboxPayload,),
    "JOINED": (reader_frame.JoinedPayload,),
    "PAGE_FRAME": (page_frame.PageFramePayload,),
    "READER_FRAME": (reader_frame.ReaderFramePayload,),
    "ANSWER": (ReadingSubmission,),
    "EVENT": (ClientEvent,),
    "ANNOTATING": (annotation.AnnotationPayload, annotation.ReceiptPayload, reading.WaitingPayload),
    "ANNOTATION": (AnnotationSubmission,),
    "DRAFT": (DraftSave,),
    "CONTENT": (Annotation,),
    "MARK": (Mark,),
    "MARKS_VIEW": (annotation.MarksViewPayload,),
    "FACETS": (facets.FacetsPayload,),
    "SELECTION": (facets.SelectionPayload,),
    "GALLERY": (gallery.GalleryPayload,),
    "ACT_ON_TILES": (gallery.ActOnTilesPayload,),
    "HEALTH": (health.HealthPayload,),
    "VIEWER": (viewer.ViewerPayload,),
    "CROP_PICKER": (viewer.CropPickerPayload,),
    "CROP": (viewer.CropPayload,),
    "POINT_MAP": (point_map.PointMapPayload,),
    "LASSO": (point_map.LassoPayload,),
    "JUDGING": (judging.JudgingPayload,),
    "JUDGEMENT": (judging.JudgementPayload,),
    "REGION": (judging.RegionPayload,),
    "GATE": (gate.GatePayload,),
    "GATE_ANSWER": (gate.GateAnswerPayload,),
    "GATE_TICK": (gate.GateAnswersPayload,),
    "SIGN_IN_FORM": (sign_in.SignInPayload,),
    "CREDENTIALS": (sign_in.CredentialsPayload,),
    "SIGN_IN_ANSWER": (sign_in.SignInAnswer,),
}
_ITEMS = ("ANSWER", "EVENT", "ANNOTATION", "DRAFT")
"""Shapes of what lies in an outbox, each of which says its kind."""

Shape = dict[str, Any]
"""Entry to None for a value, to a shape for a message within it, to a list of one shape for several."""


@cache
def names_module() -> str:
    """Text of the module."""
    lines = [f"export const {name} = {_literal(value)};" for name, value in constants().items()]
    return "\n".join(["// Made of what Python declares: dermdash.ui.frontend.names.", *lines, ""])


def constants() -> dict[str, Any]:
    """What the module exports, by its name there."""
    return {
        **{name: {member.name: member.value for member in kind} for name, kind in ENUMERATIONS.items()},
        "STEERING": list(STEERING),
        "KEPT": [ItemKind.ANSWER, AnnotationItemKind.ANNOTATION],
        "SHAPE": shapes(),
        "VIEW": {"PARAMETER": reader_frame.VIEW_PARAMETER, "PARTICIPATION": reader_frame.PARTICIPATION_VIEW},
        "WENT": {"PARAMETER": address.WENT, "BACK": address.BACK},
        "BOUND": {
            "LONGEST_MS": MAX_CLIENT_MS,
            "MOST_ITEMS": MAX_ITEMS,
            "MOST_CHARACTERS": MAX_CHARACTERS,
            "MOST_LEVELS": MOST_LEVELS,
            "HIGHEST_RATING": HIGHEST_RATING,
            "SHORTEST_PASSWORD": SHORTEST,
            "HELD_WORDS": reading.HELD_WORDS,
            "MOST_JOINED": reader_frame.MOST_JOINED,
        },
        "PICTURE": {"PATH": reading.PICTURES_PATH, "INVITATION": reading.INVITATION_HEADER},
        "THUMBNAILS": {"PATH": gallery.THUMBNAILS_PATH},
        "PLACES": {"PATH": point_map.PLACES_PATH},
    }


def _literal(value: object) -> str:
    """As JavaScript is written: a script that travels must not look like the data that travel beside it."""
    return re.sub(r'"(\w+)":', r"\1:", json.dumps(value, indent=2))


def shapes() -> dict[str, Shape]:
    """The entries of each message."""
    found = {name: _shape_of_all(declared) for name, declared in _SHAPES.items()}
    found["WORDS"] = dict.fromkeys(SCREEN_WORDS)
    for name in _ITEMS:
        found[name] = {KIND: None, **found[name]}
    return found


def _shape_of_all(declared: Iterable[type]) -> Shape:
    return {entry: shape for one in declared for entry, shape in _shape(one).items()}


def _shape(declared: Any) -> Shape:
    if is_dataclass(declared):
        return dict.fromkeys(field.name for field in fields(declared))
    return {name: _value(kind) for name, kind in get_type_hints(declared).items()}


def _value(kind: Any) -> Shape | list[Shape] | None:
    """The shape of a message within another, in a list or not; None for any other value."""
    if is_typeddict(kind):
        return _shape(kind)
    if get_origin(kind) in (Union, UnionType, NotRequired):
        return next((shape for part in get_args(kind) if (shape := _value(part)) is not None), None)
    if get_origin(kind) is list and is_typeddict(get_args(kind)[0]):
        return [_shape(get_args(kind)[0])]
    return None
