"""The page of the benefit of assistance: what counts, for whom it is broken down, and what was found."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.benefit.image_truth import with_workspace_truth
from dermdash.analyses.benefit.measures import MEASURES, WORDS, Measure, Outcome
from dermdash.analyses.benefit.rows import ALL
from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC, Judgement, Rubric, make_rubric
from dermdash.analyses.benefit.run import BenefitResult, analyse_benefit, available_outcomes
from dermdash.analyses.benefit.section import benefit_section
from dermdash.analyses.benefit.tables import breakdown_title, modality_name
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.workflows.dataset import browse_records

OUTCOMES = {
    Outcome.DIAGNOSIS: "Correct diagnosis",
    Outcome.MALIGNANCY: "Malignant or benign",
    Outcome.MANAGEMENT: "Management",
    Outcome.AGREEMENT: "Agreement with the model",
}
_EVERY = "every"


def benefit_view(workspace: Workspace, table: ReadingsTable | AggregateTable) -> None:
    """Ask what counts, and show it."""
    lesions: Mapping[str, str] | None = None
    if isinstance(table, AggregateTable):
        table, lesions = _with_truth(table, workspace, _identity(table), browse_records.data_version(workspace))
        if not table.frame["truth_dx"].notna().any():
            _no_truth(table)
    outcomes = available_outcomes(table)
    if not outcomes:
        st.info(
            f"{as_text(table.source)} records no answer that is right or wrong: the true diagnoses are missing.",
            icon=":material/info:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = choose(
            "What counts", outcomes, OUTCOMES.__getitem__, key="benefit.outcome", name="outcome", width=230
        )
        measure = MEASURES[outcome][0]
        if len(MEASURES[outcome]) > 1:
            measure = choose(
                "Measure",
                MEASURES[outcome],
                lambda m: WORDS[m].label,
                key=f"benefit.measure.{outcome}",
                name="measure",
                width=250,
                help="; ".join(f"{WORDS[m].label}: {WORDS[m].meaning}" for m in MEASURES[outcome]),
            )
        choices = st.container(horizontal=True, vertical_alignment="bottom")
    rubric = _rubric() if outcome is Outcome.MANAGEMENT else DEFAULT_RUBRIC
    result = _result(table, _identity(table), lesions, outcome, measure, tuple(rubric.rows.items()))
    with choices:
        scope, key = _which_groups(result)
    show_section(benefit_section(result, scope=scope, only=key))


def _which_groups(result: BenefitResult) -> tuple[str, str | None]:
    """The modality whose groups are shown, and the breakdown (None: all)."""
    made = [b for b in result.found.breakdowns if b.rows]
    if not made:
        return ALL, None
    scopes = list(dict.fromkeys(b.modality for b in made))
    scope = scopes[0]
    if len(scopes) > 1:
        scope = choose("Groups with", scopes, modality_name, key="benefit.scope", name="scope", width=230)
    keys = list(dict.fromkeys(b.key for b in made if b.modality == scope))
    key = choose(
        "By",
        [_EVERY, *keys],
        lambda k: "Every breakdown" if k == _EVERY else breakdown_title(k),
        key="benefit.by",
        name="by",
        width=270,
    )
    return scope, None if key == _EVERY else key


def _rubric() -> Rubric:
    """The rubric of the visitor: the default one, until they change it."""
    with st.expander("Which management counts as what"):
        st.markdown(
            "A row for a class comes before the row for *malignant* or *benign*. Managements without a row are left "
            "out and counted. Changes hold for this page until it is closed, and a link does not carry them."
        )
        edited: pd.DataFrame = st.data_editor(
            DEFAULT_RUBRIC.frame,
            num_rows="dynamic",
            hide_index=True,
            key="benefit.rubric",
            column_config={
                "truth": st.column_config.TextColumn("Truth", help="malignant, benign, or the code of a class"),
                "management": st.column_config.TextColumn("Management"),
                "judgement": st.column_config.SelectboxColumn("Counts as", options=[str(j) for j in Judgement]),
            },
        )
    rows = [{str(name): value for name, value in row.items()} for row in edited.dropna(how="all").to_dict("records")]
    return make_rubric(rows, source="The rubric")


def _no_truth(table: AggregateTable) -> None:
    st.info(
        f"{as_text(table.source)} does not say which answers were right: only how far they moved to the model's class, "
        "and how often they named a malignant one. For accuracy, import these images with their diagnoses, or import "
        "the file again together with a file of true diagnoses.",
        icon=":material/help:",
    )
    st.page_link("pages/dataset/import_images.py", label="Import images", icon=":material/upload:")


def _identity(table: ReadingsTable | AggregateTable) -> tuple[Any, ...]:
    protocol = table.protocol_sha256 if isinstance(table, ReadingsTable) else None
    return shown_source(), table.source, protocol, which_readings(table)


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Looking up the true diagnoses")
def _with_truth(
    _table: AggregateTable, _workspace: Workspace, identity: tuple[Any, ...], data_version: str
) -> tuple[AggregateTable, Mapping[str, str]]:
    return with_workspace_truth(_workspace, _table)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Comparing answers before and after assistance")
def _result(
    _table: ReadingsTable | AggregateTable,
    identity: tuple[Any, ...],
    lesions: Mapping[str, str] | None,
    outcome: Outcome,
    measure: Measure,
    rubric: tuple[tuple[tuple[str, str], Judgement], ...],
) -> BenefitResult:
    return analyse_benefit(_table, outcome=outcome, of=measure, rubric=Rubric(dict(rubric)), lesions=lesions)
