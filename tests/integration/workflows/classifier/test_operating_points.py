"""Choosing, applying and triaging with operating points, against counts made here by hand."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from tests.confirmed_pairs import confirm
from tests.factories import make_record
from tests.filled_workspace import MODEL
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.scored_workspace import AWAY, HOME, PER_CLASS, TRAINED, fill_scored

from dermdash.analysis.as_json import to_json
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models, operating_points, records, tables
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier import operating_points as op
from dermdash.workflows.classifier.work_list import triage, work_list_csv
from dermdash.workflows.dataset.assess_acquisition import assess


@pytest.fixture
def scored(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_scored, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def choose(workspace: Workspace, name: str = "Screening", **changes: Any) -> op.OperatingPoint:
    options: dict[str, Any] = {"model_id": MODEL, "dataset_id": HOME, "rule": "sensitivity", "target": 0.95}
    return op.choose_operating_point(workspace, name=name, **(options | changes))


def predictions(workspace: Workspace, dataset: str) -> pd.DataFrame:
    rows = records.records_of_dataset(workspace.engine, dataset).set_index("id")
    stored = models.predictions_of_model(workspace.engine, MODEL, rows.index).set_index("record_id")
    return rows.join(stored[["malignancy_probability", "predicted_dx", "probabilities"]], how="inner")


def test_thresholds_are_chosen_on_held_out_records_only(scored: Workspace) -> None:
    point = choose(scored)
    assert point.cases == 7 * PER_CLASS - 1
    assert point.left_out == {"no_diagnosis": 0, "no_prediction": 0, "trained_on": 1}
    rows = predictions(scored, HOME)
    rows = rows[rows["lesion_id"] != TRAINED]
    malignant = rows["dx"].isin(HAM7.malignant_codes)
    over = rows["malignancy_probability"] >= (point.thresholds[MALIGNANCY] or 0)
    figure = point.figures[MALIGNANCY]
    assert (figure.sensitivity.hits, figure.sensitivity.total) == ((over & malignant).sum(), malignant.sum())
    assert (figure.specificity.hits, figure.specificity.total) == ((~over & ~malignant).sum(), (~malignant).sum())
    assert (figure.sensitivity.value or 0) >= 0.95


def test_a_saved_point_is_found_by_id_and_name_and_listed(scored: Workspace) -> None:
    point = choose(scored, "  Screening\n at home ")
    assert point.name == "Screening at home"
    assert op.get_operating_point(scored, point.id) == op.get_operating_point(scored, "Screening at home") == point
    assert op.list_operating_points(scored, model_id=MODEL) == [point]
    assert op.default_operating_point(scored, MODEL) == point
    assert op.default_operating_point(scored, "other") is None
    assert json.loads(json.dumps(point.as_dict(), default=str))["thresholds"] == point.thresholds


def test_the_preview_saves_nothing_and_agrees_with_what_is_saved(scored: Workspace) -> None:
    preview, cases = op.preview_operating_point(scored, model_id=MODEL, dataset_id=HOME, rule="youden")
    assert op.list_operating_points(scored, withdrawn=True) == []
    assert len(cases) == preview.cases
    assert choose(scored, rule="youden", target=None).thresholds == preview.thresholds


def test_what_a_point_gives_elsewhere_is_reported_with_the_difference(scored: Workspace) -> None:
    point = choose(scored)
    applied = op.apply_operating_point(scored, "Screening", dataset_id=AWAY)
    assert applied.cases == 7 * PER_CLASS
    change = applied.by_name[MALIGNANCY]
    rows = predictions(scored, AWAY)
    malignant = rows["dx"].isin(HAM7.malignant_codes)
    over = rows["malignancy_probability"] >= (point.thresholds[MALIGNANCY] or 0)
    assert change.here.specificity.value == pytest.approx((~over & ~malignant).sum() / (~malignant).sum())
    assert change.there == point.figures[MALIGNANCY]
    assert change.specificity_change.value == pytest.approx(
        (change.here.specificity.value or 0) - (change.there.specificity.value or 0)
    )
    assert change.specificity_change.value < 0  # the unsure model calls more benign records
    # Where it was chosen its figures are too good, so that the change has no interval; elsewhere they have one.
    assert change.there.specificity.interval is change.specificity_change.interval is None
    assert "chosen on these same cases" in str(change.specificity_change.reason)
    assert change.here.specificity.interval is not None
    assert change.own_threshold != point.thresholds[MALIGNANCY]
    report = json.loads(json.dumps(applied.as_dict(), default=str))
    assert set(report["classes"]) == {*HAM7.codes, MALIGNANCY}


def test_a_threshold_that_is_given_has_intervals_where_it_is_measured(scored: Workspace) -> None:
    point = choose(scored, "Given", rule="value", target=0.3)
    assert point.figures[MALIGNANCY].specificity.interval is not None
    assert triage(scored, point.id, dataset_id=HOME).seen.interval is not None
    change = op.apply_operating_point(scored, "Given", dataset_id=AWAY).by_name[MALIGNANCY].specificity_change
    assert change.interval is not None


def test_intervals_that_older_versions_saved_are_not_shown(scored: Workspace) -> None:
    point = choose(scored)
    figures = to_json(point.figures)
    for figure in figures.values():
        figure["sensitivity"] |= {"low": 0.1, "high": 0.9}
    kept = {"by_name": figures, "cases": 9, "left_out": {}, "held_out": True}
    values = {
        "id": "older", "name": "Older", "model_id": MODEL, "dataset_id": HOME, "taxonomy": "ham7", "target": 0.95,
        "rule": "sensitivity", "thresholds": point.thresholds, "figures": kept, "created_by": "somebody",
    }  # fmt: skip
    operating_points.save_operating_point(scored.engine, values=values)
    assert all(f.sensitivity.interval is None for f in op.get_operating_point(scored, "older").figures.values())


def test_lesions_a_point_was_chosen_on_do_not_count_elsewhere_either(scored: Workspace) -> None:
    """As where the shipped point meets a user's own copy of the data it was chosen on, or a confirmed pair."""
    choose(scored)
    away = records.records_of_dataset(scored.engine, AWAY)
    home = records.records_of_dataset(scored.engine, HOME)
    own = home["id"][home["lesion_id"] != TRAINED].iloc[0]
    for record_id in away["id"].iloc[:3]:
        confirm(scored, record_id, own)
    applied = op.apply_operating_point(scored, "Screening", dataset_id=AWAY)
    assert (applied.cases, applied.left_out["chosen_on"]) == (7 * PER_CLASS - 3, 3)
    for record_id in away["id"].iloc[3:]:
        confirm(scored, record_id, own)
    with pytest.raises(InvalidInput, match="chosen on these very lesions"):
        op.apply_operating_point(scored, "Screening", dataset_id=AWAY)


