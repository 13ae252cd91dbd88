"""The results page: participants, accuracy before and after with intervals, downloads."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy
from dermdash.charts.accuracy_change import accuracy_change_figure, difference_text
from dermdash.charts.confusion import confusion_figure
from dermdash.charts.progress import reader_progress_figure
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.reader_study.readings_export import paired_rows
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import counted, empty_state
from dermdash.ui.theme import current_theme, show_figure
from dermdash.workflows import study_results
from dermdash.workflows.study_results import AccuracyResults


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Computing the results")
def _results(
    _workspace: Workspace, home: str, study_id: str, n_readings: int
) -> tuple[pd.DataFrame, AccuracyResults | None]:
    # Readings are only ever appended, so their number says which results these are.
    table = study_results.readings_table(_workspace, study_id)
    return table, study_results.accuracy_results(_workspace, study_id, table)


def show_results(workspace: Workspace, study: dict[str, Any]) -> None:
    """Everything a study found so far."""
    table, results = _results(workspace, str(workspace.home), study["id"], study["readings"])
    if table.empty:
        empty_state("monitoring", "No readings yet", "Results appear here with the first answers.")
        return
    _participants(workspace, study)
    if results is None:
        empty_state("monitoring", "No pair of answers yet", "Accuracy needs an answer before and one after assistance.")
    else:
        _accuracy(results)
    _confusion(workspace, study, table)
    _downloads(workspace, study)


def _participants(workspace: Workspace, study: dict[str, Any]) -> None:
    progress = study_results.reader_progress(workspace, study["id"])
    st.subheader("Participants", anchor=False)
    finished = int((progress["cases_done"] >= progress["cases_total"]).sum())
    by_profession = progress["profession"].fillna("").value_counts()
    st.write(
        f"{counted(len(progress), 'reader', 'readers')}, {finished} finished, {study['readings']:,} readings · "
        + ", ".join(f"{PROFESSIONS.get(str(code), 'no profile yet')} {n}" for code, n in by_profession.items())
    )
    with st.expander("Progress of each reader"):
        show_figure(reader_progress_figure(progress, theme=current_theme()), key="results.progress")


def _accuracy(results: AccuracyResults) -> None:
    st.subheader("Accuracy without and with assistance", anchor=False)
    figure = accuracy_change_figure(results.by_modality, readers=results.by_reader, theme=current_theme())
    show_figure(figure, key="results.accuracy")
    st.caption(
        "Means over readers of the share of correct diagnoses, with 95 % intervals; small points are readers. Each "
        "reader weighs the same, also one who has not finished. Difference in percentage points with the interval of "
        "the paired t test over readers; the bootstrap redraws readers and cases, so it is usually wider. p is "
        "two-sided, from the t test; p (Holm) is corrected over the modalities."
    )
    st.dataframe(accuracy_table(results.by_modality), hide_index=True, key="results.table")
    if results.unpaired:
        st.caption(
            f"{results.unpaired:,} answers without assistance are left out: the answer with it is still missing."
        )
    for result in results.by_modality:
        if result.reason:
            st.caption(f"{Modality(result.modality).label}: {result.reason}.")
    with st.expander("By experience"):
        tables = [
            accuracy_table(part).assign(Experience=group) for group, part in results.by_experience.items() if part
        ]
        joined = pd.concat(tables)
        st.dataframe(
            joined[["Experience", *[c for c in joined if c != "Experience"]]], hide_index=True, key="results.experience"
        )
        st.caption(
            "Exploratory: groups are as readers declared them, small groups have wide intervals, and p (Holm) is "
            "corrected over the modalities within a group, not over the groups."
        )


def accuracy_table(results: tuple[PairedAccuracy, ...]) -> pd.DataFrame:
    """The results in words and numbers, as text so that nothing is lost in rounding for display."""
    return pd.DataFrame(
        {
            "Modality": [Modality(r.modality).label for r in results],
            "Readers": [r.readers for r in results],
            "Cases": [r.cases for r in results],
            "Pairs": [r.readings for r in results],
            "Without": [_share(r.unaided, r.unaided_interval) for r in results],
            "With": [_share(r.aided, r.aided_interval) for r in results],
            "Difference (95 % CI)": [difference_text(r) for r in results],
            "Bootstrap 95 % CI": [_points(r.bootstrap_interval) for r in results],
            "p": [_p(r.p_value) for r in results],
            "p (Holm)": [_p(r.p_holm) for r in results],
        }
    )


def _share(value: float, interval: Interval | None) -> str:
    text = f"{100 * value:.1f} %"
    return text if interval is None else f"{text} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _points(interval: Interval | None) -> str:
    if interval is None:
        return "not computed"
    return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f} points".replace("-", "−")


def _p(p: float | None) -> str:
    if p is None:
        return "not computed"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _confusion(workspace: Workspace, study: dict[str, Any], table: pd.DataFrame) -> None:
    taxonomy = get_taxonomy(study_results.study_protocol(workspace, study["id"]).taxonomy)
    with st.expander("Which diagnoses are taken for which"):
        narrow = st.toggle("One below the other", key="results.stacked")
        # Before and after are compared on the same cases of the same readers, where there is an after at all.
        paired = paired_rows(table)
        if not paired.empty:
            st.caption(f"{len(paired) // 2:,} pairs of answers, before and after assistance, over all readers.")
        shown = table if paired.empty else paired
        figure = confusion_figure(shown, taxonomy=taxonomy, stacked=narrow, theme=current_theme())
        show_figure(figure, key="results.confusion")


def _downloads(workspace: Workspace, study: dict[str, Any]) -> None:
    st.subheader("Downloads", anchor=False)
    study_id = study["id"]
    comma = st.segmented_control(
        "Decimals of the Nature Medicine format",
        [",", "."],
        default=",",
        required=True,
        key="results.decimal",
        format_func=lambda d: "comma, as the public file" if d == "," else "point",
    )
    files = [
        ("Readings (CSV)", "readings", lambda: study_results.export_readings(workspace, study_id)),
        ("Data dictionary (CSV)", "data-dictionary", study_results.export_data_dictionary),
        (
            "Nature Medicine format (CSV)",
            "nature-medicine",
            lambda: study_results.export_nature_medicine(workspace, study_id, decimal="," if comma == "," else "."),
        ),
        ("Session events (CSV)", "session-events", lambda: study_results.session_events(workspace, study_id)),
    ]
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
