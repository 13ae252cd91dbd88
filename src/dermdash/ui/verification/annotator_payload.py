"""From an open task to what the annotation panel is given, with pictures that are made once and kept in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from dermdash.picture_frame import PictureFrame
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.storage.workspace_secret import derived
from dermdash.ui.annotation_payload import AnnotatorPicture, TaskContent, annotator_picture
from dermdash.verification.annotation import Annotation
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.annotate import OpenTask


def annotator_name(workspace: Workspace, account: Account) -> str:
    """Under which a browser files what this person has entered and is not saved; it says nothing about who they are."""
    return derived(workspace.home, "annotator", account.id)


# About 150 kB each: what a dozen annotators work on at the moment, and what comes next for them.
@lru_cache(maxsize=400)
def picture_of(workspace: Workspace, image_sha256: str, key: str) -> AnnotatorPicture:
    """An image as annotators of the data set see it, which has this secret.

    Raises
    ------
    FileMissing
        The image is missing or damaged.
    """
    return annotator_picture(browse_records.original(workspace, image_sha256), key=key)


@lru_cache(maxsize=20_000)
def frame_of(workspace: Workspace, image_sha256: str, key: str) -> PictureFrame:
    """Where the stored image lies in its picture, also after the picture has left the memory."""
    return picture_of(workspace, image_sha256, key).frame


def content_of(workspace: Workspace, task: OpenTask) -> TaskContent:
    """What may leave of a task.

    Raises
    ------
    FileMissing
        The image is missing or damaged.
    """
    picture = picture_of(workspace, task.image_sha256, task.picture_key)
    draft, saved_at = task.draft, task.draft_saved_at
    if draft is None and task.answer is not None:
        # Marks of an answer are kept in pixels of the image, those of a draft as the browser sent them.
        draft, saved_at = _as_entered(task.answer, picture.frame), task.answered_at
    return TaskContent(
        key=task.id,
        picture=picture,
        taxonomy=get_taxonomy(task.taxonomy),
        known=task.context,
        sites=task.sites,
        position=task.position,
        total=task.total,
        draft=draft,
        draft_saved_at="" if saved_at is None else _as_a_browser_says(saved_at),
        initial=None if task.initial is None else task.initial.get("dx"),
        model=task.model,
    )


def _as_a_browser_says(moment: datetime) -> str:
    """The browser compares moments as texts."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_entered(answer: Mapping[str, Any], frame: PictureFrame) -> dict[str, Any]:
    content = Annotation.from_json(answer).as_json()
    for mark in content["marks"]:
        mark["points"] = [[round(v, 1) for v in frame.to_picture((x, y))] for x, y in mark["points"]]
    return content
