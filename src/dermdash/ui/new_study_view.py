"""The form that turns the template Nature Medicine 2020 into a frozen protocol."""

import secrets
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.benefit.planned import KEY as BENEFIT
from dermdash.analyses.benefit.planned import READERS_AND_CASES
from dermdash.analyses.registry import analysis_title, plannable_names
from dermdash.errors import DermdashError
from dermdash.reader_study.crowd import crowd_words
from dermdash.reader_study.protocol import NATURE_MEDICINE_MODALITIES, OFFERED_MODALITIES, Protocol, even_class_mix
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.records.chosen_records import kept_filter
from dermdash.records.taxonomy import Taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.case_draw_view import draw_choices
from dermdash.ui.choices import choose, choose_several
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.model_and_images import datasets_with_records, in_use_caption
from dermdash.ui.navigation import switch_page
from dermdash.ui.record_choice import choose_records
from dermdash.ui.source_choice import link_to_study
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.browse_records import data_version
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.reader_study import create_study, readings_source
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent
from dermdash.workflows.reader_study.frozen_crowd import freeze_crowd

STUDY_PAGE = "reader_study/study"
NO_MODEL = "none"
GROWING = "growing"


def study_form(workspace: Workspace) -> Protocol | None:
    """Ask for everything the template leaves open; returns the protocol, None while something is wrong."""
    datasets = datasets_with_records(workspace)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Question and images", anchor=False)
        name = st.text_input("Name of the study", key="new.name", max_chars=120, placeholder="Readers see this name")
        question = st.text_input("Question to the reader", "What is your diagnosis?", key="new.question", max_chars=200)
        dataset_id = choose("Data set", list(datasets), datasets.__getitem__, key="new.dataset")
        drawn = dataset_id in simulated_dataset_ids(workspace)
        if drawn:
            st.warning(
                "The images of this data set are drawn by a program: such a study says nothing about photographs.",
                icon=":material/science:",
            )
        taxonomy = browse_records.taxonomy_of_dataset(workspace, dataset_id)
        with st.expander("Which records cases are drawn from"):
            record_filter = choose_records(workspace, key="new.records", named=True)
        borderline = borderline_choice([taxonomy.name], key=f"new.borderline.{taxonomy.name}", in_address=False)
        taxonomy = taxonomy.counting_borderline_as(borderline)
        cases, mix = _cases(taxonomy)
        rounds = st.number_input(
            "Rounds", 1, 20, 1, key="new.rounds", help="Batches of cases; a reader reads them one after the other."
        )
        draw = draw_choices()
        practice = st.number_input(
            "Practice cases", 0, 20, 3, key="new.practice", help="With feedback; never part of the results."
        )
    with right:
        st.header("Assistance", anchor=False)
        models = _models(workspace, drawn, taxonomy.name)
        model_id = choose(
            "Model",
            [*models, NO_MODEL],
            lambda i: model_label(models[i]) if i in models else "No model",
            key=keys.of_kind("new.model", drawn),
            help="Gives probabilities and similar images. Only models of the same kind of images are offered: one of "
            "drawn images says nothing about photographs.",
        )
        if model_id in models:
            in_use_caption(workspace, models[model_id])
        without_model = [m for m in reversed(OFFERED_MODALITIES) if not m.needs_model]
        modalities = choose_several(
            "Shown after the unaided answer is locked, one per case, drawn at random and balanced",
            list(OFFERED_MODALITIES),
            lambda m: m.label,
            key="new.modalities" if models else "new.modalities.without_model",
            default=list(NATURE_MEDICINE_MODALITIES) if models else without_model,
            draw="pills",
            wrap=True,
        )
        k = st.number_input("Similar images shown", 1, 16, 8, key="new.k")
        crowd = st.number_input(
            "Earlier readers a case needs before the crowd is shown",
            1,
            100,
            3,
            key="new.crowd",
            help="Until then the case gets one of the other modalities.",
        )
        frozen_crowd = None
        if any(m.form.needs_crowd for m in modalities):
            frozen_crowd = _crowd(workspace, dataset_id, taxonomy.name, int(crowd))
        limited = st.toggle("Limit the time per unaided answer", key="new.limited")
        limit = st.number_input("Seconds", 5, 600, 20, key="new.limit") if limited else None
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key="new.seed",
            value=st.session_state.setdefault("new.first_seed", secrets.randbelow(10**6)),
            help="Draws the cases and, with the reader, order and modalities. The same seed draws the same cases.",
        )
    analyses = choose_several(
        "Analyses decided on beforehand",
        list(plannable_names()),
        analysis_title,
        key="new.analyses",
        default=[BENEFIT, READERS_AND_CASES],
        help="Frozen with the protocol. Pages and report mark every other analysis and subgroup as exploratory.",
    )
    if frozen_crowd == {}:
        return None
    if not name.strip():
        st.info("Give the study a name to see which cases it would have.", icon=":material/edit:")
        return None
    try:
        protocol = template_nature_medicine_2020(
            name=name.strip(),
            question=question.strip(),
            dataset_id=dataset_id,
            taxonomy=taxonomy.name,
            model_id=None if model_id == NO_MODEL else model_id,
            seed=int(seed),
            cases_per_round=int(cases),
            rounds=int(rounds),
            class_mix=mix,
            modalities=tuple(modalities),
            practice_cases=int(practice),
            cbir_k=int(k),
            minimum_crowd_readers=int(crowd),
            frozen_crowd=frozen_crowd,
            time_limit_s=None if limit is None else int(limit),
            prespecified_analyses=tuple(analyses),
            record_filter=kept_filter(record_filter),
            borderline=borderline,
            draw=draw,
        )
        return with_fitting_consent(workspace, protocol)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return None


