"""One workspace whose objects lie in a bucket: from an import to a study, a prediction, and backups to both kinds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.benchmarks.samples import write_ham_dataset
from tests.diagnosis_workspace import TINY, fill_diagnosis
from tests.filled_workspace import DATASET, begin, invite, make_protocol, read_cases
from tests.kept_workspace import every_row

from dermdash.errors import InvalidInput
from dermdash.settings import Settings
from dermdash.storage import models, readings, records
from dermdash.storage.object_store import OBJECT_FOLDERS, ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier import embeddings, find_similar
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.workspace.back_up import back_up
from dermdash.workflows.workspace.check_workspace import check_workspace
from dermdash.workflows.workspace.restore import restore


@contextmanager
def opened(home: Path, objects: str = "") -> Iterator[Workspace]:
    workspace = open_workspace(Settings(home=home, database_url="", objects=objects, workers=2))
    try:
        yield workspace
    finally:
        workspace.close()


def everything(workspace: Workspace) -> dict[str, bytes]:
    store = workspace.files
    return {one.name: store.read(one.name) for kind in OBJECT_FOLDERS for one in store.list(kind)}


def sound(workspace: Workspace) -> bool:
    found = check_workspace(workspace)
    assert not found.faults, found.faults
    return not [note for note in found.notes if note.kind == "surplus file"]


def test_import_browse_read_predict_back_up_and_restore(bucket: str, tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    with opened(home, bucket) as workspace:
        metadata, images = write_ham_dataset(tmp_path / "source", count=6, height=60, width=80)
        report = import_dataset(workspace, adapter="ham10000", metadata=metadata, images=[images])
        assert report.imported == 6
        fill_diagnosis(workspace)  # records of another data set, a model, its predictions and features

        record = records.records_of_dataset(workspace.engine, DATASET).iloc[0]
        assert browse_records.thumbnail(workspace, record["image_sha256"])[:2] == b"\xff\xd8"
        count = len(records.records_of_dataset(workspace.engine, DATASET))
        assert len(models.predicted_record_ids(workspace.engine, TINY)) >= count
        assert len(embeddings.record_ids(workspace, TINY)) >= count
        assert find_similar.similar_records(workspace, record["id"], model_id=TINY, k=3)

        study = create_study.create_study(workspace, make_protocol(model_id=TINY))
        (token,) = invite(workspace, study, "Ada")
        _, reader = begin(workspace, token)
        read_cases(workspace, study, reader)
        assert len(readings.readings_of_reader(workspace.engine, reader)) > 0

        assert not [kind for kind in OBJECT_FOLDERS if (home / kind).exists()], "nothing of it lies in the folder"
        objects, rows = everything(workspace), every_row(workspace.engine)
        assert sound(workspace)
        first = back_up(workspace, tmp_path / "backup")
        assert (first.damaged, first.gone) == ((), ())
        again = back_up(workspace, tmp_path / "backup")
        assert again.copied == 0, "what is in the backup is not copied once more"

    # From the bucket into a folder.
    restore(tmp_path / "backup", Settings(home=tmp_path / "folder", database_url=""))
    with opened(tmp_path / "folder") as restored:
        assert sound(restored)
        assert everything(restored) == objects
        assert every_row(restored.engine) == rows
        back_up(restored, tmp_path / "second-backup")

    # And from the folder into another place of the bucket.
    other = Settings(home=tmp_path / "back", database_url="", objects=bucket + "-2")
    restore(tmp_path / "second-backup", other)
    with opened(tmp_path / "back", bucket + "-2") as restored:
        assert sound(restored)
        assert everything(restored) == objects
        assert every_row(restored.engine) == rows
        assert not (tmp_path / "back" / ORIGINALS).exists()
        lost = records.records_of_dataset(restored.engine, DATASET).iloc[0]["image_sha256"]
        restored.files.take_away(ORIGINALS, lost)
        assert [fault.kind for fault in check_workspace(restored).faults] == ["missing file"]

    with pytest.raises(InvalidInput, match="holds objects already"):
        restore(tmp_path / "second-backup", Settings(home=tmp_path / "third", database_url="", objects=bucket))
