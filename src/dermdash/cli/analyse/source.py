"""What a command analyses: a file of readings, or a study or log of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from dermdash.cli.console import command_workspace, errors_explained
from dermdash.cli.spelling_option import option_said, options_named
from dermdash.errors import InvalidInput

if TYPE_CHECKING:
    from dermdash.analyses.mrmc.ratings_file import RatingsFile
    from dermdash.readings.aggregate import AggregateTable
    from dermdash.readings.readings_table import ReadingsTable
    from dermdash.storage.workspace import Workspace

    Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)

Source = Annotated[
    str,
    typer.Argument(help="File of readings (recognised by itself), or the id or name of a study or imported log."),
]
Truth = Annotated[
    Path | None, typer.Option("--truth", help="CSV with the true diagnosis of each image, where the file has none.")
]
ReverseRatings = Annotated[
    bool,
    typer.Option(
        "--reverse-ratings", help="Higher ratings of the file are less suspicious: turn them round in their range."
    ),
]

Stage3 = Annotated[
    bool,
    typer.Option("--stage-3", help="Only cases that the workspace knows as verified by histology (stage 3)."),
]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file is to be read, and which cases of a source count, as the options of a command say."""

    truth: Path | None = None
    spellings: list[str] | None = None
    reverse_ratings: bool = False
    stage_3: bool = False

    @property
    def of_names_and_ratings(self) -> dict[str, Any]:
        """What the workflows that read a file take beside the truth."""
        from dermdash.readings.spellings import spelling_rule

        return {"spelling_rule": spelling_rule(self.spellings or ()), "reverse_ratings": self.reverse_ratings}

    def refuse_for(self, source: str) -> None:
        """Raise where something is said of a source that is no file: it is read as was decided before."""
        if self.spellings or self.reverse_ratings:
            raise InvalidInput(
                f"{source} is no file: --spellings and --reverse-ratings say how a file is read. A log of the "
                "workspace is read as was said when it was imported: import its file again"
            )


@contextmanager
def source_readings(source: str, read_as: ReadAs, workspace: Workspace | None = None) -> Iterator[ReadingsTable]:
    """The readings a command is about; errors end the command with their message. ``workspace`` where one is open."""
    if Path(source).is_file():
        with errors_explained():
            from dermdash.readings.readings_table import ReadingsTable

            log = file_readings(Path(source), read_as, workspace)
            if not isinstance(log, ReadingsTable):
                raise InvalidInput(
                    f"{source} holds counts per image and no single readings: only `dermdash analyse benefit` reads it"
                )
            yield log
        return
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study import readings_source

        read_as.refuse_for(source)
        found = readings_source.find_source(workspace, source)
        table = readings_source.load_readings(workspace, found.key, stage_3=read_as.stage_3)
        yield with_option(table, again=True)


@contextmanager
def readings_and_workspace(
    source: str, read_as: ReadAs, *, workspace_needed: bool = False
) -> Iterator[tuple[ReadingsTable, Workspace | None, str | None]]:
    """The readings with the workspace (None for a file, unless needed) and the id of the study (None for a log)."""
    if Path(source).is_file():
        if not workspace_needed:
            with source_readings(source, read_as) as table, errors_explained():
                yield table, None, None
            return
        with (
            command_workspace() as workspace,
            source_readings(source, read_as, workspace) as table,
            errors_explained(),
        ):
            yield table, workspace, None
        return
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study import readings_source

        read_as.refuse_for(source)
        found = readings_source.find_source(workspace, source)
        study_id = readings_source.study_of(found.key)
        table = readings_source.load_readings(workspace, found.key, stage_3=read_as.stage_3)
        yield with_option(table, again=True), workspace, study_id


def file_readings(path: Path, read_as: ReadAs, workspace: Workspace | None = None) -> ReadingsTable | AggregateTable:
    """A file of readings or of counts per image; what is open about its names comes with the option that decides it."""
    from dermdash.readings.small_cells import table_without_small_cells
    from dermdash.settings import Settings
    from dermdash.workflows.readings.read_reading_log import read_reading_log

    with options_named():
        table = read_reading_log(path, truth=read_as.truth, **read_as.of_names_and_ratings)
    if read_as.stage_3:
        table = _verified(table, workspace)
    return with_option(table_without_small_cells(table, Settings().minimum_group))


def _verified(table: Table, workspace: Workspace | None) -> Table:
    """The readings of the cases alone that the workspace (opened where None) knows as verified by histology."""
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace
    from dermdash.workflows.verification.verified_cases import only_verified, stages_of_images

    if workspace is None:
        settings = Settings()
        if not settings.workspace_is_there:
            raise InvalidInput(f"there is no workspace that knows at which stage cases of {table.source} are verified")
        with closing(open_workspace(settings)) as opened:
            return _verified(table, opened)
    return only_verified(table, stages_of_images(workspace, set(table.frame["case"].astype(str))))


def file_ratings(path: Path, read_as: ReadAs) -> RatingsFile:
    """A file of multi-reader multi-case ratings."""
    if read_as.stage_3:
        raise InvalidInput(
            f"{path.name} is a file of ratings, whose cases are names alone: --stage-3 is for readings of cases that "
            "the workspace knows"
        )
    from dermdash.analyses.mrmc.ratings_file import read_mrmc_file

    with options_named():
        return read_mrmc_file(path, **read_as.of_names_and_ratings)


def with_option(table: Table, *, again: bool = False) -> Table:
    """The same readings, whose warnings of names that look alike name the option; ``again``: of a file to import."""
    return replace(table, warnings=option_said(table.warnings, table.alike, again=again))
