"""The page of agreement on labels: the data set, how its labels came about, the section, the files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.label_agreement.options import KEY, PURPOSE, TITLE, LabelAgreementOptions
from dermdash.analyses.label_agreement.results import LabelAgreement
from dermdash.analyses.label_agreement.run import label_agreement
from dermdash.analyses.label_agreement.section import label_section
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import diagnosis_name
from dermdash.report.label_report import label_report
from dermdash.storage.workspace import Workspace
from dermdash.ui.access import act
from dermdash.ui.analysis.controls import Asking, ask, choices
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_details, show_method
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.record_choice import choose_records
from dermdash.ui.record_strip import RecordBehind, record_strip
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.browse_records import dataset_names
from dermdash.workflows.verification.annotated_records import annotated_records, yet_to_answer
from dermdash.workflows.verification.change_log import count_entries
from dermdash.workflows.verification.label_export import export_labels
from dermdash.workflows.verification.label_facts import LabelFacts, label_facts, methods_paragraphs

__all__ = ["PURPOSE", "TITLE", "agreement_view"]


def agreement_view(workspace: Workspace) -> None:
    """Draw everything below the head of the page."""
    names = dataset_names(workspace)
    if not names:
        empty_state("upload", "No records yet", "Import a data set; then people can annotate and review it.")
        page_link("dataset/import_images", label="Import", icon=":material/upload:")
        return
    actor = act(Right.READ_ANSWERS)
    dataset_id = choose("Data set", list(names), names.__getitem__, key="agreement.dataset", name="dataset", width=420)
    place = choices(KEY, where=("dataset",))
    with place:
        chosen = choose_records(workspace, key="agreement.records", named=True)
    facts = label_facts(workspace, actor, dataset_id, chosen)
    if not facts.reviews:
        _how_labels_came_about(facts)
    if not facts.reviews and facts.only:
        empty_state("handshake", "No reviews of these records", "Choose others above, or none of the filters.")
        return
    if not facts.reviews:
        empty_state(
            "handshake",
            "No reviews yet",
            "Agreement is measured on independent reviews (stage 2). A curator assigns them on the page **Labels**.",
        )
        return
    with place:
        options = LabelAgreementOptions(**ask(LabelAgreementOptions, facts, Asking(KEY, workspace, None)))
    version = (str(workspace.home), dataset_id, count_entries(workspace, actor), options.model_dump_json(), str(chosen))
    with st.spinner("Measuring agreement", show_time=True):
        result = _measured(version, workspace, actor, dataset_id, chosen, options)
    section = label_section(result)

    def strip(answer: AnalysisAnswer) -> None:
        _least_agreed(workspace, result, yet_to_answer(workspace, act(Right.READ_ANSWERS)))

    show_answer(section, strip)
    with st.expander(DETAILS, icon=":material/list_alt:"):
        _how_labels_came_about(facts)
        show_details(section)
    show_method(section)
    _downloads(workspace, dataset_id, chosen, result)


def _how_labels_came_about(facts: LabelFacts) -> None:
    st.markdown("\n\n".join(as_text(text) for text in methods_paragraphs(facts)))


def _least_agreed(workspace: Workspace, result: LabelAgreement, hidden: Collection[str]) -> None:
    """The records with what was said of them, but none that who looks has ``hidden`` from them until they answer."""
    behind = []
    for one in result.split:
        if one.case in hidden:
            continue
        (dx, most), *others = one.before.items()
        said = ", ".join(f"{diagnosis_name(code)} {n}" for code, n in others)
        title = f"{diagnosis_name(dx)} {most} of {sum(one.before.values())}"
        behind.append(RecordBehind(one.case, dx, title, said))
    record_strip(workspace, behind, order="where reviewers agree least", key="agreement")


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _measured(
    version: tuple[Any, ...],
    _workspace: Workspace,
    _actor: Account,
    dataset_id: str,
    _chosen: RecordFilter,
    _options: LabelAgreementOptions,
) -> LabelAgreement:
    annotated = annotated_records(_workspace, _actor, dataset_id, _chosen)
    return label_agreement(annotated, replicates=_options.replicates, confidence=_options.confidence)


def _downloads(workspace: Workspace, dataset_id: str, chosen: RecordFilter, result: LabelAgreement) -> None:
    """The files; each asks again who is there, as a page may stand open for days."""

    def as_now(make: Callable[[Account], bytes]) -> Callable[[], bytes]:
        return lambda: make(act(Right.READ_ANSWERS))

    def report(actor: Account) -> bytes:
        facts = label_facts(workspace, actor, dataset_id, chosen)
        return label_report(facts, result, made_at=datetime.now(UTC)).encode()

    with st.container(horizontal=True):
        st.download_button(
            "Report (HTML)", as_now(report), f"agreement-{dataset_id}.html", "text/html", key="agreement.html",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        private_download(
            "Labels and decisions (zip)",
            lambda privacy: export_labels(
                workspace, act(Right.READ_ANSWERS), dataset_id, chosen, privacy=privacy
            ).archive(),
            file_name=f"labels-{dataset_id}.zip",
            mime="application/zip",
            key="agreement.zip",
            help="Records, what each person said, consensus, histology and change log as CSV, without names of people "
            "who reviewed.",
        )
