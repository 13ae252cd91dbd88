"""A workspace in which every file is what the database says, and what it takes to compare two of them."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables
from dermdash.storage.object_store import MASKS, FolderStore
from dermdash.storage.workspace import Workspace, checkpoint_name
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.workspace.backup_folder import files_of, sha256_of
from tests.filled_workspace import DATASET, MODEL, begin, fill_model, fill_records, invite, make_protocol, read_cases


def fill_kept_workspace(workspace: Workspace, *, readers: int = 2) -> tuple[str, list[str]]:
    """Records with a mask, a model with its file, a study that one reader finished; study id and unused tokens."""
    record_ids = fill_records(workspace)
    fill_model(workspace, record_ids)
    study_id = create_study.create_study(workspace, make_protocol(name="Ünïcode 'quoted'", dataset_id=DATASET))
    weights = b"weights " * 500
    workspace.files.write(checkpoint_name(MODEL), weights)
    mask = b"a mask"
    mask_sha256 = hashlib.sha256(mask).hexdigest()
    workspace.files.put(MASKS, mask_sha256, mask)
    heat = {"record_id": record_ids[0], "model_id": MODEL, "target": "predicted", "method": "grad-cam"}
    with workspace.engine.begin() as connection:
        connection.execute(sa.update(tables.model).values(checkpoint_sha256=hashlib.sha256(weights).hexdigest()))
        moment = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)
        connection.execute(
            tables.segmentation.insert().values(record_id=record_ids[0], mask_sha256=mask_sha256, created_at=moment)
        )
        connection.execute(
            tables.saliency.insert().values(
                **heat, explained="nv", probability=0.1 + 0.2, heat=bytes(range(256)), created_at=moment
            )
        )
    tokens = invite(workspace, study_id, *(f"Reader {n}" for n in range(readers)))
    _, finished = begin(workspace, tokens[0])
    read_cases(workspace, study_id, finished)
    return study_id, tokens[1:]


def every_row(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows in the order of their text, times in UTC."""
    found = {}
    for table in tables.metadata.sorted_tables:
        with engine.connect() as connection:
            rows = [
                {name: _comparable(value) for name, value in row.items()}
                for row in connection.execute(sa.select(table)).mappings()
            ]
        found[table.name] = sorted(rows, key=repr)
    return found


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, Mapping):
        return {name: _comparable(value[name]) for name in sorted(value)}
    return value


def every_file(home: Path) -> dict[str, str]:
    """The sha256 of every file of a workspace beside its database."""
    return {one.name: sha256_of(home / one.name) for one in files_of(home, FolderStore(home))}
