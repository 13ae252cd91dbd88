"""Named splits: drawn over groups, stored once, checked by what is known today, frozen for good."""

from typing import Any

import numpy as np
import pytest
from tests.factories import make_image, make_record

from dermdash.errors import AccessDenied, InvalidInput, NotAsStored, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import findings, records, splits
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset.browse_records import option_counts
from dermdash.workflows.dataset.check_split import Tie, check_split
from dermdash.workflows.dataset.chosen_records import ids_let_through
from dermdash.workflows.dataset.kept_splits import get_split, list_splits, lock_split, split_csv, withdraw_split
from dermdash.workflows.dataset.locked_records import records_behind_locks
from dermdash.workflows.dataset.make_split import draw_split, make_split
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares, shares_of_folds

CLASSES = ("nv", "mel", "bkl", "df")


def fill(workspace: Workspace, dataset_id: str = "clinic", n: int = 120, **same: Any) -> list[dict[str, Any]]:
    """Records of 40 patients, three images each; four classes, of which df is rare."""
    records.save_dataset(workspace.engine, values={"id": dataset_id, "name": dataset_id, "taxonomy": "ham7"})
    generator = np.random.default_rng(7)
    rows = []
    for i in range(n):
        dx = str(generator.choice(CLASSES, p=[0.6, 0.2, 0.15, 0.05]))
        sha256 = f"{dataset_id}{i:04}".encode().hex().zfill(64)
        row = {"patient_id": f"P{i // 3}", "lesion_id": f"L{i}", "dx": dx, "image_sha256": sha256} | same
        rows.append(make_record(f"I{i:03}", dataset_id, **row))
    images = [make_image(row["image_sha256"]) for row in rows]
    records.save_batch(workspace.engine, images=images, records=rows)
    return rows


def plan(name: str = "first", **changes: Any) -> SplitPlan:
    return SplitPlan(
        **({"name": name, "shares": read_shares("70/15/15"), "seed": 1, "datasets": ("clinic",)} | changes)
    )


