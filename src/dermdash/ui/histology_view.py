"""Histology: malignant labels that wait for it, the entry of one result, and what contradicts a consensus."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, pick
from dermdash.ui.entries import enter_text
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_text, empty_state, error_words, redraw_saying, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.record_tiles import is_claimed, thumbnail_uri
from dermdash.ui.tables import data_table
from dermdash.wording import counted, day
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.private_export import hidden
from dermdash.workflows.verification.board import LONGEST_TEXT
from dermdash.workflows.verification.histology import (
    HistologyContradiction,
    HistologyOfTwin,
    Outstanding,
    enter_histology,
    histology_of_twins,
)

_PLACE = "histology.enter"
_EVERY = "all"
_NAMED = 5


def histology_state(waiting: Sequence[Outstanding], contradictions: Sequence[Mapping[str, Any]]) -> str:
    """How much waits, and how much was contradicted."""
    return f"{counted(len(waiting), 'malignant label waits', 'malignant labels wait')} for histology · " + counted(
        len(contradictions), "contradiction"
    )


def show_outstanding(workspace: Workspace, waiting: Sequence[Outstanding]) -> None:
    """The list, the oldest first, by data set and class."""
    if not waiting:
        empty_state(
            "task_alt",
            "Nothing waits for histology",
            "A malignant label below stage 3 is listed here until its report is entered.",
        )
        return
    names = browse_records.dataset_names(workspace)
    present = [d for d in names if any(row.dataset_id == d for row in waiting)]
    dataset = choose(
        "Data set", [_EVERY, *present], lambda d: names.get(d, "All data sets"), key="histology.dataset",
        name="dataset", width=420,
    )  # fmt: skip
    rows = [row for row in waiting if dataset in (_EVERY, row.dataset_id)]
    frame = pd.DataFrame(
        {
            "Record": [row.image_id for row in rows],
            "Lesion": [row.lesion_id for row in rows],
            "Label": [diagnosis_name(row.dx) for row in rows],
            "Stage": ["none" if row.stage is None else stage_words(row.stage, row.claimed) for row in rows],
            "Waits for days": [row.days for row in rows],
            "Since": [day(row.since) for row in rows],
            "Data set": [names.get(row.dataset_id, row.dataset_id) for row in rows],
        }
    )
    selected = data_table(
        frame, key=f"histology.outstanding.{dataset}", on_select="rerun", selection_mode="single-row", height=430
    )
    chosen = [rows[i] for i in selected["selection"]["rows"] if i < len(rows)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen:
            st.markdown(f"**{as_text(chosen[0].image_id)}**", width="content")
            if access.may(Right.CURATE_LABELS):
                page_link(
                    "verification/histology", label="Enter its histology", icon=":material/edit:",
                    query_params={"tab": "enter", "record": chosen[0].record_id},
                )  # fmt: skip
            page_link(RECORD_SCRIPT, label="Open the record", query_params={"id": chosen[0].record_id})
        else:
            st.caption("Choose a row to enter its result or to look at the record.", width="content")
        st.space("stretch")
        private_download(
            "Download CSV", lambda privacy: to_safe_csv(hidden(workspace, _as_frame(rows), privacy)),
            file_name="dermdash-histology-outstanding.csv", key="histology.download",
        )  # fmt: skip


def _as_frame(rows: Sequence[Outstanding]) -> pd.DataFrame:
    return pd.DataFrame([row.as_dict() for row in rows])


def show_contradictions(workspace: Workspace, found: Sequence[Mapping[str, Any]]) -> None:
    """Results that are another class than people had agreed on; the record has the pathologist's."""
    if not found:
        empty_state(
            "task_alt",
            "No contradiction",
            "Where a result is another class than the consensus before it, it is listed here; the record takes the "
            "pathologist's class.",
        )
        return
    frame = pd.DataFrame(
        {
            "Record": [row["records"][0] if row["records"] else "" for row in found],
            "Consensus": [diagnosis_name(row["details"]["consensus"]) for row in found],
            "Histology": [diagnosis_name(row["details"]["histology"]) for row in found],
            "Report": [row["details"].get("report") or "" for row in found],
            "Found": [day(row["created_at"]) for row in found],
        }
    )
    selected = data_table(frame, key="histology.contradictions", on_select="rerun", selection_mode="single-row")
    for i in selected["selection"]["rows"]:
        if i < len(found) and found[i]["records"]:
            record_id = found[i]["records"][0]
            page_link(RECORD_SCRIPT, label=f"Open {as_text(record_id)}", query_params={"id": record_id})


