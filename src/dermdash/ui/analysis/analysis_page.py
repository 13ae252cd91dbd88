"""An analysis of a study or log, made from its declaration: readings, choices, result, section."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dermdash.analyses.declaration import Analysis, AnalysisContext
from dermdash.analyses.options import Options
from dermdash.analyses.registry import ANALYSES, find_analysis
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.controls import Asking, ask, choices
from dermdash.ui.analysis.item_response_cases import cases_to_look_at
from dermdash.ui.analysis.model_beside_readers import model_beside_readers
from dermdash.ui.analysis.model_choice import ModelChoice, model_choice
from dermdash.ui.analysis.mrmc_view import mrmc_view
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_details, show_method
from dermdash.ui.case_tiles import strip_of
from dermdash.ui.messages import as_message, empty_state
from dermdash.ui.navigation import analysis_link, study_link
from dermdash.ui.source_choice import readings_of, readings_or_counts_of, warned, which_readings
from dermdash.ui.study_tabs import StudyTab
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.reader_study.readings_source import AGGREGATE, ReadingsSource

_OWN_VIEWS: dict[str, Callable[[Workspace, ReadingsSource], None]] = {"mrmc": mrmc_view}
"""Analyses whose choices depend on one another in more ways than a declaration says."""
_BELOW: dict[str, Callable[[Workspace, Any, Any, ModelChoice], None]] = {
    "item-response": lambda workspace, result, table, choice: cases_to_look_at(workspace, result),
    "human-machine": lambda workspace, result, table, choice: model_beside_readers(workspace, choice, table.borderline),
}
"""What stands below the section, of its result, the readings and the model."""


def show_analysis(workspace: Workspace, analysis: Analysis, of: ReadingsSource) -> None:
    """Draw an analysis of a source of readings where the page is at, below its title: choices, result."""
    if (own := _OWN_VIEWS.get(analysis.key)) is not None:
        own(workspace, of)
        return
    table = (readings_or_counts_of if analysis.counts else readings_of)(workspace, of)
    if table is None:
        return
    source = of.key
    study_id = readings_source.study_of(source)
    table, identity = _completed(workspace, analysis, of, table)
    if (lack := analysis.lacks(table)) is not None:
        st.markdown(analysis.purpose)
        warned(table)
        empty_state(lack.icon, lack.title, lack.text)
        for key in lack.leads_to:
            analysis_link(key, source={"source": source})
        return
    choice = ModelChoice(study_id, None, None, include_trained=False)
    place = choices(analysis.key)
    if analysis.of_model:
        with place:
            choice = model_choice(workspace, study_id, page=analysis.key)
        if choice.awaits_file:
            st.info("Choose a predictions file under Choices. Nothing of it is stored.", icon=":material/info:")
            return
        predicted = str([(m["id"], m["predictions"]) for m in evaluable_models(workspace)])
        identity = (*identity, browse_records.data_version(workspace), predicted)
    asking = Asking(analysis.key, workspace, study_id)
    with place:
        chosen = ask(analysis.options, table, asking, aside=False)
    answer, details = st.container(), st.expander(DETAILS, icon=":material/list_alt:")
    with details:
        st.markdown(analysis.purpose)
        warned(table)
        chosen |= ask(analysis.options, table, asking, aside=True)
    options = analysis.options(**chosen)
    with answer, st.spinner(analysis.doing, show_time=True):
        result = _found(analysis, table, (*identity, choice, options.model_dump_json()), options, choice, workspace)
    if result is None:
        return
    with details:
        views = analysis.views(**ask(analysis.views, result, asking))
        section = analysis.told(result, table, options, views)
        show_details(section)
        if (below := _BELOW.get(analysis.key)) is not None:
            below(workspace, result, table, choice)
    with answer:
        show_answer(section, strip_of(workspace, source, table, key=analysis.key))
    show_method(section)


def show_first_answer(workspace: Workspace, of: ReadingsSource) -> None:
    """Draw what the readings of a log answer first: of the analyses in their order, the first that they allow.

    With its usual options; what can be chosen stands with the analysis.
    """
    readings = readings_or_counts_of(workspace, of)
    if readings is None:
        return
    warned(readings)
    counts_only = of.kind == AGGREGATE
    choice = ModelChoice(None, None, None, include_trained=False)
    for analysis in ANALYSES:
        if not analysis.page or analysis.of_model or (counts_only and not analysis.counts):
            continue
        table, identity = _completed(workspace, analysis, of, readings)
        if analysis.lacks(table) is not None:
            continue
        options = analysis.options()
        try:
            with st.spinner(analysis.doing, show_time=True):
                result = _found(
                    analysis, table, (*identity, choice, options.model_dump_json()), options, choice, workspace
                )
        except InvalidInput:  # which only computing it shows
            continue
        section = analysis.told(result, table, options, None)
        show_answer(section, strip_of(workspace, of.key, table, key="results"), of="results")
        with st.container(horizontal=True):
            if not counts_only:
                study_link(StudyTab.CASES, source={"source": of.key}, label="All cases")
            analysis_link(analysis.key, source={"source": of.key}, label=f"More of: {analysis.menu or analysis.title}")
        return
    empty_state("monitoring", "No analysis fits these readings", "The tab Details says of each what it lacks.")


def _completed(workspace: Workspace, analysis: Analysis, of: ReadingsSource, table: Any) -> tuple[Any, tuple[Any, ...]]:
    """The readings as the analysis takes them, and what tells them from others in caches."""
    identity: tuple[Any, ...] = (str(workspace.home), of.key, table.source, which_readings(table))
    identity = (*identity, getattr(table, "protocol_sha256", None))
    if analysis.counts:
        table = _prepared(analysis.key, (*identity, browse_records.data_version(workspace)), table, workspace)
    return table, identity


def _found(
    analysis: Analysis, table: Any, identity: tuple[Any, ...], options: Options, choice: ModelChoice, place: Workspace
) -> Any:
    """The result; None where the model that it needs says nothing of these cases, with what to do on the page."""
    context = AnalysisContext(place, choice.study_id, choice.model_id, choice.predictions, choice.include_trained)
    try:
        return _result(analysis.key, identity, table, options, context)
    except MissingColumns as error:
        # A file that lacks columns is named with them; what readings lack is no fault of a model.
        if not analysis.of_model or choice.file is not None:
            raise
        empty_state(
            "scatter_plot",
            "The model has not said how likely these cases are malignant",
            f"{as_message(str(error))} Choose another model or a predictions file above; the **Models** page predicts "
            "the images of a model.",
        )
        return None


@st.cache_data(ttl=3600, max_entries=4, show_spinner="Looking up the true diagnoses")
def _prepared(key: str, identity: tuple[Any, ...], _table: Any, _workspace: Workspace) -> Any:
    return find_analysis(key).prepare(_table, AnalysisContext(_workspace))


@st.cache_data(ttl=3600, max_entries=100, show_spinner=False)
def _result(key: str, identity: tuple[Any, ...], _table: Any, _options: Options, _context: AnalysisContext) -> Any:
    # The options and the model stand in the identity, as text that equal choices share.
    return find_analysis(key).run(_table, _options, _context)
