"""Which record was in which fold of a training, as a file that may leave."""

from __future__ import annotations

import pandas as pd

from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.training.job import Job
from dermdash.workflows.dataset.private_export import Privacy, hidden

COLUMNS = ("image_id", "lesion_id", "dx", "fold")


def folds_csv(workspace: Workspace, job: Job, *, privacy: Privacy) -> bytes:
    """The folds as CSV (UTF-8), one row for each record, lesions as the choice says.

    Raises
    ------
    InvalidInput
        The file of the job's records is damaged.
    """
    columns = job.records()
    frame = pd.DataFrame({name: columns[name] for name in COLUMNS})
    frame["dataset_id"] = [str(record_id).partition(":")[0] for record_id in columns["id"]]
    return to_safe_csv(hidden(workspace, frame, privacy)[list(COLUMNS)])
