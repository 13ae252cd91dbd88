"""`dermdash backup`, `restore` and `check`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, step_lines, tell
from dermdash.cli.here_or_in_the_app import here_or_in_the_app
from dermdash.progress import StageProgress
from dermdash.wording import counted, file_size

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("check")(check)


def backup(
    out: Annotated[Path, typer.Argument(help="A new folder, or an earlier backup, which is brought up to date.")],
    as_json: Json = False,
) -> None:
    """Back the workspace up, database and files as of one moment; the app may run and readers may answer."""
    with errors_explained("Interrupted. An earlier backup there is as it was; run the same command again to finish."):
        made = here_or_in_the_app("backup", {"folder": str(out.absolute())}, "Backup", _back_up_here)
    for name in made["damaged"]:
        say(f"Damaged in the workspace: {name}. `dermdash check` says more.")
    if made["gone"]:
        say(f"Kept from the earlier backup, no longer in the workspace: {counted(len(made['gone']), 'file')}.")
    if as_json:
        print_json(made)
        return
    tell(
        f"Backup of {made['workspace']} in {made['backup']}: {counted(made['readings'], 'reading')}, "
        f"{counted(made['files'], 'file')} ({file_size(made['bytes'])}), of which {made['copied']:,} are new."
    )


def check(
    backup: Annotated[
        Path | None,
        typer.Option(help="Look at this backup instead of the workspace: is every file what was backed up?"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look whether the workspace is whole; the app may run. Exit code 1 where something is wrong."""
    with errors_explained():
        found = _check_backup(backup) if backup is not None else _check_workspace()
    if as_json:
        print_json(found)
    else:
        for fault in found["faults"]:
            tell(fault["text"])
        notes = found["notes"]
        for note in notes[:5]:
            say(f"Note: {note['text']}")
        if len(notes) > 5:
            say(f"Note: and {len(notes) - 5:,} more; --json lists them.")
        if found["sound"]:
            where = found.get("backup") or found["workspace"]
            tell(f"Sound: {where}, {counted(found['readings'], 'reading')}, {counted(found['files'], 'file')}.")
    if not found["sound"]:
        raise typer.Exit(1)


def restore(
    backup: Annotated[Path, typer.Argument(help="The folder that `dermdash backup` made.")],
    into: Annotated[Path | None, typer.Option(help="Workspace folder; that of the environment when not given.")] = None,
    replace_it: Annotated[
        bool, typer.Option("--replace", help="Move what is in the workspace aside, into its folder backups.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring a backup back, into an empty workspace or in the place of what is there; stop the app before."""
    with errors_explained("Interrupted. Run the same command again."):
        from dermdash.settings import Settings
        from dermdash.workflows.workspace import restore as workflow

        settings = Settings() if into is None else Settings().model_copy(update={"home": into})
        with step_lines("Restore") as step:
            restored = workflow.restore(backup, settings, replace=replace_it, progress=step)
    if as_json:
        print_json(restored.as_dict())
        return
    if restored.replaced is not None:
        say(f"What was there before lies in {restored.replaced}.")
    tell(
        f"Restored into {restored.home} as of {restored.made_at}: {counted(restored.tables['reading'], 'reading')}, "
        f"{counted(restored.files, 'file')}."
    )


def _check_backup(folder: Path) -> dict[str, Any]:
    from dermdash.workflows.workspace.backup_folder import damaged_files, read_manifest, read_sums

    folder = folder.absolute()
    manifest = read_manifest(folder)
    with step_lines("Check") as step:
        damaged = damaged_files(folder, progress=step)
    otherwise = "Take another backup, or put a sound copy in its place."
    return {
        "backup": str(folder),
        "sound": not damaged,
        "readings": manifest.get("readings", 0),
        "files": len(read_sums(folder)) - 1,
        "faults": [{"kind": "backup", "text": f"{name} is {why}. {otherwise}"} for name, why in damaged.items()],
        "notes": [],
    }


def _check_workspace() -> dict[str, Any]:
    from dermdash.workflows.workspace.app_verbs import VERBS

    return here_or_in_the_app("check", {}, "Check", VERBS["check"])


def _back_up_here(workspace: Workspace, arguments: Mapping[str, Any], step: StageProgress) -> dict[str, Any]:
    from dermdash.workflows.workspace.back_up import back_up

    # The files may take hours; the app may be started meanwhile.
    return back_up(workspace, Path(arguments["folder"]), progress=step, database_copied=workspace.close).as_dict()
