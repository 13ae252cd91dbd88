"""Who reviews sees the records that are settled, whatever else the filter says."""

import pytest
from tests.confirmed_pairs import confirm
from tests.conftest import OpenFilled
from tests.ladder_workspace import DATASET
from tests.reviewed_workspace import fill_reviewed

from dermdash.records.record_filter import RecordFilter
from dermdash.storage import record_rows, records, tasks
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.option_counts import option_counts
from dermdash.storage.workspace import Workspace


def shown(workspace: Workspace, **chosen: object) -> list[str]:
    found = records.page_of_records(
        workspace.engine,
        RecordFilter(settled=True, **chosen),
        limit=10,  # type: ignore[arg-type]
    )
    return [str(row) for row in found["id"]]


def test_of_three_records_the_one_with_a_consensus_of_here_is_settled(open_filled: OpenFilled) -> None:
    workspace, _ = open_filled(fill_reviewed)
    every = records.page_of_records(workspace.engine, RecordFilter(), limit=10)
    (settled,) = shown(workspace)
    assert len(every) == 3
    assert every.set_index("id").loc[settled, "verification_stage"] == 2
    assert shown(workspace, verification_stage=("1",)) == []
    assert shown(workspace, dataset_id=(DATASET,), verification_stage=("2",)) == [settled]
    assert RecordFilter(settled=True).without("dx").settled
    assert records.count_records(workspace.engine, RecordFilter(settled=True)) == 1


def ask(workspace: Workspace, record_id: str, account_id: str | None, purpose: str) -> str:
    """Ask somebody, or whoever comes first, to say something of a record; return the task."""
    task = {
        "record_id": record_id, "dataset_id": DATASET, "stage": 2, "cycle": 1, "purpose": purpose, "place": 9,
        "account_id": account_id, "rule_version": 1,
    }  # fmt: skip
    return str(in_one_act(workspace.engine, "cora", lambda act: tasks.add_tasks(act, [task]))[0]["id"])


def test_a_record_that_somebody_has_work_on_is_hidden_from_them_alone_until_it_is_done(open_filled: OpenFilled) -> None:
    workspace, _ = open_filled(fill_reviewed)
    (settled,) = shown(workspace)
    before = tasks.version_for(workspace.engine, "ben")
    repeat = ask(workspace, settled, "ben", tasks.REPEAT)
    assert tasks.version_for(workspace.engine, "ben") != before
    assert shown(workspace, unseen_by="ben") == []
    assert shown(workspace, unseen_by="cem") == [settled]
    hidden = RecordFilter(settled=True, unseen_by="ben")
    assert hidden.without("dx") == hidden
    assert not records.lets_through(workspace.engine, hidden, settled)
    assert option_counts(workspace.engine, hidden)["dx"] == {}
    in_one_act(workspace.engine, "cora", lambda act: tasks.set_state(act, repeat, tasks.ANSWERED))
    assert shown(workspace, unseen_by="ben") == [settled]


@pytest.mark.parametrize("same", ["lesion_id", "image_sha256"])
@pytest.mark.parametrize("asked", ["ben", None], ids=["ben", "anybody"])
def test_open_work_hides_other_images_of_the_lesion_and_other_names_of_the_file(
    open_filled: OpenFilled, same: str, asked: str | None
) -> None:
    workspace, every = open_filled(fill_reviewed)
    (settled,) = shown(workspace)
    other = next(record_id for record_id in every if record_id != settled)
    value = record_rows.record_rows(workspace.engine, [settled])[settled][same]
    with workspace.engine.begin() as connection:
        connection.execute(t.verification_task.update().values(state=tasks.ANSWERED))
        connection.execute(t.record.update().where(t.record.c.id == other).values({same: value}))
    assert shown(workspace, unseen_by="ben") == [settled]
    ask(workspace, other, asked, tasks.REPEAT)
    assert shown(workspace, unseen_by="ben") == []


def test_open_work_hides_what_is_tied_to_it_through_others(open_filled: OpenFilled) -> None:
    """One confirmed pair leads to the next: the label at its end tells as much as the one beside it."""
    workspace, _ = open_filled(fill_reviewed)
    (settled,) = shown(workspace)
    every = [str(row) for row in records.page_of_records(workspace.engine, RecordFilter(), limit=10)["id"]]
    asked, between = (record for record in every if record != settled)
    with workspace.engine.begin() as connection:
        connection.execute(t.verification_task.update().values(state=tasks.ANSWERED))
    ask(workspace, asked, "ben", tasks.REPEAT)
    confirm(workspace, asked, between)
    assert shown(workspace, unseen_by="ben") == [settled]
    file = record_rows.record_rows(workspace.engine, [settled])[settled]["image_sha256"]
    with workspace.engine.begin() as connection:
        connection.execute(t.record.update().where(t.record.c.id == between).values(image_sha256=file))
    assert shown(workspace, unseen_by="ben") == []
    confirm(workspace, asked, between, "different")
    assert shown(workspace, unseen_by="ben") == [settled]


def test_a_settled_twin_of_what_somebody_is_asked_about_is_hidden_from_them(open_filled: OpenFilled) -> None:
    """Its label would tell them what to say of the other image of the lesion."""
    workspace, _ = open_filled(fill_reviewed)
    (settled,) = shown(workspace)
    every = [str(row) for row in records.page_of_records(workspace.engine, RecordFilter(), limit=10)["id"]]
    asked = next(record for record in every if record != settled)
    ask(workspace, asked, "ben", tasks.REPEAT)
    assert shown(workspace, unseen_by="ben") == [settled]
    confirm(workspace, asked, settled)
    assert shown(workspace, unseen_by="ben") == []
    assert not records.lets_through(workspace.engine, RecordFilter(settled=True, unseen_by="ben"), settled)
    confirm(workspace, asked, settled, "different")
    assert shown(workspace, unseen_by="ben") == [settled]
