"""A training by the name of a split, and beside locked test parts."""

from typing import Any

import pandas as pd
import pytest
from tests.filled_workspace import DATASET, fill_records
from tests.training_workspace import tiny_job

from dermdash.classifier.checkpoints import read_metadata
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import HAM7
from dermdash.storage import findings, models, records
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier.held_out import held_out_records, locked_records_known_to, locked_test_words
from dermdash.workflows.classifier.training import control
from dermdash.workflows.classifier.training.job import Job, list_jobs, read_job
from dermdash.workflows.classifier.training.register import register_job
from dermdash.workflows.classifier.training.run_job import run_job
from dermdash.workflows.classifier.training.usable_records import check_locks, left_out_lines
from dermdash.workflows.dataset.check_split import check_split
from dermdash.workflows.dataset.kept_splits import get_split, lock_split, withdraw_split
from dermdash.workflows.dataset.locked_records import records_behind_locks
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares, shares_of_folds


def divide(workspace: Workspace, name: str = "s", shares: Any = "50/25/25", **changes: Any) -> dict[str, str]:
    shares = read_shares(shares) if isinstance(shares, str) else shares
    return make_split(workspace, OPERATOR, SplitPlan(name, shares, 1, (DATASET,), **changes))[0].parts


def folds_of(job: Job) -> dict[str, int]:
    columns = pd.DataFrame(job.records())
    return dict(zip(columns["id"], columns["fold"], strict=True))


def confirm_pair(workspace: Workspace, *pair: str) -> None:
    row = {"records": list(pair), "score": 0.9, "threshold": 0.5, "verdict": "likely", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(workspace.engine, findings.SAME_LESION, [row], searched={})
    key = findings.finding_id(findings.SAME_LESION, pair)
    findings.add_decision(workspace.engine, finding_id=key, decision="same_lesion", account_id="operator")


def test_a_split_says_what_is_trained_on_and_held_out_and_its_test_part_is_not_used(
    duckdb_workspace: Workspace,
) -> None:
    fill_records(duckdb_workspace, per_class=4)
    parts = divide(duckdb_workspace)
    job = tiny_job(duckdb_workspace, split="s")
    fold = folds_of(job)
    assert fold == {i: int(part == "validation") for i, part in parts.items() if part != "test"}
    counts = job.request["counts"]
    assert counts["left_out"] == {
        "rejected": 0, "filter": 0, "lock": 0, "no_part": 0, "tied": 0,
        "test_part": sum(part == "test" for part in parts.values()),
    }  # fmt: skip
    run_job(job.folder)
    (model_id,) = register_job(duckdb_workspace, read_job(job.folder))
    used = read_metadata(duckdb_workspace.checkpoint(model_id)).record_filter
    assert used == {"split": ["s:train", "s:validation"]}
    assert records.record_ids(duckdb_workspace.engine, RecordFilter(**used)) == set(fold)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="cannot be withdrawn: model"):
        withdraw_split(duckdb_workspace, OPERATOR, "s")


