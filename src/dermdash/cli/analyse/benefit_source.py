"""What `analyse benefit` reads: single readings, or counts per image whose truth stands elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from dermdash.cli.analyse.source import ReadAs, file_readings, with_option
from dermdash.cli.console import say
from dermdash.errors import InvalidInput, WorkspaceLocked
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable


def benefit_source(source: str, read_as: ReadAs) -> tuple[ReadingsTable | AggregateTable, Mapping[str, str] | None]:
    """The readings or counts of a file, study or imported log, and the lesion of each image where it is known."""
    from dermdash.analyses.benefit.image_truth import lesions_of_truth_file

    if not Path(source).exists():
        read_as.refuse_for(source)
        table, lesions = _of_workspace(source, read_as)
        return with_option(table, again=True), lesions
    table = file_readings(Path(source), read_as)
    if not isinstance(table, AggregateTable):
        return table, None
    if read_as.truth is not None:
        return table, lesions_of_truth_file(read_as.truth, table)
    return _with_workspace_truth(table)


def _of_workspace(source: str, read_as: ReadAs) -> tuple[ReadingsTable | AggregateTable, Mapping[str, str] | None]:
    from dermdash.analyses.benefit.image_truth import lesions_of_truth_file, with_workspace_truth
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace
    from dermdash.workflows.reader_study import readings_source
    from dermdash.workflows.readings.log_truth import aggregate_with_truth, truth_of_images

    truth = read_as.truth
    workspace = open_workspace(Settings())
    try:
        found = readings_source.find_source(workspace, source)
        table: ReadingsTable | AggregateTable
        table = readings_source.load_source(workspace, found.key, stage_3=read_as.stage_3)
        if not isinstance(table, AggregateTable):
            if truth is not None:
                raise InvalidInput(f"{source} has its truth already: --truth is for files of readings")
            return table, None
        if truth is not None:
            known = truth_of_images(truth, taxonomy=table.taxonomy)
            return aggregate_with_truth(table, known, origin="the truth file"), lesions_of_truth_file(truth, table)
        return with_workspace_truth(workspace, table)
    finally:
        workspace.close()


def _with_workspace_truth(table: AggregateTable) -> tuple[AggregateTable, Mapping[str, str] | None]:
    """Ask the workspace for the truth, if there is one."""
    from dermdash.analyses.benefit.image_truth import with_workspace_truth
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace

    settings = Settings()
    if not settings.workspace_is_there:
        return table, None
    try:
        workspace = open_workspace(settings)
    except WorkspaceLocked:
        if table.frame["truth_dx"].notna().any():
            say("The workspace is open elsewhere: images of one lesion are not known.")
            return table, None
        raise
    try:
        return with_workspace_truth(workspace, table)
    finally:
        workspace.close()