def show_entry(workspace: Workspace) -> None:
    """Find a record by its id, and enter what the pathologist found."""
    show_outcome(_PLACE)
    asked = enter_text(
        "Image id, or the id of the record", key="histology.record", name="record", max_chars=200,
        placeholder="ISIC_0024306", width=420,
    )  # fmt: skip
    if not asked:
        st.caption("It stands in the list of outstanding results and on the page of the record.")
        return
    try:
        record_id = browse_records.resolve_record_id(workspace, asked)
        detail = browse_records.record_detail(workspace, record_id)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    record = detail.record
    picture, form = st.columns([1, 2], gap="large")
    with picture:
        image_viewer(thumbnail_uri(workspace, record["image_sha256"]), key="histology.image", height=260,
                     label=f"Image {record['image_id']}")  # fmt: skip
        reached = record["verification_stage"]
        stage = "none" if reached is None else stage_words(reached, is_claimed(record))
        st.markdown(
            f"{diagnosis_name(record['dx'])} · stage {stage}  \nlesion {as_text(record['lesion_id'])}, data set "
            f"{as_text(browse_records.dataset_name(workspace, record['dataset_id']))}"
        )
        page_link(RECORD_SCRIPT, label="Open the record", query_params={"id": record_id})
    with form:
        _show_twins(workspace, record_id)
        _form(workspace, record_id, detail.taxonomy)


def _show_twins(workspace: Workspace, record_id: str) -> None:
    """Other images of the lesion: what the pathologist said of them, and which still wait."""
    twins = histology_of_twins(workspace, access.act(Right.READ_HISTOLOGY), record_id)
    if not twins:
        return
    known = [twin for twin in twins if twin.dx is not None]
    waiting = [twin for twin in twins if twin.dx is None]
    said = [f"{as_text(twin.image_id)}: {_result_words(twin)}" for twin in known]
    lines = [f"{counted(len(twins), 'other image shows', 'other images show')} this lesion."]
    lines += [f"With a result: {'; '.join(said)}. Another result would be refused."] if known else []
    if waiting:
        names = ", ".join(as_text(twin.image_id) for twin in waiting[:_NAMED])
        more = f" and {len(waiting) - _NAMED:,} more" if len(waiting) > _NAMED else ""
        lines.append(
            f"Without one: {names}{more}. What you store is stored for this image alone: enter it for these, too."
        )
    st.info(" ".join(lines), icon=":material/join:")


def _form(workspace: Workspace, record_id: str, taxonomy_name: str) -> None:
    taxonomy = get_taxonomy(taxonomy_name)
    with st.form(f"histology.form.{record_id}", border=True, enter_to_submit=False):
        dx = pick(
            "What the pathologist found", list(taxonomy.codes), diagnosis_name, key=f"histology.dx.{record_id}",
            placeholder="Choose the class",
        )  # fmt: skip
        left, right = st.columns(2)
        number = left.text_input("Report number", key=f"histology.number.{record_id}", max_chars=100)
        when = right.date_input("Date of the report", None, key=f"histology.date.{record_id}", format="YYYY-MM-DD")
        text = st.text_area(
            "Text of the report (optional)", key=f"histology.text.{record_id}", max_chars=LONGEST_TEXT, height=120,
            help="It is stored as it is written: leave out names.",
        )  # fmt: skip
        if not st.form_submit_button("Store the result", key="histology.store", type="primary"):
            return
    account = access.act(Right.CURATE_LABELS)
    if dx is None:
        st.error("The result is missing: choose the class.", icon=":material/error:")
        return
    try:
        found = enter_histology(workspace, account, record_id, dx=dx, text=text, report_number=number, report_date=when)
    except InvalidInput as error:
        st.error(error_words(error), icon=":material/error:")
        return
    redraw_saying(_PLACE, f"Stored: {diagnosis_name(dx)}, stage 3. {_contradicts(found)}", well=found is None)


def _contradicts(found: HistologyContradiction | None) -> str:
    if found is None:
        return ""
    return (
        f"It contradicts the consensus ({diagnosis_name(found.consensus)}): the record takes the pathologist's class, "
        "and the contradiction is listed."
    )


def _result_words(twin: HistologyOfTwin) -> str:
    report = f", report {as_text(twin.report_number)}" if twin.report_number else ""
    return f"{diagnosis_name(twin.dx)}{report}"
