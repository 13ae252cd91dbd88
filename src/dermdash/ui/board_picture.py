"""The image of a case with the marks of all who answered, each of them to be shown or hidden."""

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.annotation_payload import AnnotatorPicture, annotator_picture, marks_view_data
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.marks_viewer import marks_viewer
from dermdash.ui.stored_picture import said_in_its_place
from dermdash.verification.marks import Mark
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.board import BoardCase, CaseAnswer, picture_secret

_LABEL = "Dermatoscopic image of the case"


def show_picture(workspace: Workspace, case: BoardCase, *, key: str) -> None:
    """Draw it as a picture that no data set holds: who discusses a case need not know which image it is."""
    said = [*case.answers, case.initial] if case.initial is not None else list(case.answers)
    people = [(answer.name, _marks(answer)) for answer in said]
    with said_in_its_place():
        picture = _picture(workspace, str(case.record["image_sha256"]), case.record["dataset_id"])
        if any(marks for _, marks in people):
            marks_viewer(marks_view_data(picture, people, label=_LABEL, px=460), key=key)
            return
        image_viewer(picture.uri, key=key, height=460, label=_LABEL)
    st.caption("Nobody marked a structure.")


def _marks(answer: CaseAnswer) -> list[Mark]:
    return [Mark.from_json(mark) for mark in answer.content.get("marks", [])]


@st.cache_data(max_entries=32, show_spinner=False)
def _picture(_workspace: Workspace, image_sha256: str, dataset_id: str) -> AnnotatorPicture:
    original = browse_records.original(_workspace, image_sha256)
    return annotator_picture(original, key=picture_secret(_workspace, dataset_id))
