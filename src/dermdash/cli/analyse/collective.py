"""`dermdash analyse collective`: what panels of readers decide."""

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, Source, Stage3, Truth, readings_and_workspace
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings

Model = Annotated[str | None, typer.Option("--model", help="Model of the workspace; default: the study's own.")]
Predictions = Annotated[
    Path | None, typer.Option("--predictions", help="CSV of the model's probabilities by image, instead of a model.")
]
IncludeTrained = Annotated[
    bool, typer.Option("--include-trained", help="Also cases the model was trained on: its figures are too good then.")
]


@app.command("collective")
def collective(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    stage_3: Stage3 = False,
    max_panel: Annotated[
        int | None, typer.Option(min=1, help="Largest panel; default: what half of the cases can seat, at most 15.")
    ] = None,
    by: Annotated[str, typer.Option(help="Group readers by experience_group or profession.")] = "experience_group",
    mix: Annotated[
        tuple[str, str] | None, typer.Option(help="Two groups to mix; default: the two with most readers.")
    ] = None,
    mix_size: Annotated[int | None, typer.Option(min=1, help="Size of the mixed panels.")] = None,
    model: Model = None,
    predictions: Predictions = None,
    include_trained: IncludeTrained = False,
    bootstrap: Annotated[int, typer.Option(min=0, max=100_000, help="Replicates of readers and cases.")] = 1000,
    as_json: Json = False,
) -> None:
    """Accuracy of the plurality of k readers: by experience, before and after assistance, with the model."""
    read_as, needed = ReadAs(truth, spellings, stage_3=stage_3), model is not None
    with readings_and_workspace(source, read_as, workspace_needed=needed) as (table, workspace, study_id):
        from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
        from dermdash.analyses.model_opinions import model_opinions
        from dermdash.workflows.classifier.evaluation_cases import PredictionFile

        opinions = model_opinions(
            table,
            workspace=workspace,
            study_id=study_id,
            model_id=model,
            predictions=None if predictions is None else PredictionFile(predictions.name, predictions),
            include_trained=include_trained,
        )
        first, second = (None, None) if mix is None else mix
        options = CollectiveOptions(
            limit=max_panel, by=by, first=first, second=second, mixed_size=mix_size, replicates=bootstrap
        )
        result = analyse_collective(table, opinions=opinions, options=options)
        if as_json:
            print_result(result.as_dict(), table.warnings)
            return
        from dermdash.analyses.collective.section import collective_section

        print_section(collective_section(result), table.warnings)
