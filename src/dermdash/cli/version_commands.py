"""`dermdash version`: give the state of a data set a name, and say later what is left of it and what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, progress_bar, say
from dermdash.wording import counted, moment

if TYPE_CHECKING:
    from dermdash.workflows.dataset.compare_versions import FieldChange, VersionChanges

app = typer.Typer(no_args_is_help=True, help="Tagged versions of data sets: tag, verify, compare.")
Dataset = Annotated[str, typer.Option("--dataset", help="Data set id.")]
Name = Annotated[str, typer.Argument(help="Name of the version.")]
_SHOWN = 20


@app.command("tag")
def tag(
    dataset: Dataset,
    name: Annotated[str, typer.Option(help="What to call the present state, for good.")],
    note: Annotated[str, typer.Option(help="What it is for.")],
    as_json: Json = False,
) -> None:
    """Give the present state of a data set a name."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.tag_version import tag_version

        tagged = tag_version(workspace, OPERATOR, dataset, name, note=note)
    version = tagged.version
    if as_json:
        print_json({**version.to_json(), "made": tagged.made, "written_again": tagged.written_again})
        return
    say(f"{counted(version.records, 'record')} of {dataset}, version {name!r}: the state {tagged.words}.")
    say(f"Its manifest has the sha256 {version.manifest_sha256}.")


@app.command("list")
def list_all(
    dataset: Annotated[str | None, typer.Option("--dataset", help="Of this data set only.")] = None,
    as_json: Json = False,
) -> None:
    """List tagged versions, latest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.tag_version import list_versions

        every = list_versions(workspace, dataset)
    if as_json:
        print_json({"versions": [version.to_json() for version in every]})
        return
    for version in every:
        say(
            f"{version.dataset_id} {version.name}: {counted(version.records, 'record')}, {moment(version.tagged_at)}, "
            f"{version.manifest_sha256[:12]}: {version.note}"
        )
    if not every:
        say("There is no version yet: dermdash version tag --dataset ID --name NAME --note TEXT")


@app.command("show")
def show(
    dataset: Dataset,
    name: Annotated[str | None, typer.Argument(help="Name of the version; without: which one it is now.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a version is, or which version the data set is at present."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.people import names_of
        from dermdash.workflows.dataset.tag_version import get_version, version_of

        if name is None:
            state = version_of(workspace, dataset)
            if as_json:
                print_json(state.to_json())
            else:
                say(f"{dataset}: {state.words}.")
            return
        version, people = get_version(workspace, dataset, name), names_of(workspace)
    if as_json:
        print_json(version.to_json())
        return
    say(f"{dataset} {version.name}: {version.note}")
    who = people.get(version.tagged_by, version.tagged_by)
    say(f"{counted(version.records, 'record')}, tagged by {who}, {moment(version.tagged_at)}.")
    say(f"Manifest sha256 {version.manifest_sha256}")


@app.command("verify")
def verify(dataset: Dataset, name: Name, as_json: Json = False) -> None:
    """Read the manifest and every file it names. Ends with 1 where something is missing or damaged."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.tag_version import verify_version

        with progress_bar("Verifying", unit="records") as advance:
            found = verify_version(workspace, dataset, name, progress=lambda at, of: advance(at, of, ""))
    if as_json:
        print_json(found.to_json())
    else:
        for fault in found.faults[:_SHOWN]:
            say(f"{fault.image_id}: the {fault.kind} is {fault.why}")
        if len(found.faults) > _SHOWN:
            say(f"and {len(found.faults) - _SHOWN:,} more: --json lists all.")
        whole = "every one is as it was" if found.whole else f"{counted(len(found.faults), 'file is', 'files are')} not"
        say(f"{counted(found.files, 'file')} of {counted(found.version.records, 'record')} looked at: {whole}.")
        if found.covered:
            n = counted(found.covered, "image was", "images were")
            say(f"{n} replaced since by a covered version; the earlier file is locked away.")
        say(f"{counted(found.changed_since, 'record differs', 'records differ')} from the data set of today.")
    if not found.whole:
        raise typer.Exit(1)


@app.command("compare")
def compare(
    dataset: Dataset,
    old: Annotated[str, typer.Argument(help="The earlier version.")],
    new: Annotated[str, typer.Argument(help="The later version; now: the present state.")] = "now",
    as_json: Json = False,
) -> None:
    """Say what differs between two versions, or between a version and the present state."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.tag_version import compare_versions

        changes = compare_versions(workspace, dataset, old, new)
    if as_json:
        print_json({"dataset": dataset, "old": old, "new": new, **changes.to_json()})
        return
    _say_changes(changes)


def _say_changes(changes: VersionChanges) -> None:
    if changes.none:
        say("Nothing differs.")
        return
    say(f"{counted(changes.records, 'record differs', 'records differ')}.")
    for title, ids in (
        ("added", changes.added), ("removed", changes.removed), ("another image", changes.images),
        ("another mask", changes.masks), ("splits made", changes.splits_added),
        ("splits withdrawn", changes.splits_removed),
    ):  # fmt: skip
        if ids:
            more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
            say(f"  {title} ({len(ids):,}): {', '.join(ids[:_SHOWN])}{more}")
    for (before, after), n in changes.diagnoses.items():
        say(f"  diagnosis {before or 'none'} -> {after or 'none'}: {counted(n, 'record')}")
    _say_fields("label", changes.labels)
    _say_fields("field", changes.fields)
    _say_fields("data set", changes.dataset)


def _say_fields(what: str, changes: tuple[FieldChange, ...]) -> None:
    for change in changes[:_SHOWN]:
        old, new = ("none" if value is None else value for value in (change.old, change.new))
        say(f"  {what} {change.image_id} {change.field}: {old} -> {new}")
    if len(changes) > _SHOWN:
        say(f"  and {len(changes) - _SHOWN:,} more: --json lists all.")
