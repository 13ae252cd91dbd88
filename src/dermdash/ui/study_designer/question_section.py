"""What is asked of which images: name, question, data set, classes, filter."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dermdash.records.chosen_records import OFFERED, kept_filter, kept_in_words, read_kept
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import as_text
from dermdash.ui.model_and_images import datasets_with_records
from dermdash.ui.record_choice import choose_records
from dermdash.ui.study_designer.case_entries import draw_entries, mix_entries
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.reader_study.study_drafts import LONGEST_NAME, models_for


def show_question_and_cases(workspace: Workspace, desk: Desk) -> None:
    """Question and images on the left, cases on the right."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Question and images", anchor=False)
        _question(workspace, desk)
    with right:
        st.subheader("Cases", anchor=False)
        mix_entries(desk)
        draw_entries(desk)


def _question(workspace: Workspace, desk: Desk) -> None:
    entries = EntryWidgets(desk)
    entries.text("name", "Name of the study", max_chars=LONGEST_NAME, placeholder="Readers see this name")
    entries.text("question", "Question to the reader", max_chars=200)
    datasets = datasets_with_records(workspace)
    entries.choice("dataset_id", "Data set", list(datasets), datasets.__getitem__, also=_follow_dataset)
    dataset_id = desk.at("dataset_id")
    if dataset_id not in datasets:
        st.warning(
            f"There is no data set “{as_text(dataset_id)}” with records in this workspace: choose one.",
            icon=":material/link_off:",
        )
    elif dataset_id in simulated_dataset_ids(workspace):
        st.warning(
            "The images of this data set are drawn by a program: such a study says nothing about photographs.",
            icon=":material/science:",
        )
    taxonomy = get_taxonomy(desk.at("taxonomy"))
    names = ", ".join(taxonomy[code].name for code in taxonomy.codes)
    st.caption(as_text(f"Readers choose among the classes of the data set, {taxonomy.title}: {names}."))
    entries.say("taxonomy")
    if taxonomy.has_borderline:
        entries.choice(
            "borderline", "Borderline diagnoses", list(BorderlinePolicy), lambda p: BorderlinePolicy(p).in_words,
            help="Where malignant is held against benign. The label of a case stays what it is.",
        )  # fmt: skip
    else:
        entries.say("borderline")
    with st.expander("Which records cases are drawn from", expanded=bool(desk.at("record_filter"))):
        _filter(workspace, desk)


def _filter(workspace: Workspace, desk: Desk) -> None:
    kept: dict[str, list[str]] = desk.at("record_filter")
    offered = {name: values for name, values in kept.items() if name in OFFERED}
    others = {name: values for name, values in kept.items() if name not in OFFERED}
    chosen = choose_records(workspace, key=desk.key("records"), chosen=read_kept(offered))
    if others:
        st.caption(f"Besides: {kept_in_words(others, escaped=as_text)}. A file with the protocol changes that.")
    now = kept_filter(chosen) | others
    if now != kept and not desk.unsaved:
        desk.put({"record_filter": now})


def _follow_dataset(desk: Desk, dataset_id: str) -> dict[str, Any]:
    """What cannot stay when the images are others: classes, and a model or a crowd of other classes or images."""
    workspace = access.current_workspace()
    taxonomy = browse_records.taxonomy_of_dataset(workspace, dataset_id)
    changed: dict[str, Any] = {"taxonomy": taxonomy.name}
    if taxonomy.name != desk.at("taxonomy"):
        changed["class_mix"] = None
        if not taxonomy.has_borderline:
            changed["borderline"] = BorderlinePolicy.BENIGN.value
    models = models_for(workspace, dataset_id, taxonomy.name)
    if desk.at("model_id") not in models:
        changed["model_id"] = next(iter(models), None)
    if crowd := desk.at("frozen_crowd"):
        changed["frozen_crowd"] = {"source": crowd["source"]}
    return changed