def _crowd(workspace: Workspace, dataset_id: str, taxonomy: str, minimum_readers: int) -> dict[str, Any] | None:
    """Ask whose answers the crowd is: None for the readers of the data set as they come, else an earlier source.

    Empty where the source that was chosen can be none: a study must not be frozen with another crowd than asked for.
    """
    sources = {s.key: s for s in readings_source.list_sources(workspace)}
    key = choose(
        "Crowd",
        [GROWING, *sources],
        lambda k: f"Frozen: {sources[k].name}" if k in sources else "Readers of this data set so far, growing",
        key="new.crowd_source",
        help="Growing: each reader sees the shares of the readers before them, of this study too. They differ between "
        "readers, who then are not independent, and kinds are not balanced. Frozen: the shares of an earlier study or "
        "log, the same for every reader; only images that it has shares of are drawn.",
    )
    if key == GROWING:
        return None
    try:
        found = _frozen(
            workspace, str(workspace.home), key, sources[key].readings, dataset_id, taxonomy, minimum_readers,
            data_version(workspace),
        )  # fmt: skip
    except DermdashError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return {}
    st.caption(as_text(f"Frozen with the protocol: {crowd_words(found)}."))
    return found


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Pooling the crowd")
def _frozen(
    _workspace: Workspace,
    home: str,
    key: str,
    readings: int,
    dataset_id: str,
    taxonomy: str,
    minimum_readers: int,
    version: str,
) -> dict[str, Any]:
    return freeze_crowd(_workspace, key, dataset_id=dataset_id, taxonomy=taxonomy, minimum_readers=minimum_readers)


def _models(workspace: Workspace, drawn: bool, taxonomy: str) -> dict[str, dict[str, Any]]:
    """The models of one kind of images and of these classes, the one in use first."""
    kind = (drawn, taxonomy)
    every = [m for m in model_registry.list_models(workspace) if (bool(m["simulated"]), m["taxonomy"]) == kind]
    return {str(m["id"]): m for m in offered(workspace, every, simulated=drawn, taxonomy=taxonomy)}


def _cases(taxonomy: Taxonomy) -> tuple[int, dict[str, int]]:
    cases = st.number_input("Cases per round", 1, 500, 28, key="new.cases")
    even = even_class_mix(taxonomy, int(cases))
    own = st.toggle("Set the class mix by hand", key="new.own_mix")
    if not own:
        st.caption("Class mix: " + ", ".join(f"{taxonomy[code].name} {n}" for code, n in even.items()))
        return int(cases), even
    edited = st.data_editor(
        pd.DataFrame({"Diagnosis": [taxonomy[c].name for c in even], "Cases": list(even.values())}),
        key=f"new.mix.{taxonomy.name}.{cases}",
        hide_index=True,
        disabled=["Diagnosis"],
        column_config={"Cases": st.column_config.NumberColumn(min_value=0, max_value=500, step=1, required=True)},
    )
    mix = {code: int(n) for code, n in zip(even, edited["Cases"], strict=True)}
    total = sum(mix.values())
    if total != cases:
        st.warning(
            f"The classes add up to {total}; the round will have {counted(total, 'case')}.", icon=":material/info:"
        )
    return total, mix


def freeze_button(workspace: Workspace, protocol: Protocol) -> None:
    """Freeze the protocol after a word of warning, then go to the study."""
    st.write("Freezing fixes the protocol, the cases and what each modality shows. It cannot be changed afterwards.")
    if st.button("Freeze protocol and create study", type="primary", key="new.freeze", icon=":material/lock:"):
        bar = st.progress(0.0, "Drawing cases")

        def show(message: str, share: float) -> None:
            bar.progress(share, message)

        access.act(Right.RUN_STUDIES)
        study_id = create_study.create_study(workspace, protocol, progress=show)
        switch_page(STUDY_PAGE, query_params=link_to_study(study_id))
