"""What a command analyses: a file of readings, or a study or log of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from dermdash.cli.console import command_workspace, errors_explained, say
from dermdash.cli.spelling_option import option_said, options_named
from dermdash.errors import InvalidInput, WorkspaceLocked
from dermdash.records.taxonomy import BorderlinePolicy

if TYPE_CHECKING:
    from dermdash.analyses.declaration import AnalysisContext
    from dermdash.analyses.mrmc.ratings_file import RatingsFile
    from dermdash.readings.aggregate import AggregateTable
    from dermdash.readings.readings_table import ReadingsTable
    from dermdash.storage.workspace import Workspace

    Data = ReadingsTable | AggregateTable | RatingsFile
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
WithoutMarked = Annotated[
    bool,
    typer.Option("--without-marked", help="Leave out readers of a study whose session was marked as suspicious."),
]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file is to be read, and which cases of a source count, as the options of a command say."""

    truth: Path | None = None
    spellings: list[str] | None = None
    reverse_ratings: bool = False
    stage_3: bool = False
    borderline: BorderlinePolicy | None = None
    without_marked: bool = False

    @property
    def of_names_and_ratings(self) -> dict[str, Any]:
        """What the workflows that read a file take beside the truth."""
        from dermdash.readings.spellings import spelling_rule

        return {"spelling_rule": spelling_rule(self.spellings or ()), "reverse_ratings": self.reverse_ratings}

    def refuse_truth_for(self, source: str, table: object) -> None:
        """Raise where a truth is given for readings that have theirs."""
        from dermdash.readings.readings_table import ReadingsTable

        if self.truth is not None and isinstance(table, ReadingsTable):
            raise InvalidInput(f"{source} has its truth already: --truth is for files of readings")

    def refuse_marks_of(self, file: str) -> None:
        """Raise where marked readers are to be left out of a file, which knows of no marks."""
        if self.without_marked:
            raise InvalidInput(f"{file} is no study of the workspace: --without-marked is for marks of its readers")

    def refuse_for(self, source: str) -> None:
        """Raise where something is said of a source that is no file: it is read as was decided before."""
        if self.spellings or self.reverse_ratings:
            raise InvalidInput(
                f"{source} is no file: --spellings and --reverse-ratings say how a file is read. A log of the "
                "workspace is read as was said when it was imported: import its file again"
            )


@contextmanager
def opened_source(
    source: str,
    read_as: ReadAs,
    *,
    counts: bool = False,
    ratings: bool = False,
    model: str | None = None,
    predictions: Path | None = None,
    include_trained: bool = False,
) -> Iterator[tuple[Any, AnalysisContext]]:
    """What a command is about, with what analyses need beside it; errors end the command with their message.

    Parameters
    ----------
    counts, ratings
        Whether the command reads counts per image, and files of multi-reader multi-case ratings.
    model, predictions, include_trained
        The model, as options name it. A model of the workspace opens it, also for a file.
    """
    from dermdash.analyses.declaration import AnalysisContext
    from dermdash.workflows.classifier.evaluation_cases import PredictionFile

    file = None if predictions is None else PredictionFile(predictions.name, predictions)
    if not Path(source).is_file():
        with command_workspace() as workspace:
            from dermdash.workflows.reader_study import readings_source

            read_as.refuse_for(source)
            found = readings_source.find_source(workspace, source)
            study_id = readings_source.study_of(found.key)
            load = readings_source.load_source if counts else readings_source.load_readings
            table = load(
                workspace,
                found.key,
                stage_3=read_as.stage_3,
                borderline=read_as.borderline,
                leave_out_marked=read_as.without_marked,
            )
            read_as.refuse_truth_for(source, table)
            context = AnalysisContext(workspace, study_id, model, file, include_trained, read_as.truth)
            yield with_option(table, again=True), context
        return
    with ExitStack() as stack:
        with errors_explained():
            data = _file_data(Path(source), read_as, ratings=ratings, counts=counts, workspace=None)
        needed = model is not None or _truth_may_be_in_workspace(data, read_as.truth)
        beside = _workspace_beside(stack, data, model) if needed else None
        with errors_explained():
            yield data, AnalysisContext(beside, None, model, file, include_trained, read_as.truth)


