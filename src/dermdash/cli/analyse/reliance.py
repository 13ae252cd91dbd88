"""`dermdash analyse reliance`: switch fractions, appropriate reliance, and what they depend on."""

from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, ReverseRatings, Source, Stage3, Truth, source_readings
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings


@app.command("reliance")
def analyse_reliance_command(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    level: Annotated[
        str, typer.Option(help="What answers and advice are compared by: as-shown, or malignancy for every modality.")
    ] = "as-shown",
    bins: Annotated[int, typer.Option(help="Bins of the dependence curves.", min=2, max=20)] = 5,
    replicates: Annotated[int, typer.Option(help="Bootstrap draws; 0: none.", min=0, max=100_000)] = 2000,
    as_json: Json = False,
) -> None:
    """Reliance on advice: how often it is taken, when it should be, and what that depends on."""
    if level not in ("as-shown", "malignancy"):
        raise typer.BadParameter(f"{level!r}: expected as-shown or malignancy", param_hint="--level")
    with source_readings(source, ReadAs(truth, spellings, reverse_ratings, stage_3)) as table:
        from dermdash.analyses.reliance.run import RelianceOptions, analyse_reliance

        options = RelianceOptions(on_malignancy=level == "malignancy", bins=bins, replicates=replicates)
        result = analyse_reliance(table, options=options)
        if as_json:
            from dermdash.analyses.reliance.section import KEY

            print_result(
                {"source": table.source, "protocol_sha256": table.protocol_sha256, "simulated": table.simulated}
                | {"exploratory": KEY not in table.prespecified, "level": level}
                | result.reliance.as_dict()
                | {"unpaired_readings": result.unpaired, "excluded_readings": dict(table.excluded)},
                table.warnings,
            )
            return
        from dermdash.analyses.reliance.section import reliance_section

        print_section(reliance_section(result, table), table.warnings)
