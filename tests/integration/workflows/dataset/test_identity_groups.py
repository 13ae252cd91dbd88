"""Which records count as one group, over the data sets of a workspace."""

import pytest
from tests.confirmed_pairs import confirm
from tests.factories import make_image, make_record
from tests.filled_workspace import DATASET, MODEL, fill_model, fill_records
from tests.scored_workspace import HOME, fill_scored

from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.errors import NotFound
from dermdash.records.taxonomy import HAM7
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluate_model import evaluate_model, evaluate_predictions_on_dataset
from dermdash.workflows.classifier.evaluation_cases import PredictionFile, cases_of_model
from dermdash.workflows.classifier.operating_points import choose_operating_point
from dermdash.workflows.classifier.work_list import triage
from dermdash.workflows.dataset.identity_groups import ONE_LESION, group_keys_of, identity_groups


def store(workspace: Workspace, *rows: tuple[str, str, str | None, str | None, str]) -> None:
    """Records of (data set, image, lesion, patient, file)."""
    for dataset in dict.fromkeys(row[0] for row in rows):
        records.save_dataset(
            workspace.engine,
            values={"id": dataset, "name": dataset, "taxonomy": "ham7", "source": "drawn", "licence": "CC0"},
        )
    files = dict.fromkeys(row[4] for row in rows)
    records.save_batch(
        workspace.engine,
        images=[make_image(64 * file, width=8, height=8, bytes=1) for file in files],
        records=[
            make_record(
                image, dataset, lesion_id=lesion or image, patient_id=patient, image_sha256=64 * file, dx="nv",
                source_label="nv",
            )
            for dataset, image, lesion, patient, file in rows
        ],
    )  # fmt: skip


def test_ids_of_patients_and_lesions_count_within_their_data_set(workspace: Workspace) -> None:
    store(workspace, ("a", "1", "L", "1", "0"), ("b", "2", "L", "1", "1"), ("a", "3", "M", "1", "2"))
    assert group_keys_of(workspace, ["b:2", "a:3", "a:1"]) == ("patient b:2", "patient a:1", "patient a:1")


def test_one_file_and_a_confirmed_pair_are_one_group_across_data_sets(workspace: Workspace) -> None:
    store(
        workspace,
        ("a", "1", "L", None, "0"), ("b", "2", None, None, "0"),  # one file, a lesion known only of the first
        ("a", "3", None, None, "1"), ("b", "4", None, None, "2"),  # confirmed below
        ("a", "5", None, None, "3"), ("b", "6", None, None, "3"),  # one file, nothing else known
        ("b", "7", None, None, "4"),
    )  # fmt: skip
    confirm(workspace, "a:3", "b:4")
    assert group_keys_of(workspace, ["b:2", "b:4", "a:3", "b:6", "b:7"]) == (
        "lesion a:1", "lesion a:3", "lesion a:3", "image a:5", "image b:7",
    )  # fmt: skip


def test_a_lesion_has_one_key_whether_or_not_a_record_names_its_patient(workspace: Workspace) -> None:
    store(workspace, ("a", "1", "L", "P", "0"), ("a", "2", "L", None, "1"), ("b", "3", "K", None, "1"))
    # The third is linked by its file to the second, and by that to the patient, which is not among those asked for.
    assert group_keys_of(workspace, ["a:2", "b:3"]) == ("patient a:1", "patient a:1")
    assert group_keys_of(workspace, []) == ()


