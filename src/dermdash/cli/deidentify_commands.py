"""`dermdash deidentify`: writing in pictures, what was taken out of files, the key of pseudonyms.

Decisions and the sign-off are made on the page, by somebody who has signed in: they carry a name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Cluster, Json, command_workspace, errors_explained, print_json, progress_bar, say, tell
from dermdash.errors import NotFound
from dermdash.wording import counted

app = typer.Typer(no_args_is_help=True, help="What could show who somebody is: in files, pictures and exports.")
Dataset = Annotated[str | None, typer.Option("--dataset", help="Only this data set; all when not given.")]
_INTERRUPTED = "Interrupted. What was searched is kept; run the same command again to finish."


def named_datasets(workspace: object, dataset: str | None) -> list[str] | None:
    """The data set that was named, if there is one of that id; None: all."""
    from dermdash.workflows.dataset.browse_records import list_datasets

    known = [str(d["id"]) for d in list_datasets(workspace)]  # type: ignore[arg-type]
    if dataset is not None and dataset not in known:
        raise NotFound(f"There is no data set {dataset!r}; there are: {', '.join(known) or 'none'}")
    return None if dataset is None else [dataset]


@app.command("search")
def search_text(dataset: Dataset = None, cluster: Cluster = None, as_json: Json = False) -> None:
    """Search images for burned-in text; what was searched already is left out."""
    with command_workspace(_INTERRUPTED, cluster=cluster) as workspace:
        from dermdash.workflows.dataset.deidentification_state import text_state
        from dermdash.workflows.dataset.search_for_text import screen

        chosen = named_datasets(workspace, dataset)
        with progress_bar("Searching", unit="images") as advance:
            report = screen(workspace, dataset_ids=chosen, progress=lambda done, total: advance(done, total, ""))
        state = text_state(workspace, chosen)
    for sha256, reason in report.unreadable.items():
        say(f"Left out: image {sha256[:12]}…: {reason}")
    if as_json:
        print_json({"searched": report.screened, "proposed": report.proposed, "unreadable": dict(report.unreadable),
                    "state": state.to_json()})  # fmt: skip
        return
    say(f"{counted(report.screened, 'image')} searched, writing proposed in {report.proposed:,} of them.")
    say(state.statement)
    if state.open:
        say("Decide on the app's page Privacy.")


@app.command("clean")
def clean_files(dataset: Dataset = None, as_json: Json = False) -> None:
    """Take out of stored files what the search found in them beside pixels; pixels stay as they are."""
    with command_workspace("Interrupted. What was cleaned stays so.") as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset import judge_images

        cleaned = judge_images.clean_files(workspace, OPERATOR, named_datasets(workspace, dataset))
    if as_json:
        print_json({"cleaned": cleaned})
        return
    say(f"{counted(cleaned, 'file')} cleaned. `dermdash deidentify search` looks at the new versions.")


@app.command("status")
def show_status(dataset: Dataset = None, as_json: Json = False) -> None:
    """Say what may be said of the images, and what was taken out of their files."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.dataset.deidentification_state import text_state
        from dermdash.workflows.dataset.removed_metadata import removed_by_kind

        chosen = named_datasets(workspace, dataset) or [str(d["id"]) for d in list_datasets(workspace)]
        state = text_state(workspace, chosen)
        kinds = removed_by_kind(workspace, chosen)
    if as_json:
        removed = {str(kind): n for kind, n in kinds.counts.items()}
        print_json({**state.to_json(), "removed": removed, "clean": kinds.clean, "unknown": kinds.unknown})
        return
    tell(state.statement)
    for kind, n in kinds.counts.items():
        tell(f"{n:>8,}  {kind.words}")
    tell(f"{kinds.clean:>8,}  Nothing but pixels")
    if kinds.unknown:
        tell(f"{kinds.unknown:>8,}  Not known: they came before this was kept")


@app.command("removed")
def write_removed(out: Annotated[Path, typer.Option("--out", help="CSV to write.")], dataset: Dataset = None) -> None:
    """Write which images held what beside their pixels."""
    with command_workspace() as workspace:
        from dermdash.records.safe_csv import to_safe_csv
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.dataset.removed_metadata import removed_table
        from dermdash.workflows.write_output import write_output

        chosen = named_datasets(workspace, dataset) or [str(d["id"]) for d in list_datasets(workspace)]
        table = removed_table(workspace, chosen)
        write_output(out, to_safe_csv(table))
    say(f"{counted(len(table), 'image')} written to {out}.")


@app.command("key")
def show_key(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new key; earlier ones stay in the file for `records export --key`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say where the key of pseudonyms lies and which there are; make a new one on request."""
    with errors_explained():
        from dermdash.settings import Settings
        from dermdash.storage import pseudonym_key

        settings = Settings()
        path = pseudonym_key.key_path(settings)
        if rotate:
            pseudonym_key.rotate(settings)
        facts = pseudonym_key.key_facts(settings)
    if as_json:
        print_json({"file": str(path), "keys": [{"id": f.key_id, "made_at": f.made_at, "in_use": f.in_use}
                                                for f in facts]})  # fmt: skip
        return
    tell(f"{path}")
    for fact in facts:
        tell(f"  {fact.key_id}  made {fact.made_at}{'  in use' if fact.in_use else ''}")
    if not facts:
        tell("  no key yet: the first export with pseudonyms makes one")
    say("Keep a copy of this file apart from backups of the workspace: without it the same pseudonyms cannot be made.")