def test_the_work_list_holds_exactly_the_records_over_the_threshold(scored: Workspace) -> None:
    point = choose(scored)
    found = triage(scored, point.id, dataset_id=HOME)
    rows = predictions(scored, HOME)
    over = rows[rows["malignancy_probability"] >= found.threshold]
    assert set(found.work_list["id"]) == set(over.index)
    assert found.work_list["malignancy_probability"].is_monotonic_decreasing
    assert (found.records, found.unpredicted, found.judged) == (7 * PER_CLASS, 0, 7 * PER_CLASS - 1)
    assert found.seen == point.figures[MALIGNANCY].sensitivity
    assert found.seen.interval is None
    assert triage(scored, point.id, dataset_id=AWAY).seen.interval is not None
    assert found.kept_off == point.figures[MALIGNANCY].specificity
    table = pd.read_csv(io.BytesIO(work_list_csv(scored, found)))
    assert list(table["image_id"]) == list(found.work_list["image_id"])
    assert set(table["operating_point"]) == {"Screening"}


def test_the_work_list_leaves_out_what_the_gate_rejected_and_counts_it(scored: Workspace) -> None:
    point = choose(scored)
    before = triage(scored, point.id, dataset_id=HOME)
    first = before.work_list.iloc[0]
    assess(scored, OPERATOR, str(first["image_sha256"]), 1)
    found = triage(scored, point.id, dataset_id=HOME)
    assert first["id"] not in set(found.work_list["id"])
    assert found.rejected == before.records - found.records > 0
    with scored.engine.begin() as connection:
        connection.execute(
            sa.update(tables.record).where(tables.record.c.dataset_id == HOME).values(acquisition="rejected")
        )
    with pytest.raises(NotFound, match="Every record of home was rejected"):
        triage(scored, point.id, dataset_id=HOME)


