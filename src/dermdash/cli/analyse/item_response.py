"""`dermdash analyse item-response`: difficulty of cases and ability of readers."""

from typing import Annotated, cast

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_section
from dermdash.cli.analyse.source import Source, Truth, source_readings
from dermdash.cli.console import Json, print_json


@app.command("item-response")
def analyse_item_response_command(
    source: Source,
    truth: Truth = None,
    phase: Annotated[str, typer.Option(help="unaided or aided.")] = "unaided",
    model: Annotated[str, typer.Option(help="auto, one or two parameters per case.")] = "auto",
    confidence: Annotated[float, typer.Option(help="Level of the intervals, 0..1.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Difficulty of cases and ability of readers on one scale (item response model)."""
    with source_readings(source, truth) as table:
        from dermdash.analysis.item_response import Model
        from dermdash.workflows.analyses.item_response import analyse_item_response

        result = analyse_item_response(table, phase=phase, model=cast(Model, model), confidence=confidence)
        if as_json:
            print_json(result.as_dict())
            return
        from dermdash.report.sections.item_response import item_response_section

        print_section(item_response_section(result))
