"""What a command analyses: a file of readings, or a study or log of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import command_workspace, errors_explained
from dermdash.errors import InvalidInput

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace
if TYPE_CHECKING:
    from dermdash.readings.readings_table import ReadingsTable

Source = Annotated[
    str,
    typer.Argument(help="File of readings (recognised by itself), or the id or name of a study or imported log."),
]
Truth = Annotated[
    Path | None, typer.Option("--truth", help="CSV with the true diagnosis of each image, where the file has none.")
]


@contextmanager
def source_readings(source: str, truth: Path | None = None) -> Iterator[ReadingsTable]:
    """The readings a command is about; errors end the command with their message."""
    if Path(source).is_file():
        with errors_explained():
            from dermdash.readings.readings_table import ReadingsTable
            from dermdash.workflows.read_reading_log import read_reading_log

            log = read_reading_log(Path(source), truth=truth)
            if not isinstance(log, ReadingsTable):
                raise InvalidInput(
                    f"{source} holds counts per image and no single readings: only `dermdash analyse benefit` reads it"
                )
            yield log
        return
    with command_workspace() as workspace:
        from dermdash.workflows import readings_source

        found = readings_source.find_source(workspace, source)
        yield readings_source.load_readings(workspace, found.key)


@contextmanager
def readings_and_workspace(
    source: str, truth: Path | None, *, workspace_needed: bool = False
) -> Iterator[tuple[ReadingsTable, Workspace | None, str | None]]:
    """The readings with the workspace (None for a file, unless needed) and the id of the study (None for a log)."""
    if Path(source).is_file():
        if not workspace_needed:
            with source_readings(source, truth) as table, errors_explained():
                yield table, None, None
            return
        with command_workspace() as workspace, source_readings(source, truth) as table:
            yield table, workspace, None
        return
    with command_workspace() as workspace:
        from dermdash.workflows import readings_source

        found = readings_source.find_source(workspace, source)
        study_id = readings_source.study_of(found.key)
        yield readings_source.load_readings(workspace, found.key), workspace, study_id
