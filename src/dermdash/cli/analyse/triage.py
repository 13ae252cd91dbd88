"""`dermdash analyse triage`: the model as gatekeeper and as second reader, on logged readings."""

from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.collective import IncludeTrained, Model, Predictions
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, Source, Stage3, Truth, readings_and_workspace
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings

if TYPE_CHECKING:
    from dermdash.analyses.triage.result import ThresholdChoice
    from dermdash.storage.workspace import Workspace

Threshold = Annotated[
    str | None,
    typer.Option(
        "--rule-out",
        help="Below it nobody reads: a malignancy probability (0..1), or the name of an operating point. "
        "Default: the newest operating point of the study's model, else 0.1.",
    ),
]


@app.command("triage")
def triage(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    stage_3: Stage3 = False,
    rule_out: Threshold = None,
    rule_in: Annotated[
        str | None, typer.Option(help="From it on a case is referred unread; a probability or an operating point.")
    ] = None,
    second_reader: Annotated[
        str | None,
        typer.Option(
            help="From it on the model as second reader calls malignant; default: the operating point, or 0.5."
        ),
    ] = None,
    prevalence: Annotated[
        float | None, typer.Option(help="Share of malignant lesions to express the result in, e.g. 0.03.")
    ] = None,
    model: Model = None,
    predictions: Predictions = None,
    include_trained: IncludeTrained = False,
    bootstrap: Annotated[int, typer.Option(min=0, max=100_000, help="Replicates of readers and cases.")] = 1000,
    as_json: Json = False,
) -> None:
    """Who must be seen, what is missed and what work is saved when the model goes first or gives a second opinion."""
    read_as, needed = ReadAs(truth, spellings, stage_3=stage_3), model is not None
    with readings_and_workspace(source, read_as, workspace_needed=needed) as (table, workspace, study_id):
        from dermdash.analyses.model_opinions import model_opinions
        from dermdash.analyses.triage.run import DEFAULT_CALL, TriageOptions, analyse_triage, default_threshold
        from dermdash.workflows.classifier.evaluation_cases import PredictionFile

        opinions = model_opinions(
            table,
            workspace=workspace,
            study_id=study_id,
            model_id=model,
            predictions=None if predictions is None else PredictionFile(predictions.name, predictions),
            include_trained=include_trained,
        )
        low = default_threshold(workspace, study_id) if rule_out is None else _choice(workspace, rule_out, study_id)
        options = TriageOptions(
            rule_out=low,
            threshold=default_threshold(workspace, study_id, otherwise=DEFAULT_CALL)
            if second_reader is None
            else _choice(workspace, second_reader, study_id),
            rule_in=None if rule_in is None else _choice(workspace, rule_in, study_id),
            prevalence=prevalence,
            replicates=bootstrap,
        )
        result = analyse_triage(table, opinions, options)
        if as_json:
            print_result(result.as_dict(), table.warnings)
            return
        from dermdash.analyses.triage.section import triage_section

        print_section(triage_section(result), table.warnings)


def _choice(workspace: "Workspace | None", given: str, study_id: str | None) -> "ThresholdChoice":
    from dermdash.analyses.triage.run import own_threshold, point_threshold
    from dermdash.errors import InvalidInput

    try:
        value = float(given)
    except ValueError:
        if workspace is None:
            raise InvalidInput(
                f"{given!r} is no probability, and a log in a file has no saved operating points: give a number, 0 to 1"
            ) from None
        return point_threshold(workspace, given, study_id=study_id)
    return own_threshold(value)
