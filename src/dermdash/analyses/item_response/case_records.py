"""The records behind the cases of a study of this workspace."""

from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.readings_source import STUDY


def records_of_cases(workspace: Workspace, source_key: str) -> dict[str, tuple[str, str]]:
    """Case (image id) to record id and hash of the image; empty for an imported log, whose images are not known."""
    kind, _, study_id = source_key.partition(":")
    if kind != STUDY or not study_id:
        return {}
    cases = studies.cases_of_study(workspace.engine, study_id)
    rows = records.records_by_id(workspace.engine, cases["record_id"])
    return {
        str(image): (str(record), str(sha))
        for image, record, sha in zip(rows["image_id"], rows["id"], rows["image_sha256"], strict=True)
    }
