"""The study page: frozen protocol, who has come how far; its invitations are `invitations_view`."""

from typing import Any

import streamlit as st

from dermdash.analyses.registry import analysis_title
from dermdash.charts.progress import reader_progress_figure
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.reader_study.protocol_words import ProtocolNames, protocol_sections
from dermdash.storage.workspace import Workspace
from dermdash.ui.case_review_view import show_exchanges
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, moment
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.conduct import ReaderTarget, reader_target

_SHOWN = 20


def show_protocol(workspace: Workspace, study: dict[str, Any]) -> None:
    """What the study follows, in sentences, and the hash of what was frozen."""
    protocol = study_results.study_protocol(workspace, study["id"])
    cases = study_results.study_cases(workspace, study["id"])
    seen = int((~cases["held_out"].astype(bool) & ~cases["practice"].astype(bool)).sum())
    names = ProtocolNames(
        dataset=study["dataset_id"],
        model=model_label(model_registry.get_model(workspace, study["model_id"])) if study["model_id"] else "",
        analysis=analysis_title,
    )
    with st.container(border=True):
        for section in protocol_sections(protocol, names):
            st.markdown(f"**{section.title}.** {as_text(' '.join(section.sentences))}")
        show_exchanges(workspace, study["id"])
        st.markdown(f"Frozen {moment(study['frozen_at'])} · protocol sha256 `{study['protocol_sha256']}`")
        if study["model_id"] and seen:
            st.warning(
                f"For {seen} of {counted(protocol.case_count, 'case')} the model trained, or may have trained, on the "
                "lesion, the patient or the file.",
                icon=":material/warning:",
            )
        elif study["model_id"]:
            st.markdown("Every case is of a lesion that the model did not train on.")
        st.download_button(
            "Protocol (JSON)",
            study["protocol"],
            file_name=f"{study['id']}-protocol.json",
            mime="application/json",
            key="study.protocol",
            icon=":material/download:",
            on_click="ignore",
        )


def show_progress(workspace: Workspace, study: dict[str, Any]) -> None:
    """How far each reader has come."""
    st.header("Progress", anchor=False)
    target = reader_target(workspace, study["id"])
    if target is not None:
        st.markdown(f":material/flag: {target_words(target)}")
    progress = study_results.reader_progress(workspace, study["id"])
    if progress.empty:
        empty_state("hourglass_empty", "Nobody has started", "Send out the invitation links.")
        return
    done = int((progress["cases_done"] >= progress["cases_total"]).sum())
    st.write(f"{counted(len(progress), 'reader')}, {done} finished.")
    on_the_way = progress[progress["cases_done"] < progress["cases_total"]] if len(progress) > _SHOWN else progress
    shown = on_the_way.head(_SHOWN)
    named = shown.assign(
        reader=[
            f"{label} · {PROFESSIONS.get(profession, 'no profile yet')}"
            for label, profession in zip(shown["label"], shown["profession"], strict=True)
        ]
    )
    with st.expander("Progress of each reader"):
        if len(shown) < len(progress):
            st.caption(f"{len(shown)} of {len(on_the_way)} who have not finished; all stand under *How far they are*.")
        show_figure(reader_progress_figure(named, theme=current_theme()), key="study.progress")


def target_words(target: ReaderTarget) -> str:
    """How far a study is from the readers it wants, and what follows from that."""
    have = f"{target.complete:,} of {counted(target.wanted, 'complete reader')}"
    return f"{have}: nobody else can begin, and who has begun goes on." if target.reached else f"{have}."
