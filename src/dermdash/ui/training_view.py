"""The training page: trainings and their state, live curves of the one that runs, results, and a form for a new one."""

from pathlib import Path

import pandas as pd
import streamlit as st

from dermdash.charts.training_curves import loss_figure, measured_figure
from dermdash.errors import DermdashError
from dermdash.records.chosen_records import kept_in_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_code, as_text, empty_state, errors_shown
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.ui.training_form import training_form
from dermdash.ui.training_results import link_to_models, result_actions, show_now, show_result
from dermdash.wording import counted, duration, file_size, moment, percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier.training import control
from dermdash.workflows.classifier.training.job import Job, JobState, find_job, list_jobs
from dermdash.workflows.classifier.training.progress import (
    DECODING,
    JobProgress,
    curves,
    read_progress,
    seconds_left,
    share_done,
)
from dermdash.workflows.classifier.training.register import register_finished
from dermdash.workflows.classifier.training.usable_records import left_out_lines

_REFRESH_S = 2.0
_STATE_COLORS = {
    JobState.STARTING: "blue", JobState.RUNNING: "blue", JobState.FINISHED: "green", JobState.STOPPED: "gray",
    JobState.INTERRUPTED: "orange", JobState.FAILED: "red", JobState.DAMAGED: "red",
}  # fmt: skip


def training_state(jobs: list[Job]) -> str:
    """How many trainings there are, and whether one runs."""
    running = control.active_job(jobs)
    return counted(len(jobs), "training") + (", one is running" if running else "")


def show_trainings(workspace: Workspace, jobs: list[Job], problems: dict[str, str]) -> None:
    """The list of trainings, and the chosen one with its curves, result and actions."""
    if not jobs:
        empty_state(
            "model_training",
            "No training yet",
            "Choose a data set below and start one. It runs beside the app: you may go on working, close the browser, "
            "or stop the app.",
        )
        return
    # A new training comes first in the list: a selection made in the old list must not point at another one.
    chosen = data_table(
        _table(jobs),
        key=f"training.jobs.{jobs[0].id}",
        on_select="rerun",
        selection_mode="single-row",
    )
    job = jobs[(chosen["selection"]["rows"] or [0])[0]]
    if len(jobs) > 1:
        st.caption("Choose a row to see that training.")
    with st.container(border=True):
        _show_job(workspace, job, problems.get(job.id))


def _table(jobs: list[Job]) -> pd.DataFrame:
    rows = []
    for job in jobs:
        if job.state is JobState.DAMAGED:
            rows.append({"Training": job.id, "State": str(job.state), "Started": _moment(job)})
            continue
        settings = job.settings
        rows.append(
            {
                "Training": settings.title,
                "State": str(job.state),
                "Started": _moment(job),
                "Data set": job.request.get("dataset_name", settings.dataset_id),
                "Network": f"{settings.architecture}, {settings.input_size} px",
                "Kind": _kind(job),
                "Mean recall at training": _mean_recall(job),
            }
        )
    return pd.DataFrame(rows).fillna("")


def _kind(job: Job) -> str:
    settings = job.settings
    if settings.folds:
        return counted(settings.folds, "fold")
    return "one model" if settings.repeats == 1 else counted(settings.repeats, "seed")


def _mean_recall(job: Job) -> str:
    result = job.result if job.state is JobState.FINISHED else {}
    scores = (result.get("out_of_fold") or {}).get("scores")
    value = scores["mean_recall"] if scores else result.get("repeats", {}).get("mean_recall", {}).get("mean")
    return "" if value is None else percent(value)


def _moment(job: Job) -> str:
    return moment(job.created_at)


def _show_job(workspace: Workspace, job: Job, problem: str | None) -> None:
    if job.state is JobState.DAMAGED:
        st.markdown(f"**{as_code(job.id)}** :{_STATE_COLORS[job.state]}-badge[damaged]")
        st.error(as_text(job.message), icon=":material/error:")
        _delete(workspace, job)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{as_text(job.settings.title)}** :{_STATE_COLORS[job.state]}-badge[{job.state}]", width="content"
        )
        if job.state is JobState.FINISHED:
            link_to_models(job)
    if job.state is JobState.FINISHED:
        show_now(workspace, job)
    st.markdown(_facts(job))
    for note in _notes(job):
        st.caption(note)
    if job.state.active:
        _live(workspace.home, job.id)
    else:
        if job.state is not JobState.FINISHED:
            show = st.error if job.state is JobState.FAILED else st.warning
            show(as_text(job.message), icon=":material/info:")
        _progress(job)
    if problem is not None:
        st.error(as_text(problem), icon=":material/error:")
    if job.state is JobState.FINISHED:
        show_result(workspace, job)
    _actions(workspace, job)


def _facts(job: Job) -> str:
    settings, counts = job.settings, job.request["counts"]
    kept = "patient" if job.request["grouped_by_patient"] else "patient where known, else by lesion"
    split = (
        f"{counted(counts['records'], 'image')} in {counted(settings.folds, 'fold')}"
        if settings.folds
        else f"{counted(counts['records'] - counts['held_out'], 'image')} to train on, {counts['held_out']:,} held out"
    )
    epochs = counted(settings.epochs, "epoch")
    return f"{settings.architecture}, {settings.input_size} px, {epochs}, seed {settings.seed} · {split}, by {kept}"


