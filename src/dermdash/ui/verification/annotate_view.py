"""What an annotator sees: one record, one form. Every run and every delivery asks anew who is at the browser.

Which task is open stands in the address, so that a reload, Back and a link bring it back. Once its answer is on disk
the address goes on to the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dermdash.errors import AccessDenied, FileMissing, InvalidInput, OutOfReach
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys
from dermdash.ui.annotation_panel import DeliveredAnnotations, annotation_panel, only_drafts_came
from dermdash.ui.annotation_payload import TaskContent, annotation_data, receipt_of_drafts, waiting_annotation
from dermdash.ui.frontend.exchange.annotation import AnnotationPayload, ReceiptPayload
from dermdash.ui.messages import error_words
from dermdash.ui.outage import OUTAGE
from dermdash.ui.unsaved_annotations import STAYS_HERE
from dermdash.ui.verification.annotator_payload import annotator_name, content_of, frame_of
from dermdash.verification.annotation_outbox import AnnotationSubmission
from dermdash.wording import sentence
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study.delivery_queue import queue_of
from dermdash.workflows.verification import annotate
from dermdash.workflows.verification.annotate import AnnotationReceipt, OpenTask

TASK = "task"
"""Parameter of the address: the id of the task that is open."""
_PANEL = "annotating"
# Seen by whoever hears the page: the panel has no room for a title.
_HEAD = (
    '<h1 style="position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0 0 0 0); margin: 0">'
    "Annotate</h1>"
)


@contextmanager
def panel_kept() -> Iterator[None]:
    """While the records are out of reach, the panel keeps what it shows and asks again, instead of an error."""
    try:
        yield
    except AccessDenied as error:
        raise AccessDenied(f"{sentence(str(error))} {STAYS_HERE}") from error
    except OutOfReach as error:
        OUTAGE.lost(error)
        with _above_the_panel():
            if isinstance(error, FileMissing):
                st.warning(error_words(error), icon=":material/broken_image:")
        receipt = _receipt()
        waiting = waiting_annotation(acknowledged=receipt.acknowledged, refused=receipt.refused.items())
        annotation_panel(waiting, key=_PANEL, on_items=_store)


def _above_the_panel() -> DeltaGenerator:
    """Where words to the person stand. Always there, or the browser would take the panel down and make it anew."""
    place = st.container(key="annotate_notes")
    place.html(_HEAD)
    return place


def show_annotation(workspace: Workspace, account: Account) -> None:
    """Show what this person annotates now."""
    data = _receipt_of_drafts() or _whole(workspace, account)
    st.session_state.pop(keys.ANNOTATED, None)
    annotation_panel(data, key=_PANEL, on_items=_store)


def _receipt_of_drafts() -> ReceiptPayload | None:
    """What is enough of an answer where somebody types: the record that they have open stays as it is."""
    shown: tuple[str, bool] | None = st.session_state.get(keys.ANNOTATING)
    receipt = _receipt()
    if shown is None or address.read_again() or receipt.refused or not only_drafts_came(_PANEL):
        return None
    task_id, answered = shown
    with _above_the_panel():
        _say_answered(answered)
    address.put(TASK, task_id)
    return receipt_of_drafts(acknowledged=receipt.acknowledged)


def _whole(workspace: Workspace, account: Account) -> AnnotationPayload:
    with _above_the_panel():
        opened, following = _tasks(workspace, account)
        answered = opened is not None and opened.answer is not None
        _say_answered(answered)
    if opened is not None:
        address.put(TASK, opened.id)
    st.session_state[keys.ANNOTATING] = None if opened is None else (opened.id, answered)
    receipt = _receipt()
    return annotation_data(
        None if opened is None else content_of(workspace, opened),
        None if following is None else _content_ahead(workspace, following),
        annotator=annotator_name(workspace, account),
        acknowledged=receipt.acknowledged,
        refused=receipt.refused.items(),
    )


def _say_answered(answered: bool) -> None:
    if answered:
        st.info("You have answered this record: what you submit now takes the place of it.", icon=":material/edit:")


def _tasks(workspace: Workspace, account: Account) -> tuple[OpenTask | None, OpenTask | None]:
    """What is open and what comes next: what the address names, where it may still be answered."""
    wanted = _wanted()
    if wanted is not None:
        try:
            return annotate.open_tasks(workspace, account, wanted)
        except InvalidInput as error:
            st.warning(error_words(error), icon=":material/info:")
    return annotate.open_tasks(workspace, account)


def _wanted() -> str | None:
    """The task that the address names, or that was shown last; None once its answer is on disk.

    Whoever goes back to a task wants it, also where its answer has just been delivered.
    """
    shown: tuple[str, bool] | None = st.session_state.get(keys.ANNOTATING)
    asked = next(iter(address.asked(TASK)), None) if address.read_again() else shown and shown[0]
    went_back = address.read_again() and not address.opened()
    return None if not went_back and asked in st.session_state.get(keys.ANNOTATED, ()) else asked


def _content_ahead(workspace: Workspace, following: OpenTask) -> TaskContent | None:
    try:
        return content_of(workspace, following)
    except OutOfReach:
        return None  # no reason to keep anybody from this record; it is said when its turn comes


def _receipt() -> AnnotationReceipt:
    receipt: AnnotationReceipt = st.session_state.get(keys.ANNOTATION_RECEIPT, AnnotationReceipt())
    return receipt


def _store(items: DeliveredAnnotations) -> None:
    """Store a delivery, and note what became of it; nothing is noted where nothing may or can be stored now.

    What is not acknowledged stays in the browser, which delivers it again: neither a full disk nor a role that was
    taken away loses what was typed.
    """
    try:
        # Asked again: the page was drawn some time ago.
        account = access.act(Right.ANNOTATE)
        workspace = access.current_workspace()
        with queue_of(workspace).turn(account.id) as my_turn:
            if not my_turn:
                return
            receipt = annotate.receive(workspace, account, items, frame_of=partial(frame_of, workspace))
    except AccessDenied:
        return
    except OutOfReach as error:
        OUTAGE.lost(error)
        return
    answers = (item for item in items if isinstance(item, AnnotationSubmission))
    st.session_state[keys.ANNOTATED] = {item.task for item in answers if str(item.id) in receipt.acknowledged}
    st.session_state[keys.ANNOTATION_RECEIPT] = receipt
