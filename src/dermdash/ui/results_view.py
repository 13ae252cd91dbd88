"""The results page: participants, accuracy before and after with intervals, downloads."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.benefit.declaration import BENEFIT
from dermdash.analyses.benefit.run import BenefitResult, study_benefit
from dermdash.analyses.benefit.tables import breakdowns_of, groups_table
from dermdash.analyses.fitting import usual_analyses
from dermdash.analyses.other_designs import why_no_pairs
from dermdash.charts.confusion import confusion_figure
from dermdash.charts.progress import reader_progress_figure
from dermdash.errors import InvalidInput, StillBlinded
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.readings_export import paired_rows
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_cells import without_small_cells
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import DETAILS, show_answer
from dermdash.ui.blinded import say_blinded
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.case_tiles import strip_of
from dermdash.ui.choices import choose_segment, switch
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import analysis_link, study_link
from dermdash.ui.private_download import choose_privacy
from dermdash.ui.source_choice import link_to_study, marked_switch, stage_3_switch, warned
from dermdash.ui.study_archive_view import show_archive
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, level, sentence
from dermdash.workflows.dataset.browse_records import data_version
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.marked_readers import marked_readers
from dermdash.workflows.reader_study.readings_source import key_of_study, study_readings


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Loading the readings")
def _logged(_workspace: Workspace, home: str, study_id: str, n_readings: int) -> pd.DataFrame:
    # Readings are only ever appended, so their number says which ones these are.
    return study_results.readings_table(_workspace, study_id)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Computing the results")
def _results(
    _workspace: Workspace,
    home: str,
    study_id: str,
    n_readings: int,
    stage_3: bool,
    version: str,
    borderline: BorderlinePolicy,
    marked: tuple[str, ...],
    leave_out_marked: bool,
) -> tuple[ReadingsTable, BenefitResult | None]:
    # Which cases are verified changes with the records, whose version this is.
    logged = _logged(_workspace, home, study_id, n_readings)
    counted_in = study_readings(
        _workspace, study_id, logged, stage_3=stage_3, borderline=borderline, leave_out_marked=leave_out_marked
    )
    return counted_in, study_benefit(counted_in)


def show_results(workspace: Workspace, study: dict[str, Any]) -> None:
    """Everything a study found so far; the files hold all of it, whatever the results are of."""
    asked = (str(workspace.home), study["id"], study["readings"])
    try:
        logged = _logged(workspace, *asked)
    except StillBlinded as error:
        say_blinded(error, link_to_study(study["id"]))
        return
    if logged.empty:
        empty_state("monitoring", "No readings yet", "Results appear here with the first answers.")
        return
    stage_3 = stage_3_switch()
    marked = marked_readers(workspace, study["id"])
    leave_out_marked = marked_switch(marked)
    protocol = study_results.study_protocol(workspace, study["id"])
    borderline = borderline_choice(
        [protocol.taxonomy], key="source.borderline", comes_along=True, planned=protocol.borderline
    )
    if protocol.asked.diagnosis:
        _diagnoses(
            workspace, study, logged, protocol, borderline, stage_3=stage_3, marked=marked, leave_out=leave_out_marked
        )
    else:
        st.info("Readers were not asked for a diagnosis: there is none to be right.", icon=":material/info:")
        _link_to_others(protocol, study["id"])
    _participants(workspace, study)
    with st.expander("Downloads", icon=":material/download:"):
        _downloads(workspace, study, logged, protocol)
        show_archive(workspace, study)


def _diagnoses(
    workspace: Workspace,
    study: dict[str, Any],
    logged: pd.DataFrame,
    protocol: Protocol,
    borderline: BorderlinePolicy,
    *,
    stage_3: bool,
    marked: tuple[str, ...],
    leave_out: bool,
) -> None:
    asked = (str(workspace.home), study["id"], study["readings"])
    try:
        version = data_version(workspace) if stage_3 else ""
        table, results = _results(workspace, *asked, stage_3, version, borderline, marked, leave_out)
    except InvalidInput as error:
        st.info(sentence(as_text(error)), icon=":material/info:")
        _link_to_others(protocol, study["id"])
        return
    if stage_3 or marked or borderline is not BorderlinePolicy.BENIGN:
        warned(table)
    if results is not None:
        _accuracy(workspace, results, table, study["id"])
    elif _fitting_analyses(protocol):
        st.info("Accuracy before and after assistance: " + sentence(as_text(why_no_pairs(table) or "")))
        _link_to_others(protocol, study["id"])
    else:
        empty_state("monitoring", "No pair of answers yet", "Accuracy needs an answer before and one after assistance.")
    _confusion(workspace, study, _shown(logged, table))


def _fitting_analyses(protocol: Protocol) -> tuple[str, ...]:
    """Keys of the analyses for a design in which nobody gives a diagnosis both without and with assistance."""
    if not protocol.asked.diagnosis:
        usual = [name for name in usual_analyses(protocol) if ":" not in name]
        return tuple(dict.fromkeys([*usual, *(["mrmc"] if protocol.asked.malignancy_rating else []), "agreement"]))
    if any(len(arm.phases) > 1 for arm in protocol.arms):
        return ()
    return ("arms",) if len({arm.phases for arm in protocol.arms}) > 1 else ("mrmc", "agreement")


def _link_to_others(protocol: Protocol, study_id: str) -> None:
    for key in _fitting_analyses(protocol):
        analysis_link(key, source=link_to_study(study_id))


def _shown(logged: pd.DataFrame, table: ReadingsTable) -> pd.DataFrame:
    """The logged readings that the results are of."""
    of_cases = logged["image_id"].isin(table.frame["case"])
    return logged[of_cases & logged["reader"].isin(table.frame["reader"])]


def _participants(workspace: Workspace, study: dict[str, Any]) -> None:
    progress = study_results.reader_progress(workspace, study["id"])
    finished = int((progress["cases_done"] >= progress["cases_total"]).sum())
    by_profession = without_small_cells(progress, minimum=workspace.settings.minimum_group).frame["profession"]
    by_profession = by_profession.fillna("").value_counts()
    who = f"{counted(len(progress), 'reader')}, {finished} finished, {counted(study['readings'], 'reading')}"
    with st.expander(f"Participants: {who}", icon=":material/groups:"):
        st.write(", ".join(f"{PROFESSIONS.get(str(code), 'no profile yet')} {n}" for code, n in by_profession.items()))
        show_figure(reader_progress_figure(progress, theme=current_theme()), key="results.progress")


def _accuracy(workspace: Workspace, result: BenefitResult, readings: ReadingsTable, study_id: str) -> None:
    section = BENEFIT.told(result, readings, None, None)
    show_answer(section, strip_of(workspace, key_of_study(study_id), readings, key="results"), of="results")
    with st.container(horizontal=True):
        study_link(StudyTab.CASES, source=link_to_study(study_id), label="All cases")
        analysis_link("benefit", label="More of the benefit", source=link_to_study(study_id))
    with st.expander(DETAILS, icon=":material/list_alt:"):
        data_table(section.tables[0].shown, key="results.table")
        st.caption(
            "Means over readers of the share of correct diagnoses. Each reader weighs the same, also one who has not "
            f"finished. Difference in percentage points with the {level(0.95)} interval of the paired t test over "
            "readers. p is two-sided, from the t test; p (Holm) is corrected over the modalities."
        )
        populations = next((t for t in section.tables if t.name == "benefit-by-population"), None)
        if populations is not None:
            st.markdown(f"**{populations.title}**")
            data_table(populations.shown, key="results.populations")
            st.caption(populations.note)
        for warning in section.warnings:
            st.caption(warning)
        st.markdown("**By experience**")
        _by_experience(result, [row.modality for row in result.found.main.rows])


def _by_experience(result: BenefitResult, modalities: list[str]) -> None:
    parts = [part for modality in modalities for part in breakdowns_of(result, modality)]
    if not any(part.rows for part in parts):
        st.caption("There are no two groups of experience to compare.")
        return
    data_table(groups_table(result, parts, one_breakdown=True).shown, key="results.experience")
    st.caption(
        "Exploratory: groups are as readers declared them, small groups have wide intervals, and p (Holm) is corrected "
        "over the groups of a modality, not over the modalities."
    )


def _confusion(workspace: Workspace, study: dict[str, Any], table: pd.DataFrame) -> None:
    taxonomy = get_taxonomy(study_results.study_protocol(workspace, study["id"]).taxonomy)
    with st.expander("Which diagnoses are taken for which"):
        narrow = switch("One below the other", key="results.stacked", name="stacked")
        # Before and after are compared on the same cases of the same readers, where there is an after at all.
        paired = paired_rows(table)
        if not paired.empty:
            st.caption(
                f"{counted(len(paired) // 2, 'pair')} of answers, before and after assistance, over all readers."
            )
        shown = table if paired.empty else paired
        figure = confusion_figure(shown, taxonomy=taxonomy, stacked=narrow, theme=current_theme())
        show_figure(figure, key="results.confusion")


_OF_DIAGNOSES = "nature-medicine"
_DECIMALS = {"comma": "comma, as the public file", "point": "point"}


def _downloads(workspace: Workspace, study: dict[str, Any], table: pd.DataFrame, protocol: Protocol) -> None:
    study_id = study["id"]
    if note := study_results.readings_to_share(workspace, study_id, table).note:
        st.caption(note)
    decimal = choose_segment(
        "Decimals of the Nature Medicine format",
        list(_DECIMALS),
        _DECIMALS.__getitem__,
        key="results.decimal",
        name="decimals",
    )
    privacy = choose_privacy("results.names")
    files = [
        ("Readings (CSV)", "readings", lambda: study_results.export_readings(workspace, study_id, privacy=privacy)),
        (
            "Data dictionary (CSV)",
            "data-dictionary",
            lambda: study_results.export_data_dictionary(workspace, study_id),
        ),
        (
            "Nature Medicine format (CSV)",
            _OF_DIAGNOSES,
            lambda: study_results.export_nature_medicine(
                workspace, study_id, decimal="," if decimal == "comma" else "."
            ),
        ),
        ("Session events (CSV)", "session-events", lambda: study_results.session_events(workspace, study_id)),
    ]
    if not protocol.asked.diagnosis:
        files = [file for file in files if file[1] != _OF_DIAGNOSES]
        st.caption("Without diagnoses there is no file in the format of the Nature Medicine study.")
    with st.container(horizontal=True):
        for label, name, make in files:
            st.download_button(
                label,
                make,
                file_name=f"{study_id}-{name}.csv",
                mime="text/csv",
                key=f"results.download.{name}",
                icon=":material/download:",
                on_click="ignore",
            )
