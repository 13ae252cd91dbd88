"""The page of readers and model: which model, which class, how readers are grouped, and what was found."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.human_machine.comparison import HumanMachine
from dermdash.analyses.human_machine.run import GROUP_COLUMNS, analyse_human_machine
from dermdash.analyses.human_machine.section import KEY, human_machine_section
from dermdash.analyses.model_scores import find_scores
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import DermdashError, MissingColumns
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.model_choice import ModelChoice, model_choice
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.evaluation_view import in_page_words
from dermdash.ui.messages import empty_state
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study import readings_source

_GROUPS = {"experience_group": "Experience", "profession": "Profession"}


def human_machine_view(workspace: Workspace, table: ReadingsTable) -> None:
    """Ask which model, and show it beside the readers."""
    source = shown_source()
    study_id = readings_source.study_of(source)
    choice = model_choice(workspace, study_id, page="human_machine")
    if choice.awaits_file:
        st.info("Choose a predictions file. Nothing of it is stored.", icon=":material/info:")
        return
    predicted = [(m["id"], m["predictions"]) for m in evaluable_models(workspace)]
    version = f"{browse_records.data_version(workspace)} {predicted} {table.source} {which_readings(table)}"
    with st.spinner("Comparing readers with the model", show_time=True):
        try:
            found = _result(
                workspace,
                table,
                f"{workspace.home} {source} {table.protocol_sha256} {version}",
                choice,
            )
        except MissingColumns:
            if choice.file is not None:  # a file that lacks columns is named with them
                raise
            empty_state(
                "scatter_plot",
                "The model has not said how likely these cases are malignant",
                "These readings do not hold it. Choose another model or a predictions file above; the **Models** page "
                "predicts the images of a model.",
            )
            return
        except DermdashError as error:
            raise type(error)(in_page_words(str(error))) from error
    columns = [c for c in GROUP_COLUMNS if any(m.kind == c for m in found.target(MALIGNANCY).means)]
    names = {t.code: t.name for t in found.targets}
    with st.container(horizontal=True):
        code = choose("Class", list(names), names.__getitem__, key="human_machine.class", name="class", width=300)
        column = None
        if columns and code == MALIGNANCY:
            column = choose_segment("Readers by", columns, _GROUPS.__getitem__, key="human_machine.group", name="by")
    show_section(human_machine_section(found, group_by=column, code=code, exploratory=KEY not in table.prespecified))


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _result(
    _workspace: Workspace,
    _table: ReadingsTable,
    identity: str,
    choice: ModelChoice,
) -> HumanMachine:
    scores = find_scores(
        _table,
        workspace=_workspace,
        study_id=choice.study_id,
        model_id=choice.model_id,
        predictions=choice.predictions,
        include_trained=choice.include_trained,
    )
    return analyse_human_machine(_table, scores)
