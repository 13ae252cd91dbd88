"""`dermdash dataset`: what records consist of, how two data sets differ, where records lie on a map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.cli.where_option import Where
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.records.record_filter import RecordFilter

app = typer.Typer(no_args_is_help=True, help="Data sets: statistics, comparison, map.")
Datasets = Annotated[
    list[str] | None, typer.Option("--dataset", help="Only these data sets (repeatable); all photographs otherwise.")
]


@app.command("statistics")
def show_statistics(
    dataset: Datasets = None,
    where: Where = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for all tables (CSV, LaTeX) and figures (CSV, SVG, PNG).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Describe records (categories, exclusions, patients, ages, sex, stages) as a paper's tables and figures."""
    with command_workspace() as workspace:
        from dermdash.analyses.dataset_statistics.figures import missingness_figure, statistics_figures
        from dermdash.analyses.dataset_statistics.tables import statistics_tables
        from dermdash.report.dataset_files import dataset_files
        from dermdash.workflows.dataset.browse_records import dataset_names
        from dermdash.workflows.dataset.statistics import (
            GROUPED_BY,
            dataset_statistics,
            described_records,
            missingness,
        )
        from dermdash.workflows.write_output import write_output

        wanted = wanted_records(dataset, where)
        described = described_records(workspace, wanted)
        found = dataset_statistics(workspace, wanted)
        tables = statistics_tables(found)
        files: dict[str, bytes] = {}
        if out is not None:
            names = dataset_names(workspace)
            missing = [
                missingness_figure(missingness(workspace, wanted, by), by, title, names)
                for by, title in GROUPED_BY.items()
            ]
            files = dataset_files(tables, [*statistics_figures(found), *missing])
            for name, content in files.items():
                write_output(out / name, content)
    if described.left_out:
        say(f"Not counted: {described.left_out}; --dataset asks for them.")
    if as_json:
        print_json(found.as_dict() | {"out": None if out is None else str(out), "files": list(files)})
        return
    if not found.records:
        say("No record passes.")
    for table in tables[3:]:
        tell(f"{table.title}\n{table.shown.to_string(index=False)}\n")
    if out is not None:
        say(f"{counted(len(files), 'file')} written to {out}.")


def wanted_records(dataset: list[str] | None, where: list[str] | None) -> RecordFilter:
    """The filter that the options say."""
    from dermdash.records.record_filter import RecordFilter

    return RecordFilter.from_words([*(where or ()), *(f"dataset_id={key}" for key in dataset or ())])
