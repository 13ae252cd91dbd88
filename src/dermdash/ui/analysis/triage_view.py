"""The page of second opinion and triage: choose thresholds, see who is seen and who is missed."""

import streamlit as st

from dermdash.analyses.collective.votes import ModelOpinions
from dermdash.analyses.model_opinions import model_opinions
from dermdash.analyses.triage.result import ThresholdChoice, TriageStudy
from dermdash.analyses.triage.run import (
    DEFAULT_CALL,
    DEFAULT_RULE_OUT,
    TriageOptions,
    analyse_triage,
    own_threshold,
    point_threshold,
    study_points,
)
from dermdash.analyses.triage.section import triage_section
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.collective_view import source_identity, study_of_source
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose
from dermdash.ui.entries import enter_number, enter_number_or_none
from dermdash.ui.messages import empty_state
from dermdash.wording import percent

OWN, NEVER = "own", "never"


def triage_view(workspace: Workspace, table: ReadingsTable) -> None:
    """Ask for the thresholds, and show what they do."""
    study_id = study_of_source()
    identity = source_identity(workspace, table)
    opinions = _opinions(workspace, table, identity, study_id)
    if not opinions.malignancy:
        empty_state(
            "alt_route",
            "The model has not said how likely these cases are malignant",
            f"{opinions.missing} Predict the images on the **Models** page, or run `dermdash predict`.",
        )
        return
    points = {p.id: p.name for p in study_points(workspace, study_id)}
    left, middle, second, right = st.columns(4, gap="medium")
    with left:
        low = _threshold("Send away below", "rule_out", "away", workspace, study_id, points, DEFAULT_RULE_OUT)
    with middle:
        high = _threshold("Refer unread from", "rule_in", "refer", workspace, study_id, points, 0.9, optional=True)
    with second:
        words = "As second reader, malignant from"
        call = _threshold(words, "second", "second", workspace, study_id, points, DEFAULT_CALL)
    with right:
        prevalence = enter_number_or_none(
            "Malignant among 1,000 patients", 1, 999, key="triage.prevalence", name="malignant",
            placeholder="leave out",
            help="Expresses the result in patients of a practice, where fewer lesions are malignant than in a study.",
        )  # fmt: skip
    assert low is not None
    assert call is not None
    options = TriageOptions(
        rule_out=low, threshold=call, rule_in=high, prevalence=None if prevalence is None else prevalence / 1000
    )
    show_section(triage_section(_result(table, opinions, identity, opinions.name, options)))


def _threshold(
    label: str,
    key: str,
    name: str,
    workspace: Workspace,
    study_id: str | None,
    points: dict[str, str],
    default: float,
    *,
    optional: bool = False,
) -> ThresholdChoice | None:
    choices = [*([NEVER] if optional else []), *points, OWN]
    words = points | {OWN: "a probability of my own", NEVER: "never"}
    chosen = choose(label, choices, words.__getitem__, key=f"triage.{key}", name=name)
    if chosen == NEVER:
        return None
    if chosen == OWN:
        value = enter_number(
            "Malignancy probability, %", 0.0, 100.0, 100 * default, step=1.0, format="%.1f",
            key=f"triage.{key}.value", name=f"{name}-at",
        )  # fmt: skip
        return own_threshold(value / 100)
    choice = point_threshold(workspace, chosen, study_id=study_id)
    st.caption(f"Malignancy probability {percent(choice.value, 2)}")
    return choice


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Asking for the model's predictions")
def _opinions(
    _workspace: Workspace, _table: ReadingsTable, identity: tuple[str, ...], study_id: str | None
) -> ModelOpinions:
    return model_opinions(_table, workspace=_workspace, study_id=study_id)


@st.cache_data(ttl=3600, max_entries=40, show_spinner="Sending the cases through")
def _result(
    _table: ReadingsTable,
    _opinions: ModelOpinions,
    identity: tuple[str, ...],
    model: str,
    options: TriageOptions,
) -> TriageStudy:
    return analyse_triage(_table, _opinions, options)
