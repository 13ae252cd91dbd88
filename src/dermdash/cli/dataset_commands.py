"""`dermdash dataset`: what records consist of, how two data sets differ, where records lie on a map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import (
    Json,
    Simulated,
    command_workspace,
    print_json,
    progress_bar,
    say,
    say_which,
    tell,
)
from dermdash.cli.where_option import Where
from dermdash.wording import counted, number

if TYPE_CHECKING:
    from dermdash.records.record_filter import RecordFilter

app = typer.Typer(no_args_is_help=True, help="Data sets: statistics, comparison, map.")
_LISTED = 10
METHOD = "pacmap"
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
        from dermdash.analyses.dataset_statistics.section import statistics_answer
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
        answer = {"answer_in_words": statistics_answer(found).as_dict()}
        print_json(found.as_dict() | answer | {"out": None if out is None else str(out), "files": list(files)})
        return
    if not found.records:
        say("No record passes.")
    else:
        tell(f"{statistics_answer(found).sentence}\n")
    for table in tables[3:]:
        tell(f"{table.title}\n{table.shown.to_string(index=False) if len(table.shown) else 'no rows'}\n")
    if out is not None:
        say(f"{counted(len(files), 'file')} written to {out}.")


def wanted_records(dataset: list[str] | None, where: list[str] | None) -> RecordFilter:
    """The filter that the options say."""
    from dermdash.records.record_filter import RecordFilter

    return RecordFilter.from_words([*(where or ()), *(f"dataset_id={key}" for key in dataset or ())])


@app.command("map")
def write_map(
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write: one row per record.")] = None,
    dataset: Datasets = None,
    where: Where = None,
    model: Annotated[str | None, typer.Option("--model", help="Model id; the one in use when not given.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the pairs that are drawn.")] = 0,
    simulated: Simulated = False,
    as_json: Json = False,
) -> None:
    """Place records on a map by a model's features (PaCMAP), with how far each is from its nearest others."""
    with command_workspace() as workspace:
        from dermdash.records.safe_csv import to_safe_csv
        from dermdash.workflows.classifier.model_in_use import answering_model
        from dermdash.workflows.classifier.record_map import chosen_rows, record_map
        from dermdash.workflows.dataset.image_kinds import default_kind, kind_of_datasets
        from dermdash.workflows.write_output import write_output

        drawn = kind_of_datasets(workspace, dataset) if dataset else simulated or default_kind(workspace)
        chosen = answering_model(workspace, model, dataset_ids=dataset, simulated=drawn)
        say_which(workspace, chosen, simulated=drawn, asked=bool(dataset))
        with progress_bar("Placing") as advance:
            found = record_map(
                workspace,
                chosen["id"],
                simulated=drawn,
                seed=seed,
                progress=lambda done, total: advance(done, total, ""),
            )
        assert found is not None
        shown = chosen_rows(workspace, found, wanted_records(dataset, where))
        table = found.table().iloc[shown]
        if out is not None:
            write_output(out, to_safe_csv(table))
    lonely = table.sort_values("uniqueness", ascending=False).head(_LISTED)
    if as_json:
        print_json(
            {
                "model": chosen["id"], "seed": seed, "simulated": drawn, "records": len(found), "shown": len(table),
                "out": None if out is None else str(out), "method": METHOD,
                "least_like_others": lonely[["id", "uniqueness"]].to_dict("records"),
            }
        )  # fmt: skip
        return
    say(f"{counted(len(table), 'record')} of {counted(len(found), 'record')} on the map.")
    tell("Least like any other (mean distance to the nearest ten):")
    for record_id, distance in lonely[["id", "uniqueness"]].itertuples(index=False):
        tell(f"  {number(distance, 3)}  {record_id}")


@app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Id of a data set.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Id of another.")],
    model: Annotated[str | None, typer.Option("--model", help="Model id; the one in use when not given.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables (CSV, LaTeX).")] = None,
    as_json: Json = False,
) -> None:
    """Hold two data sets against one another: what each documents, what they share, how far apart they are."""
    with command_workspace() as workspace:
        from dermdash.analyses.dataset_comparison import tables as made
        from dermdash.errors import DermdashError
        from dermdash.records.record_filter import RecordFilter
        from dermdash.report.dataset_files import dataset_files
        from dermdash.workflows.classifier.dataset_distance import dataset_distance
        from dermdash.workflows.classifier.model_in_use import answering_model
        from dermdash.workflows.dataset.browse_records import dataset_names
        from dermdash.workflows.dataset.compare_datasets import check_two, compared_datasets, shared_images
        from dermdash.workflows.dataset.image_kinds import kind_of_datasets
        from dermdash.workflows.write_output import write_output

        check_two(workspace, first, second)
        both = RecordFilter(dataset_id=(first, second))
        datasets = sorted(compared_datasets(workspace, both), key=lambda d: d.id != first)
        with progress_bar("Comparing pictures") as advance:
            shared = shared_images(workspace, both, progress=lambda done, total: advance(done, total, ""))
        simulated = kind_of_datasets(workspace, [first, second])
        distance, why = None, ""
        try:
            chosen = answering_model(workspace, model, simulated=simulated)
            distance = dataset_distance(workspace, chosen["id"], first, second, seed=seed)
        except DermdashError as error:
            if model is not None:
                raise
            why = str(error)
        names = dataset_names(workspace)
        tables = [
            made.comparison_table(datasets), made.classes_table(datasets), made.shared_table(shared, names),
            made.shared_pairs_table(shared),
        ]  # fmt: skip
        if distance is not None:
            tables.append(made.distance_table(distance.overall, distance.by_class))
        if out is not None:
            for name, content in dataset_files(tables, ()).items():
                write_output(out / name, content)
    if as_json:
        print_json(
            {
                "datasets": [d.as_dict() for d in datasets], "shared": [s.as_dict() for s in shared],
                "distance": None if distance is None else distance.as_dict(), "not_measured": why or None,
                "simulated": simulated, "out": None if out is None else str(out),
            }
        )  # fmt: skip
        return
    for table in tables:
        if table.name != "shared-pairs":
            tell(f"{table.title}\n{table.shown.to_string(index=False)}\n")
    tell(made.shared_words(shared))
    if distance is None:
        tell(f"How far apart they are was not measured: {why}")
    else:
        tell(made.distance_words(distance.overall, names[first], names[second]))
