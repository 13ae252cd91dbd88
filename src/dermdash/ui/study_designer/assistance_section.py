"""What readers are shown as assistance, by whom, and which of it is wrong on purpose."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dermdash.reader_study.protocol import OFFERED_MODALITIES
from dermdash.reader_study.protocol_parts import PlantedAdvice, WrongAdviceMethod
from dermdash.readings.modality import Modality, modality_label
from dermdash.storage.workspace import Workspace
from dermdash.ui.model_and_images import in_use_caption
from dermdash.ui.study_designer.crowd_choice import choose_crowd
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, toggled
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.reader_study.study_drafts import models_for

_NO_MODEL = "none"
_METHOD = {
    WrongAdviceMethod.OTHER_CLASS_ON_TOP: "The highest class and a wrong one change places",
    WrongAdviceMethod.PERMUTED: "The probabilities change places, the true class is not the highest",
}
_PLANTED = PlantedAdvice(share_percent=25).model_dump(mode="json")


def show_assistance(workspace: Workspace, desk: Desk) -> None:
    """Model and forms on the left, crowd and wrong advice on the right."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Model and forms", anchor=False)
        _model(workspace, desk)
        _forms(desk)
    with right:
        if any(m.form.needs_crowd for m in _shown(desk)) or desk.at("frozen_crowd") is not None:
            st.subheader("Crowd", anchor=False)
            choose_crowd(workspace, desk)
        st.subheader("Wrong advice", anchor=False)
        _wrong_advice(desk)


def _model(workspace: Workspace, desk: Desk) -> None:
    models = models_for(workspace, desk.at("dataset_id"), desk.at("taxonomy"))
    entries = EntryWidgets(desk, shown={"model_id": _NO_MODEL})
    entries.choice(
        "model_id", "Model", [*models, _NO_MODEL],
        lambda i: model_label(models[i]) if i in models else "No model",
        read=lambda chosen: None if chosen == _NO_MODEL else chosen,
        help="Gives probabilities and similar images. Only models of the same kind of images and the same classes are "
        "offered: one of drawn images says nothing about photographs.",
    )  # fmt: skip
    if (model := models.get(desk.at("model_id"))) is not None:
        in_use_caption(workspace, model)


def _forms(desk: Desk) -> None:
    entries = EntryWidgets(desk)
    entries.several(
        "modalities", "Forms of assistance", list(OFFERED_MODALITIES), modality_label, draw="pills", wrap=True,
        help="One for each case, drawn at random and balanced. Arms may name others of their own.",
    )  # fmt: skip
    if not _shown(desk):
        st.caption("No arm shows assistance: all cases are read without.")
    if any(m.form.needs_neighbours for m in _shown(desk)):
        entries.number("cbir_k", "Similar images shown", 1, 16)
    else:
        entries.say("cbir_k")


def _wrong_advice(desk: Desk) -> None:
    planted = desk.at("wrong_advice")
    toggled(
        desk, "Some advice is wrong on purpose", planted is not None,
        lambda on: {"wrong_advice": dict(_PLANTED) if on else None}, key="planted",
        help="Measures how far readers are misled.",
    )  # fmt: skip
    entries = EntryWidgets(desk)
    if planted is not None:
        entries.number(
            "wrong_advice.share_percent",
            "Percent of the cases",
            1,
            100,
            help="Of each class, among those with assistance.",
        )
        entries.choice("wrong_advice.method", "How", list(WrongAdviceMethod), lambda m: _METHOD[WrongAdviceMethod(m)])
        entries.switch("wrong_advice.told", "The consent says so", help="That some advice may be wrong, not which.")
        entries.switch("wrong_advice.debriefed", "Readers are told at the end which it was")
    entries.say("wrong_advice")


def _shown(desk: Desk) -> list[Modality]:
    """Every form that some arm and period shows, as far as these are known."""
    named: list[Any] = [*desk.at("modalities")]
    for arm in desk.at("design.arms") or ():
        for period in arm["periods"]:
            named += period["modalities"]
    return [Modality(name) for name in dict.fromkeys(named) if name in set(Modality)]
