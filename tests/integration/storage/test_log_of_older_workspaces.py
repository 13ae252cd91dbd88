"""A workspace from before the change log: its log begins with the records that are there, as claimed."""

import sqlalchemy as sa
from tests.factories import make_image, make_record

from dermdash.records.details import DETAIL_NAMES
from dermdash.settings import Settings
from dermdash.storage import tables as t
from dermdash.storage.connections import new_engine
from dermdash.storage.engine import now, open_engine, upgrade
from dermdash.storage.object_store import FolderStore
from dermdash.storage.workspace import Workspace
from dermdash.workflows.verification.change_log import verify_log

NEW = ("stage_claimed", "agreement", "n_reviewers", "import_entry", *DETAIL_NAMES)


def test_the_log_begins_with_the_records_that_are_there_and_marks_their_stages(empty_database: str, tmp_path) -> None:
    old = new_engine(sa.make_url(empty_database), connections=3)
    upgrade(old, "0006")
    older = sa.table("record", *[sa.column(c.name, c.type) for c in t.record.c if c.name not in NEW])
    with old.begin() as connection:
        dataset = {"id": "ham", "name": "H", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False}
        connection.execute(t.dataset.insert().values(**dataset, created_at=now()))
        connection.execute(t.image.insert().values(**make_image(), created_at=now()))
        for i in range(5):
            row = make_record(
                f"I{i}", import_run_id="r1" if i < 3 else None, verification_stage=None if i == 4 else 2,
                dominant_colors=["red", "white"], lesion_diameter_mm=4, imported_at=now(),
            )  # fmt: skip
            connection.execute(older.insert().values(**row))
    old.dispose()
    engine = open_engine(empty_database)
    workspace = Workspace(tmp_path, engine, FolderStore(tmp_path), Settings(home=tmp_path, database_url=empty_database))
    verdict = verify_log(workspace)
    assert verdict.problems == ()
    assert (verdict.head.entries, verdict.records) == (2, 5)
    with engine.connect() as connection:
        claimed = {
            row.image_id: row.stage_claimed
            for row in connection.execute(sa.select(t.record.c.image_id, t.record.c.stage_claimed))
        }
    assert claimed == {"I0": True, "I1": True, "I2": True, "I3": True, "I4": None}
    engine.dispose()
