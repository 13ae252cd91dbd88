"""The choice of a threshold: a saved operating point of the study's model, or a probability of one's own."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.triage.run import point_threshold, study_points
from dermdash.records.taxonomy import BorderlinePolicy
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose
from dermdash.ui.entries import enter_number
from dermdash.wording import percent

OWN = "own"


def choose_threshold(
    label: str,
    workspace: Workspace,
    study_id: str | None,
    *,
    otherwise: float,
    none: str | None,
    borderline: BorderlinePolicy,
    key: str,
    name: str,
) -> str | None:
    """Draw it, and return the id of an operating point, or a probability as text; None where ``none`` was chosen.

    Offered are operating points that were chosen with borderline diagnoses counted as ``borderline`` says.
    ``otherwise`` is the probability to begin with; ``none`` the id of the choice that there is no threshold.
    """
    with st.container(width=240):
        points = {p.id: p.name for p in study_points(workspace, study_id, borderline=borderline)}
        words = points | {OWN: "a probability of my own"} | ({} if none is None else {none: none})
        offered = [*([] if none is None else [none]), *points, OWN]
        chosen = choose(label, offered, words.__getitem__, key=key, name=name)
        if chosen == none:
            return None
        if chosen != OWN:
            st.caption(f"Malignancy probability {percent(point_threshold(workspace, chosen).value, 2)}")
            return chosen
        value = enter_number(
            "Malignancy probability, %", 0.0, 100.0, 100 * otherwise, step=1.0, format="%.1f",
            key=f"{key}.value", name=f"{name}-at",
        )  # fmt: skip
        return repr(value / 100)
