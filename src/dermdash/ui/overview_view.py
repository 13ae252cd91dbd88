"""The overview: how each data set stands, how far the studies are, what waits for who is signed in."""

from typing import Any, NamedTuple

import streamlit as st

from dermdash.charts.palette import diagnosis_color
from dermdash.dataset.finding_kinds import KINDS
from dermdash.errors import InvalidInput
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import ACQUISITION, FACETS, FINDING, FLAG, UNKNOWN
from dermdash.records.record_flags import RecordFlag
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.completeness_view import completeness_now, show_completeness
from dermdash.ui.health_board import BoardCount, BoardGroup, BoardPicture, BoardTarget, health_board
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import RECORD_SCRIPT, may_open, page_link, study_link
from dermdash.ui.record_tiles import thumbnail_uri
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.studies_view import unreadable_protocol
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.study_view import target_words
from dermdash.ui.unknown_classes import say_unknown_classes
from dermdash.wording import counted, percent
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.classifier.model_headline import model_headline
from dermdash.workflows.classifier.model_in_use import find_model_in_use
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.health import DatasetHealth, dataset_health
from dermdash.workflows.dataset.image_kinds import kind_words, simulated_dataset_ids
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.conduct import reader_target
from dermdash.workflows.verification.my_tasks import offered_work

_RECORDS = "dataset/records"
_MOST_STUDIES = 5


class FirstStep(NamedTuple):
    """One of the steps from nothing to results, and the page where it is done."""

    icon: str
    title: str
    text: str
    script: str
    link: str


_STEPS = (
    FirstStep(
        "upload",
        "1. Bring in images",
        "A folder, a table or a published collection; what it says is checked.",
        "dataset/import_images",
        "Import images",
    ),
    FirstStep(
        "verified",
        "2. Make labels trustworthy",
        "Three people look at each lesion, histology confirms what is malignant.",
        "verification/verification",
        "Labels",
    ),
    FirstStep(
        "groups",
        "3. Ask readers",
        "A study from a template, readers by link, the results of a paper.",
        "reader_study/new_study",
        "New study",
    ),
)


def overview_state(workspace: Workspace) -> str:
    """The workspace in one line."""
    datasets = browse_records.list_datasets(workspace)
    studies = study_results.list_studies(workspace)
    return f"{counted(len(datasets), 'data set')} · {counted(len(studies), 'reader study', 'reader studies')}"


def overview(workspace: Workspace) -> None:
    """Data sets, work, studies and models, each with the way on; three steps where nothing is there yet."""
    datasets = browse_records.list_datasets(workspace)
    if not datasets:
        _first_steps()
        return
    _my_work(workspace)
    say_unknown_classes(workspace)
    for dataset in datasets:
        _dataset(workspace, dataset)
    left, right = st.columns(2, gap="large")
    with left:
        _studies(workspace)
    with right:
        _models(workspace)
    with st.container(horizontal=True):
        page_link(_RECORDS, label="Browse the records", icon=":material/grid_view:")
        page_link("dataset/import_images", label="Import more", icon=":material/upload:")
        page_link("reader_study/new_study", label="New study", icon=":material/add_circle:")
    with st.expander("Which fields are filled, one by one", icon=":material/checklist:"):
        show_completeness(workspace)


def _first_steps() -> None:
    empty_state(
        "flag",
        "This workspace is empty",
        "Import a data set to begin, or stop the app and run `dermdash demo` for synthetic data to try it on.",
    )
    for place, step in zip(st.columns(len(_STEPS)), _STEPS, strict=True):
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"### :material/{step.icon}: {step.title}")
            st.markdown(step.text)
            page_link(step.script, label=step.link, icon=":material/arrow_forward:")


