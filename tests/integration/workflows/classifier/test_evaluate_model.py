"""Stored predictions and files, evaluated end to end on a real workspace."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.filled_workspace import DATASET, MODEL, begin, fill_model, fill_records, fill_workspace, read_cases

from dermdash.analyses.comparison import run as compare_models
from dermdash.analyses.comparison.paired_cases import pair_models
from dermdash.analyses.evaluation.tables import class_table, subgroup_table
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.threshold_rates import YOUDENS, chosen_here
from dermdash.classifier.checkpoints import lesion_digest
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models, records
from dermdash.storage.findings import add_decision, finding_id, save_findings
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluate_model import (
    evaluable_models,
    evaluate_model,
    evaluate_predictions,
    evaluate_predictions_on_dataset,
)
from dermdash.workflows.classifier.evaluation_cases import PredictionFile

FAST = EvaluationOptions(bootstrap=40)


def fill(workspace: Workspace, **changes: object) -> list[str]:
    ids = fill_records(workspace)
    fill_model(workspace, ids, **changes)  # type: ignore[arg-type]
    return ids


def add_model(workspace: Workspace, model_id: str, ids: list[str], *, seed: int, trained: tuple[str, ...] = ()) -> None:
    """A second model with random probabilities."""
    models.save_model(
        workspace.engine,
        values={
            "id": model_id, "name": f"Random {seed}", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
            "checkpoint_sha256": "d" * 64, "dataset_id": DATASET, "training_lesions_known": True, "metrics": {},
        },
        training_lesion_digests=[lesion_digest(lesion) for lesion in trained],
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    rows = []
    for record_id in ids:
        p = dict(zip(HAM7.codes, rng.dirichlet(np.ones(7)).tolist(), strict=True))
        rows.append({"record_id": record_id, "model_id": model_id, "probabilities": p,
                     "predicted_dx": max(p, key=lambda c: p[c]), "malignancy_probability": 0.5})  # fmt: skip
    models.save_predictions(workspace.engine, rows)


def predictions_csv(images: list[str], dx: list[str]) -> bytes:
    lines = ["image," + ",".join(HAM7.codes)]
    lines += [
        f"{i}," + ",".join("0.7" if c == d else "0.05" for c in HAM7.codes) for i, d in zip(images, dx, strict=True)
    ]
    return "\n".join(lines).encode()


def test_a_model_is_evaluated_on_what_it_did_not_train_on(workspace: Workspace) -> None:
    ids = fill(workspace)
    found = evaluate_model(workspace, model_id=MODEL, options=FAST)
    # Lesions L_nv_4 and L_mel_4 were trained on; one image each.
    assert found.left_out == {"no_diagnosis": 0, "no_prediction": 0, "trained_on": 2}
    assert found.images == len(ids) - 2
    assert found.source["model"]["id"] == MODEL
    assert found.classification.accuracy.value == 1.0
    assert found.grouping["patient"] > 0
    assert found.grouping["lesion"] > 0
    assert found.warnings == (chosen_here(YOUDENS),)
    json.dumps(found.as_dict(), allow_nan=False)
    everything = evaluate_model(workspace, model_id=MODEL, include_trained=True, options=FAST)
    assert everything.images == len(ids)
    assert "too good" in everything.warnings[0]


def test_a_patient_of_a_trained_lesion_is_not_held_out(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace, trained_lesions=("L_nv_0",))
    found = evaluate_model(duckdb_workspace, model_id=MODEL, options=FAST)
    rows = records.records_of_dataset(duckdb_workspace.engine, DATASET)
    patient = rows[rows["lesion_id"] == "L_nv_0"]["patient_id"].iloc[0]
    assert found.left_out["trained_on"] == (rows["patient_id"] == patient).sum() > (rows["lesion_id"] == "L_nv_0").sum()


def test_a_model_of_unknown_training_is_evaluated_only_when_asked(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace, known=False)
    with pytest.raises(NotFound, match="does not say what it was trained on"):
        evaluate_model(duckdb_workspace, model_id=MODEL, options=FAST)
    found = evaluate_model(duckdb_workspace, model_id=MODEL, include_trained=True, options=FAST)
    assert "not known" in found.warnings[0]


def test_what_is_missing_is_named(duckdb_workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no photographs to evaluate on"):
        evaluate_model(duckdb_workspace)
    fill(duckdb_workspace)
    with pytest.raises(NotFound, match=r"reference .*has no prediction .*clinic yet: .*`dermdash predict --model"):
        evaluate_model(duckdb_workspace)
    assert [m["id"] for m in evaluable_models(duckdb_workspace)] == [MODEL]
    with pytest.raises(NotFound, match="no data set asan; there are: clinic"):
        evaluate_model(duckdb_workspace, dataset_ids=["asan"])
    with pytest.raises(NotFound, match="no model 'x'"):
        evaluate_model(duckdb_workspace, model_id="x")
    add_model(duckdb_workspace, "idle", [], seed=1)
    with pytest.raises(NotFound, match="dermdash predict --model idle"):
        evaluate_model(duckdb_workspace, model_id="idle")


def test_several_data_sets_are_pooled_and_told_apart(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    other = fill_records(duckdb_workspace, dataset="second", per_class=3)
    add_model(duckdb_workspace, "m2", ids + other, seed=3)
    found = evaluate_model(
        duckdb_workspace, model_id="m2", dataset_ids=[DATASET, "second"], options=FAST, temperature_from="second"
    )
    assert [d.dataset for d in found.datasets] == [DATASET, "second"]
    assert found.images == len(ids) + len(other)
    assert found.calibration_scaled is not None
    assert found.calibration_scaled.fitted_on == "cross_fitted"
    assert "dataset_id" in [t.column for t in found.subgroups]
    alone = evaluate_model(duckdb_workspace, model_id="m2", dataset_ids=["second"], options=FAST)
    assert alone.datasets == ()


def test_a_temperature_is_never_fitted_on_lesions_it_is_judged_on(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    other = fill_records(duckdb_workspace, dataset="second", per_class=7)
    add_model(duckdb_workspace, "m2", ids + other, seed=3)
    own = evaluate_model(duckdb_workspace, model_id="m2", dataset_ids=[DATASET], options=FAST)
    assert own.calibration_scaled is not None
    assert own.calibration_scaled.fitted_on == "cross_fitted"
    # Both data sets name their patients and lesions alike and mean others by it; this pair was confirmed as one.
    save_findings(
        duckdb_workspace.engine,
        "same_lesion",
        [{"records": [f"{DATASET}:NV_2", "second:NV_0"], "score": 0.9, "threshold": 0.3, "verdict": "same_lesion",
          "details": {}, "method_version": "1", "model_id": None}],
        searched={},
    )  # fmt: skip
    finding = finding_id("same_lesion", [f"{DATASET}:NV_2", "second:NV_0"])
    add_decision(duckdb_workspace.engine, finding_id=finding, decision="same_lesion", account_id="admin")
    rows = records.records_of_dataset(duckdb_workspace.engine, "second").set_index("image_id")
    of_patient = int((rows["patient_id"] == rows.loc["NV_0", "patient_id"]).sum())
    assert of_patient > 1
    elsewhere = evaluate_model(
        duckdb_workspace, model_id="m2", dataset_ids=[DATASET], options=FAST, temperature_from="second"
    ).calibration_scaled
    assert elsewhere is not None
    assert (elsewhere.fitted_on, elsewhere.fitted_cases, elsewhere.left_out) == (
        "second", len(other) - of_patient, of_patient,
    )  # fmt: skip


def test_repeats_are_summarised_on_the_records_all_may_be_judged_on(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    add_model(duckdb_workspace, "m2", ids, seed=3, trained=("L_df_3",))
    found = evaluate_model(duckdb_workspace, model_id=MODEL, repeat_model_ids=["m2"], options=FAST)
    assert found.left_out["not_evaluable_in_every_repeat"] == 1
    assert found.repeats is not None
    first, second = found.repeats.overall["accuracy"].values
    assert first == 1.0
    assert second is not None
    assert found.repeats.overall["accuracy"].mean == pytest.approx((1 + second) / 2)


def test_models_are_compared_on_records_neither_trained_on(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    add_model(duckdb_workspace, "m2", ids, seed=3, trained=("L_df_3",))
    found = pair_models(duckdb_workspace, MODEL, "m2", options=FAST).comparison
    assert found.images == len(ids) - 3
    assert {m.metric: m.first for m in found.metrics}["accuracy"] == 1.0
    assert found.mcnemar.only_second == 0
    assert found.warnings == ()
    with pytest.raises(InvalidInput, match="with itself"):
        pair_models(duckdb_workspace, MODEL, MODEL)


def test_a_comparison_keeps_the_warnings_of_both_with_their_names(duckdb_workspace: Workspace) -> None:
    filled = fill_workspace(duckdb_workspace)
    rows = records.records_of_dataset(duckdb_workspace.engine, DATASET)
    add_model(duckdb_workspace, "m2", list(rows["id"]), seed=3, trained=("L_df_3",))
    both = pair_models(duckdb_workspace, MODEL, "m2", include_trained=True, options=FAST).comparison
    first, second = both.warnings
    assert first.startswith(f"Drawn model ({MODEL}): 2 of 42 images were in the training")
    assert second.startswith("Random 3 (m2): 1 of 42 images was in the training")
    assert both.as_dict()["warnings"] == [first, second]
    assert pair_models(duckdb_workspace, MODEL, "m2", include_trained=True, options=FAST).comparison == both
    read = compare_models.compare_model_with_readers(
        duckdb_workspace, filled.study_id, model_id=MODEL, include_trained=True, options=FAST
    )
    assert read.as_dict()["warnings"] == [first]
    file = PredictionFile("a.csv", predictions_csv(list(rows["image_id"]), list(rows["dx"])).replace(b"0.7", b"0.9"))
    beside = compare_models.compare_model_with_file(
        duckdb_workspace, MODEL, file, dataset_id=DATASET, include_trained=True, normalise=True, options=FAST
    )
    unknown = "Whether these predictions come from a model trained on these images is not known."
    scaled = "Normalised, not having summed to 1: 42 rows of a.csv."
    assert beside.warnings == (first, f"a.csv: {unknown}", scaled)
    plain = PredictionFile("b.csv", predictions_csv(list(rows["image_id"]), list(rows["dx"])))
    files = compare_models.compare_files_on_dataset(
        duckdb_workspace, plain, file, dataset_id=DATASET, normalise=True, options=FAST
    )
    assert files.warnings == (f"b.csv: {unknown}", f"a.csv: {unknown}", scaled)


def test_what_is_left_out_of_several_files_is_counted_for_the_first() -> None:
    images, dx = [f"I{i}" for i in range(30)], [HAM7.codes[i % 7] for i in range(30)]
    truth = "\n".join(["image,dx", *[f"{i},{d}" for i, d in zip(images[:28], dx, strict=False)]]).encode()
    # The first file lacks I0 and has two images that the truth does not know; the second has only the first twenty.
    files = [
        PredictionFile("a", predictions_csv(images[1:], dx[1:])),
        PredictionFile("b", predictions_csv(images[:20], dx[:20])),
    ]
    found = evaluate_predictions(files, PredictionFile("t", truth), taxonomy=HAM7.name, common_only=True, options=FAST)
    assert found.images == 19
    assert found.left_out == {"no_prediction": 1, "no_truth": 2, "not_evaluable_in_every_repeat": 8}


def test_a_model_is_compared_with_the_unaided_readers_of_a_study(duckdb_workspace: Workspace) -> None:
    filled = fill_workspace(duckdb_workspace)
    study_id, third = begin(duckdb_workspace, filled.tokens[2])
    read_cases(duckdb_workspace, study_id, third)
    found = compare_models.compare_model_with_readers(duckdb_workspace, filled.study_id, options=FAST)
    # The second reader has answered practice cases only.
    assert {r.reader for r in found.readers} == {filled.finished_reader, third}
    assert all(r.model_accuracy == 1.0 for r in found.readers)
    assert found.answers == sum(r.cases for r in found.readers)
    accuracy = found.differences[0]
    assert accuracy.difference == pytest.approx(1 - np.mean([r.accuracy for r in found.readers]))
    # The drawn order of cases decides whether these readers are ever right: an interval, or why there is none.
    assert (accuracy.low is None) == (accuracy.reason is not None)
    assert not found.simulated
    assert max(r.cases for r in found.readers) <= 7
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_study_without_answers_and_an_unknown_one_are_named(duckdb_workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no study"):
        compare_models.compare_model_with_readers(duckdb_workspace, "nobody")


def test_a_file_is_evaluated_against_a_data_set_and_beside_its_model(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    rows = records.records_of_dataset(duckdb_workspace.engine, DATASET)
    file = PredictionFile("outside.csv", predictions_csv(list(rows["image_id"]), list(rows["dx"])))
    found = evaluate_predictions_on_dataset(duckdb_workspace, [file], dataset_id=DATASET, options=FAST)
    assert found.images == len(ids)
    assert found.classification.accuracy.value == 1.0
    assert found.grouping["patient"] > 0
    compared = compare_models.compare_model_with_file(duckdb_workspace, MODEL, file, dataset_id=DATASET, options=FAST)
    assert all(m.difference == 0 for m in compared.metrics)
    assert compared.images == len(ids) - 2
    few = PredictionFile("few.csv", predictions_csv(["NV_0", "X_1"], ["nv", "nv"]))
    with pytest.raises(
        InvalidInput, match=r"few.csv and the truth .*without a prediction: 41 .*does not know: 1 \(X_1\)"
    ):
        evaluate_predictions_on_dataset(duckdb_workspace, [few], dataset_id=DATASET, options=FAST)
    some = evaluate_predictions_on_dataset(duckdb_workspace, [few], dataset_id=DATASET, common_only=True, options=FAST)
    assert (some.images, some.left_out) == (1, {"no_prediction": 41, "no_truth": 1})


def test_tables_for_download_have_a_row_per_class_and_per_part(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    found = evaluate_model(duckdb_workspace, model_id=MODEL, options=FAST)
    table = class_table(found).numbers
    assert table["code"].tolist() == [*HAM7.codes, "malignancy"]
    assert table["auc"].notna().all()
    stage = next(t for t in found.subgroups if t.column == "verification_stage")
    frame = subgroup_table(stage).numbers
    assert frame["verification_stage"].tolist() == ["2", "3"]
    assert frame["images"].sum() == found.images


def test_files_of_the_official_test_set_are_evaluated_without_a_workspace(shared_data: Path) -> None:
    truth = shared_data / "isic2018_task3_test" / "ISIC2018_Task3_Test_GroundTruth.csv"
    lines = [line.split(",") for line in truth.read_text().splitlines()]
    codes = [name.lower() for name in lines[0][1:]]
    dx = [codes[[float(v) for v in cells[1:]].index(1.0)] for cells in lines[1:]]
    file = PredictionFile("p", predictions_csv([cells[0] for cells in lines[1:]], dx))
    found = evaluate_predictions([file], PredictionFile("t", truth), taxonomy=HAM7.name, options=FAST)
    assert found.images == 171
    assert found.classification.mean_recall.value == 1.0
    assert found.grouping == {"patient": 0, "lesion": 0, "image": 171}


def test_a_model_is_evaluated_on_the_records_that_are_chosen_and_says_which(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    add_model(duckdb_workspace, "m00000000002", ids, seed=3)
    chosen = RecordFilter(dx=("bkl", "nv"))
    found = evaluate_model(
        duckdb_workspace, model_id=MODEL, record_filter=chosen, options=FAST, repeat_model_ids=["m00000000002"]
    )
    # Six records of each class; of nevi the model was trained on one.
    assert (found.images, found.left_out["filtered_out"], found.left_out["trained_on"]) == (11, 30, 1)
    assert found.source["record_filter"] == {"dx": ["bkl", "nv"]}
    whole = evaluate_model(duckdb_workspace, model_id=MODEL, options=FAST, record_filter=RecordFilter())
    assert "filtered_out" not in whole.left_out
    assert "record_filter" not in whole.source


def test_a_filter_that_lets_no_record_through_is_named(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    with pytest.raises(NotFound, match=r"\(Verification stage: 1.*\) lets none of 42 records of clinic through"):
        evaluate_model(duckdb_workspace, model_id=MODEL, record_filter=RecordFilter(verification_stage=("1",)))
