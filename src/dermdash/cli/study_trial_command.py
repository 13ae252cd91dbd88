"""`dermdash study simulate`: a trial run of a protocol before it is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, step_lines, tell
from dermdash.cli.study_case_commands import ProtocolFile, read_protocol
from dermdash.wording import counted, level, percent, points

if TYPE_CHECKING:
    from dermdash.analyses.sample_size.of_protocol import ProtocolPower
    from dermdash.workflows.reader_study.trial_run import TrialRun


def register(study: typer.Typer) -> None:
    """Add the command."""
    study.command("simulate")(simulate)


def simulate(
    protocol: ProtocolFile,
    readers: Annotated[int, typer.Option(help="Readers who begin.")],
    dropout: Annotated[float, typer.Option(help="Share that leaves before the end, e.g. 0.2.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the readers; cases and arms have the protocol's.")] = 0,
    strata: Annotated[
        list[str] | None,
        typer.Option("--stratum", help="Readers of a stratum, e.g. dermatologist=20; once for each of them."),
    ] = None,
    difference: Annotated[float, typer.Option(help="True difference whose power is said.")] = 0.1,
    as_json: Json = False,
) -> None:
    """Run a protocol with invented readers: balance, minutes and power. Nothing is stored; no workspace is needed."""
    with errors_explained():
        from dermdash.analyses.sample_size.of_protocol import power_of_protocol
        from dermdash.reader_study.trial_readers import TrialReaders, parse_strata
        from dermdash.workflows.reader_study.trial_run import run_trial

        wanted = TrialReaders(readers, dropout, seed, parse_strata(strata or ()))
        asked = read_protocol(protocol)
        with step_lines("Trial run") as step:
            run = run_trial(asked, wanted, progress=step)
        power = power_of_protocol(
            asked, readers=run.balance.completed, difference=difference, overlap=run.balance.overlap()
        )
        if as_json:
            print_json(run.as_dict() | {"power": power.as_dict()})
            return
        _tell(run, power)


def _tell(run: TrialRun, power: ProtocolPower) -> None:
    from dermdash.analyses.sample_size.of_protocol import POWER
    from dermdash.reader_study.reading_time import assumed_seconds, minutes_words
    from dermdash.reader_study.trial_readers import readers_words, stratum_words
    from dermdash.readings.modality import modality_label

    balance = run.balance
    tell(f"{counted(run.wanted.count, 'reader')}, {minutes_words(run.protocol)} each; {balance.completed} complete.")
    for arm in balance.of_arms():
        tell(f"  {arm.name}: {arm.begun} begun, {arm.completed} complete, {counted(arm.readings, 'reading')}")
    for stratum in balance.of_strata():
        tell(f"  {stratum_words(stratum.stratum)}, {stratum.arm}: {stratum.begun} begun, {stratum.completed} complete")
    for each in balance.of_modalities():
        tell(
            f"  {modality_label(each.modality)}: {counted(each.readings, 'reading')}, {each.fewest_of_case} to "
            f"{each.most_of_case} of a case"
        )
    if power.design is None:
        tell(power.reason)
    for figure in power.figures:
        found = "none" if figure.detectable is None else points(figure.detectable)
        tell(
            f"  {figure.figure.value}: power {percent(figure.power, 0)} for {points(power.difference)}; found with "
            f"{level(POWER)} power: {found}"
        )
    for warning in run.warnings:
        say(warning)
    tell(assumed_seconds(run.protocol))
    tell(readers_words(run.protocol, run.wanted))