def _my_work(workspace: Workspace) -> None:
    """What waits for who is signed in, where they review."""
    account = access.shown_to()
    if account is None or not account.has(Role.REVIEWER):
        return
    offered = offered_work(workspace, account)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.header(":material/task: My work", anchor=False, width="content")
        with st.container(gap="xxsmall", width="content"):
            if not offered:
                st.markdown("Nothing waits for you.", width="content")
            for work in offered:
                overdue = f" · **{work.overdue:,} overdue**" if work.overdue else ""
                st.markdown(
                    f"{work.kind.label} in {as_text(work.dataset)}: **{work.open:,}**{overdue}", width="content"
                )
        if offered:
            page_link("verification/annotate", label="Begin", icon=":material/play_arrow:")
        page_link("verification/my_work", label="All my work", icon=":material/task:")


@st.cache_data(ttl=3600, max_entries=40, show_spinner=False)
def _health(_workspace: Workspace, home: str, version: str, dataset_id: str) -> DatasetHealth:
    return dataset_health(_workspace, dataset_id)


def _dataset(workspace: Workspace, dataset: dict[str, Any]) -> None:
    key = str(dataset["id"])
    health = _health(workspace, str(workspace.home), browse_records.flags_version(workspace), key)
    with st.container(border=True):
        drawn = "  :gray-badge[drawn images]" if dataset["simulated"] else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(f"{as_text(dataset['name'])}{drawn}", anchor=False, width="content")
            _links_of(key)
        if not health.records:
            st.markdown("No record of it is shown.")
            return
        rejected = health.count(ACQUISITION, REJECTED)
        more = f" and {rejected:,} rejected for image quality" if rejected else ""
        origin = as_text(dataset["source"] or "origin not stated")
        if dataset["simulated"]:
            origin = "synthetic: drawn by a program, and kept apart from photographs everywhere"
        licence = as_text(dataset["licence"] or "not stated")
        st.caption(f"{counted(health.records, 'record')}{more} · {origin} · licence {licence}")
        pictures = [
            BoardPicture(
                thumbnail_uri(workspace, sha256),
                diagnosis_name(dx),
                BoardTarget(RECORD_SCRIPT, {"id": record_id, "dataset_id": key}),
                None if dx is None else diagnosis_color(dx),
            )
            for record_id, sha256, dx in health.pictures
        ]
        health_board(
            pictures, _groups(workspace, health), key=f"overview.health.{key}", label=f"Lesions of {dataset['name']}"
        )


def _links_of(dataset_id: str) -> None:
    of_dataset = {"dataset_id": dataset_id}
    page_link(_RECORDS, label="All records", icon=":material/grid_view:", query_params=of_dataset)
    page_link("dataset/statistics", label="Statistics", icon=":material/bar_chart:", query_params=of_dataset)
    page_link("dataset/findings", label="Possible errors", icon=":material/troubleshoot:")


def _groups(workspace: Workspace, health: DatasetHealth) -> list[BoardGroup]:
    filled = completeness_now(workspace).datasets.get(health.dataset_id)
    note = f"{percent(filled.share, 0)} of all fields" if filled is not None and filled.share is not None else ""
    attention = _attention(health)
    return [
        BoardGroup("Diagnoses", "stack", _rows(health, "dx", colored=True)),
        BoardGroup("How labels were confirmed", "bars", _rows(health, "verification_stage")),
        BoardGroup("Image quality", "bars", _rows(health, "quality")),
        BoardGroup("Fields filled", "bars", _rows(health, "completeness"), note),
        BoardGroup("Needs attention", "list", attention, "" if attention else "Nothing that dermdash knows of."),
    ]


def _rows(health: DatasetHealth, facet: str, *, colored: bool = False) -> list[BoardCount]:
    """Every option of a filter that any record has, in the order of the Records page."""
    spec, counts = FACETS[facet], health.options.get(facet, {})
    order = list(spec.bands or ())
    options = sorted(
        counts,
        key=lambda o: (o == UNKNOWN, order.index(o) if o in order else 0, -counts[o] if spec.by_count else 0, o),
    )
    return [
        BoardCount(
            spec.option_in_words(option),
            counts[option],
            _target(health, facet, option),
            diagnosis_color(option) if colored and option != UNKNOWN else None,
        )
        for option in options
        if counts[option]
    ]


