"""Freezing a protocol: seeded cases, assistance that gives nothing away, and a study that never changes."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.confirmed_pairs import confirm
from tests.factories import make_record
from tests.filled_workspace import DATASET, MODEL, fill_judged, fill_model, fill_records, make_protocol
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import InvalidInput, NotFound
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.modality import Modality
from dermdash.storage import models, records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.held_out import lesions_not_trained_on
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.reader_study import create_study, invitations, join_study, study_results


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def cases(workspace: Workspace, **changes: Any) -> pd.DataFrame:
    study_id = create_study.create_study(workspace, make_protocol(**changes))
    return studies.cases_of_study(workspace.engine, study_id)


def facts_of(workspace: Workspace, record_ids: list[str]) -> pd.DataFrame:
    return records.records_by_id(workspace.engine, record_ids).set_index("id").loc[record_ids]


def test_the_same_seed_draws_the_same_cases_and_another_seed_others(filled: Workspace) -> None:
    columns = ["record_id", "round", "position", "practice", "truth_dx"]
    first, second, other = cases(filled), cases(filled), cases(filled, seed=4)
    pd.testing.assert_frame_equal(first[columns], second[columns])
    assert set(first["id"]).isdisjoint(second["id"])
    assert list(first["record_id"]) != list(other["record_id"])


def test_the_preview_draws_what_freezing_will_store(filled: Workspace) -> None:
    preview = create_study.draw_cases(filled, make_protocol())
    assert {case.record_id for case in preview.cases} == set(cases(filled)["record_id"])


def test_cases_are_one_per_lesion_and_in_the_class_mix(filled: Workspace) -> None:
    drawn = cases(filled, rounds=2, cases_per_round=7)
    counted = drawn[~drawn["practice"]]
    assert dict(counted.groupby("round").size()) == {1: 7, 2: 7}
    assert set(counted.groupby("truth_dx").size()) == {2}
    lesions = facts_of(filled, list(drawn["record_id"]))["lesion_id"]
    assert lesions.is_unique


def test_a_confirmed_pair_gives_one_case_and_no_practice_beside_the_study(filled: Workspace) -> None:
    rows = records.records_of_dataset(filled.engine, DATASET)
    nevi = rows[rows["dx"] == "nv"].drop_duplicates("lesion_id")["id"].tolist()
    before = draw_and_count(filled)
    confirm(filled, nevi[0], nevi[1])
    assert draw_and_count(filled) == before - 1
    # A pair of two classes has no truth to measure a reader against.
    melanoma = rows["id"][rows["dx"] == "mel"].iloc[0]
    confirm(filled, nevi[2], melanoma)
    assert draw_and_count(filled) == before - 2
    together = identity_groups(filled)
    for seed in range(5):
        selection = create_study.draw_cases(filled, make_protocol(seed=seed, practice_cases=2))
        study = set(together.of([case.record_id for case in selection.study_cases]).tolist())
        assert study.isdisjoint(together.of([case.record_id for case in selection.practice_cases]).tolist())


def draw_and_count(workspace: Workspace) -> int:
    """How many nevi there are to draw, as the refusal of too many says."""
    mix = dict.fromkeys(make_protocol().class_mix, 0) | {"nv": 100}
    with pytest.raises(InvalidInput) as refused:
        create_study.draw_cases(workspace, make_protocol(class_mix=mix, cases_per_round=100))
    found = re.search(r"nv has (\d+)", str(refused.value))
    assert found is not None
    return int(found.group(1))


def test_the_truth_is_that_of_the_record(filled: Workspace) -> None:
    drawn = cases(filled)
    assert list(drawn["truth_dx"]) == list(facts_of(filled, list(drawn["record_id"]))["dx"])


def test_a_neighbour_is_never_of_a_lesion_or_patient_of_the_study(filled: Workspace) -> None:
    for seed in range(4):
        drawn = cases(filled, seed=seed)
        of_study = facts_of(filled, list(drawn["record_id"]))
        shown = [n for row in drawn["assistance"] for n in row["cbir"]["neighbours"]]
        neighbours = facts_of(filled, [n["record_id"] for n in shown])
        assert not set(neighbours["lesion_id"]) & set(of_study["lesion_id"])
        assert not set(neighbours["patient_id"].dropna()) & set(of_study["patient_id"].dropna())
        assert [n["dx"] for n in shown] == list(neighbours["dx"])
        assert {len(row["cbir"]["neighbours"]) for row in drawn["assistance"]} == {4}


def test_only_the_modalities_of_the_protocol_are_prepared(filled: Workspace) -> None:
    drawn = cases(filled, modalities=(Modality.MALIGNANCY_PROBABILITY, Modality.NONE))
    assert {tuple(row) for row in drawn["assistance"]} == {("malignancy_probability",)}


def test_held_out_lesions_are_drawn_first_and_the_rest_is_flagged(filled: Workspace) -> None:
    # The model trained on lesion 4 of nevi and melanomas; each class has five lesions.
    assert create_study.draw_cases(filled, make_protocol()).not_held_out == 0
    everything = make_protocol(cases_per_round=35, practice_cases=0)
    selection = create_study.draw_cases(filled, everything)
    assert selection.not_held_out == 2
    flagged = [case.lesion_id for case in selection.study_cases if not case.held_out]
    assert sorted(flagged) == ["L_mel_4", "L_nv_4"]
    stored = cases(filled, cases_per_round=35, practice_cases=0, modalities=(Modality.MALIGNANCY_PROBABILITY,))
    assert int((~stored["held_out"]).sum()) == 2


def test_no_case_counts_as_held_out_from_a_model_of_unknown_training(duckdb_workspace: Workspace) -> None:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace), known=False)
    assert create_study.draw_cases(duckdb_workspace, make_protocol()).not_held_out == 7
    assert not lesions_not_trained_on(
        duckdb_workspace, MODEL, records.similarity_columns(duckdb_workspace.engine)
    ).any()


def test_without_a_model_every_case_is_held_out(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    protocol = make_protocol(model_id=None, modalities=(Modality.NONE,))
    assert create_study.draw_cases(duckdb_workspace, protocol).not_held_out == 0


def test_the_hash_is_that_of_the_stored_protocol_text(filled: Workspace) -> None:
    protocol = make_protocol(question="Wie lautet die Diagnose?")
    study = studies.get_study(filled.engine, create_study.create_study(filled, protocol))
    assert study["protocol_sha256"] == hashlib.sha256(study["protocol"].encode()).hexdigest() == protocol.sha256
    assert Protocol.from_json(study["protocol"]) == protocol
    assert json.loads(study["protocol"])["question"] == "Wie lautet die Diagnose?"


def test_later_records_predictions_and_features_leave_a_frozen_study_alone(filled: Workspace) -> None:
    study_id = create_study.create_study(filled, make_protocol())
    before = studies.get_study(filled.engine, study_id), studies.cases_of_study(filled.engine, study_id)
    ids = list(before[1]["record_id"])
    other = [{**row, "malignancy_probability": 0.5, "predicted_dx": "df"} for row in stored_predictions(filled, ids)]
    models.save_predictions(filled.engine, other)
    embeddings.append_features(filled, MODEL, ids, -embeddings.stored_features(filled, MODEL)[1][: len(ids)])
    fill_records(filled, dataset="later")
    assert studies.get_study(filled.engine, study_id) == before[0]
    pd.testing.assert_frame_equal(studies.cases_of_study(filled.engine, study_id), before[1])
    # Predictions, too, stay as they were first stored.
    assert {row["malignancy_probability"] for row in stored_predictions(filled, ids)} != {0.5}


def stored_predictions(workspace: Workspace, record_ids: list[str]) -> list[dict[str, Any]]:
    frame = models.predictions_of_model(workspace.engine, MODEL, record_ids)
    return [{str(k): v for k, v in row.items() if k != "created_at"} for row in frame.to_dict("records")]


def test_too_few_lesions_are_named_and_nothing_is_stored(filled: Workspace) -> None:
    with pytest.raises(InvalidInput, match="df has 5, needs 6"):
        create_study.create_study(filled, make_protocol(cases_per_round=42))
    assert studies.list_studies(filled.engine) == []


def test_an_empty_data_set_and_an_unknown_model_are_named(filled: Workspace) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        create_study.create_study(filled, make_protocol(dataset_id="nowhere"))
    with pytest.raises(NotFound, match="m404"):
        create_study.create_study(filled, make_protocol(model_id="m404"))


def test_undiagnosed_records_are_neither_cases_nor_neighbours(filled: Workspace) -> None:
    from tests.factories import make_image, make_record

    rows = [make_record(f"X_{i}", "clinic", image_sha256=f"{i:064d}", dx=None) for i in range(3)]
    records.save_batch(filled.engine, images=[make_image(r["image_sha256"]) for r in rows], records=rows)
    ids = [r["id"] for r in rows]
    # They look exactly like a case, so only their missing diagnosis keeps them out.
    case = create_study.draw_cases(filled, make_protocol()).study_cases[0].record_id
    stored_ids, features = embeddings.stored_features(filled, MODEL)
    twin = features[list(stored_ids).index(case)]
    embeddings.append_features(filled, MODEL, ids, twin[None].repeat(3, axis=0))
    models.save_predictions(filled.engine, [{**stored_predictions(filled, [case])[0], "record_id": i} for i in ids])
    drawn = cases(filled)
    assert not set(drawn["record_id"]) & set(ids)
    assert not {n["record_id"] for row in drawn["assistance"] for n in row["cbir"]["neighbours"]} & set(ids)


def test_each_invitation_has_a_link_of_its_own_and_only_its_hash_is_stored(filled: Workspace) -> None:
    study_id = create_study.create_study(filled, make_protocol(name="Été / 2026 *"))
    assert study_id.startswith("t-2026-")
    made = invitations.invite_readers(filled, study_id, [" Ada ", "Ada"])
    assert [i.label for i in made] == ["Ada", "Ada"]
    assert len({i.link for i in made}) == 2
    token = made[0].link.removeprefix("http://localhost:8501/?invitation=")
    assert join_study.open_invitation(filled, token).invitation_id == made[0].id
    stored = study_results.invitations(filled, study_id).to_csv()
    assert token not in stored


@pytest.mark.parametrize("labels", [[], ["Ada", "  "], ["x"] * 1001])
def test_invitations_need_names(filled: Workspace, labels: list[str]) -> None:
    study_id = create_study.create_study(filled, make_protocol())
    with pytest.raises(InvalidInput, match="1 to 1000"):
        invitations.invite_readers(filled, study_id, labels)


def test_nobody_is_invited_to_a_study_that_does_not_exist(filled: Workspace) -> None:
    with pytest.raises(NotFound):
        invitations.invite_readers(filled, "none", ["Ada"])


def test_the_trained_file_under_another_lesion_and_the_trained_patient_are_not_held_out(filled: Workspace) -> None:
    known = records.records_of_dataset(filled.engine, "clinic").set_index("lesion_id")["image_sha256"]
    records.save_dataset(
        filled.engine,
        values={"id": "again", "name": "Again", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    rows = [
        # The model trained on lesion 4 of nevi; here its file, and another lesion of its patient.
        make_record("A", "again", lesion_id="other", image_sha256=known["L_nv_4"], dx="nv"),
        make_record("B", "again", lesion_id="L_nv_4", image_sha256=known["L_nv_3"], dx="nv", patient_id="P"),
        make_record("C", "again", lesion_id="second", image_sha256=known["L_nv_2"], dx="nv", patient_id="P"),
        make_record("D", "again", lesion_id="new", image_sha256=known["L_nv_1"], dx="nv", patient_id="Q"),
    ]
    records.save_batch(filled.engine, images=[], records=rows)
    protocol = make_protocol(dataset_id="again", cases_per_round=4, class_mix={"nv": 4}, practice_cases=0)
    selection = create_study.draw_cases(filled, protocol)
    assert [case.lesion_id for case in selection.cases if case.held_out] == ["new"]


ONLY_MELANOMAS = {"mel": 3}


def test_cases_come_from_the_records_of_the_filter_and_the_protocol_keeps_it(filled: Workspace) -> None:
    # Only melanomas are at stage 3: six records of 42.
    protocol = make_protocol(
        record_filter={"verification_stage": ["3"]}, class_mix=ONLY_MELANOMAS, cases_per_round=3, practice_cases=1,
        modalities=[Modality.CBIR],
    )  # fmt: skip
    preview = create_study.draw_cases(filled, protocol)
    assert (preview.diagnosed, preview.filtered_out) == (42, 36)
    study_id = create_study.create_study(filled, protocol)
    drawn = studies.cases_of_study(filled.engine, study_id)
    assert {int(stage) for stage in facts_of(filled, list(drawn["record_id"]))["verification_stage"]} == {3}
    kept = study_results.study_protocol(filled, study_id)
    assert (kept.record_filter, kept.sha256) == ({"verification_stage": ["3"]}, protocol.sha256)


def test_too_few_records_of_the_filter_are_named_with_what_it_leaves_out(filled: Workspace) -> None:
    with pytest.raises(InvalidInput, match=r"nv has 0, needs 1.*Left out of 42 diagnosed records: 36 by the filter"):
        create_study.draw_cases(filled, make_protocol(record_filter={"verification_stage": ["3"]}))


def test_a_filter_that_is_not_known_draws_nothing(filled: Workspace) -> None:
    with pytest.raises(InvalidInput, match="'hue=red' is no filter"):
        create_study.draw_cases(filled, make_protocol(record_filter={"hue": ["red"]}))


def test_a_neighbour_is_no_image_of_a_lesion_of_the_study_that_the_filter_left_out(filled: Workspace) -> None:
    # The second image of the first lesion of each class is left out, and must not be shown beside the first.
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE record SET image_quality_score = 5 WHERE image_id NOT LIKE '%b'")
    for seed in range(3):
        drawn = cases(filled, seed=seed, record_filter={"quality": ["5"]})
        of_study = facts_of(filled, list(drawn["record_id"]))
        assert not [image for image in of_study["image_id"] if image.endswith("b")]
        shown = [n["record_id"] for row in drawn["assistance"] for n in row["cbir"]["neighbours"]]
        assert not set(facts_of(filled, shown)["lesion_id"]) & set(of_study["lesion_id"])
