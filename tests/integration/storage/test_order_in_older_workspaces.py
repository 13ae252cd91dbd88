"""Up to version 5 a clock alone gave the order of answers, events, changes of invitations and decisions."""

import hashlib
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from dermdash.settings import Settings
from dermdash.storage import engine as engines
from dermdash.storage import readings, studies
from dermdash.storage.invitations import changes_of_invitation
from dermdash.storage.workspace import open_workspace

READING = (
    "INSERT INTO reading (id, study_id, reader_id, assignment_id, case_id, practice, phase, modality, dx, confidence, "
    "client_ms, recorded_at) VALUES (:id, 's', 'r', :assignment, 'c', false, :phase, 'cbir', 'nv', 1, 5.0, :at)"
)


def write_version_5(url: str) -> None:
    """Two cases of a reader, of which the clock put the second's aided answer an hour before its unaided one."""
    old = sa.create_engine(url, poolclass=sa.NullPool)
    engines.upgrade(old, "0005")
    with old.begin() as connection:
        for answer, assignment, phase, at in (
            ("b-aided", "b", "aided", "2026-01-05 11:30:00+00"),
            ("a-unaided", "a", "unaided", "2026-01-05 12:00:00+00"),
            ("a-aided", "a", "aided", "2026-01-05 12:10:00+00"),
            ("b-unaided", "b", "unaided", "2026-01-05 12:20:00+00"),
        ):
            connection.execute(sa.text(READING), {"id": answer, "assignment": assignment, "phase": phase, "at": at})
        connection.execute(
            sa.text(
                "INSERT INTO session_event (id, reader_id, kind, recorded_at) "
                "VALUES ('e', 'r', 'pause', '2026-01-05 12:05:00+00')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO study (id, name, dataset_id, protocol, protocol_sha256, simulated, frozen_at) "
                "VALUES ('s', 'S', 'd', '{}', 'x', false, now())"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO reader (id, study_id, invitation_id, consent_version, consented_at, simulated) "
                "VALUES ('r', 's', 'i', '1', now(), false)"
            )
        )
        for change, kind, at in (
            ("z", "renewed", "2026-01-05 12:00:00+00"),
            ("y", "withdrawn", "2026-01-06 12:00:00+00"),
        ):
            connection.execute(
                sa.text(
                    "INSERT INTO invitation_change (id, invitation_id, kind, changed_at, changed_by) "
                    "VALUES (:id, 'i', :kind, :at, 'admin')"
                ),
                {"id": change, "kind": kind, "at": at},
            )
    old.dispose()


def test_what_is_there_is_numbered_by_time_and_unaided_before_aided(empty_database: str, tmp_path: Path) -> None:
    write_version_5(empty_database)
    settings = Settings(home=tmp_path / "workspace", database_url=empty_database)
    with closing(open_workspace(settings)) as workspace:
        rows = readings.readings_of_reader(workspace.engine, "r")
        assert [row["id"] for row in rows] == ["a-unaided", "a-aided", "b-unaided", "b-aided"]
        assert {row["time_check"] for row in rows} == {None}
        (event,) = readings.events_of_reader(workspace.engine, "r", ["pause"])
        assert rows[0]["sequence"] < event["sequence"] < rows[1]["sequence"]
        *_, change = changes_of_invitation(workspace.engine, "i")
        assert change["kind"] == "withdrawn"
        readings.save_delivery(workspace.engine, answers=[], events=[{"id": "n", "reader_id": "r", "kind": "pause"}])
        assert readings.events_of_reader(workspace.engine, "r", ["pause"])[-1]["sequence"] == 6


def test_a_study_gets_a_secret_and_a_reader_keeps_the_name_that_their_browser_holds_answers_under(
    empty_database: str, tmp_path: Path
) -> None:
    write_version_5(empty_database)
    settings = Settings(home=tmp_path / "workspace", database_url=empty_database)
    with closing(open_workspace(settings)) as workspace:
        assert len(studies.get_study(workspace.engine, "s")["image_key"]) == 32
        assert studies.browser_name(workspace.engine, "r") == hashlib.sha256(b"r").hexdigest()[:16]
