"""What applying a published list would change is said before it is applied, and conflicts are resolved by evidence."""

import pytest
from tests.confirmed_pairs import confirm
from tests.factories import make_image, make_record
from tests.filled_workspace import DATASET, fill_model, fill_records, make_protocol

from dermdash.dataset.duplicate_lists import KnownPairs
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import change_log, findings, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.lesion_identity import apply_list, ledger
from dermdash.workflows.lesion_identity.lesion_groups import conflicts_of, lesion_groups
from dermdash.workflows.lesion_identity.listed_duplicates import keep_listed
from dermdash.workflows.lesion_identity.resolve_conflict import resolve_field
from dermdash.workflows.reader_study.create_study import create_study

SOURCE = "A paper, 2020"


def listed(workspace: Workspace, *pairs: tuple[str, str]) -> None:
    keep_listed(workspace, KnownPairs("pairs.csv", "ham10000", pairs), dataset_id=DATASET, source=SOURCE)


def test_a_preview_counts_what_merges_and_what_people_decided_stays(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    listed(duckdb_workspace, ("NV_1", "NV_2"), ("NV_2", "NV_3"), ("MEL_1", "BCC_2"), ("DF_1", "DF_2"))
    confirm(duckdb_workspace, f"{DATASET}:DF_1", f"{DATASET}:DF_2", "different")
    before = len(set(identity_groups(duckdb_workspace, ONE_LESION).numbers.tolist()))
    (here,) = apply_list.lists_here(duckdb_workspace)
    assert (here.source, here.pairs, here.decided) == (SOURCE, 4, 1)
    preview = apply_list.preview_list(duckdb_workspace, SOURCE)
    assert preview.outlook.lesions == (before, before - 3)
    assert {"NV_1", "NV_2", "NV_3"} <= set(next(g for g in preview.outlook.merged if "NV_1" in g))
    assert "dx" in {conflict.kind for conflict in preview.outlook.conflicts}
    assert [d.to_json() for d in preview.plan.disagreements] == [
        {"images": ["DF_1", "DF_2"], "here": "different", "there": "same_lesion"}
    ]
    # Nothing was done.
    assert findings.confirmed_pairs(duckdb_workspace.engine) == []
    done = apply_list.apply_list(duckdb_workspace, OPERATOR, SOURCE)
    assert done.decided == 3
    after = identity_groups(duckdb_workspace, ONE_LESION).numbers
    assert len(set(after.tolist())) == preview.outlook.lesions[1]
    assert apply_list.apply_list(duckdb_workspace, OPERATOR, SOURCE).act_id is None
    assert done.act_id is not None
    assert ledger.undo_act(duckdb_workspace, OPERATOR, done.act_id) == (3, 0)
    assert len(set(identity_groups(duckdb_workspace, ONE_LESION).numbers.tolist())) == before
    with pytest.raises(NotFound, match="no list 'Another'"):
        apply_list.preview_list(duckdb_workspace, "Another")
    with pytest.raises(InvalidInput, match="not as 'different'"):
        apply_list.preview_list(duckdb_workspace, SOURCE, decision="different")


def test_splits_studies_and_models_that_a_list_touches_are_named(duckdb_workspace: Workspace) -> None:
    ids = fill_records(duckdb_workspace)
    fill_model(duckdb_workspace, ids, trained_lesions=("L_nv_4",))
    plan = SplitPlan(name="main", shares=read_shares("50/50"), datasets=(DATASET,), seed=1)
    make_split(duckdb_workspace, OPERATOR, plan)
    create_study(duckdb_workspace, make_protocol())
    every = records.records_of_dataset(duckdb_workspace.engine, DATASET).to_dict("records")
    nevi = [str(row["image_id"]) for row in every if row["lesion_id"] == "L_nv_4"]
    listed(duckdb_workspace, *((nevi[0], str(row["image_id"])) for row in every if row["lesion_id"] != "L_nv_4"))
    found = {affected.kind: affected for affected in apply_list.preview_list(duckdb_workspace, SOURCE).outlook.affected}
    assert set(found) == {"split", "study", "model"}
    assert "would leak" in found["split"].text
    assert "fewer" in found["study"].text
    assert "held out" in found["model"].text


def two(workspace: Workspace, **other: object) -> tuple[str, str]:
    """Two records of one lesion: the first verified by histology, the second as given."""
    records.save_dataset(workspace.engine, values={"id": "ds", "name": "ds", "taxonomy": "ham7"})
    facts = {"dx": "mel", "dx_type": "histo", "verification_stage": 3, "sex": "female", "age_at_exam": 60}
    weak = facts | {"dx": "nv", "dx_type": "follow_up", "verification_stage": 1, "sex": "male"} | other
    rows = [
        make_record("A", "ds", lesion_id="LA", image_sha256="a" * 64, stage_claimed=True, **facts),
        make_record("B", "ds", lesion_id="LB", image_sha256="b" * 64, stage_claimed=True, **weak),
    ]
    records.save_batch(workspace.engine, images=[make_image("a" * 64), make_image("b" * 64)], records=rows)
    confirm(workspace, "ds:A", "ds:B")
    return "ds:A", "ds:B"


def test_the_lower_record_follows_the_higher_one_by_acts_of_the_log(duckdb_workspace: Workspace) -> None:
    right, wrong = two(duckdb_workspace)
    assert "is now" in resolve_field(duckdb_workspace, OPERATOR, "sex", right=right, wrong=wrong, reason="asked them")
    record = records.get_record(duckdb_workspace.engine, wrong)
    assert record["sex"] == "female"
    assert "histology of A" in resolve_field(duckdb_workspace, OPERATOR, "dx", right=right, wrong=wrong)
    record = records.get_record(duckdb_workspace.engine, wrong)
    assert (record["dx"], record["verification_stage"]) == ("mel", 3)
    acts = {e.act: e.reason for e in change_log.entries(duckdb_workspace.engine) if e.record_id == wrong}
    assert "one lesion with A" in acts["correction"]
    assert "asked them" in acts["correction"]
    assert "histology" in acts


def test_what_rests_on_less_is_not_followed_and_two_results_of_histology_are_for_people(
    duckdb_workspace: Workspace,
) -> None:
    right, wrong = two(duckdb_workspace, verification_stage=3, dx_type="histo")
    with pytest.raises(InvalidInput, match="for people to settle"):
        resolve_field(duckdb_workspace, OPERATOR, "dx", right=right, wrong=wrong)
    with pytest.raises(InvalidInput, match="takes over"):
        resolve_field(duckdb_workspace, OPERATOR, "patient_id", right=right, wrong=wrong)
    with pytest.raises(NotFound):
        resolve_field(duckdb_workspace, OPERATOR, "sex", right=right, wrong="ds:nothing")


def test_a_lower_record_does_not_correct_a_higher_one(duckdb_workspace: Workspace) -> None:
    right, wrong = two(duckdb_workspace)
    with pytest.raises(InvalidInput, match="stands higher"):
        resolve_field(duckdb_workspace, OPERATOR, "sex", right=wrong, wrong=right)


def test_records_that_are_no_longer_one_lesion_do_not_follow_one_another(duckdb_workspace: Workspace) -> None:
    right, wrong = two(duckdb_workspace)
    ledger.enter_pair(duckdb_workspace, OPERATOR, [right, wrong], "different")
    with pytest.raises(InvalidInput, match="no longer one lesion"):
        resolve_field(duckdb_workspace, OPERATOR, "dx", right=right, wrong=wrong)


def test_a_site_that_leaves_the_side_open_contradicts_no_side(duckdb_workspace: Workspace) -> None:
    two(duckdb_workspace, anatomical_site="torso")
    (group,) = lesion_groups(duckdb_workspace)
    rows = [dict(row) for row in group.rows]
    for sites, differs in ((("torso", "anterior torso"), False), (("posterior torso", "anterior torso"), True)):
        for row, site in zip(rows, sites, strict=True):
            row["anatomical_site"] = site
        assert ("anatomical_site" in {c.kind for c in conflicts_of(rows, ())}) is differs