def confirm(workspace: Workspace, *pair: str) -> None:
    row = {"records": list(pair), "score": 0.9, "threshold": 0.5, "verdict": "likely", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(workspace.engine, findings.SAME_LESION, [row], searched={})
    key = findings.finding_id(findings.SAME_LESION, pair)
    findings.add_decision(workspace.engine, finding_id=key, decision="same_lesion", account_id="operator")


def test_a_split_is_stored_whole_under_its_name_and_leaks_nothing(workspace: Workspace) -> None:
    fill(workspace)
    drawn, made = make_split(workspace, OPERATOR, plan())
    kept = get_split(workspace, "first")
    assert made
    assert (kept.records, kept.seed, kept.state) == (120, 1, "open")
    assert [part.name for part in kept.parts] == ["train", "validation", "test"]
    assert drawn.grouping == {"patient": 120, "lesion": 0, "twin": 0, "alone": 0, "groups": 40}
    checked = check_split(workspace, "first")
    assert checked.leaks_nothing
    assert checked.parts["patients"].sum() == 40
    assert checked.largest_deviation < 0.03
    assert checked.classes.to_numpy().sum() == 120
    assert split_csv(workspace, "first").decode().count("\n") == 121


def test_the_filter_knows_the_parts_of_splits_and_what_is_in_none(workspace: Workspace) -> None:
    fill(workspace)
    drawn, _ = make_split(workspace, OPERATOR, plan(record_filter=RecordFilter(dx=("nv", "mel"))))
    test = {i for i, part in drawn.parts.items() if part == "test"}
    engine = workspace.engine
    assert records.record_ids(engine, RecordFilter(split=("first:test",))) == test
    assert records.record_ids(engine, RecordFilter(split=("first",))) == set(drawn.parts)
    assert records.record_ids(engine, RecordFilter(split=("unknown",))).isdisjoint(drawn.parts)
    assert records.record_ids(engine, RecordFilter(split=("first:nothing",))) == set()
    counts = option_counts(workspace, RecordFilter(dx=("mel",)))
    melanomas = sum(drawn.rows["dx"].eq("mel") & drawn.rows["part"].eq("test"))
    assert counts["split"]["first:test"] == melanomas
    assert (
        option_counts(workspace, RecordFilter(split=("first:test",)))["split"]
        == option_counts(workspace, RecordFilter())["split"]
    )
    assert sum(option_counts(workspace, RecordFilter(split=("first:test",)))["sex"].values()) == len(test)


def test_the_same_request_again_makes_nothing_and_another_one_under_the_name_is_refused(
    duckdb_workspace: Workspace,
) -> None:
    fill(duckdb_workspace)
    assert make_split(duckdb_workspace, OPERATOR, plan())[1]
    assert not make_split(duckdb_workspace, OPERATOR, plan())[1]
    with pytest.raises(InvalidInput, match="a name means one split for good"):
        make_split(duckdb_workspace, OPERATOR, plan(seed=2))
    with pytest.raises(InvalidInput, match="There is a split 'first' already"):
        make_split(duckdb_workspace, OPERATOR, plan("FIRST"))
    confirm(duckdb_workspace, "clinic:I000", "clinic:I119")
    with pytest.raises(InvalidInput, match="A split never changes"):
        make_split(duckdb_workspace, OPERATOR, plan())
    assert len(list_splits(duckdb_workspace)) == 1


def test_two_tabs_that_store_the_same_split_at_once_store_it_once(workspace: Workspace) -> None:
    fill(workspace)
    drawn, _ = make_split(workspace, OPERATOR, plan())
    row = splits.split_by_name(workspace.engine, "first")
    assert row is not None
    names = ("name", "kind", "parts", "seed", "datasets", "record_filter", "grouping", "digest")
    again = {"id": "another", **{name: row[name] for name in names}}
    assert not splits.save_split(workspace.engine, "operator", again, drawn.parts)
    with pytest.raises(InvalidInput, match="already"):
        splits.save_split(workspace.engine, "operator", again | {"digest": "0" * 64}, drawn.parts)
    assert len(splits.parts_of_records(workspace.engine, row["id"])) == 120
    assert splits.parts_of_records(workspace.engine, "another") == {}


def test_a_pair_confirmed_later_turns_the_proof_red_and_names_the_records(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    drawn, _ = make_split(duckdb_workspace, OPERATOR, plan())
    train, test = (next(i for i, p in drawn.parts.items() if p == part) for part in ("train", "test"))
    confirm(duckdb_workspace, train, test)
    checked = check_split(duckdb_workspace, "first")
    leaks = {leak.tie: leak.across for leak in checked.leaks}
    assert not checked.leaks_nothing
    assert leaks[Tie.PAIR] == (tuple(sorted((train, test))),) or set(leaks[Tie.PAIR][0]) == {train, test}
    assert len(leaks[Tie.GROUP]) == 1
    assert not leaks[Tie.PATIENT]
    again = draw_split(duckdb_workspace, plan("second"))
    assert again.parts[train] == again.parts[test]


def test_candidates_across_parts_are_told_apart_from_what_is_known(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    drawn, _ = make_split(duckdb_workspace, OPERATOR, plan())
    train, test = (next(i for i, p in drawn.parts.items() if p == part) for part in ("train", "test"))
    other = next(i for i, p in drawn.parts.items() if p == "test" and i != test)
    for kind, pair, verdict in (
        (findings.SAME_LESION, [train, test], "unsure"), (findings.NEAR_DUPLICATE, [train, other], "unsure"),
    ):  # fmt: skip
        row = {"records": pair, "score": 0.9, "threshold": 0.5, "verdict": verdict, "details": {},
               "method_version": "1", "model_id": None}  # fmt: skip
        findings.save_findings(duckdb_workspace.engine, kind, [row], searched={})
    checked = check_split(duckdb_workspace, "first")
    assert checked.leaks_nothing
    assert checked.undecided == 1
    (candidates,) = (leak.across for leak in checked.leaks if leak.tie is Tie.CANDIDATE)
    assert set(candidates[0]) == {train, test}


def test_the_parts_leave_with_pseudonyms_where_asked(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    make_split(duckdb_workspace, OPERATOR, plan())
    assert b"P12" in split_csv(duckdb_workspace, "first")
    hidden = split_csv(duckdb_workspace, "first", privacy=Privacy(names=True))
    assert b"P12" not in hidden
    assert hidden.count(b"\n") == 121


def test_a_locked_test_part_holds_back_relatives_in_other_data_sets(duckdb_workspace: Workspace) -> None:
    mine = fill(duckdb_workspace)
    drawn, _ = make_split(duckdb_workspace, OPERATOR, plan())
    test = {i for i, part in drawn.parts.items() if part == "test"}
    file = next(row["image_sha256"] for row in mine if row["id"] in test)
    records.save_dataset(duckdb_workspace.engine, values={"id": "other", "name": "O", "taxonomy": "ham7"})
    others = [
        make_record("A", "other", image_sha256=file, patient_id="X", lesion_id="own"),
        make_record("B", "other", image_sha256=make_image("b" * 64)["sha256"], patient_id="X", lesion_id="too"),
        make_record("C", "other", image_sha256="c" * 64, lesion_id="free"),
    ]
    records.save_batch(duckdb_workspace.engine, images=[make_image("b" * 64), make_image("c" * 64)], records=others)
    assert records_behind_locks(duckdb_workspace) == {}
    assert lock_split(duckdb_workspace, OPERATOR, "first", note="for the paper")
    assert not lock_split(duckdb_workspace, OPERATOR, "first")
    assert records_behind_locks(duckdb_workspace) == {"first": test | {"other:A", "other:B"}}
    assert get_split(duckdb_workspace, "first").lock_note == "for the paper"
    with pytest.raises(InvalidInput, match="locked"):
        withdraw_split(duckdb_workspace, OPERATOR, "first")


def test_a_withdrawn_split_stays_in_the_history_and_keeps_its_name(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    make_split(duckdb_workspace, OPERATOR, plan())
    withdraw_split(duckdb_workspace, OPERATOR, "first", reason="a trial")
    assert list_splits(duckdb_workspace) == []
    assert [split.withdrawal_reason for split in list_splits(duckdb_workspace, withdrawn=True)] == ["a trial"]
    assert option_counts(duckdb_workspace, RecordFilter())["split"] == {}
    of_it = RecordFilter(split=("first:test",))
    assert records.record_ids(duckdb_workspace.engine, of_it) == set()
    with pytest.raises(NotFound, match="withdrawn: a trial"):
        ids_let_through(duckdb_workspace, "clinic", of_it)
    with pytest.raises(NotFound, match="no split 'second'"):
        ids_let_through(duckdb_workspace, "clinic", RecordFilter(split=("second",)))
    with pytest.raises(InvalidInput, match="withdrawn"):
        make_split(duckdb_workspace, OPERATOR, plan())
    with pytest.raises(NotFound, match="a trial"):
        withdraw_split(duckdb_workspace, OPERATOR, "first")


def test_folds_have_numbers_and_nothing_to_lock(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    drawn, _ = make_split(duckdb_workspace, OPERATOR, plan(shares=shares_of_folds(5)))
    assert set(drawn.parts.values()) == {"1", "2", "3", "4", "5"}
    assert get_split(duckdb_workspace, "first").parts_in_words == "5 folds"
    with pytest.raises(InvalidInput, match="no test part"):
        lock_split(duckdb_workspace, OPERATOR, "first")


def test_what_cannot_be_divided_is_refused_and_nothing_is_stored(duckdb_workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="import a data set first"):
        make_split(duckdb_workspace, OPERATOR, plan(datasets=()))
    fill(duckdb_workspace, n=9)
    fill(duckdb_workspace, "one", n=30, patient_id="P")
    for changes, match in (
        ({"shares": shares_of_folds(5)}, "5 folds need at least as many independent patients"),
        ({"datasets": ("one",)}, "the 30 records of one are of 1 patient"),
        ({"record_filter": RecordFilter(dx=("vasc",))}, "lets none of 9 records of clinic through"),
        ({"datasets": ("nowhere",)}, "no data set nowhere"),
        ({"record_filter": RecordFilter(dataset_id=("one",))}, "leave dataset_id out"),
    ):
        with pytest.raises((InvalidInput, NotFound), match=match):
            make_split(duckdb_workspace, OPERATOR, plan(**changes))
    with pytest.raises(AccessDenied):
        make_split(duckdb_workspace, Account("r", "Reader", frozenset({Role.REVIEWER})), plan())
    assert list_splits(duckdb_workspace, withdrawn=True) == []


def test_what_is_not_known_of_records_is_said(duckdb_workspace: Workspace) -> None:
    records.save_dataset(duckdb_workspace.engine, values={"id": "clinic", "name": "C", "taxonomy": "ham7"})
    rows = [
        make_record(f"I{i}", "clinic", lesion_id=f"I{i}" if i < 6 else f"L{i}", image_sha256=f"{i:064}", dx="nv")
        for i in range(10)
    ]
    rows[1] |= {"image_sha256": rows[0]["image_sha256"]}
    rows[9] |= {"dx": None}
    images = [make_image(sha256) for sha256 in {row["image_sha256"] for row in rows}]
    records.save_batch(duckdb_workspace.engine, images=images, records=rows)
    drawn = draw_split(duckdb_workspace, plan())
    assert drawn.grouping == {"patient": 0, "lesion": 4, "twin": 2, "alone": 4, "groups": 9}
    said = " ".join(drawn.warnings)
    assert "1 record without a diagnosis is divided as a class of their own" in said
    assert "6 records name neither patient nor lesion" in said
    assert "4 records name a lesion and no patient" in said


@pytest.mark.parametrize("text", ["70/15/20", "70/30/0", "100", "a/b", "50/25/15/10", ""])
def test_parts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"sum to 100|expected"):
        read_shares(text)


@pytest.mark.parametrize("name", ["", " a", "a:b", "unknown", "x" * 61, "../a", "a/b"])
def test_names_that_no_address_can_carry_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="no name for a split"):
        plan(name)


def test_a_locked_test_part_that_was_changed_in_the_database_lets_nobody_train(duckdb_workspace: Workspace) -> None:
    """A record that is moved out of a frozen test part, or gone from it, would be trained on without a word."""
    fill(duckdb_workspace)
    make_split(duckdb_workspace, OPERATOR, plan())
    lock_split(duckdb_workspace, OPERATOR, "first")
    tested = next(iter(records_behind_locks(duckdb_workspace)["first"]))
    s = t.split_record
    for change in (
        s.update().where(s.c.record_id == tested).values(part="train"),
        s.delete().where(s.c.part == "test"),
    ):
        with duckdb_workspace.engine.begin() as connection:
            connection.execute(change)
        for use in (
            lambda: records_behind_locks(duckdb_workspace),
            lambda: check_split(duckdb_workspace, "first"),
            lambda: ids_let_through(duckdb_workspace, "clinic", RecordFilter.from_words(["split=first:train"])),
        ):
            with pytest.raises(NotAsStored, match=r"from a backup .*nothing can be trained until then"):
                use()
    assert get_split(duckdb_workspace, "first").broken
    assert not list_splits(duckdb_workspace)[0].broken  # a list reads no records
