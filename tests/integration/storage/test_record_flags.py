"""Records by what asks for a look: the model in use names another diagnosis, a rule is broken, histology is missing."""

import sqlalchemy as sa
from tests.filled_workspace import MODEL, fill_judged, make_prediction

from dermdash.dataset.finding_kinds import KINDS
from dermdash.records.record_filter import FLAG, RecordFilter
from dermdash.records.record_flags import RecordFlag
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models
from dermdash.storage.findings import save_findings
from dermdash.storage.flags import RULES, flags_of, models_in_use
from dermdash.storage.option_counts import option_counts
from dermdash.storage.records import record_ids, records_by_id
from dermdash.storage.results import read_dicts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_in_use import choose_model, find_model_in_use


def flagged(workspace: Workspace, flag: RecordFlag) -> set[str]:
    """By the filter; counts and tiles must say the same."""
    found = record_ids(workspace.engine, RecordFilter(flag=(flag,)))
    assert option_counts(workspace.engine, RecordFilter())[FLAG].get(flag, 0) == len(found)
    everything = record_ids(workspace.engine, RecordFilter())
    assert {key for key, flags in flags_of(workspace.engine, everything).items() if flag in flags} == found
    return found


def second_model(workspace: Workspace, model_id: str) -> None:
    values = read_dicts(workspace.engine, sa.select(sa.text("*")).select_from(sa.text("model")))[0]
    kept = {k: values[k] for k in ("architecture", "taxonomy", "input_size", "checkpoint_sha256", "dataset_id")}
    models.save_model(
        workspace.engine,
        values={**kept, "id": model_id, "name": "Second", "training_lesions_known": True, "metrics": {}},
        training_lesion_digests=[],
    )


def test_rules_are_the_kinds_of_findings_that_contradict_or_cannot_be() -> None:
    assert set(RULES) == {key for key, kind in KINDS.items() if kind.is_contradiction} | {"impossible_value"}


def test_a_record_is_flagged_where_the_model_in_use_names_another_diagnosis(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    second_model(workspace, "m00000000002")
    models.save_predictions(workspace.engine, [make_prediction(i, "nv") | {"model_id": "m00000000002"} for i in ids])
    choose_model(workspace, MODEL)
    assert flagged(workspace, RecordFlag.MODEL_DIFFERS) == set()
    choose_model(workspace, "m00000000002")
    rows = records_by_id(workspace.engine, ids)
    assert flagged(workspace, RecordFlag.MODEL_DIFFERS) == set(rows[rows["dx"] != "nv"]["id"])


def test_the_model_in_use_is_the_one_of_every_page(workspace: Workspace) -> None:
    fill_judged(workspace)
    second_model(workspace, "m00000000000")

    def in_use() -> str:
        (row,) = read_dicts(workspace.engine, models_in_use())
        return str(row["id"])

    for act in (
        lambda: None,
        lambda: model_registry.add_reference_model(workspace),
        lambda: choose_model(workspace, MODEL),
        lambda: choose_model(workspace, "m00000000000"),
    ):
        act()
        found = find_model_in_use(workspace, simulated=False)
        assert found is not None
        assert in_use() == found.id
    assert in_use() == "m00000000000"


def test_a_record_is_flagged_for_a_broken_rule_and_for_missing_histology(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    assert flagged(workspace, RecordFlag.BREAKS_RULE) == set()
    finding = {
        "records": [ids[3]], "score": 1.0, "threshold": 1.0, "verdict": "contradiction", "details": {},
        "method_version": "1", "model_id": None,
    }  # fmt: skip
    save_findings(workspace.engine, "sex_against_site", [finding], searched={})
    assert flagged(workspace, RecordFlag.BREAKS_RULE) == {ids[3]}
    rows = records_by_id(workspace.engine, ids)
    needing = rows["dx"].isin(HAM7.codes_needing_histology) & (rows["verification_stage"].fillna(0) < 3)
    assert 0 < needing.sum() < len(ids)
    assert flagged(workspace, RecordFlag.LACKS_HISTOLOGY) == set(rows[needing]["id"])