def test_folds_of_a_split_are_the_folds_of_the_training(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    parts = divide(duckdb_workspace, shares=shares_of_folds(3))
    job = tiny_job(duckdb_workspace, split="s")
    assert folds_of(job) == {i: int(part) for i, part in parts.items()}
    assert [part.title for part in job.parts] == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert read_job(job.folder).settings.folds == 3
    with pytest.raises(InvalidInput, match="has 3 folds, not 5"):
        tiny_job(duckdb_workspace, split="s", folds=5)


def test_of_train_and_test_alone_what_is_held_out_is_drawn_from_train(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    parts = divide(duckdb_workspace, shares="70/30")
    fold = folds_of(tiny_job(duckdb_workspace, split="s"))
    assert set(fold) == {i for i, part in parts.items() if part == "train"}
    assert 0 < sum(fold.values()) < len(fold)


def test_locked_records_and_their_relatives_are_trained_on_by_nobody(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    # Another clinic's data set that numbers its lesions alike.
    fill_records(duckdb_workspace, dataset="release", per_class=4)
    parts = divide(duckdb_workspace)
    before = folds_of(tiny_job(duckdb_workspace))
    assert len(before) == len(parts)
    lock_split(duckdb_workspace, OPERATOR, "s")
    test = {i for i, part in parts.items() if part == "test"}
    job = tiny_job(duckdb_workspace)
    assert set(folds_of(job)) == set(parts) - test
    assert job.request["counts"]["locks"] == {"s": len(test)}
    assert job.request["counts"]["left_out"]["lock"] == len(test)
    assert tiny_job(duckdb_workspace, dataset_id="release").request["counts"]["locks"] == {}
    tied = next(iter(test)).replace(DATASET, "release")
    confirm_pair(duckdb_workspace, tied, next(iter(test)))
    other = tiny_job(duckdb_workspace, dataset_id="release")
    assert tied not in folds_of(other)
    assert other.request["counts"]["locks"]["s"] >= 1
    only = {"split": ["s:test"]}
    with pytest.raises(NotFound, match="locked test parts"):
        tiny_job(duckdb_workspace, record_filter=only)
    with pytest.raises(NotFound, match="lets none"):
        tiny_job(duckdb_workspace, dataset_id="release", record_filter=only)


def test_a_name_that_an_archive_gave_out_is_one_lesion_in_every_data_set(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    fill_records(duckdb_workspace, dataset="release", per_class=4)
    with duckdb_workspace.engine.begin() as connection:
        for i, code in enumerate(HAM7.codes):
            named = t.record.update().where(t.record.c.lesion_id == f"L_{code}_3")
            connection.execute(named.values(lesion_id=f"HAM_000011{i}"))
    test = {i for i, part in divide(duckdb_workspace).items() if part == "test"}
    lock_split(duckdb_workspace, OPERATOR, "s")
    shared = {i for i in test if i.endswith("_3")}
    assert shared
    assert records_behind_locks(duckdb_workspace)["s"] == test | {i.replace(DATASET, "release") for i in shared}


def test_a_model_whose_training_ran_when_a_test_part_was_locked_is_named_by_the_lock(
    duckdb_workspace: Workspace,
) -> None:
    fill_records(duckdb_workspace, per_class=8)
    fill_records(duckdb_workspace, dataset="release", per_class=8)
    job = tiny_job(duckdb_workspace, held_out_fraction=0.7)
    divide(duckdb_workspace)
    run_job(job.folder)  # the worker knows no database: the lock falls while it runs
    lock_split(duckdb_workspace, OPERATOR, "s")
    (model_id,) = register_job(duckdb_workspace, read_job(job.folder))
    known = locked_records_known_to(duckdb_workspace, model_id)
    assert known.keys() == {"s"}
    assert locked_test_words(known) == f"Knows {counted(known['s'], 'record')} of the locked test part of s."
    # What it knows is of its own data set: the other one numbers its lesions alike.
    for dataset, seen in ((DATASET, True), ("release", False)):
        rows = records.records_of_dataset(duckdb_workspace.engine, dataset)
        assert (~held_out_records(duckdb_workspace, model_id, rows)).any() == seen
    # Carried elsewhere nobody knows whose lesions they are: an id counts wherever it turns up.
    assert read_metadata(duckdb_workspace.checkpoint(model_id)).training_lesions != tuple(
        sorted(models.training_lesion_digests(duckdb_workspace.engine, model_id))
    )


def test_a_training_that_was_prepared_before_the_lock_does_not_go_on(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    divide(duckdb_workspace)
    job = tiny_job(duckdb_workspace)
    lock_split(duckdb_workspace, OPERATOR, "s")
    with pytest.raises(InvalidInput, match=r"prepared before a test part was locked, and uses .* of s"):
        control.continue_training(duckdb_workspace, job.id)
    check_locks(duckdb_workspace, tiny_job(duckdb_workspace))


def test_a_tie_to_a_test_record_of_another_data_set_of_the_split_keeps_a_record_out(
    duckdb_workspace: Workspace,
) -> None:
    fill_records(duckdb_workspace, per_class=4)
    fill_records(duckdb_workspace, dataset="release", per_class=4)
    plan = SplitPlan("s", read_shares("50/25/25"), 1, (DATASET, "release"))
    parts = make_split(duckdb_workspace, OPERATOR, plan)[0].parts
    train = next(i for i, part in parts.items() if part == "train" and i.startswith(DATASET))
    test = next(i for i, part in parts.items() if part == "test" and i.startswith("release"))
    assert train in folds_of(tiny_job(duckdb_workspace, split="s"))
    confirm_pair(duckdb_workspace, train, test)
    assert train not in folds_of(tiny_job(duckdb_workspace, split="s"))


def test_what_initial_weights_know_of_a_locked_test_part_is_said(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=8)
    job = run_job(tiny_job(duckdb_workspace, held_out_fraction=0.7).folder)
    (model_id,) = register_job(duckdb_workspace, read_job(job.folder))
    divide(duckdb_workspace)
    lock_split(duckdb_workspace, OPERATOR, "s")
    counts = tiny_job(duckdb_workspace, initial=model_id).request["counts"]
    (known,) = check_split(duckdb_workspace, "s").trained
    assert 0 < counts["locked_seen_by_initial"] == known["records"] <= get_split(duckdb_workspace, "s").parts[2].records
    assert "have seen" in " ".join(left_out_lines(counts, ""))
    with pytest.raises(InvalidInput, match="that the split 's' holds out"):
        tiny_job(duckdb_workspace, initial=model_id, split="s")


def test_a_split_that_cannot_be_used_leaves_no_job(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    fill_records(duckdb_workspace, dataset="release", per_class=2)
    divide(duckdb_workspace)
    for changes, match in (
        ({"split": "t"}, "no split 't'; there are: s"),
        ({"split": "s", "dataset_id": "release"}, "not release"),
        ({"split": "s", "folds": 3}, "leave the folds away"),
    ):
        with pytest.raises((InvalidInput, NotFound), match=match):
            tiny_job(duckdb_workspace, **changes)
    assert list_jobs(duckdb_workspace.home) == []


def test_what_turned_out_to_show_a_lesion_of_another_part_is_not_trained_on(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=4)
    parts = divide(duckdb_workspace)
    train, test = (next(i for i, p in parts.items() if p == part) for part in ("train", "test"))
    confirm_pair(duckdb_workspace, train, test)
    job = tiny_job(duckdb_workspace, split="s")
    assert train not in folds_of(job)
    assert job.request["counts"]["left_out"]["tied"] >= 1
