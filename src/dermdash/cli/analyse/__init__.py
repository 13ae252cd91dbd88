"""`dermdash analyse`: the statistics of a study or of a log, as text or JSON."""

import typer

from dermdash.analyses.registry import ANALYSES
from dermdash.cli.analyse.declared import add_commands

app = typer.Typer(no_args_is_help=True, help="Statistics of reader studies, from this workspace or from a log file.")
add_commands(app, ANALYSES)

# These register themselves on `app`: they read no readings, or make more than one analysis of them.
from dermdash.cli.analyse import (  # noqa: E402
    report,  # noqa: F401
    sample_size,  # noqa: F401
)
