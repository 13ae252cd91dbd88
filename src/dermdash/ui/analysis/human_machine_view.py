"""The page of readers and model: which model, which class, how readers are grouped, and what was found."""

from __future__ import annotations

import streamlit as st

from dermdash.analysis.human_machine.comparison import HumanMachine
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import DermdashError
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.sections.human_machine import KEY, human_machine_section
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.evaluation_choice import CSV_MEGABYTES
from dermdash.ui.evaluation_view import in_page_words
from dermdash.workflows import browse_records, readings_source
from dermdash.workflows.analyses.human_machine import GROUP_COLUMNS, analyse_human_machine
from dermdash.workflows.analyses.model_scores import SHOWN, find_scores
from dermdash.workflows.evaluate_model import evaluable_models
from dermdash.workflows.evaluation_cases import PredictionFile

DEFAULT, FILE, AS_SHOWN = "", "file", "shown"
_GROUPS = {"experience_group": "Experience", "profession": "Profession"}


def human_machine_view(workspace: Workspace, table: ReadingsTable) -> None:
    """Ask which model, and show it beside the readers."""
    source = st.query_params.get("source", "")
    kind, _, identity = source.partition(":")
    study_id = identity if kind == readings_source.STUDY else None
    choice, predictions, include_trained = _model_choice(workspace, study_id)
    if choice == FILE and predictions is None:
        st.info("Choose a predictions file. Nothing of it is stored.", icon=":material/info:")
        return
    predicted = [(m["id"], m["predictions"]) for m in evaluable_models(workspace)]
    version = f"{browse_records.data_version(workspace)} {predicted} {len(table.frame)}"
    with st.spinner("Comparing readers with the model", show_time=True):
        try:
            found = _result(
                workspace,
                table,
                f"{workspace.home} {source} {table.protocol_sha256} {version}",
                None if choice == AS_SHOWN else study_id,
                choice if choice not in (DEFAULT, FILE, AS_SHOWN) else None,
                predictions,
                include_trained,
            )
        except DermdashError as error:
            raise type(error)(in_page_words(str(error))) from error
    columns = [c for c in GROUP_COLUMNS if any(m.kind == c for m in found.target(MALIGNANCY).means)]
    names = {t.code: t.name for t in found.targets}
    with st.container(horizontal=True):
        code = st.selectbox("Class", list(names), format_func=names.__getitem__, key="human_machine.class", width=300)
        column = None
        if columns and code == MALIGNANCY:
            column = st.segmented_control(
                "Readers by",
                columns,
                format_func=_GROUPS.__getitem__,
                default=columns[0],
                required=True,
                key="human_machine.group",
            )
    show_section(human_machine_section(found, group_by=column, code=code, exploratory=KEY not in table.prespecified))


def _model_choice(workspace: Workspace, study_id: str | None) -> tuple[str, tuple[str, bytes] | None, bool]:
    models = {m["id"]: m for m in evaluable_models(workspace)}
    first = {DEFAULT: "The study's own model"} if study_id else {}
    options = first | {i: f"{m['name']} ({i})" for i, m in models.items()} | {AS_SHOWN: SHOWN, FILE: "A file (CSV)"}
    start = DEFAULT if study_id else AS_SHOWN
    predictions, trained = None, False
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.selectbox(
            "Model",
            list(options),
            index=list(options).index(start),
            format_func=options.__getitem__,
            key="human_machine.model",
            width=420,
        )
        if choice == DEFAULT or choice in models:
            trained = st.toggle(
                "Include cases the model was trained on",
                key="human_machine.trained",
                help="Off: only cases whose lesion, patient and file were kept out of training. On: too good.",
            )
    if choice == FILE:
        file = st.file_uploader(
            "Predictions (CSV)",
            type=["csv", "tsv", "txt"],
            key="human_machine.file",
            max_upload_size=CSV_MEGABYTES,
            help="A column image (or image_id) and one per class; or image and malignancy_probability.",
        )
        predictions = None if file is None else (file.name, file.getvalue())
    return str(choice), predictions, bool(trained)


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _result(
    _workspace: Workspace,
    _table: ReadingsTable,
    identity: str,
    study_id: str | None,
    model_id: str | None,
    predictions: tuple[str, bytes] | None,
    include_trained: bool,
) -> HumanMachine:
    scores = find_scores(
        _table,
        workspace=_workspace,
        study_id=study_id,
        model_id=model_id,
        predictions=None if predictions is None else PredictionFile(*predictions),
        include_trained=include_trained,
    )
    return analyse_human_machine(_table, scores)
