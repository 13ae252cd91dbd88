"""`dermdash analyse human-machine`: readers beside a model's ROC curve."""

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import name_reversal, print_result, print_section
from dermdash.cli.analyse.source import ReadAs, ReverseRatings, Source, Stage3, Truth, readings_and_workspace
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings

Model = Annotated[
    str | None, typer.Option("--model", help="Model of the workspace; default: the study's own, else the newest.")
]
Predictions = Annotated[
    Path | None,
    typer.Option("--predictions", help="CSV of the model's probabilities by image, instead of a model."),
]
IncludeTrained = Annotated[
    bool, typer.Option("--include-trained", help="Also cases the model was trained on: its figures are too good then.")
]
Replicates = Annotated[int, typer.Option("--replicates", min=0, max=20_000, help="Bootstrap draws.")]


@app.command("human-machine")
def human_machine(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    model: Model = None,
    predictions: Predictions = None,
    include_trained: IncludeTrained = False,
    replicates: Replicates = 2000,
    as_json: Json = False,
) -> None:
    """Place every reader, and groups of readers, beside the ROC curve of a model (Han et al. 2018, Figure 3)."""
    read_as, needed = ReadAs(truth, spellings, reverse_ratings, stage_3), model is not None
    with readings_and_workspace(source, read_as, workspace_needed=needed) as (table, workspace, study_id):
        from dermdash.analyses.human_machine.run import analyse_human_machine
        from dermdash.analyses.human_machine.section import KEY, human_machine_section
        from dermdash.analyses.model_scores import find_scores
        from dermdash.workflows.classifier.evaluation_cases import PredictionFile

        scores = find_scores(
            table,
            workspace=workspace,
            study_id=study_id,
            model_id=model,
            predictions=None if predictions is None else PredictionFile(predictions.name, predictions),
            include_trained=include_trained,
        )
        found = analyse_human_machine(table, scores, replicates=replicates)
        name_reversal(found.warnings)
        if as_json:
            print_result({"source": table.source} | found.as_dict(), table.warnings)
        else:
            print_section(human_machine_section(found, exploratory=KEY not in table.prespecified), table.warnings)
