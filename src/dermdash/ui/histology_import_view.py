"""Histology from a table: every row with what becomes of it before anything is stored, then what was stored."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_several, switch
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text, empty_state, error_words
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.import_histology import (
    HistologyImport,
    RowPreview,
    RowStatus,
    import_histology,
    preview_histology,
)

_ANY = "any"
_TITLES = {
    RowStatus.MATCHED: "will be stored",
    RowStatus.CONTRADICTION: "will be stored, contradicts the consensus",
    RowStatus.PRESENT: "is there already",
    RowStatus.UNKNOWN: "names nothing that is here",
    RowStatus.AMBIGUOUS: "means several",
    RowStatus.DISAGREES: "disagrees with another result",
    RowStatus.UNUSABLE: "cannot be used",
}
_STORED = (RowStatus.MATCHED, RowStatus.CONTRADICTION)
_FINE = (*_STORED, RowStatus.PRESENT)


def show_import(workspace: Workspace) -> None:
    """The result of the upload before, else the upload with its preview."""
    datasets = browse_records.dataset_names(workspace)
    if not datasets:
        empty_state("upload", "This workspace is empty", "Import a data set first: histology is about its records.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return
    done: tuple[HistologyImport, tuple[RowPreview, ...]] | None = st.session_state.get(keys.HISTOLOGY_RESULT)
    if done is not None:
        _show_result(*done)
        return
    st.markdown(
        "A CSV with a column `record_id`, `image_id`, `lesion_id` or `report_number`, and the result in "
        "`histopathology_result` (a class or its name). `report_number`, `report_date` and `text` may stand beside it."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset = choose(
            "Names are of", [_ANY, *datasets], lambda d: datasets.get(d, "any data set"), key="histology.of", width=420
        )
    file = st.file_uploader("Table of results (CSV, Excel, Parquet)", type=list(TABLE_ENDINGS), key="histology.file")
    if file is None:
        return
    data, of = file.getvalue(), None if dataset == _ANY else dataset
    try:
        rows, notes = preview_histology(workspace, access.act(Right.CURATE_LABELS), data, dataset_id=of)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    _show_preview(rows, notes)
    _offer_to_store(workspace, data, of, rows)


def _show_preview(rows: Sequence[RowPreview], notes: Sequence[str]) -> None:
    counts = Counter(row.status for row in rows)
    st.markdown(f"**{counted(len(rows), 'row')}; nothing is stored yet.**")
    chosen = choose_several(
        "Show rows of which it", [s for s in RowStatus if counts[s]],
        lambda s: _TITLES[s], key="histology.statuses", placeholder="All rows",
    )  # fmt: skip
    st.caption(" · ".join(f"{_TITLES[s]}: {counts[s]:,}" for s in RowStatus if counts[s]))
    data_table(
        _table([row for row in rows if not chosen or row.status in chosen]), key="histology.preview",
        height=height_of(len(rows), most=423),
    )  # fmt: skip
    for note in notes:
        st.caption(as_text(note))


def _table(rows: Sequence[RowPreview]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Row": [row.row for row in rows],
            "Names": [row.name for row in rows],
            "Result": [diagnosis_name(row.result) if row.result else "" for row in rows],
            "Records": [", ".join(row.records) for row in rows],
            "What becomes of it": [_TITLES[row.status] for row in rows],
            "Why": [row.note for row in rows],
        }
    )


def _offer_to_store(workspace: Workspace, data: bytes, of: str | None, rows: tuple[RowPreview, ...]) -> None:
    stored = sum(row.status in _STORED for row in rows)
    wrong = sum(row.status not in _FINE for row in rows)
    leave_out = bool(wrong) and switch(
        f"Leave out the {counted(wrong, 'row')} that cannot be stored", key="histology.leave_out",
        help="Off: the file is stored whole or not at all.",
    )  # fmt: skip
    if not stored:
        st.info("No row of this file brings anything new.", icon=":material/info:")
        return
    if not st.button(
        f"Store {counted(stored, 'result')}", key="histology.import", type="primary",
        disabled=bool(wrong) and not leave_out,
    ):  # fmt: skip
        return
    account = access.act(Right.CURATE_LABELS)
    try:
        done = import_histology(workspace, account, data, dataset_id=of, leave_out=leave_out)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    st.session_state[keys.HISTOLOGY_RESULT] = (done, rows)
    st.rerun()


def _show_result(done: HistologyImport, rows: tuple[RowPreview, ...]) -> None:
    if done.complete:
        st.success(
            f"{counted(done.stored, 'record has its', 'records have their')} histology now, stage 3.",
            icon=":material/check_circle:",
        )
    else:
        st.warning(
            "Nothing was stored: since the preview a row has become one that cannot be. Upload the file again.",
            icon=":material/warning:",
        )
    facts = [counted(done.rows, "row")]
    facts += [f"{done.already_present:,} already present"] if done.already_present else []
    facts += [f"{len(done.problems):,} left out"] if done.problems else []
    facts += [counted(len(done.contradictions), "contradiction")] if done.contradictions else []
    st.markdown(" · ".join(facts))
    problems = [(p.row, p.name, p.reason) for p in done.problems]
    if problems:
        data_table(pd.DataFrame(problems, columns=["Row", "Names", "Why it was left out"]), key="histology.left_out")
    if done.contradictions:
        data_table(
            pd.DataFrame(
                [(c.record_id, diagnosis_name(c.consensus), diagnosis_name(c.histology)) for c in done.contradictions],
                columns=["Record", "Consensus", "Histology"],
            ),
            key="histology.contradicted",
        )
    with st.container(horizontal=True):
        csv_button("Every row (CSV)", lambda: pd.DataFrame([row.as_dict() for row in rows]),
                   name="dermdash-histology-rows", key="histology.rows_csv")  # fmt: skip
        if problems:
            csv_button("Rows left out (CSV)", lambda: pd.DataFrame(problems, columns=["row", "name", "reason"]),
                       name="dermdash-histology-left-out", key="histology.left_out_csv")  # fmt: skip
        if st.button("Upload another table", key="histology.again", icon=":material/upload:"):
            del st.session_state[keys.HISTOLOGY_RESULT]
            st.rerun()
