"""Train a classifier in this process and register it: for scripts, tests and the demo workspace.

The command line and the app run the same job without holding the database: ``workflows/training``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from dermdash.classifier.training import TrainingProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.training.job import read_job
from dermdash.workflows.classifier.training.prepare import prepare_training
from dermdash.workflows.classifier.training.progress import JobProgress
from dermdash.workflows.classifier.training.register import register_job
from dermdash.workflows.classifier.training.run_job import run_job
from dermdash.workflows.classifier.training.settings import TrainingSettings


def train_classifier(
    workspace: Workspace,
    *,
    dataset_id: str,
    progress: Callable[[TrainingProgress], None] | None = None,
    **settings: Any,
) -> str:
    """Train on a data set with whole patients held out (lesions, where no patient is known); return the model id.

    The held-out lesions are those a study may draw from. Metrics in the registry are on them. The job stays in the
    workspace with its curves; one that is interrupted is removed.

    Parameters
    ----------
    dataset_id
        Data set to train on; its taxonomy is the model's.
    progress
        Called after each epoch and about every 20 steps.
    settings
        Others of ``TrainingSettings``. Of several repeats the first model's id is returned.

    Raises
    ------
    NotFound
        The data set has no diagnosed records.
    """

    def report(line: JobProgress) -> None:
        if line.step is not None and progress is not None:
            progress(line.step)

    job = prepare_training(workspace, TrainingSettings(dataset_id, **settings))
    try:
        run_job(job.folder, on_progress=report, keep_state=False)
    except BaseException:
        shutil.rmtree(job.folder, ignore_errors=True)
        raise
    return register_job(workspace, read_job(job.folder))[0]