def _notes(job: Job) -> list[str]:
    counts, initial, notes = job.request["counts"], job.request["initial"], []
    if job.settings.record_filter:
        notes.append(
            f"Only records with: {kept_in_words(job.settings.record_filter, escaped=as_text)}. Left out: "
            f"{counts.get('left_out_by_filter', 0):,}."
        )
    if job.settings.split:
        notes.append(f"By the split {as_text(job.settings.split)}.")
    notes += [as_text(line) for line in left_out_lines(counts, job.settings.split)]
    if initial["source"]:
        source = Path(initial["source"]).name
        text = f"Starts from {as_code(source)}."
        if not initial["training_known"]:
            text += " What these weights have seen is not known, so no figure of it counts as held out."
        elif counts["seen_by_initial"]:
            text += f" Always trained on, as they have seen them: {counted(counts['seen_by_initial'], 'image')}."
        notes.append(text)
    if counts["confirmed_pairs"]:
        notes.append(f"{counted(counts['confirmed_pairs'], 'pair')} confirmed as one lesion stay together.")
    if counts["single_group_classes"]:
        codes = ", ".join(counts["single_group_classes"])
        notes.append(f"Too few independent lesions to train on and measure: {as_text(codes)}.")
    if job.settings.patience is not None:
        notes.append("The epoch is chosen on the held-out images, so the figures on them are a little too good.")
    return notes


@st.fragment(run_every=_REFRESH_S)
def _live(home: Path, job_id: str) -> None:
    """Draw progress and curves again every two seconds; a fragment asks for the session itself."""
    with errors_shown():
        access.act(Right.RUN_MODELS)
    try:
        job = find_job(home, job_id)
    except DermdashError:
        st.rerun()
    if not job.state.active:
        st.rerun()
    _progress(job)


def _progress(job: Job) -> None:
    lines = read_progress(job.folder)
    parts = len(job.parts)
    last = lines[-1] if lines else None
    if job.state is not JobState.FINISHED:
        share = 0.0 if last is None else share_done(last, job.settings, parts)
        st.progress(share, _progress_words(job, last, seconds_left(lines, job.settings, parts)))
    if last is None or not any(line.step is not None for line in lines):
        return
    part = last.part
    if parts > 1:
        titles = [p.title for p in job.parts]
        # Not in the address: it goes on with the training by itself.
        part = choose(
            "Curves of", range(parts), titles.__getitem__, key=f"training.part.{job.id}.{part}",
            default=min(part, parts - 1), width=280,
        )  # fmt: skip
    shown = curves(lines, part)
    left, right = st.columns(2)
    theme = current_theme()
    with left:
        st.markdown("Loss (running mean)")
        show_figure(loss_figure(shown.loss, steps=shown.steps, theme=theme), key="training.loss")
    with right:
        st.markdown("On the held-out images")
        show_figure(measured_figure(shown.measured, epochs=job.settings.epochs, theme=theme), key="training.measured")


def _progress_words(job: Job, last: JobProgress | None, seconds: float | None) -> str:
    if last is None:
        return "Starting" if job.state.active else "Not begun"
    which = (
        f"Training {last.part + 1} of {len(job.parts)} ({job.parts[last.part].title}): " if len(job.parts) > 1 else ""
    )
    if last.step is None:
        if last.kind == DECODING:
            return f"{which}{last.done:,} of {counted(last.total, 'image')} decoded"
        size = f" of {file_size(last.total)}" if last.total else ""
        return f"{which}{file_size(last.done)}{size} of initial weights downloaded"
    step = last.step
    words = f"{which}epoch {step.epoch} of {step.epochs}, step {step.step} of {step.steps}"
    if seconds is None or not job.state.active:
        return words
    return f"{words}, about {duration(seconds)} left"


def _actions(workspace: Workspace, job: Job) -> None:
    with st.container(horizontal=True):
        if job.state is JobState.FINISHED:
            result_actions(workspace, job)
        if job.state.active:
            with st.popover("Stop", icon=":material/stop:"):
                st.write("It stops at once and can be continued from its last complete epoch.")
                if st.button("Stop the training", key=f"training.stop.{job.id}"):
                    access.act(Right.RUN_MODELS)
                    control.stop_training(workspace, job.id)
                    st.rerun()
        elif job.state.resumable and st.button(
            "Continue", type="primary", icon=":material/play_arrow:", key=f"training.continue.{job.id}"
        ):
            access.act(Right.RUN_MODELS)
            control.continue_training(workspace, job.id)
            st.rerun()
        if not job.state.active:
            _delete(workspace, job)


def _delete(workspace: Workspace, job: Job) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.write(
            "Its curves, state and predictions are deleted for good. Models that are registered stay."
            if job.state is JobState.FINISHED
            else "What it has learnt so far is deleted for good."
        )
        if st.button("Delete the training", key=f"training.delete.{job.id}"):
            access.act(Right.RUN_MODELS)
            control.delete_training(workspace, job.id)
            st.rerun()


def new_training(workspace: Workspace, jobs: list[Job]) -> None:
    """The form, closed once there is a training; starts the training it asks for."""
    running = control.active_job(jobs)
    # Another key after each start: the form has done its work, and what it started is looked at.
    form = st.expander("New training", expanded=not jobs, icon=":material/add:", key=f"training.new.{len(jobs)}")
    # Said below the form, not at the end of the page.
    with form, errors_shown():
        settings = training_form(workspace, running=running.settings.title if running else None)
        if settings is None:
            return
        access.act(Right.RUN_MODELS)
        with st.spinner("Preparing the training"):
            control.start_training(workspace, settings)
    st.rerun()


def page_values(workspace: Workspace) -> tuple[list[Job], dict[str, str]]:
    """The trainings, after those that finished meanwhile were registered; and what could not be, by training."""
    problems = register_finished(workspace)
    return list_jobs(workspace.home), problems
