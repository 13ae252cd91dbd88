"""`dermdash analyse`: the statistics of a study or of a log, as text or JSON."""

import typer

app = typer.Typer(no_args_is_help=True, help="Statistics of reader studies, from this workspace or from a log file.")

# The commands register themselves on `app`: one line each.
from dermdash.cli.analyse import (  # noqa: E402
    agreement,  # noqa: F401
    benefit,  # noqa: F401
    collective,  # noqa: F401
    human_machine,  # noqa: F401
    item_response,  # noqa: F401
    mrmc,  # noqa: F401
    reading_time,  # noqa: F401
    reliance,  # noqa: F401
    report,  # noqa: F401
    sample_size,  # noqa: F401
    triage,  # noqa: F401
)
