"""`dermdash split`: divide records into parts or folds under a name, look whether it leaks, freeze its test part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.cli.where_option import Where
from dermdash.errors import InvalidInput
from dermdash.wording import counted, form, margin, moment, percent

if TYPE_CHECKING:
    import pandas as pd

    from dermdash.workflows.dataset.check_split import SplitCheck
    from dermdash.workflows.dataset.kept_splits import KeptSplit

app = typer.Typer(no_args_is_help=True, help="Splits of records under a name: parts or folds, and frozen test sets.")
Name = Annotated[str, typer.Argument(help="Name of the split.")]


@app.command("make")
def make(
    name: Annotated[str, typer.Option(help="What to call it; a name means one split for good.")],
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", help="Data set to divide; again for another. Without: all.")
    ] = None,
    where: Where = None,
    parts: Annotated[
        str | None, typer.Option(help="Percent of train/validation/test as 70/15/15, or of train/test as 80/20.")
    ] = None,
    folds: Annotated[int | None, typer.Option(help="So many folds in place of parts.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same records, seed and parts: same split.")] = 2020,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would be and store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Divide records: who belongs together on one side, every class in its share."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.check_split import deviations_of
        from dermdash.workflows.dataset.make_split import draw_split, grouping_words, make_split
        from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares, shares_of_folds

        if parts is not None and folds is not None:
            raise InvalidInput("choose --parts or --folds, not both")
        shares = shares_of_folds(folds) if folds is not None else read_shares(parts or "70/15/15")
        plan = SplitPlan(name, shares, seed, tuple(dataset or ()), RecordFilter.from_words(where or ()))
        drawn, made = (draw_split(workspace, plan), False) if dry_run else make_split(workspace, OPERATOR, plan)
    counts, deviations = drawn.counts, deviations_of(drawn.counts)
    largest = float(deviations.abs().to_numpy().max(initial=0.0))
    if as_json:
        print_json(
            {
                "name": name,
                "made": made,
                "dry_run": dry_run,
                "datasets": list(drawn.datasets),
                "seed": seed,
                "records": len(drawn.rows),
                "grouping": drawn.grouping,
                "classes": {
                    str(label or "no diagnosis"): {str(part): int(n) for part, n in row.items()}
                    for label, row in counts.to_dict("index").items()
                },
                "largest_deviation": largest,
                "warnings": list(drawn.warnings),
            }
        )
        return
    say(
        f"{counted(len(drawn.rows), 'record')} of {', '.join(drawn.datasets)} in "
        f"{counted(drawn.grouping['groups'], 'group')}."
    )
    say(grouping_words(drawn.grouping))
    _say_counts(counts, "class", nothing="no diagnosis")
    say(f"No class is further from its share of the whole than {margin(largest, 2)}.")
    for warning in drawn.warnings:
        say(f"Note: {warning}")
    if dry_run:
        say("Nothing was stored.")
    elif made:
        say(f"Stored as {name!r}. Look at it again with: dermdash split check {name!r}")
    else:
        say(f"The very same split is stored as {name!r} already.")


def _say_counts(counts: pd.DataFrame, what: str, *, nothing: str = "not recorded") -> None:
    names = [str(label) or nothing for label in counts.index]
    wide = max(map(len, (what, *names)))
    say(f"  {what:<{wide}}" + "".join(f"{part!s:>12}" for part in counts.columns))
    for name, row in zip(names, counts.to_numpy().tolist(), strict=True):
        say(f"  {name:<{wide}}" + "".join(f"{n:>12,}" for n in row))


@app.command("list")
def list_all(
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="With those that were taken out of use.")] = False,
    as_json: Json = False,
) -> None:
    """List the splits, latest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.kept_splits import list_splits

        every = list_splits(workspace, withdrawn=withdrawn)
    if as_json:
        print_json({"splits": [split.to_json() for split in every]})
        return
    for split in every:
        say(_line(split))
    if not every:
        say("There is no split yet: dermdash split make --name NAME --dataset ID")


def _line(split: KeptSplit) -> str:
    if split.broken:
        return f"{split.name} [cannot be read: {split.broken}]"
    state = "" if split.state == "open" else f" [{split.state}]"
    return (
        f"{split.name}{state}: {counted(split.records, 'record')} of {', '.join(split.datasets)}, "
        f"{split.parts_in_words}, seed {split.seed}, {moment(split.created_at)}"
    )


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Say what a split is: parts, records, filter, seed, who made and locked it."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.people import names_of
        from dermdash.workflows.dataset.kept_splits import get_split, uses_of_split
        from dermdash.workflows.dataset.make_split import grouping_words

        split = get_split(workspace, name)
        uses, people = uses_of_split(workspace, split), names_of(workspace)
    if as_json:
        print_json({**split.to_json(), "used_by": uses})
        return
    say(_line(split))
    if split.broken:
        return
    say(f"Made by {people.get(split.created_by, split.created_by)}. {grouping_words(split.grouping)}")
    if split.filter_in_words:
        say(f"Only records with {split.filter_in_words}.")
    for part in split.parts:
        say(f"  {part.name:<12}{part.records:>10,}  {percent(part.records / max(split.records, 1))}")
    if split.locked_at:
        say(f"Test part locked by {people.get(str(split.locked_by), split.locked_by)}, {moment(split.locked_at)}.")
    if split.withdrawn_at:
        say(f"Withdrawn {moment(split.withdrawn_at)}: {split.withdrawal_reason}")
    if uses:
        say(f"Used by {', '.join(uses)}.")


