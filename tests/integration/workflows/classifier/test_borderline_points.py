"""Operating points, work lists and predictions under each policy of borderline diagnoses, counted here by hand."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.filled_workspace import MODEL
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.scored_workspace import AWAY, HOME, PER_CLASS, fill_scored

from dermdash.analyses.triage.run import default_threshold, point_threshold, study_points
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import InvalidInput, WayOut
from dermdash.records.taxonomy import CLINICAL9, BorderlinePolicy
from dermdash.storage import models, operating_points, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import operating_points as op
from dermdash.workflows.classifier.evaluate_model import evaluate_model
from dermdash.workflows.classifier.prediction_export import predictions_csv
from dermdash.workflows.classifier.work_list import triage, work_list_csv

MALIGNANT = {"melanoma", "basal_cell_carcinoma", "squamous_cell_carcinoma"}
DYSPLASTIC = "dysplastic_nevus"
BENIGN, AS_MALIGNANT, OWN = BorderlinePolicy.BENIGN, BorderlinePolicy.MALIGNANT, BorderlinePolicy.OWN
COUNT_AS_MALIGNANT = {BENIGN: MALIGNANT, AS_MALIGNANT: MALIGNANT | {DYSPLASTIC}, OWN: MALIGNANT}


def fill_scored_nine(workspace: Workspace) -> None:
    fill_scored(workspace, classes=CLINICAL9)


@pytest.fixture
def scored(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_scored_nine, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def choose(workspace: Workspace, policy: BorderlinePolicy, **changes: Any) -> op.OperatingPoint:
    asked: dict[str, Any] = {"model_id": MODEL, "dataset_id": HOME, "rule": "sensitivity", "target": 0.9}
    return op.choose_operating_point(workspace, name=f"As {policy}", borderline=policy, **(asked | changes))


def scores(workspace: Workspace, dataset: str, policy: BorderlinePolicy) -> pd.DataFrame:
    rows = records.records_of_dataset(workspace.engine, dataset)
    stored = models.predictions_of_model(workspace.engine, MODEL, rows["id"]).set_index("record_id")
    by_hand = stored["probabilities"].map(lambda p: sum(p[code] for code in COUNT_AS_MALIGNANT[policy]))
    return rows.set_index("id").assign(score=by_hand)


@pytest.mark.parametrize("policy", BorderlinePolicy)
def test_a_point_keeps_its_policy_and_its_figures_are_of_the_cases_with_a_side(
    scored: Workspace, policy: BorderlinePolicy
) -> None:
    made = choose(scored, policy)
    point = op.get_operating_point(scored, made.id)
    assert point == made
    assert point.borderline is policy
    assert point.as_dict()["borderline"] == policy.value
    rows = scores(scored, HOME, policy)
    malignant = rows["dx"].isin(COUNT_AS_MALIGNANT[policy])
    benign = ~malignant & ((rows["dx"] != DYSPLASTIC) | (policy is not OWN))
    over = rows["score"] >= (point.thresholds[MALIGNANCY] or 0) - 1e-12
    figure = point.figures[MALIGNANCY]
    assert (figure.sensitivity.hits, figure.sensitivity.total) == ((over & malignant).sum(), malignant.sum())
    assert (figure.specificity.hits, figure.specificity.total) == ((~over & benign).sum(), benign.sum())
    assert point.left_out_of_malignancy == ({DYSPLASTIC: PER_CLASS} if policy is OWN else {})
    # A class is held against all others, whatever counts as malignant.
    assert point.thresholds[DYSPLASTIC] is not None
    assert point.figures[DYSPLASTIC].sensitivity.total == PER_CLASS


@pytest.mark.parametrize("policy", BorderlinePolicy)
def test_the_work_list_sums_the_classes_of_the_policy_and_counts_who_has_no_side(
    scored: Workspace, policy: BorderlinePolicy
) -> None:
    choose(scored, policy)
    found = triage(scored, f"As {policy}", dataset_id=AWAY)
    rows = scores(scored, AWAY, policy)
    over = rows["score"] >= found.threshold - 1e-12
    assert set(found.work_list["id"]) == set(rows.index[over])
    malignant = rows["dx"].isin(COUNT_AS_MALIGNANT[policy])
    benign = ~malignant & ((rows["dx"] != DYSPLASTIC) | (policy is not OWN))
    assert (found.seen.hits, found.seen.total) == ((over & malignant).sum(), malignant.sum())
    assert (found.kept_off.hits, found.kept_off.total) == ((~over & benign).sum(), benign.sum())
    assert found.left_out_of_malignancy == ({DYSPLASTIC: PER_CLASS} if policy is OWN else {})
    written = pd.read_csv(io.BytesIO(work_list_csv(scored, found)))
    assert set(written["borderline"]) == {policy.value}
    assert set(written["dx"]) <= set(CLINICAL9.codes)  # no label changes


@pytest.mark.parametrize("policy", BorderlinePolicy)
def test_evaluation_point_work_list_and_travelling_show_one_number_under_one_policy(
    scored: Workspace, policy: BorderlinePolicy
) -> None:
    point = choose(scored, policy)
    applied = op.apply_operating_point(scored, point.id, dataset_id=AWAY)
    listed = triage(scored, point.id, dataset_id=AWAY)
    thresholds = {code: value for code, value in point.thresholds.items() if value is not None}
    options = EvaluationOptions(
        bootstrap=0, thresholds=thresholds, thresholds_made_under=point.borderline, borderline=policy
    )
    evaluated = evaluate_model(scored, model_id=MODEL, dataset_ids=[AWAY], options=options)
    assert evaluated.malignancy is not None
    here = applied.by_name[MALIGNANCY].here
    assert listed.seen.value == here.sensitivity.value == evaluated.malignancy.sensitivity.value
    assert listed.kept_off.value == here.specificity.value == evaluated.malignancy.specificity.value
    assert listed.left_out_of_malignancy == applied.left_out_of_malignancy == evaluated.left_out_of_malignancy


def test_thresholds_of_one_policy_are_refused_under_another(scored: Workspace) -> None:
    point = choose(scored, AS_MALIGNANT)
    thresholds = {MALIGNANCY: point.thresholds[MALIGNANCY] or 0.5}
    options = EvaluationOptions(
        bootstrap=0, thresholds=thresholds, threshold_source=point.name, thresholds_made_under=point.borderline
    )
    with pytest.raises(InvalidInput, match="made with borderline as malignant, and here borderline as benign") as told:
        evaluate_model(scored, model_id=MODEL, dataset_ids=[HOME], options=options)
    assert told.value.way_out is WayOut.BORDERLINE
    with pytest.raises(InvalidInput, match="'As malignant' was made with borderline as malignant"):
        point_threshold(scored, point.id, borderline=OWN)
    assert point_threshold(scored, point.id, borderline=AS_MALIGNANT).value == point.thresholds[MALIGNANCY]
    assert study_points(scored, None, borderline=OWN) == []
    assert study_points(scored, None, borderline=AS_MALIGNANT) == [point]
    assert default_threshold(scored, None, borderline=OWN).origin.startswith("a convention")


def test_a_point_from_before_the_policy_was_asked_for_counted_borderline_as_benign(scored: Workspace) -> None:
    row = dict(operating_points.find_operating_point(scored.engine, choose(scored, OWN).id))
    for name in ("borderline", "left_out_of_malignancy"):
        del row["figures"][name]
    for name in ("generation", "created_at", "withdrawn_at", "withdrawn_by"):
        row.pop(name)
    operating_points.save_operating_point(scored.engine, values=row | {"id": "old", "name": "Old"})
    old = op.get_operating_point(scored, "old")
    assert old.borderline is BENIGN
    assert old.left_out_of_malignancy == {}


@pytest.mark.parametrize("policy", BorderlinePolicy)
def test_downloaded_predictions_say_what_counted_in_their_malignancy(
    scored: Workspace, policy: BorderlinePolicy
) -> None:
    written = pd.read_csv(io.BytesIO(predictions_csv(scored, MODEL, policy)))
    assert set(written["borderline"]) == {policy.value}
    assert written["malignancy_probability"].to_numpy() == pytest.approx(
        written[sorted(COUNT_AS_MALIGNANT[policy])].sum(axis=1).to_numpy(), abs=1e-5
    )
