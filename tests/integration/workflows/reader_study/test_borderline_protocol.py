"""What a protocol counts borderline diagnoses as: frozen, in what readers are shown, in export, analyses and back."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.filled_workspace import MODEL
from tests.scored_workspace import HOME, fill_scored

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, BorderlinePolicy
from dermdash.storage import models, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import readings_source, simulate_readers, study_results
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.readings.read_reading_log import read_reading_log

DYSPLASTIC = "dysplastic_nevus"
BENIGN, AS_MALIGNANT, OWN = BorderlinePolicy.BENIGN, BorderlinePolicy.MALIGNANT, BorderlinePolicy.OWN
SIDE = {BENIGN: False, AS_MALIGNANT: True, OWN: None}


def protocol(policy: BorderlinePolicy) -> Protocol:
    return template_nature_medicine_2020(
        name=f"Borderline {policy}", dataset_id=HOME, model_id=MODEL, seed=7, taxonomy="clinical9", cases_per_round=18,
        practice_cases=0, borderline=policy, prespecified_analyses=("collective",),
        modalities=(Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def predictions_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dermdash.workflows.classifier.classify.predict_records", lambda *_, **__: 0)


def study(workspace: Workspace, policy: BorderlinePolicy) -> str:
    fill_scored(workspace, classes=CLINICAL9)
    study_id = create_study(workspace, protocol(policy), simulated=True)
    simulate_readers.simulate_readers(workspace, study_id, count=4, seed=3)
    return study_id


def sides(frame: pd.DataFrame) -> set[Any]:
    found = frame.loc[frame["truth_dx"] == DYSPLASTIC, "truth_malignant"]
    assert len(found)
    return {None if value is None or value is pd.NA or value != value else bool(value) for value in found}


@pytest.mark.parametrize("policy", BorderlinePolicy)
def test_the_policy_goes_from_the_protocol_into_everything(
    duckdb_workspace: Workspace, tmp_path: Path, policy: BorderlinePolicy
) -> None:
    workspace = duckdb_workspace
    study_id = study(workspace, policy)
    frozen = study_results.study_protocol(workspace, study_id)
    assert frozen.borderline is policy
    # What readers were shown is the sum over the classes of the policy.
    ill = {"melanoma", "basal_cell_carcinoma", "squamous_cell_carcinoma"} | (
        {DYSPLASTIC} if policy is AS_MALIGNANT else set()
    )
    cases = studies.cases_of_study(workspace.engine, study_id)
    stored = models.predictions_of_model(workspace.engine, MODEL, cases["record_id"]).set_index("record_id")
    for case in cases.to_dict("records"):
        shares = stored.loc[case["record_id"], "probabilities"]
        shown = case["assistance"]["malignancy_probability"]["malignancy"]
        assert shown == pytest.approx(sum(shares[code] for code in ill), abs=1e-3)
    # The export says the side of the truth, and whether a probability on the side of one half was right.
    logged = study_results.readings_table(workspace, study_id)
    assert sides(logged) == {SIDE[policy]}
    bare = logged[(logged["modality"] == "malignancy_probability") & (logged["phase"] == "aided")]
    assert bare.loc[bare["truth_dx"] == DYSPLASTIC, "advice_correct"].isna().all() == (policy is OWN)
    # Analyses follow the protocol where nobody asks otherwise, and are pre-specified then alone.
    table = readings_source.load_readings(workspace, f"study:{study_id}")
    assert (table.borderline, sides(table.frame), table.source) == (policy, {SIDE[policy]}, frozen.name)
    assert table.prespecified == ("collective",)
    assert len(table.warnings) == (policy is not BENIGN)
    for other in set(BorderlinePolicy) - {policy}:
        again = readings_source.load_readings(workspace, f"study:{study_id}", borderline=other)
        assert (again.borderline, sides(again.frame)) == (other, {SIDE[other]})
        assert again.source == f"{frozen.name} ({other.counted})"
        assert again.prespecified == ()
        assert f"stay as readers were shown them, with {policy.counted}" in " ".join(again.warnings)
    # And the export, read as a log, counts as its study did.
    path = tmp_path / "export.csv"
    path.write_bytes(study_results.export_readings(workspace, study_id))
    back = readings_source.with_borderline(read_reading_log(path), None)
    assert (back.borderline, sides(back.frame)) == (policy, {SIDE[policy]})
    columns = ["reader", "case", "phase", "malignant_answer", "malignancy_rating", "advice_probability"]
    pd.testing.assert_frame_equal(
        back.frame[columns].reset_index(drop=True), table.frame[columns].reset_index(drop=True)
    )
