"""`dermdash acquisition`: measure images, list proposals and decisions, take scores in, agreement of both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dermdash.cli.console import Cluster, Json, command_workspace, print_json, progress_bar, say, tell
from dermdash.cli.deidentify_commands import Dataset, named_datasets
from dermdash.wording import counted

app = typer.Typer(no_args_is_help=True, help="The acquisition gate: how images were taken, and who let them in.")
_INTERRUPTED = "Interrupted. What was measured is kept; run the same command again to finish."


@app.command("measure")
def measure_images(dataset: Dataset = None, cluster: Cluster = None, as_json: Json = False) -> None:
    """Measure images and propose a score for each; what was measured already is left out."""
    with command_workspace(_INTERRUPTED, cluster=cluster) as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.acquisition_state import gate_counts, queue_table
        from dermdash.workflows.dataset.measure_acquisition import measure

        chosen = named_datasets(workspace, dataset)
        with progress_bar("Measuring", unit="images") as advance:
            report = measure(
                workspace, OPERATOR, dataset_ids=chosen, progress=lambda done, total: advance(done, total, "")
            )
        counts = gate_counts(queue_table(workspace, chosen))
    for record_id, reason in report.unreadable.items():
        say(f"Left out: {record_id}: {reason}")
    if as_json:
        print_json({**report.to_json(), "state": counts.to_json()})
        return
    say(f"{counted(report.measured, 'record')} measured; {counts.measured:,} of {counted(counts.images, 'image')} are.")
    for score, n in report.proposed.items():
        if n:
            tell(f"  proposed {score}: {n:>8,}")
    say("A person decides: the page Image quality, or `dermdash acquisition score`.")


@app.command("list")
def list_images(dataset: Dataset = None, as_json: Json = False) -> None:
    """List every record with the proposed score, why, and the score and decision of a person."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.acquisition_list import listed_images

        rows = listed_images(workspace, named_datasets(workspace, dataset))
    if as_json:
        print_json({"images": rows})
        return
    for row in rows:
        said = row["decision"] or "open"
        proposed = "-" if row["proposed_score"] is None else row["proposed_score"]
        tell(f"{row['image_id']}  proposed {proposed}  {said}{_score(row)}  {'; '.join(row['why'])}")


def _score(row: dict[str, Any]) -> str:
    return "" if row["score"] is None else f" ({row['score']})"


@app.command("score")
def take_scores(
    file: Annotated[Path, typer.Argument(help="Table with the columns image_id, score (1-5) and, optional, note.")],
    as_json: Json = False,
) -> None:
    """Take people's scores from a table; 1 and 2 reject. Rows that cannot be taken are named."""
    with command_workspace("Interrupted. The scores of the rows before stay.") as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.import_scores import import_scores

        with progress_bar("Scoring", unit="images") as advance:
            report = import_scores(workspace, OPERATOR, file, progress=lambda done, total: advance(done, total, ""))
    for row, reason in report.left_out:
        say(f"Left out: row {row}: {reason}")
    if as_json:
        print_json(report.to_json())
    else:
        say(f"{counted(report.stored, 'score')} stored, {report.rejected:,} of them reject.")
    if report.left_out and not report.stored:
        raise typer.Exit(1)


@app.command("agreement")
def show_agreement(dataset: Dataset = None, as_json: Json = False) -> None:
    """Say how far proposed scores and people's agree, over answers given before the proposal was seen."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.acquisition_agreement import agreement_sentences, proposal_agreement

        found = proposal_agreement(workspace, named_datasets(workspace, dataset))
    if as_json:
        print_json(found.to_json())
        return
    for sentence in agreement_sentences(found):
        tell(sentence)
