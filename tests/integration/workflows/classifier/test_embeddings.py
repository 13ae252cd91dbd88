"""Stored features and the similar records they give."""

import numpy as np
import pytest
import sqlalchemy as sa
from tests.factories import make_image, make_record

from dermdash.errors import NotFound
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings, find_similar
from dermdash.workflows.classifier.find_similar import similar_records, similar_to_each

MODEL = "m1"


def fill(workspace: Workspace, *rows: dict) -> list[str]:
    """Store records, each with features close to those before it."""
    for number, row in enumerate(rows):
        row.setdefault("image_sha256", f"{number:064d}")
    images = {row["image_sha256"]: make_image(row["image_sha256"]) for row in rows}
    made = [make_record(f"I{number}", **({"dataset_id": "ds"} | row)) for number, row in enumerate(rows)]
    for dataset_id in {r["dataset_id"] for r in made}:
        values = {"id": dataset_id, "name": dataset_id, "taxonomy": "ham7", "simulated": False}
        records.save_dataset(workspace.engine, values={**values, "source": "", "licence": ""})
    records.save_batch(workspace.engine, images=list(images.values()), records=made)
    ids = [r["id"] for r in made]
    angles = np.linspace(0, 1, len(ids))
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    embeddings.append_features(workspace, MODEL, ids, features)
    return ids


def found(workspace: Workspace, record_id: str, **options: object) -> list[str]:
    return [s.record_id for s in similar_records(workspace, record_id, model_id=MODEL, **options)]  # type: ignore[arg-type]


def test_the_most_similar_come_first_with_what_a_tile_needs(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {"dx": "mel"}, {"dx": "nv"}, {"dx": "bcc"}, {"dx": "df"})
    similar = similar_records(duckdb_workspace, ids[0], model_id=MODEL, k=2)
    assert [s.record_id for s in similar] == ids[1:3]
    assert (similar[0].dx, similar[0].image_id, similar[0].image_sha256) == ("nv", "I1", f"{1:064d}")
    assert 1 > similar[0].similarity > similar[1].similarity > 0


def test_many_are_answered_as_each_alone_in_as_many_statements_as_one(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, *({"dx": dx} for dx in ("mel", "nv", "bcc", "df", "nv", "mel")))
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    sa.event.listen(duckdb_workspace.engine, "before_cursor_execute", note)
    (alone,) = similar_to_each(duckdb_workspace, ids[:1], model_id=MODEL, k=2).values()
    of_one = len(asked)
    each = similar_to_each(duckdb_workspace, ids, model_id=MODEL, k=2)
    assert len(asked) - of_one <= of_one
    sa.event.remove(duckdb_workspace.engine, "before_cursor_execute", note)
    assert each[ids[0]] == alone
    assert each == {name: similar_records(duckdb_workspace, name, model_id=MODEL, k=2) for name in ids}
    with pytest.raises(NotFound, match="'ds:I99'"):
        similar_to_each(duckdb_workspace, [*ids, "ds:I99"], model_id=MODEL)


def test_a_lesion_a_patient_and_a_file_never_retrieve_themselves(duckdb_workspace: Workspace) -> None:
    ids = fill(
        duckdb_workspace,
        {"lesion_id": "L", "patient_id": "P", "image_sha256": "f" * 64},
        {"lesion_id": "L"},
        {"patient_id": "P"},
        {"image_sha256": "f" * 64},
        {},
    )
    assert found(duckdb_workspace, ids[0]) == [ids[4]]
    assert ids[0] not in found(duckdb_workspace, ids[1])


def test_records_of_unknown_patients_are_not_one_patient(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {"patient_id": None}, {"patient_id": None}, {"patient_id": "P"})
    assert found(duckdb_workspace, ids[0]) == ids[1:]


def test_equal_lesion_names_in_two_data_sets_are_two_lesions(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {"lesion_id": "L"}, {"lesion_id": "L", "dataset_id": "other"}, {})
    assert found(duckdb_workspace, ids[0]) == [ids[1], ids[2]]
    assert found(duckdb_workspace, ids[0], dataset_ids=["ds"]) == [ids[2]]


def test_excluded_and_undiagnosed_records_do_not_appear(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {}, {}, {"dx": None}, {})
    assert found(duckdb_workspace, ids[0], excluded_ids={ids[1]}) == [ids[3]]
    # A record without a diagnosis may still ask.
    assert found(duckdb_workspace, ids[2], k=1) in ([ids[1]], [ids[3]])


def test_features_stored_again_replace_the_old_ones(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {}, {}, {})
    assert found(duckdb_workspace, ids[0], k=1) == [ids[1]]
    embeddings.append_features(duckdb_workspace, MODEL, [ids[1]], np.array([[-1.0, 0.0]], dtype=np.float32))
    assert found(duckdb_workspace, ids[0], k=1) == [ids[2]]
    assert embeddings.record_ids(duckdb_workspace, MODEL) == set(ids)
    embeddings.append_features(duckdb_workspace, MODEL, [], np.empty((0, 2), dtype=np.float32))
    assert embeddings.record_ids(duckdb_workspace, MODEL) == set(ids)


def test_features_of_a_record_that_is_gone_are_ignored(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {}, {})
    embeddings.append_features(duckdb_workspace, MODEL, ["ds:gone"], np.array([[1.0, 0.0]], dtype=np.float32))
    assert found(duckdb_workspace, ids[0]) == [ids[1]]


def test_a_record_or_a_model_without_features_is_named(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace, {}, {})
    with pytest.raises(NotFound, match="ds:unknown"):
        found(duckdb_workspace, "ds:unknown")
    with pytest.raises(NotFound, match="dermdash predict --model m2"):
        similar_records(duckdb_workspace, "ds:I0", model_id="m2")


def test_features_of_an_image_that_was_replaced_are_missing_until_predicted_again(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {}, {}, {})
    features = np.array([[1.0, 0.0]], dtype=np.float32)
    embeddings.append_features(duckdb_workspace, MODEL, [ids[1]], features, image_sha256=["another file"])
    assert embeddings.record_ids(duckdb_workspace, MODEL) == {ids[0], ids[2]}
    assert found(duckdb_workspace, ids[0]) == [ids[2]]
    embeddings.append_features(duckdb_workspace, MODEL, [ids[1]], features)
    assert found(duckdb_workspace, ids[0]) == [ids[1], ids[2]]


def test_features_of_the_first_version_are_taken_over(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, {}, {}, {})
    features = np.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1]], dtype=np.float32)
    old = duckdb_workspace.embeddings / "old.npz"
    np.savez(old, ids=np.array(ids), features=features)
    similar = similar_records(duckdb_workspace, ids[0], model_id="old")
    assert [s.record_id for s in similar] == [ids[2], ids[1]]
    assert not old.exists()


def test_pairs_confirmed_as_one_lesion_do_not_find_each_other(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(duckdb_workspace, {}, {}, {"lesion_id": "L"}, {"lesion_id": "L"})
    assert found(duckdb_workspace, ids[0]) == ids[1:]
    monkeypatch.setattr(find_similar.findings, "confirmed_pairs", lambda _: [(ids[0], ids[2])])
    assert found(duckdb_workspace, ids[0]) == [ids[1]]