def _attention(health: DatasetHealth) -> list[BoardCount]:
    """What asks for a look, most first of each kind."""
    flags = [(flag.label, FLAG, str(flag)) for flag in RecordFlag]
    kinds = sorted(health.options.get(FINDING, {}).items(), key=lambda one: -one[1])
    findings = [(KINDS[key].title, FINDING, key) for key, _ in kinds if key in KINDS]
    others = [("No diagnosis", "dx", UNKNOWN), ("Rejected for image quality", ACQUISITION, REJECTED)]
    return [
        BoardCount(title, n, _target(health, facet, option))
        for title, facet, option in (*flags, *findings, *others)
        if (n := health.count(facet, option))
    ]


def _target(health: DatasetHealth, facet: str, option: str) -> BoardTarget:
    return BoardTarget(_RECORDS, {"dataset_id": health.dataset_id, facet: option})


def _models(workspace: Workspace) -> None:
    """The model in use for each kind of images there is, with the one number that every page has for it."""
    st.header("Model in use", anchor=False)
    kinds = {bool(d["simulated"]) for d in browse_records.list_datasets(workspace) if d["records"]} or {False}
    for drawn in sorted(kinds):
        used = find_model_in_use(workspace, simulated=drawn)
        if used is None:
            st.markdown(f"For {kind_words(drawn)}: no model yet; the Training page or `dermdash train` makes one.")
            continue
        found = model_headline(workspace, used.id)
        figure = (
            f"mean recall **{percent(found.mean_recall, 1)}** on {as_text(found.where)}"
            if found.mean_recall is not None
            else "not measured on records that are here"
        )
        st.markdown(f"For {kind_words(drawn)}: **{as_text(model_label(used.model))}** · {figure}")
    with st.container(horizontal=True):
        page_link("classifier/models", label="Models and predictions", icon=":material/network_node:")
        page_link("classifier/evaluation", label="Evaluation", icon=":material/query_stats:")


def _studies(workspace: Workspace) -> None:
    st.header("Reader studies", anchor=False)
    studies = study_results.list_studies(workspace)
    if not studies:
        st.markdown("No study yet. The template *Nature Medicine 2020* sets one up in a few minutes.")
    for study in studies[:_MOST_STUDIES]:
        with st.container(border=True):
            st.markdown(
                f"**{as_text(study['name'])}**"
                + ("  :gray-badge[simulated readers]" if study["simulated"] else "")
                + ("  :gray-badge[drawn images]" if study["dataset_id"] in simulated_dataset_ids(workspace) else "")
            )
            try:
                _progress(workspace, study)
            except InvalidInput as error:
                st.warning(unreadable_protocol(error), icon=":material/warning:")
            if may_open("reader_study/study"):
                with st.container(horizontal=True):
                    for tab in (StudyTab.READERS, StudyTab.RESULTS, StudyTab.CASES):
                        study_link(tab, source=link_to_study(study["id"]))
    if len(studies) > _MOST_STUDIES:
        page_link(
            "reader_study/studies", label=f"All {counted(len(studies), 'study', 'studies')}", icon=":material/groups:"
        )


def _progress(workspace: Workspace, study: dict[str, Any]) -> None:
    progress = study_results.reader_progress(workspace, study["id"])
    done, total = int(progress["cases_done"].sum()), int(progress["cases_total"].sum())
    finished = int((progress["cases_done"] >= progress["cases_total"]).sum())
    st.caption(
        f"{counted(len(progress), 'reader')}, {finished} finished · {counted(study['readings'], 'reading')}"
        if len(progress)
        else "Nobody has started."
    )
    if total:
        st.progress(min(1.0, done / total), text=f"{done:,} of {counted(total, 'case')} read")
    if (target := reader_target(workspace, study["id"])) is not None:
        st.caption(target_words(target))
