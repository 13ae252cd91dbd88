"""The admins' page of operations: what is wrong and what to do, the processes, work under way, what is kept."""

import pandas as pd
import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.wording import counted, duration, file_size, moment, number
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.claimed_work import ClaimedWork
from dermdash.workflows.workspace.app_processes import AppProcess
from dermdash.workflows.workspace.health import HealthLevel, HealthPart
from dermdash.workflows.workspace.operations import WORK_TITLES, Operations, stop_work

_SIGNS = {
    HealthLevel.GOOD: (":material/check_circle:", "Good"),
    HealthLevel.LOOK: (":material/warning:", "See to it soon"),
    HealthLevel.BAD: (":material/error:", "Does not work"),
}


def operations_state(found: Operations) -> str:
    """How it is in one line."""
    running = sum(not process.silent for process in found.processes)
    wrong = [part for part in found.health.parts if part.level is not HealthLevel.GOOD]
    said = [f"{part.title.lower()}: {_SIGNS[part.level][1].lower()}" for part in wrong]
    return f"{counted(running, 'process', 'processes')}; {', '.join(said) or 'all is well'}"


def show_operations(workspace: Workspace, found: Operations) -> None:
    """All of the page below its head."""
    for part in found.health.parts:
        _part(part)
    st.header("Processes", anchor=False)
    _processes(found.processes)
    st.header("Work under way", anchor=False)
    if found.works:
        _works(workspace, found.works)
    else:
        st.markdown("None: a restart breaks nothing off that has to be begun again.")
    st.header("What is kept how long", anchor=False)
    st.markdown("\n".join(f"- **{what}:** {how_long}" for what, how_long in found.kept))
    st.header("For your monitoring", anchor=False)
    st.markdown(
        "Ask each process `/healthz` whether people can be sent to it (200, else 503), and `/metrics` for figures over "
        "time, from its own machine or with a token. docs/deployment.md says how, what to put in front of several "
        "processes, and what to do when one of them is away."
    )


def _works(workspace: Workspace, works: tuple[ClaimedWork, ...]) -> None:
    data_table(
        pd.DataFrame(
            {
                "Work": [_title(work) for work in works],
                "Since": [moment(work.since) for work in works],
                "In": [f"process {work.pid} on {work.host}" for work in works],
                "State": ["stopping" if work.stopping else "under way" for work in works],
            }
        ),
        key="operations.works",
    )
    going_on = {f"{work.key} {work.id}": work for work in works if work.id and not work.stopping}
    if not going_on or not access.may(Right.STOP_WORK):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Work to stop", list(going_on), key="operations.work",
            format_func=lambda named: f"{_title(going_on[named])}, since {moment(going_on[named].since)}",
        )  # fmt: skip
        if st.button(
            "Stop it", key="operations.stop", icon=":material/stop_circle:",
            help="It ends after what it is at, in whichever process it runs; what it stored until then is kept.",
        ):  # fmt: skip
            stop_work(workspace, access.act(Right.STOP_WORK), going_on[chosen].key, going_on[chosen].id)
            st.rerun()


def _title(work: ClaimedWork) -> str:
    return WORK_TITLES.get(work.kind, work.kind)


def _part(part: HealthPart) -> None:
    icon, words = _SIGNS[part.level]
    text = f"**{part.title}.** {words}: {as_text(part.found)}."
    if part.level is HealthLevel.GOOD:
        st.markdown(f"{icon} {text}")
        return
    show = st.error if part.level is HealthLevel.BAD else st.warning
    show(f"{text}  \n{part.advice}", icon=icon)


def _processes(processes: tuple[AppProcess, ...]) -> None:
    if not processes:
        st.markdown("None has said anything yet: a process speaks ten seconds after its first page.")
        return
    for process in processes:
        if process.silent:
            st.warning(
                f"The process on port {process.port} of {as_text(process.host)} has said nothing since "
                f"{moment(process.seen)}: it has ended, or hangs. `dermdash serve --processes` and systemd start one "
                "that has ended again; end one that hangs, and look at the end of its log.",
                icon=":material/warning:",
            )
    data_table(
        pd.DataFrame(
            {
                "Process": [f"{p.host}, port {p.port}" for p in processes],
                "Runs since": [moment(p.since) for p in processes],
                "Last sign": [f"{duration(p.silent_s)} ago" for p in processes],
                "Pages open": [p.pages for p in processes],
                "Readers waiting": [p.waiting for p in processes],
                "Readers' pages a minute": [p.steps for p in processes],
                "All but one in twenty within": [_within(p) for p in processes],
                "Problems in its log": [p.problems for p in processes],
                "Memory": ["" if p.memory is None else file_size(p.memory) for p in processes],
            }
        ),
        key="operations.processes",
    )
    if any(p.waiting > p.pages / 4 and p.waiting > 5 for p in processes):
        st.warning(
            "Many readers wait for their turn at the database: look how busy its machine is, or start one more "
            "process.",
            icon=":material/hourglass:",
        )


def _within(process: AppProcess) -> str:
    if not process.steps:
        return ""
    return "over 10 s" if process.slow_ms is None else f"{number(process.slow_ms, 0)} ms"
