"""A trial run of a protocol before it is frozen: how long it takes, what it can find, how even it comes out."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dermdash.analyses.sample_size.of_protocol import (
    POWER,
    ProtocolDesign,
    ProtocolPower,
    power_of_protocol,
    power_words,
)
from dermdash.analyses.sample_size.run import ASSUMED_DIFFERENCE
from dermdash.charts.trial_run import along_order_figure, readers_figure, readings_of_cases_figure
from dermdash.errors import DermdashError
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_time import assumed_seconds, minutes_words, reading_times, time_parts
from dermdash.reader_study.trial_balance import PARTS_OF_ORDER
from dermdash.reader_study.trial_readers import (
    MOST_READERS,
    USUAL_READERS,
    TrialReaders,
    possible_strata,
    readers_words,
    stratum_words,
)
from dermdash.readings.modality import modality_label
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.sample_size_view import link_to_plan
from dermdash.ui.choices import switch
from dermdash.ui.entries import enter_number
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.ui.work_beside import result_beside
from dermdash.wording import counted, duration, level, percent, points
from dermdash.workflows.page_tasks import task_of
from dermdash.workflows.reader_study.trial_run import LONGEST_S, TrialRun, expected_seconds, run_trial

_DROPOUT = 10
_AT_ONCE_S = 15.0
"""A longer run is asked for."""
_MOST_STRATA = 12
"""Numbers of readers that are asked for; strata of more questions are left to chance."""
_NOT_COUNTED = {
    "practice": "practice", "screening": "screening", "check": "attention checks", "hidden_repeat": "hidden repeats",
    "not_reached": "not reached by who left",
}  # fmt: skip


def trial(workspace: Workspace, protocol: Protocol) -> None:
    """Ask for readers and dropout, run the protocol with them in memory, and show what it comes to."""
    st.header("Trial run", anchor=False)
    try:
        wanted, difference = _asked(protocol)
        run = _run(workspace, protocol, wanted)
        if run is None:
            return
        power = power_of_protocol(
            protocol, readers=run.balance.completed, difference=difference, overlap=run.balance.overlap()
        )
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    _head(run, power)
    for warning in run.warnings:
        st.warning(as_text(warning), icon=":material/balance:")
    _power(power)
    _balance(run)
    _rests_on(run)


def _asked(protocol: Protocol) -> tuple[TrialReaders, float]:
    first, second, third, fourth = st.columns(4)
    readers = enter_number(
        "Readers", 1, MOST_READERS, protocol.conduct.target_readers or USUAL_READERS, key="trial.readers",
        name="trial-readers", place=first, help="Who begin, those who leave before the end among them.",
    )  # fmt: skip
    dropout = enter_number(
        "Leave before the end, %", 0, 90, _DROPOUT, step=5, key="trial.dropout", name="trial-dropout", place=second,
        help="Dropout: anywhere along their cases with the same chance.",
    )  # fmt: skip
    difference = enter_number(
        "True difference, points", 0.5, 50.0, 100 * ASSUMED_DIFFERENCE, step=0.5, key="trial.difference", format="%.1f",
        name="trial-difference", place=third, help="Of accuracy or sensitivity: the power to find it is said below.",
    )  # fmt: skip
    seed = enter_number(
        "Run", 0, 1000, 0, key="trial.seed", name="trial-run", place=fourth,
        help="Another number, other readers: how much is chance.",
    )  # fmt: skip
    return TrialReaders(readers, dropout / 100, seed, _strata(protocol)), difference / 100


def _strata(protocol: Protocol) -> Mapping[str, int]:
    """Readers of each stratum as said; empty where nobody says."""
    possible = possible_strata(protocol)
    if not 1 < len(possible) <= _MOST_STRATA:
        return {}
    if not switch(
        "Say who the readers are", key="trial.own_strata", name="trial-strata",
        help="Arms are balanced within these groups. Else invented readers take part, more dermatologists than "
        "students.",
    ):  # fmt: skip
        return {}
    columns = st.columns(4)
    found = {
        stratum: enter_number(
            as_text(stratum_words(stratum)), 0, MOST_READERS, 1, key=f"trial.stratum.{stratum}",
            name=f"trial-{stratum}", place=columns[i % 4],
        )
        for i, stratum in enumerate(possible)
    }  # fmt: skip
    st.caption("Relative numbers: 2 and 1 are two thirds and one third of the readers.")
    return found


def _run(workspace: Workspace, protocol: Protocol, wanted: TrialReaders) -> TrialRun | None:
    key = (
        "trial", protocol.sha256, wanted.count, wanted.dropout, wanted.seed, tuple(wanted.strata.items()),
    )  # fmt: skip
    expected = expected_seconds(protocol, wanted.count)
    # Not at every change of a form; what was begun is found again.
    if _AT_ONCE_S < expected <= LONGEST_S and task_of(workspace.home, key) is None:
        st.markdown(f"A run with so many cases and readers takes about {duration(expected)}.")
        if not st.button("Try it with these readers", key="trial.begin", icon=":material/play_arrow:"):
            return None
    return result_beside(
        workspace, key, "Trial run",
        lambda report: run_trial(protocol, wanted, progress=lambda stage, share: report(stage, share, 1.0)),
    )  # fmt: skip


def _head(run: TrialRun, power: ProtocolPower) -> None:
    balance, protocol = run.balance, run.protocol
    words = f"**{counted(run.wanted.count, 'reader')}, {minutes_words(protocol)} each**"
    words += f"; {balance.completed:,} complete."
    if power.design is not None:
        words += f" {power_words(power)}"
    st.markdown(words)
    times = reading_times(protocol)
    names = {arm.key: arm.name for arm in protocol.arms}
    show_key_figures(
        [
            *(
                KeyFigure(
                    "Each reader" if len(times) == 1 else names[time.arm], duration(60 * time.minutes), time_parts(time)
                )
                for time in times
            ),
            KeyFigure("Complete", f"{balance.completed:,}", f"of {counted(run.wanted.count, 'reader')}"),
            KeyFigure("Readings", f"{len(balance.readings):,}", f"of {counted(len(balance.cases), 'case')}"),
        ]
    )


def _apart(difference: float) -> str:
    """A size without a sign."""
    return points(difference).lstrip("+")


def _power(power: ProtocolPower) -> None:
    st.subheader("What it can find", anchor=False)
    if power.design is None:
        st.markdown(f":material/info: {as_text(power.reason)}")
        page_link("analysis/sample_size", label="How many readers?", icon=":material/calculate:")
        return
    data_table(
        pd.DataFrame(
            {
                "Of": [f.figure.value.capitalize() for f in power.figures],
                "Complete readers": [power.readers for _ in power.figures],
                "Cases of each": [f.cases for f in power.figures],
                f"Power for {_apart(power.difference)}": [
                    "no such test" if f.power is None else percent(f.power, 0) for f in power.figures
                ],
                f"Found with {level(POWER)} power": [
                    "nothing" if f.detectable is None else _apart(f.detectable) for f in power.figures
                ],
            }
        ),
        key="trial.power",
    )
    for found in power.figures:
        if found.power is not None and power.as_page_plans:
            page_link(
                "analysis/sample_size", label=f"Sample size of {found.figure.value} with these numbers",
                icon=":material/calculate:", query_params=link_to_plan(power, found),
            )  # fmt: skip
    how = "all cases are read in both ways"
    if power.kinds > 1:
        how = f"{counted(power.kinds, 'kind')} of assistance share a reader's cases"
    elif power.design is ProtocolDesign.ARMS:
        even = len(set(power.weights)) < 2
        ratio = "evenly" if even else " to ".join(map(str, power.weights))
        how = f"readers are divided {ratio} among {counted(power.arms, 'arm')}, the two smallest of which are compared"
        if power.part < 1:
            how += f"; each reads {percent(power.part, 0)} of the cases, which overlap as in this run"
    st.caption(f"Planned with the assumptions of the page How many readers?, which can be changed there; {how}.")


def _balance(run: TrialRun) -> None:
    balance, theme = run.balance, current_theme()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Readers", anchor=False)
        arms = {arm.arm: arm.name for arm in balance.of_arms()}
        show_figure(
            readers_figure([(arm.name, arm.begun, arm.completed) for arm in balance.of_arms()], theme=theme),
            key="trial.arms",
        )
        if strata := balance.of_strata():
            st.markdown("Within strata")
            by_stratum: dict[str, dict[str, str]] = {}
            for tally in strata:
                said = f"{tally.completed} of {tally.begun}"
                by_stratum.setdefault(stratum_words(tally.stratum), {})[arms[tally.arm]] = said
            rows = [{"Stratum": stratum, **said} for stratum, said in by_stratum.items()]
            data_table(pd.DataFrame(rows), key="trial.strata")
            st.caption("Complete readers of those who began.")
    with right:
        st.subheader("Readings of each case", anchor=False)
        show_figure(readings_of_cases_figure(balance, theme=theme), key="trial.cases")
        st.caption("A point for each number of readings; the more cases have it, the larger.")
        st.subheader("Modalities", anchor=False)
        data_table(_modalities(run), key="trial.modalities")
    with right if strata else left:  # where there is room
        st.subheader("Along the order", anchor=False)
        show_figure(along_order_figure(balance, theme=theme), key="trial.order")
        st.caption(
            f"{level(1 / PARTS_OF_ORDER)} in each quarter is even. Who leaves early takes from the later quarters."
        )


def _modalities(run: TrialRun) -> pd.DataFrame:
    tallies = run.balance.of_modalities()
    return pd.DataFrame(
        {
            "Modality": [modality_label(tally.modality) for tally in tallies],
            "Readings": [tally.readings for tally in tallies],
            "Of a case": [_span(tally.fewest_of_case, tally.most_of_case) for tally in tallies],
            "Of a complete reader": [_span(tally.fewest_of_reader, tally.most_of_reader) for tally in tallies],
            "Cases without": [tally.cases_without for tally in tallies],
        }
    )


def _span(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return ""
    return str(low) if low == high else f"{low} to {high}"


def _rests_on(run: TrialRun) -> None:
    left_out = {_NOT_COUNTED[reason]: n for reason, n in run.balance.not_counted.items() if n}
    said = "; ".join(f"{n:,} {reason}" for reason, n in left_out.items())
    if said:
        st.caption(f"Cases that are no results: {said}.")
    st.caption(as_text(f"{assumed_seconds(run.protocol)} {readers_words(run.protocol, run.wanted)} Nothing is stored."))