def _file_data(path: Path, read_as: ReadAs, *, ratings: bool, counts: bool, workspace: Workspace | None) -> Data:
    if ratings:
        from dermdash.analyses.mrmc.ratings_file import is_mrmc_file

        if is_mrmc_file(path):
            return file_ratings(path, read_as)
    from dermdash.readings.readings_table import ReadingsTable

    table = file_readings(path, read_as, workspace)
    if not counts and not isinstance(table, ReadingsTable):
        raise InvalidInput(
            f"{path} holds counts per image and no single readings: only `dermdash analyse benefit` reads it"
        )
    return table


def _truth_may_be_in_workspace(data: Data, truth: Path | None) -> bool:
    """Counts per image come without truth; a workspace is asked where there is one, and none is made for it."""
    from dermdash.readings.aggregate import AggregateTable
    from dermdash.settings import Settings

    return isinstance(data, AggregateTable) and truth is None and Settings().workspace_is_there


def _workspace_beside(stack: ExitStack, data: Data, model: str | None) -> Workspace | None:
    """The workspace beside a file; None where it is open elsewhere and could have told the lesions alone."""
    from dermdash.readings.aggregate import AggregateTable
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace

    if model is None and isinstance(data, AggregateTable) and data.frame["truth_dx"].notna().any():
        try:
            return stack.enter_context(closing(open_workspace(Settings())))
        except WorkspaceLocked:
            say("The workspace is open elsewhere: images of one lesion are not known.")
            return None
    return stack.enter_context(command_workspace())


def file_readings(path: Path, read_as: ReadAs, workspace: Workspace | None = None) -> ReadingsTable | AggregateTable:
    """A file of readings or of counts per image; what is open about its names comes with the option that decides it."""
    from dermdash.readings.borderline import with_borderline
    from dermdash.readings.small_cells import table_without_small_cells
    from dermdash.settings import Settings
    from dermdash.workflows.readings.read_reading_log import read_reading_log

    read_as.refuse_marks_of(path.name)
    with options_named():
        table = read_reading_log(path, truth=read_as.truth, **read_as.of_names_and_ratings)
    if read_as.stage_3:
        table = _verified(table, workspace)
    table = with_borderline(table, read_as.borderline)
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
    read_as.refuse_marks_of(path.name)
    if read_as.truth is not None:
        raise InvalidInput(f"{path} holds its truth: --truth is for logs of readings")
    if read_as.stage_3:
        raise InvalidInput(
            f"{path.name} is a file of ratings, whose cases are names alone: --stage-3 is for readings of cases that "
            "the workspace knows"
        )
    if read_as.borderline not in (None, BorderlinePolicy.BENIGN):
        raise InvalidInput(
            f"{path.name} is a file of ratings, whose truth is malignant or benign and no diagnosis: --borderline is "
            "for readings with diagnoses"
        )
    from dermdash.analyses.mrmc.ratings_file import read_mrmc_file

    with options_named():
        return read_mrmc_file(path, **read_as.of_names_and_ratings)


def with_option(table: Table, *, again: bool = False) -> Table:
    """The same readings, whose warnings of names that look alike name the option; ``again``: of a file to import."""
    return replace(table, warnings=option_said(table.warnings, table.alike, again=again))


def warnings_of(data: Data) -> tuple[str, ...]:
    """What limits everything made of it, with the option that decides about names; of ratings nobody has added it."""
    from dermdash.analyses.mrmc.ratings_file import RatingsFile

    return option_said(data.warnings, data.alike) if isinstance(data, RatingsFile) else data.warnings