def test_lesion_patient_file_and_confirmed_pair_link_records_through_others(workspace: Workspace) -> None:
    store(
        workspace,
        ("a", "1", "L1", "P1", "0"),
        ("a", "2", "L2", "P1", "1"),  # patient of the first
        ("b", "3", "L3", None, "1"),  # file of the second
        ("b", "4", "L3", None, "2"),  # lesion of the third
        ("a", "5", "L4", None, "3"),
        ("a", "6", "L5", None, "4"),  # confirmed to be L4
        ("a", "7", "L6", None, "5"),
    )  # fmt: skip
    confirm(workspace, "a:5", "a:6")
    groups = identity_groups(workspace)
    first = groups.of(["a:1", "a:2", "b:3", "b:4"])
    assert len(set(first.tolist())) == 1
    assert groups.of(["a:5"]) == groups.of(["a:6"])
    assert len(set(groups.numbers.tolist())) == 3
    assert groups.with_relatives(["b:4", "nowhere:1"]) == {"a:1", "a:2", "b:3", "b:4"}
    # The name does not depend on what lies elsewhere, only on what was asked about.
    assert groups.names_of(["b:4", "a:6", "a:2", "a:5"]) == ["a:2", "a:5", "a:2", "a:5"]
    assert groups.names_of(["b:4", "b:3"]) == ["b:3", "b:3"]
    with pytest.raises(NotFound, match="'nowhere:1'"):
        groups.of(["a:1", "nowhere:1"])


def test_one_person_may_have_several_lesions_and_a_lesion_is_one_across_files_and_pairs(workspace: Workspace) -> None:
    store(workspace, ("a", "1", "L1", "P", "0"), ("a", "2", "L2", "P", "1"), ("b", "3", "K", None, "1"))
    lesions = identity_groups(workspace, ONE_LESION)
    assert lesions.of(["a:1"]) != lesions.of(["a:2"])
    assert lesions.of(["b:3"]) == lesions.of(["a:2"])
    assert len(set(identity_groups(workspace).numbers.tolist())) == 1


def test_a_confirmed_pair_is_one_group_of_a_model_and_of_a_file(duckdb_workspace: Workspace) -> None:
    ids = fill_records(duckdb_workspace)
    fill_model(duckdb_workspace, ids)
    fast = EvaluationOptions(bootstrap=0)
    before = evaluate_model(duckdb_workspace, model_id=MODEL, options=fast).grouping
    confirm(duckdb_workspace, f"{DATASET}:NV_2", f"{DATASET}:NV_3")
    after = evaluate_model(duckdb_workspace, model_id=MODEL, options=fast).grouping
    assert after == before | {"lesion": before["lesion"] - 1}
    cases = cases_of_model(duckdb_workspace, model_id=MODEL, include_trained=True).cases
    rows = [",".join(["image", *HAM7.codes])]
    rows += [",".join([name.split(":")[1], "1", *["0"] * 6]) for name in cases.case_ids]
    file = PredictionFile("p.csv", "\n".join(rows).encode())
    outside = evaluate_predictions_on_dataset(duckdb_workspace, [file], dataset_id=DATASET, options=fast)
    assert outside.grouping == cases.grouping


def test_a_work_list_catches_confirmed_twins_as_one_lesion(duckdb_workspace: Workspace) -> None:
    fill_scored(duckdb_workspace)
    # A threshold that is given: where one was chosen its rates carry no interval.
    chosen = choose_operating_point(
        duckdb_workspace, name="Chosen", model_id=MODEL, dataset_id=HOME, rule="sensitivity", target=0.95
    )
    target = chosen.thresholds["malignancy"]
    choose_operating_point(
        duckdb_workspace, name="Screening", model_id=MODEL, dataset_id=HOME, rule="value", target=target
    )
    before = triage(duckdb_workspace, "Screening", dataset_id=HOME).seen
    missed = set(cases_of_model(duckdb_workspace, dataset_ids=[HOME]).cases.case_ids)
    missed -= set(triage(duckdb_workspace, "Screening", dataset_id=HOME).work_list["id"])
    twins = sorted(name for name in missed if name.split(":")[1].startswith(("mel_", "bcc_", "akiec_")))
    assert len(twins) > 1
    confirm(duckdb_workspace, twins[0], twins[1])
    after = triage(duckdb_workspace, "Screening", dataset_id=HOME).seen
    # The two that are missed are one miss, not two independent ones: the same share is known less precisely.
    assert after.value == before.value
    assert after.low is not None
    assert before.low is not None
    assert after.low < before.low
