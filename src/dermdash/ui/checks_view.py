"""The checks on the findings page: what each found last, running them beside the page, and stopping them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import CheckStopped, DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose_several
from dermdash.ui.messages import as_message, error_words, errors_shown
from dermdash.ui.tables import data_table
from dermdash.ui.work_beside import ends_within, stop_button
from dermdash.wording import counted, duration, moment, number
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.findings.check import CheckProgress
from dermdash.workflows.findings.checks import CHECKS
from dermdash.workflows.findings.run_checks import RunReport, last_runs, run_checks
from dermdash.workflows.findings.running_checks import RunningChecks, begin_checks, checks_of

_EVERY_S = 0.4


def show_checks(workspace: Workspace, datasets: Sequence[Mapping[str, Any]], *, drawn: bool) -> None:
    """What the checks found last in these data sets, and the means to run them."""
    runs, records = last_runs(workspace), sum(dataset["records"] for dataset in datasets)
    mine = {key: runs.get((key, " ".join(sorted(dataset["id"] for dataset in datasets)))) for key in CHECKS}
    done = [row for row in mine.values() if row is not None]
    title = "Checks: none has run yet" if not done else f"Checks: {len(done)} of {len(CHECKS)} have run"
    with st.expander(title, expanded=not done, icon=":material/fact_check:"):
        data_table(_table(mine, records), key="findings.checks")
        notes = [(CHECKS[key].title, as_message(note)) for key, row in mine.items() if row for note in row["notes"]]
        if notes:
            st.caption("  \n".join(f"**{title}:** {note}" for title, note in notes))
        _offer(workspace, drawn=drawn)


def _table(mine: dict[str, dict[str, Any] | None], records: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Check": [CHECKS[key].title for key in mine],
            "Last run": [moment(row["finished_at"]) if row else None for row in mine.values()],
            "Found": [sum(row["found"].values()) if row else None for row in mine.values()],
            "Took": [duration(row["seconds"]) if row else None for row in mine.values()],
            "New since": [counted(records - row["records"], "record") if row and records > row["records"] else None
                          for row in mine.values()],
            "Needs": [CHECKS[key].needs or ("minutes" if CHECKS[key].slow else "seconds") for key in mine],
        }
    )  # fmt: skip


def _offer(workspace: Workspace, *, drawn: bool) -> None:
    if not access.may(Right.DECIDE_FINDINGS):
        return
    job = checks_of(workspace.home)
    busy = job is not None and not job.ended
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose_several(
            "Which", list(CHECKS), lambda key: CHECKS[key].title, key=keys.FINDINGS_CHECKS, name="checks",
            default=[key for key, check in CHECKS.items() if not check.slow], width="stretch",
        )  # fmt: skip
        st.button(
            f"Run {counted(len(chosen), 'check')}", key="findings.run", type="primary", icon=":material/play_arrow:",
            disabled=busy or not chosen, on_click=begin, args=(workspace, tuple(chosen), drawn),
        )  # fmt: skip


def begin(workspace: Workspace, chosen: tuple[str, ...], drawn: bool) -> None:
    """Begin these checks beside the page; `watch_checks` follows them."""
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)

        def work(report: Any) -> RunReport:
            return run_checks(workspace, account, checks=chosen, simulated=drawn, processes=None, progress=report)

        begin_checks(workspace.home, chosen, work)


def watch_checks(workspace: Workspace) -> None:
    """Say how the checks stand until they end; then draw the page anew. To be called when all else is drawn."""
    job, account = checks_of(workspace.home), access.shown_to()
    # Told once to each person, whatever tab or reload they come by.
    if job is None or account is None or account.id in job.told_to:
        return
    if not job.ended:
        _follow(job)
    job.told_to.add(account.id)
    if job.error is not None and not isinstance(job.error, DermdashError):
        raise job.error
    st.session_state[keys.FINDINGS_CHECKS_SAID] = _outcome(job)
    st.rerun()


def _follow(job: RunningChecks) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "Starting")
        stop_button(
            job, "Stop the checks", key="findings.stop", hint="What was done until then is kept.",
            right=Right.DECIDE_FINDINGS,
        )  # fmt: skip
    st.caption("This goes on when the page is left or loaded anew.")
    while not ends_within(job, _EVERY_S):
        bar.progress(job.progress.share if job.progress else 0.0, _words(job.progress))


def _words(progress: CheckProgress | None) -> str:
    if progress is None:
        return "Starting"
    said = f"{progress.check}: {progress.stage}" if progress.stage != progress.check else progress.check
    return said if progress.total <= 1 else f"{said}, {number(progress.done, 0)} of {number(progress.total, 0)}"


def _outcome(job: RunningChecks) -> tuple[str, str]:
    if isinstance(job.error, DermdashError):
        return "warning" if isinstance(job.error, CheckStopped) else "error", error_words(job.error)
    report = job.report or RunReport()
    n = sum(sum(one.found.values()) for one in report.checks)
    problems = [f"{one.check.title}: {as_message(one.problem)}" for one in report.checks if one.problem]
    could_not = [one.check.title for one in report.checks if one.could_not and not one.problem]
    text = f"{counted(len(report.checks), 'check')} in {duration(job.seconds)}: {counted(n, 'finding')}."
    if len(report.checks) == 1 and report.checks[0].notes:
        text += " " + " ".join(as_message(note) for note in report.checks[0].notes)
    if could_not:
        text += f" Not possible yet: {', '.join(could_not)}; the notes of the checks say what is missing."
    return ("warning" if problems else "success"), "  \n".join([text, *problems])


def say_checks() -> None:
    """Say once what the checks did."""
    said = st.session_state.pop(keys.FINDINGS_CHECKS_SAID, None)
    if said is not None:
        how, text = said
        {"success": st.success, "warning": st.warning, "error": st.error}[how](text)
