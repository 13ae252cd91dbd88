"""Drafts of studies on both engines: nothing that was not seen is written over, and old states go."""

from concurrent.futures import ThreadPoolExecutor

from dermdash.storage import study_drafts
from dermdash.storage.study_drafts import DELETED, FROZEN, KEPT_STATES, SAVED
from dermdash.storage.workspace import Workspace


def save(workspace: Workspace, after: int, *, draft_id: str = "a", kind: str = SAVED, by: str = "ada") -> int | None:
    entries = {"name": f"after {after}"}
    return study_drafts.save_state(
        workspace.engine, draft_id=draft_id, kind=kind, entries=entries, account_id=by, after=after
    )


def test_the_latest_state_holds_and_the_first_says_who_began(workspace: Workspace) -> None:
    assert [save(workspace, 0), save(workspace, 1, by="berta")] == [1, 2]
    row = study_drafts.get_draft(workspace.engine, "a")
    assert row is not None
    assert (row["number"], row["entries"], row["account_id"]) == (2, {"name": "after 1"}, "berta")
    assert row["begun_by"] == "ada"
    assert row["begun_at"] <= row["made_at"]
    assert study_drafts.get_draft(workspace.engine, "b") is None


def test_a_state_that_was_not_seen_is_not_written_over(workspace: Workspace) -> None:
    save(workspace, 0)
    save(workspace, 1)
    assert [save(workspace, after, by="berta") for after in (0, 1, 3)] == [None] * 3
    row = study_drafts.get_draft(workspace.engine, "a")
    assert row is not None
    assert (row["number"], row["account_id"]) == (2, "ada")


def test_of_several_who_save_at_once_one_does(workspace: Workspace) -> None:
    save(workspace, 0)
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda i: save(workspace, 1, by=str(i)), range(6)))
    assert sorted(numbers, key=str) == [2, *[None] * 5]


def test_the_list_has_every_draft_once_the_changed_last_first(workspace: Workspace) -> None:
    for draft_id in "abc":
        save(workspace, 0, draft_id=draft_id)
    save(workspace, 1, draft_id="a", kind=DELETED)
    save(workspace, 1, draft_id="b", kind=FROZEN)
    found = [(row["id"], row["kind"]) for row in study_drafts.list_drafts(workspace.engine)]
    assert found == [("b", FROZEN), ("a", DELETED), ("c", SAVED)]


def test_only_the_latest_states_and_the_first_are_kept(workspace: Workspace) -> None:
    import sqlalchemy as sa

    from dermdash.storage import tables as t

    for after in range(KEPT_STATES + 5):
        assert save(workspace, after) == after + 1
    with workspace.engine.connect() as connection:
        numbers = connection.execute(sa.select(t.study_draft.c.number).order_by(t.study_draft.c.number)).scalars().all()
    last = KEPT_STATES + 5
    assert list(numbers) == [1, *range(last - KEPT_STATES + 1, last + 1)]
