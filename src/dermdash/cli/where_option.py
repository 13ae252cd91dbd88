"""The option that chooses records."""

from typing import Annotated

import typer

from dermdash.records.record_filter import PARAMETERS

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="NAME=VALUE",
        help="Only these records, named as in the address of the Records page; again for another filter or another "
        f"option of one. Names: {', '.join(PARAMETERS)}. A value that is missing is called unknown.",
    ),
]
"""Read by ``RecordFilter.from_words``."""