@app.command("check")
def check(name: Name, as_json: Json = False) -> None:
    """Say whether anything known today stands on two sides, and how alike the parts are. Ends with 1 if it leaks."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.check_split import check_split

        found = check_split(workspace, name)
    if as_json:
        print_json(found.to_json())
    else:
        _say_check(found)
    if not found.leaks_nothing:
        raise typer.Exit(1)


def _say_check(found: SplitCheck) -> None:
    for leak in found.leaks:
        n = len(leak.across)
        say(f"{leak.tie.words}: {leak.ties:,}; on more than one side: {n:,}")
        for ids in leak.across[:10]:
            say(f"  {', '.join(ids)}")
        if n > 10:
            say(f"  and {n - 10:,} more: --json lists all.")
    if found.leaks_nothing:
        say("Nothing that is known today stands on two sides.")
    else:
        say("The split leaks: what is listed stands on two sides. A split never changes; make a new one.")
    if found.undecided:
        waiting = counted(found.undecided, "candidate")
        say(
            f"{waiting} for one lesion across parts {form(found.undecided, 'waits', 'wait')} for a decision (findings)."
        )
    say("")
    for row in found.parts.to_dict("records"):
        say(
            f"{row['part']}: {counted(row['records'], 'record')}, {counted(row['patients'], 'patient')}, "
            f"{counted(row['lesions'], 'lesion')}"
        )
    _say_counts(found.classes, "class", nothing="no diagnosis")
    _say_counts(found.stages, "stage")
    _say_counts(found.qualities, "quality")
    say(f"No class is further from its share of the whole than {margin(found.largest_deviation, 2)}.")
    if found.rejected:
        gone = f"{counted(found.rejected, 'record')} of it {form(found.rejected, 'was', 'were')}"
        say(f"{gone} rejected for image quality since: trainings and evaluations leave them out.")
    for model in found.trained:
        say(f"Model {model['name']} ({model['model']}) was trained on {counted(model['records'], 'record')} of test.")


@app.command("lock")
def lock(
    name: Name,
    note: Annotated[str, typer.Option(help="What for, to be kept with it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Without asking: there is no way back.")] = False,
    as_json: Json = False,
) -> None:
    """Freeze the test part for good: no training here uses it, nor what shows the same lesion or person."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.classifier.training.control import active_job
        from dermdash.workflows.classifier.training.job import list_jobs
        from dermdash.workflows.dataset.kept_splits import lock_split, standing_split
        from dermdash.workflows.dataset.locked_records import records_behind_locks

        split = standing_split(workspace, name)
        if split.has_test and not split.locked_at and not yes:
            typer.confirm(f"Freeze the test part of {name!r}? It cannot be undone.", abort=True)
        running = active_job(list_jobs(workspace.home))
        locked = lock_split(workspace, OPERATOR, name, note=note)
        behind = len(records_behind_locks(workspace)[name])
    own = next(part.records for part in split.parts if part.name == "test")
    if as_json:
        print_json({"name": name, "locked_now": locked, "records": own, "held_back": behind})
        return
    say(f"The test part of {name!r} {'is locked' if locked else 'was locked already'}: {counted(own, 'record')}.")
    if running is not None:
        say(f"The training {running.settings.title} is running and ends as it began: `dermdash split check` will tell.")
    say(f"No training uses these, and {behind - own:,} others of the same lesions, patients or files.")


@app.command("withdraw")
def withdraw(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why, to be kept with it.")],
    as_json: Json = False,
) -> None:
    """Take a split out of use that is neither locked nor used; its name stays taken."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.kept_splits import withdraw_split

        withdraw_split(workspace, OPERATOR, name, reason=reason)
    if as_json:
        print_json({"name": name, "withdrawn": True})
        return
    say(f"The split {name!r} is withdrawn.")


@app.command("export")
def export(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="CSV to write.")],
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write each record of a split with its part as CSV."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.kept_splits import get_split, split_csv
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.write_output import write_output

        n = get_split(workspace, name).records
        privacy = Privacy(hide_names, key_id=key)
        write_output(out, split_csv(workspace, name, privacy=privacy))
    if as_json:
        print_json({"name": name, "out": str(out), "records": n, "hidden": {"pseudonyms": hide_names}})
        return
    say(f"{counted(n, 'record')} written to {out}.")
    say(names_words(privacy.words, hidden=hide_names))
