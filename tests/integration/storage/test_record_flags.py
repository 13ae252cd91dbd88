"""Records by what asks for a look: the model in use names another diagnosis, a rule is broken, histology is missing."""

from typing import Any

import sqlalchemy as sa
from tests.filled_workspace import MODEL, fill_judged, make_prediction

from dermdash.dataset.finding_kinds import KINDS
from dermdash.records.record_filter import FLAG, RecordFilter
from dermdash.records.record_flags import RecordFlag
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models
from dermdash.storage import tables as t
from dermdash.storage.deidentification import replace_image
from dermdash.storage.finding_acts import decide_several
from dermdash.storage.findings import add_decision, finding_id, replace_findings, save_findings
from dermdash.storage.flags import flags_of
from dermdash.storage.kept_flags import RULES, keep_broken_rules, keep_model_answers, models_in_use, stale_flags
from dermdash.storage.option_counts import option_counts
from dermdash.storage.records import record_ids, records_by_id
from dermdash.storage.results import read_dicts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_in_use import choose_model, find_model_in_use
from dermdash.workflows.dataset.browse_records import page_of_records


def flagged(workspace: Workspace, flag: RecordFlag) -> set[str]:
    """By the filter; counts and tiles must say the same, and what is kept must be what follows."""
    assert dict(stale_flags(workspace.engine)) == {}
    found = record_ids(workspace.engine, RecordFilter(flag=(flag,)))
    assert option_counts(workspace.engine, RecordFilter())[FLAG].get(flag, 0) == len(found)
    everything = record_ids(workspace.engine, RecordFilter())
    assert {key for key, flags in flags_of(workspace.engine, everything).items() if flag in flags} == found
    page = page_of_records(workspace, RecordFilter(), per_page=max(1, len(everything)), tiles=True)
    assert {key for key, flags in page.flags.items() if flag in flags} == found
    return found


def second_model(workspace: Workspace, model_id: str) -> None:
    values = read_dicts(workspace.engine, sa.select(sa.text("*")).select_from(sa.text("model")))[0]
    kept = {k: values[k] for k in ("architecture", "taxonomy", "input_size", "checkpoint_sha256", "dataset_id")}
    models.save_model(
        workspace.engine,
        values={**kept, "id": model_id, "name": "Second", "training_lesions_known": True, "metrics": {}},
        training_lesion_digests=[],
    )


def finding_about(*records: str) -> dict[str, Any]:
    return {
        "records": list(records), "score": 1.0, "threshold": 1.0, "verdict": "contradiction", "details": {},
        "method_version": "1", "model_id": None,
    }  # fmt: skip


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
    save_findings(workspace.engine, "sex_against_site", [finding_about(ids[3])], searched={})
    assert flagged(workspace, RecordFlag.BREAKS_RULE) == {ids[3]}
    rows = records_by_id(workspace.engine, ids)
    needing = rows["dx"].isin(HAM7.codes_needing_histology) & (rows["verification_stage"].fillna(0) < 3)
    assert 0 < needing.sum() < len(ids)
    assert flagged(workspace, RecordFlag.LACKS_HISTOLOGY) == set(rows[needing]["id"])


def test_a_broken_rule_follows_what_is_found_and_decided(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    kind, rule = "sex_against_site", RecordFlag.BREAKS_RULE
    save_findings(workspace.engine, kind, [finding_about(*ids[:2])], searched={})
    save_findings(workspace.engine, "near_duplicate", [finding_about(ids[4])], searched={})
    assert flagged(workspace, rule) == set(ids[:2])
    key = finding_id(kind, ids[:2])
    add_decision(workspace.engine, finding_id=key, decision="kept", account_id="admin")
    assert flagged(workspace, rule) == set()
    decide_several(workspace.engine, {key: "open"}, account_id="admin")
    assert flagged(workspace, rule) == set(ids[:2])
    several = [finding_about(ids[2]), finding_about(*ids[1:12])]
    replace_findings(workspace.engine, kind, several, replaces=lambda _: True)
    # Of one that concerns eleven records none is meant; the first was decided about: it is gone, and stays gone.
    assert flagged(workspace, rule) == {ids[2]}
    replace_findings(workspace.engine, kind, [], replaces=lambda _: True)
    assert flagged(workspace, rule) == set()


def test_what_the_model_says_follows_predictions_choices_and_what_is_covered(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    differs = RecordFlag.MODEL_DIFFERS
    second_model(workspace, "m00000000002")
    models.save_predictions(workspace.engine, [make_prediction(ids[0], "df") | {"model_id": "m00000000002"}])
    choose_model(workspace, "m00000000002")
    wrong = {ids[0]} - set(records_by_id(workspace.engine, ids).query("dx == 'df'")["id"])
    assert flagged(workspace, differs) == wrong != set()
    models.save_predictions(workspace.engine, [make_prediction(ids[1], "df") | {"model_id": "m00000000002"}])
    assert ids[1] in flagged(workspace, differs)
    # The first of its kind, as its name comes first: whoever is chosen goes on to answer.
    second_model(workspace, "a00000000000")
    assert ids[1] in flagged(workspace, differs)
    (image,) = records_by_id(workspace.engine, [ids[0]])["image_sha256"]
    covered = {
        "sha256": "c" * 64, "source_sha256": "c" * 64, "phash": "c" * 16, "format": "JPEG", "width": 8, "height": 8,
        "bytes": 9, "technical_quality": 3,
    }  # fmt: skip
    replace_image(
        workspace.engine, image_sha256=image, masked=covered, regions=[[0, 0, 1, 1]], note="", account_id="admin"
    )
    assert flagged(workspace, differs) == {ids[1]}


def test_what_was_changed_past_the_app_is_found_and_mended(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    save_findings(workspace.engine, "sex_against_site", [finding_about(ids[3])], searched={})
    with workspace.engine.begin() as connection:
        connection.execute(t.record.update().where(t.record.c.id == ids[0]).values(model_dx="odd", breaks_rule=True))
    assert dict(stale_flags(workspace.engine)) == {"model_dx": 1, "breaks_rule": 1}
    with workspace.engine.begin() as connection:
        keep_model_answers(connection)
        keep_broken_rules(connection)
    assert dict(stale_flags(workspace.engine)) == {}
