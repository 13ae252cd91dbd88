"""`dermdash analyse item-response`: difficulty of cases and ability of readers."""

from typing import Annotated, cast

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, Source, Stage3, Truth, source_readings
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings


@app.command("item-response")
def analyse_item_response_command(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    stage_3: Stage3 = False,
    phase: Annotated[str, typer.Option(help="unaided or aided.")] = "unaided",
    model: Annotated[str, typer.Option(help="auto, one or two parameters per case.")] = "auto",
    confidence: Annotated[float, typer.Option(help="Level of the intervals, 0..1.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Difficulty of cases and ability of readers on one scale (item response model)."""
    with source_readings(source, ReadAs(truth, spellings, stage_3=stage_3)) as table:
        from dermdash.analyses.item_response.model import Model
        from dermdash.analyses.item_response.run import analyse_item_response

        result = analyse_item_response(table, phase=phase, model=cast(Model, model), confidence=confidence)
        if as_json:
            print_result(result.as_dict(), table.warnings)
            return
        from dermdash.analyses.item_response.section import item_response_section

        print_section(item_response_section(result), table.warnings)
