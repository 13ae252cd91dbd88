"""What `dermdash check` finds, each fault planted into a sound workspace of its own."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.filled_workspace import MODEL
from tests.kept_workspace import fill_kept_workspace
from tests.made_once import MadeOnce

from dermdash.settings import Settings
from dermdash.storage import tables as t
from dermdash.storage.consents import consent_values, save_consent
from dermdash.storage.consistency import REFERENCES
from dermdash.storage.engine import now
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.workspace.check_workspace import CheckedWorkspace, check_workspace


@pytest.fixture
def kept(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    """A sound workspace of its own for each test."""
    made_once.copy(fill_kept_workspace, tmp_path / "workspace")
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    yield workspace
    workspace.close()


def change(workspace: Workspace, *statements: sa.Executable | str) -> None:
    with workspace.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement) if isinstance(statement, str) else statement)


def only_fault(checked: CheckedWorkspace, kind: str) -> str:
    assert [fault.kind for fault in checked.faults] == [kind]
    text = checked.faults[0].text
    assert "\n" not in text
    assert "estore" in text  # the way out
    return text


def some_file(workspace: Workspace, folder: str) -> Path:
    return min(path for path in (workspace.home / folder).rglob("*") if path.is_file())


def test_a_workspace_in_order_is_sound_on_both_engines(workspace: Workspace) -> None:
    fill_kept_workspace(workspace)
    checked = check_workspace(workspace)
    assert checked.faults == checked.notes == ()
    assert checked.tables["reading"] > 0
    assert checked.files > 80


@pytest.mark.parametrize("folder", [ORIGINALS, THUMBNAILS, MASKS, "models"])
def test_a_missing_file_is_named(kept: Workspace, folder: str) -> None:
    victim = some_file(kept, folder)
    victim.unlink()
    text = only_fault(check_workspace(kept), "missing file")
    assert text.startswith(f"{victim.relative_to(kept.home).as_posix()} (")


@pytest.mark.parametrize("folder", [ORIGINALS, MASKS, "models"])
def test_a_file_with_one_byte_changed_is_named(kept: Workspace, folder: str) -> None:
    victim = some_file(kept, folder)
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(bytes(data))
    text = only_fault(check_workspace(kept), "damaged file")
    assert text.startswith(f"{victim.relative_to(kept.home).as_posix()} (")


def test_an_empty_thumbnail_is_named(kept: Workspace) -> None:
    some_file(kept, THUMBNAILS).write_bytes(b"")
    assert "is empty" in only_fault(check_workspace(kept), "damaged file")


def test_a_file_that_belongs_to_nothing_is_a_note_and_no_fault(kept: Workspace) -> None:
    kept.files.put(ORIGINALS, "ab" * 32, b"left over")
    checked = check_workspace(kept)
    assert checked.sound
    assert [note.text.split()[0] for note in checked.notes] == [f"originals/ab/{'ab' * 32}"]


def test_a_protocol_that_was_changed_is_named(kept: Workspace) -> None:
    change(kept, sa.update(t.study).values(protocol=t.study.c.protocol + " "))
    assert "is not the one that was frozen" in only_fault(check_workspace(kept), "protocol")


def test_a_consent_and_an_amended_protocol_that_were_changed_are_named(kept: Workspace) -> None:
    given = consent_values(version="1", language="en", pages_language="en", text="I take part.")
    with kept.engine.connect() as connection:
        reader = str(connection.execute(sa.select(t.reader.c.id).order_by(t.reader.c.id)).scalars().first())
        study = str(connection.execute(sa.select(t.study.c.id)).scalars().first())
    save_consent(kept.engine, reader, given)
    amended = {"number": 1, "reason": "r", "protocol": "{}", "protocol_sha256": sha256(b"{}").hexdigest()}
    change(kept, t.study_amendment.insert().values(study_id=study, account_id="ada", amended_at=now(), **amended))
    assert check_workspace(kept).faults == ()
    change(kept, sa.update(t.study_amendment).values(protocol='{"name": "another"}'))
    text = only_fault(check_workspace(kept), "protocol")
    assert f"amendment 1 of study {study} is not the one that was frozen" in text
    change(kept, sa.delete(t.study_amendment))
    change(kept, sa.update(t.consent).values(text="I do not take part."))
    text = only_fault(check_workspace(kept), "consent")
    assert f"reader {reader} (version 1) is not the one that was agreed to" in text


def test_a_split_that_was_changed_past_the_log_is_named(kept: Workspace) -> None:
    make_split(kept, OPERATOR, SplitPlan("main", read_shares("50/50"), 1))
    assert check_workspace(kept).faults == ()
    one = "SELECT min(record_id) FROM split_record WHERE part = 'train'"
    change(kept, f"UPDATE split_record SET part = 'test' WHERE record_id = ({one})")
    assert "split 'main'" in only_fault(check_workspace(kept), "split")


def test_an_answer_that_vanished_from_the_middle_leaves_a_gap(kept: Workspace) -> None:
    third = sa.select(t.assignment.c.id).where(t.assignment.c.position == 3, t.assignment.c.practice.is_(False))
    change(kept, t.reading.delete().where(t.reading.c.assignment_id.in_(third)))
    assert "case 4 was answered and case 3, before it, was not answered" in only_fault(check_workspace(kept), "gap")


def test_an_unaided_answer_that_vanished_is_a_gap_and_its_aided_one_says_so(kept: Workspace) -> None:
    aided = t.reading.alias()
    last = (
        sa.select(aided.c.assignment_id).where(aided.c.phase == "aided").order_by(aided.c.recorded_at.desc()).limit(1)
    )
    gone = t.reading.c.assignment_id == last.scalar_subquery()
    change(kept, t.reading.delete().where(t.reading.c.phase == "unaided", gone))
    assert "the unaided one before it is missing" in check_workspace(kept).faults[0].text


@pytest.mark.parametrize("lost", [2, 3, 4])
def test_the_last_answers_of_a_reader_are_missed_as_what_followed_them_was_shown(kept: Workspace, lost: int) -> None:
    latest = sa.select(t.reading.c.id).order_by(t.reading.c.sequence.desc()).limit(lost)
    change(kept, t.reading.delete().where(t.reading.c.id.in_(latest)))
    assert "was shown and" in only_fault(check_workspace(kept), "gap")


def test_the_profile_of_a_reader_with_answers_is_missed(kept: Workspace) -> None:
    change(kept, t.reader_profile.delete())
    assert "the profile is missing" in only_fault(check_workspace(kept), "gap")


def test_an_assignment_that_vanished_is_named_with_its_answers(kept: Workspace) -> None:
    change(kept, t.assignment.delete().where(t.assignment.c.position == 2, t.assignment.c.practice.is_(False)))
    texts = [fault.text for fault in check_workspace(kept).faults]
    assert any("reading.assignment_id point to a assignment that is not there" in text for text in texts)
    assert any("case 2 was never assigned" in text for text in texts)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("case_id", sa.select(sa.func.max(t.study_case.c.id)).scalar_subquery(), "another case"),
        ("modality", "no such modality", "another modality"),
        ("practice", ~t.reading.c.practice, "practice where its assignment is not"),
    ],
)
def test_a_reading_that_contradicts_its_assignment_is_named(
    kept: Workspace, column: str, value: object, words: str
) -> None:
    one = sa.select(sa.func.min(t.reading.c.id)).where(
        t.reading.c.case_id != sa.select(sa.func.max(t.study_case.c.id)).scalar_subquery()
    )
    change(kept, sa.update(t.reading).where(t.reading.c.id == one.scalar_subquery()).values({column: value}))
    assert words in only_fault(check_workspace(kept), "reading")


def test_a_key_that_occurs_twice_is_named(kept: Workspace) -> None:
    # A table that lost its keys, as after a repair by hand.
    change(
        kept,
        "CREATE TABLE copy AS SELECT * FROM session_event UNION ALL SELECT * FROM session_event",
        "DROP TABLE session_event",
        "ALTER TABLE copy RENAME TO session_event",
    )
    text = check_workspace(kept).faults[0].text
    assert "of id occur more than once in the table session_event" in text


def test_a_table_that_cannot_be_read_is_named(kept: Workspace) -> None:
    change(kept, "DROP TABLE reading")
    assert only_fault(check_workspace(kept), "table").startswith("The table reading cannot be read (")


def test_every_reference_that_points_nowhere_is_named_with_its_rows(kept: Workspace) -> None:
    change(kept, *{key.table.delete() for _, key in REFERENCES if key.table is not t.assignment})
    with kept.engine.connect() as connection:

        def pointing(column: sa.Column[object]) -> int:
            rows = sa.select(sa.func.count()).where(column.is_not(None))
            return int(connection.execute(rows).scalar_one())

        expected = {str(c): n for c, key in REFERENCES if key.table is not t.assignment and (n := pointing(c))}
    texts = [fault.text for fault in check_workspace(kept).faults if fault.kind == "reference"]
    assert len(expected) > 8
    for column, rows in expected.items():
        assert any(text.startswith(f"{rows:,} row") and f" of {column} point to " in text for text in texts), column
    assert len(texts) == len(expected)


def test_of_many_faults_of_one_kind_some_are_listed_and_all_are_counted(kept: Workspace) -> None:
    change(
        kept,
        "INSERT INTO image SELECT printf('%064d', i), '', '', 'jpeg', 1, 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, "
        "now(), NULL, NULL FROM range(300) r(i)",
    )
    checked = check_workspace(kept)
    assert checked.counts == {"missing file": 600}
    assert len(checked.faults) == 201
    assert checked.faults[-1].text == "... and 400 more of this kind (missing file)."


def test_a_checkpoint_is_compared_with_the_hash_it_was_registered_with(kept: Workspace) -> None:
    change(kept, sa.update(t.model).values(checkpoint_sha256="d" * 64))
    assert f"model {MODEL}" in only_fault(check_workspace(kept), "damaged file")
