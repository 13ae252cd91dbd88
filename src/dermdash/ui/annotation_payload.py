"""From a task of annotation to what an annotator's browser receives: the only place where a record leaves for it.

What leaves is a list of allowed entries (`dermdash.ui.frontend.exchange.AnnotationTaskPayload`): never a file name, an
id of image or record, or what others said beyond what the rule of the data set shows. Pictures leave as no data set
holds them (`dermdash.dataset.reader_image`), made with one secret per data set: all annotators of a record see the same
bytes, so marks of a draft stay where they were, and a picture is made once for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.charts.palette import diagnosis_color
from dermdash.dataset.reader_image import reader_picture
from dermdash.errors import FileMissing
from dermdash.picture_frame import PictureFrame
from dermdash.records.fields import CONTEXT, is_filled
from dermdash.records.taxonomy import Taxonomy
from dermdash.ui.frontend.exchange.annotation import (
    AnnotationPayload,
    AnnotationTaskPayload,
    DraftPayload,
    MarkPayload,
    MarksViewPayload,
    PersonMarksPayload,
    ReceiptPayload,
    SharePayload,
)
from dermdash.ui.frontend.exchange.reading import RefusalPayload, WaitingPayload
from dermdash.ui.frontend.exchange.step import ClassPayload
from dermdash.ui.record_tiles import data_uri
from dermdash.verification.marks import Mark

PICTURE_SIDE = 1200
"""Longest side of what an annotator sees, in pixels without its margin; larger scans would only slow them."""
MOST_SITES = 60


@dataclass(frozen=True, slots=True)
class AnnotatorPicture:
    """What an annotator sees of an image: a data URI, and where the stored image lies in it."""

    uri: str
    frame: PictureFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContent:
    """One task as its annotator may see it; whatever a blind one must not know stays None.

    Attributes
    ----------
    key
        Of the task: the only name of the record that a browser gets.
    known
        Fields of the record by name; only those that say nothing about the image leave
        (`dermdash.records.fields.CONTEXT`).
    sites
        Anatomical sites of the data set, to choose from.
    position, total
        Of the task among this person's.
    draft, draft_saved_at
        What this person has entered for it before, as their browser sent it, and when by its clock (ISO 8601).
    initial
        Class of the initial annotation, None where the reviewer is blind to it.
    model
        Shares (0..1) of a model by class, None where the annotator is blind to it.
    """

    key: str
    picture: AnnotatorPicture
    taxonomy: Taxonomy
    known: Mapping[str, Any]
    sites: Sequence[str]
    position: int
    total: int
    draft: Mapping[str, Any] | None = None
    draft_saved_at: str = ""
    initial: str | None = None
    model: Mapping[str, float] | None = None


def annotator_picture(data: bytes, *, key: str) -> AnnotatorPicture:
    """Make the picture that leaves for annotators; it takes some 10 ms, so a page keeps it by the image's hash.

    Parameters
    ----------
    data
        The image file as the workspace holds it.
    key
        Secret of the data set. The picture and where its marks lie follow from both.

    Raises
    ------
    FileMissing
        The file was damaged since it was imported.
    """
    try:
        made = reader_picture(data, key=key, longest_side=PICTURE_SIDE)
    except (OSError, SyntaxError, ValueError) as error:
        raise FileMissing("An image of the workspace is damaged. Restore it from a backup.") from error
    return AnnotatorPicture(data_uri(made.data), made.frame)


def annotation_data(
    task: TaskContent | None,
    following: TaskContent | None,
    *,
    annotator: str,
    acknowledged: Iterable[str],
    refused: Iterable[tuple[str, str]],
) -> AnnotationPayload:
    """What the annotation panel shows now.

    Parameters
    ----------
    task, following
        The task that is open, and the one after it, which is shown the moment this one is submitted.
    annotator
        Opaque name under which the browser files what is not saved yet; never the id of an account.
    acknowledged, refused
        Ids of delivered items that are stored, and of those that are not, with the reason.
    """
    return AnnotationPayload(
        annotator=annotator,
        task=None if task is None else _task(task),
        following=None if following is None else _task(following),
        acknowledged=list(acknowledged),
        refused=_refused(refused),
    )


def receipt_of_drafts(*, acknowledged: Iterable[str]) -> ReceiptPayload:
    """What the panel is told when only drafts came and all were stored (`annotation_panel.only_drafts_came`)."""
    return ReceiptPayload(receipt=True, acknowledged=list(acknowledged), refused=[])


def waiting_annotation(*, acknowledged: Iterable[str], refused: Iterable[tuple[str, str]]) -> WaitingPayload:
    """What the panel is told while nothing can be read: keep what is shown, and ask again."""
    return WaitingPayload(waiting=True, acknowledged=list(acknowledged), refused=_refused(refused))


def _refused(refused: Iterable[tuple[str, str]]) -> list[RefusalPayload]:
    return [RefusalPayload(id=item_id, reason=reason) for item_id, reason in refused]


def _task(task: TaskContent) -> AnnotationTaskPayload:
    frame = task.picture.frame
    known = {f.name: task.known.get(f.name) for f in CONTEXT}
    return AnnotationTaskPayload(
        key=task.key,
        image=task.picture.uri,
        width=frame.picture_width,
        height=frame.picture_height,
        position=task.position,
        total=task.total,
        classes=[ClassPayload(code=c.code, name=c.name, color=diagnosis_color(c.code)) for c in task.taxonomy.classes],
        known={name: value for name, value in known.items() if is_filled(value)},
        sites=list(task.sites)[:MOST_SITES],
        draft=None if task.draft is None else DraftPayload(annotation=dict(task.draft), saved_at=task.draft_saved_at),
        initial=task.initial,
        model=None if task.model is None else _shares(task.model, task.taxonomy),
    )


def _shares(model: Mapping[str, float], taxonomy: Taxonomy) -> list[SharePayload]:
    known = [SharePayload(code=code, share=model[code]) for code in taxonomy.codes if code in model]
    return sorted(known, key=lambda shown: -shown["share"])


def marks_view_data(
    picture: AnnotatorPicture, people: Sequence[tuple[str, Sequence[Mark]]], *, label: str, px: int = 560
) -> MarksViewPayload:
    """What the view of several people's marks shows.

    Parameters
    ----------
    people
        Names to show, and their marks in pixels of the stored image.
    label
        Alternative text of the image; it must not say more than the viewer may know.
    px
        Height of the view in pixels.
    """
    frame = picture.frame
    return MarksViewPayload(
        image=picture.uri,
        width=frame.picture_width,
        height=frame.picture_height,
        px=px,
        label=label,
        people=[PersonMarksPayload(name=name, marks=[_mark(m, frame) for m in marks]) for name, marks in people],
    )


def _mark(mark: Mark, frame: PictureFrame) -> MarkPayload:
    points = [[round(v, 1) for v in frame.to_picture(point)] for point in mark.points]
    return MarkPayload(structure=mark.structure, shape=str(mark.shape), points=points)
