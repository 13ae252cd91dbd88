"""The records behind cases of readings: those of a study, and of a log those whose image bears the case's name."""

from collections.abc import Collection

from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.named_records import named_records
from dermdash.workflows.reader_study.readings_source import study_of


def records_of_cases(workspace: Workspace, source_key: str, cases: Collection[str] = ()) -> dict[str, tuple[str, str]]:
    """Case (image id) to record id and hash of the image; ``cases``: those of a log, whose records are looked up."""
    study_id = study_of(source_key)
    if study_id is None:
        rows = named_records(cases, records.similarity_columns(workspace.engine)) if cases else None
        if rows is None:
            return {}
        return {str(case): (str(row["id"]), str(row["image_sha256"])) for case, row in rows.iterrows()}
    if not study_id:
        return {}
    of_study = studies.cases_of_study(workspace.engine, study_id)
    rows = records.records_by_id(workspace.engine, of_study["record_id"])
    return {
        str(image): (str(record), str(sha))
        for image, record, sha in zip(rows["image_id"], rows["id"], rows["image_sha256"], strict=True)
    }
