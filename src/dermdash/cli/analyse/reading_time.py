"""`dermdash analyse time`: reading times before and after assistance."""

from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, Source, Stage3, Truth, source_readings
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings


@app.command("time")
@app.command("reading-time", hidden=True)  # the name that a protocol and the report use
def analyse_time_command(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    stage_3: Stage3 = False,
    shortest: Annotated[float, typer.Option(help="Shorter times, in seconds, are called implausible.", min=0)] = 0.2,
    longest: Annotated[float, typer.Option(help="Longer times, in seconds, are called implausible.", min=0)] = 600,
    parts: Annotated[int, typer.Option(help="Parts of the session and of each reader's times.", min=2, max=20)] = 5,
    replicates: Annotated[int, typer.Option(help="Bootstrap draws; 0: none.", min=0, max=100_000)] = 2000,
    as_json: Json = False,
) -> None:
    """Reading time before and after assistance, learning over the session, speed and accuracy."""
    with source_readings(source, ReadAs(truth, spellings, stage_3=stage_3)) as table:
        from dermdash.analyses.reading_time.run import TimeOptions, analyse_reading_time

        options = TimeOptions(1000 * shortest, 1000 * longest, parts, replicates)
        result = analyse_reading_time(table, options=options)
        from dermdash.analyses.reading_time.section import reading_time_section

        section = reading_time_section(result, table)
        if as_json:
            print_result(
                {"source": table.source, "protocol_sha256": table.protocol_sha256, "simulated": table.simulated}
                | {"exploratory": section.exploratory}
                | result.time.as_dict()
                | {"excluded_readings": dict(table.excluded)},
                table.warnings,
            )
            return
        print_section(section, table.warnings)