def test_records_without_prediction_or_diagnosis_are_told_apart(scored: Workspace) -> None:
    choose(scored)
    extra = [make_record(f"new_{i}", AWAY, dx=None, image_sha256=f"{i}" * 64) for i in range(2)]
    records.save_batch(scored.engine, images=[], records=extra)
    row = {"record_id": extra[0]["id"], "model_id": MODEL, "probabilities": dict.fromkeys(HAM7.codes, 1 / 7)}
    models.save_predictions(scored.engine, [{**row, "predicted_dx": "mel", "malignancy_probability": 0.99}])
    found = triage(scored, "Screening", dataset_id=AWAY)
    assert (found.unpredicted, found.judged) == (1, 7 * PER_CLASS)
    assert extra[0]["id"] in set(found.work_list["id"])
    assert b"new_0" in work_list_csv(scored, found)


def test_names_rules_and_data_sets_that_do_not_work_are_named(scored: Workspace) -> None:
    choose(scored)
    for name in ("", " \t", "x" * 81, "bell\x07"):
        with pytest.raises(InvalidInput, match="name"):
            choose(scored, name)
    with pytest.raises(InvalidInput, match="already"):
        choose(scored)
    with pytest.raises(InvalidInput, match="youden, sensitivity"):
        choose(scored, "Other", rule="best")
    with pytest.raises(InvalidInput, match="target"):
        choose(scored, "Other", rule="sensitivity", target=None)
    with pytest.raises(InvalidInput, match="was chosen on Home"):
        op.apply_operating_point(scored, "Screening", dataset_id=HOME)
    with pytest.raises(NotFound, match="nowhere"):
        op.apply_operating_point(scored, "Screening", dataset_id="nowhere")
    with pytest.raises(NotFound, match="nowhere"):
        triage(scored, "Screening", dataset_id="nowhere")
    with pytest.raises(NotFound, match="no such point"):
        triage(scored, "no such point", dataset_id=HOME)
    with pytest.raises(NotFound, match="m2"):
        choose(scored, "Other", model_id="m2")
    assert [point.name for point in op.list_operating_points(scored)] == ["Screening"]


def test_a_withdrawn_point_leaves_the_list_and_its_name(scored: Workspace) -> None:
    point = choose(scored)
    gone = op.withdraw_operating_point(scored, "Screening")
    assert gone.withdrawn_at is not None
    assert op.list_operating_points(scored) == []
    assert op.list_operating_points(scored, withdrawn=True) == [gone]
    assert op.get_operating_point(scored, point.id).withdrawn_at == gone.withdrawn_at
    assert choose(scored).id != point.id


def test_a_model_that_does_not_say_what_it_saw_needs_leave(duckdb_workspace: Workspace) -> None:
    fill_scored(duckdb_workspace, known=False)
    with pytest.raises(NotFound, match="held out"):
        choose(duckdb_workspace)
    point = choose(duckdb_workspace, include_trained=True)
    assert not point.held_out
    assert point.cases == 7 * PER_CLASS


def test_several_data_sets_give_their_cases_for_one_plot(scored: Workspace) -> None:
    found = op.cases_of_datasets(scored, model_id=MODEL, dataset_ids=[HOME, AWAY, "nowhere"])
    assert {name: len(cases) for name, cases in found.items()} == {HOME: 7 * PER_CLASS - 1, AWAY: 7 * PER_CLASS}
