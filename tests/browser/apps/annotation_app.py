"""An annotator's screen over a store in memory, for the browser tests of the component.

The address says what is wanted: annotator, tasks, sighted (the initial label and the model are shown), refuse (the
first annotation of all is refused, and with "closed" its task is not offered again), view (the marks of several
people). The folder DERMDASH_TEST_DIR takes a log of everything stored; while a file named "hold" lies there, nothing
is stored.
"""

import base64
import json
import os
from pathlib import Path

import streamlit as st
from drawn_images import lesion_uri

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import HAM7
from dermdash.ui.annotation_panel import DeliveredAnnotations, annotation_panel, only_drafts_came
from dermdash.ui.annotation_payload import (
    AnnotatorPicture,
    TaskContent,
    annotation_data,
    annotator_picture,
    marks_view_data,
    receipt_of_drafts,
)
from dermdash.ui.marks_viewer import marks_viewer
from dermdash.verification.annotation import parse_annotation, parse_draft
from dermdash.verification.annotation_outbox import AnnotationSubmission
from dermdash.verification.marks import Mark, MarkShape

st.set_page_config(page_title="Annotation", layout="wide")
FOLDER = Path(os.environ["DERMDASH_TEST_DIR"])
query = st.query_params
ANNOTATOR = query.get("annotator", "annotator-a")
TOTAL = int(query.get("tasks", "5"))
SIGHTED = query.get("sighted") == "1"
SITES = ("abdomen", "back", "face", "lower extremity", "upper extremity")


@st.cache_resource
def people() -> dict[str, dict]:
    return {}


@st.cache_resource
def picture(number: int) -> AnnotatorPicture:
    data = base64.b64decode(lesion_uri(number).partition(",")[2])
    return annotator_picture(data, key="a secret of the data set")


store = people().setdefault(ANNOTATOR, {"done": {}, "drafts": {}, "ids": set(), "refused": {}})


def task(number: int) -> TaskContent | None:
    if number > TOTAL:
        return None
    draft, saved_at = store["drafts"].get(f"{ANNOTATOR}-{number}", (None, ""))
    return TaskContent(
        key=f"{ANNOTATOR}-{number}",
        picture=picture(number),
        taxonomy=HAM7,
        known={"age_at_exam": 40 + number, "sex": "female", "anatomical_site": "back", "elevation": "nodular"},
        sites=SITES,
        position=number,
        total=TOTAL,
        draft=draft,
        draft_saved_at=saved_at,
        initial="nv" if SIGHTED else None,
        model=dict(zip(HAM7.codes, (0.04, 0.11, 0.21, 0.003, 0.52, 0.1, 0.017), strict=True)) if SIGHTED else None,
    )


def log(kind: str, key: str, content: dict, **more: object) -> None:
    with (FOLDER / "log.jsonl").open("a") as file:
        file.write(json.dumps({"annotator": ANNOTATOR, "kind": kind, "task": key, "content": content, **more}) + "\n")


def keep(items: DeliveredAnnotations) -> None:
    if (FOLDER / "hold").exists():
        return
    for item in items:
        item_id = str(item.id)
        if item_id in store["ids"] or item_id in store["refused"]:
            continue
        if not isinstance(item, AnnotationSubmission):
            if item.task not in store["done"]:
                store["drafts"][item.task] = (parse_draft(item.annotation), item.saved_at.isoformat())
                log("draft", item.task, parse_draft(item.annotation))
            store["ids"].add(item_id)
            continue
        frame = picture(int(item.task.rpartition("-")[2])).frame
        try:
            if query.get("refuse") == "1" and not store["refused"]:
                raise InvalidInput("Somebody else annotated this record: look again.")
            if query.get("refuse") == "closed" and not store["refused"]:
                store["done"][item.task] = None
                raise InvalidInput("This record was closed meanwhile.")
            annotation = parse_annotation(
                item.annotation, taxonomy=HAM7, width=frame.width, height=frame.height, frame=frame
            )
        except InvalidInput as error:
            store["refused"][item_id] = str(error)
            continue
        store["ids"].add(item_id)
        store["done"][item.task] = annotation
        log("annotation", item.task, annotation.as_json(), client_ms=item.client_ms)


def rectangle(structure: str, *corners: float) -> Mark:
    return Mark(structure, MarkShape.RECTANGLE, ((corners[0], corners[1]), (corners[2], corners[3])))


if query.get("view") == "1":
    st.title("Marks of three people")
    people_marks = [
        ("Reviewer 1", [rectangle("globules", 150, 120, 320, 300), rectangle("streaks", 360, 90, 460, 200)]),
        ("Reviewer 2", [rectangle("globules", 180, 140, 360, 320)]),
        ("Reviewer 3", []),
    ]
    marks_viewer(marks_view_data(picture(1), people_marks, label="Dermatoscopic image"), key="marks")
    st.stop()

done = len(store["done"])
if only_drafts_came("annotation") and not store["refused"]:
    data = receipt_of_drafts(acknowledged=store["ids"])
else:
    data = annotation_data(
        task(done + 1),
        task(done + 2),
        annotator=ANNOTATOR,
        acknowledged=store["ids"],
        refused=store["refused"].items(),
    )
annotation_panel(data, key="annotation", on_items=keep)
