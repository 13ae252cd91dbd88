"""The real app, which a benchmark may ask for what else only a page begins (`LAUNCHER` starts it so).

Import and search are by threads of the app where they are asked for with ``processes`` false; else as pages have it.
The work runs in the app's own process, as it does where somebody clicks, and is asked for as commands ask the app.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.web import cli

from dermdash.progress import StageProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier.training.control import start_training, stop_training
from dermdash.workflows.classifier.training.settings import TrainingSettings
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions
from dermdash.workflows.workspace.app_verbs import VERBS

IMPORT, SEARCH, TRAIN, STOP_TRAINING = "bench_import", "bench_search", "bench_train", "bench_stop_training"
LAUNCHER = ("-m", "tests.benchmarks.app_at_work", "run")


def _import(workspace: Workspace, arguments: Mapping[str, Any], _: StageProgress) -> dict[str, Any]:
    report = import_dataset(
        workspace,
        adapter="ham10000",
        metadata=Path(arguments["metadata"]),
        images=[Path(arguments["images"])],
        dataset_id=arguments["dataset_id"],
        processes=arguments.get("processes"),
    )
    return {"done": report.imported, "of": "images"}


def _search(workspace: Workspace, arguments: Mapping[str, Any], _: StageProgress) -> dict[str, Any]:
    report = find_same_lesions(
        workspace, OPERATOR, dataset_id=arguments["dataset_id"], processes=arguments.get("processes")
    )
    return {"done": report.compared, "of": f"pairs of {report.images} images"}


def _train(workspace: Workspace, arguments: Mapping[str, Any], _: StageProgress) -> dict[str, Any]:
    job = start_training(workspace, TrainingSettings(dataset_id=arguments["dataset_id"], epochs=500))
    return {"job": job.id}


def _stop_training(workspace: Workspace, arguments: Mapping[str, Any], _: StageProgress) -> dict[str, Any]:
    return {"state": str(stop_training(workspace, arguments["job"]).state)}


if __name__ == "__main__":
    VERBS.update({IMPORT: _import, SEARCH: _search, TRAIN: _train, STOP_TRAINING: _stop_training})
    cli.main()
