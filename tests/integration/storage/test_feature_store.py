"""Features of images as files: parts that are whole or absent."""

from pathlib import Path

import numpy as np
import pytest

from dermdash.errors import WorkspaceFull
from dermdash.storage import feature_store, object_store
from dermdash.storage.feature_store import FeatureStore
from dermdash.storage.object_store import FolderStore

CHECKPOINT = "c" * 64


def put(store: FeatureStore, ids: list[str], value: float = 1.0, *, width: int = 4) -> None:
    features = np.full((len(ids), width), value, dtype=np.float32)
    store.append(ids, features, image_sha256=[f"sha-{name}" for name in ids], checkpoint_sha256=CHECKPOINT)


def contents(store: FeatureStore) -> dict[str, float]:
    rows = store.rows()
    features = store.read(np.ones(len(rows), dtype=bool))
    return dict(zip(rows.record_ids.tolist(), features[:, 0].tolist(), strict=True)) if len(rows) else {}


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(FolderStore(tmp_path), "m1")


def test_what_is_stored_is_read_back_with_the_image_and_the_checkpoint(store: FeatureStore) -> None:
    assert store.version() == ()
    assert contents(store) == {}
    put(store, ["ds:a", "ds:b"], 2.0)
    rows = store.rows()
    assert rows.record_ids.tolist() == ["ds:a", "ds:b"]
    assert rows.image_sha256.tolist() == [b"sha-ds:a", b"sha-ds:b"]
    assert set(rows.checkpoint_sha256.tolist()) == {CHECKPOINT.encode()}
    assert contents(store) == {"ds:a": 2.0, "ds:b": 2.0}


def test_small_parts_grow_and_large_ones_are_left_alone(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_store, "_MERGED_ROWS", 4)
    for i in range(7):
        put(store, [f"r{i}"], float(i))
    assert len(store.version()) == 2
    assert contents(store) == {f"r{i}": float(i) for i in range(7)}


def test_the_last_features_of_a_record_count(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_store, "_MERGED_ROWS", 1)
    put(store, ["a", "b", "c"], 1.0)
    put(store, ["b"], 2.0)
    assert len(store.version()) == 2
    assert contents(store) == {"a": 1.0, "c": 1.0, "b": 2.0}
    rows = store.rows()
    chosen = rows.record_ids == "b"
    assert store.read(chosen)[:, 0].tolist() == [2.0]


def test_the_version_changes_with_every_append(store: FeatureStore) -> None:
    seen = {store.version()}
    for _ in range(3):
        put(store, ["a"])
        seen.add(store.version())
    assert len(seen) == 4


def test_a_crash_between_the_merged_part_and_removing_the_old_one_loses_nothing(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, ["a", "b"], 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _fail)
        with pytest.raises(KeyboardInterrupt):
            put(store, ["b", "c"], 2.0)
    assert len(store.version()) == 2
    assert contents(store) == {"a": 1.0, "b": 2.0, "c": 2.0}


def _fail(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_leaves_what_was_there(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, ["a"], 1.0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(object_store.os, "replace", full)
        with pytest.raises(WorkspaceFull):
            put(store, ["b"], 2.0)
    assert contents(store) == {"a": 1.0}
    assert [path.name for path in store.files.local("embeddings/m1").iterdir()] == list(store.version())


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", None])
def test_a_damaged_part_counts_as_missing_features(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    monkeypatch.setattr(feature_store, "_MERGED_ROWS", 1)
    put(store, ["a"], 1.0)
    (broken,) = store.files.local("embeddings/m1").glob("*.npz")
    put(store, ["b"], 2.0)
    broken.write_bytes(broken.read_bytes()[:-100] if damage is None else damage)
    assert contents(store) == {"b": 2.0}
    put(store, ["a"], 3.0)
    assert contents(store) == {"b": 2.0, "a": 3.0}


def test_an_object_array_is_never_unpickled(store: FeatureStore) -> None:
    put(store, ["a"], 1.0)
    np.savez(
        store.files.local("embeddings/m1/9.npz"),
        ids=np.array([{"b"}], dtype=object),
        features=np.ones((1, 4)),
        allow_pickle=True,
    )
    assert contents(store) == {"a": 1.0}


def test_features_of_another_width_replace_the_part_before_instead_of_joining_it(store: FeatureStore) -> None:
    put(store, ["a"], 1.0, width=4)
    put(store, ["b"], 2.0, width=8)
    assert len(store.version()) == 2


def test_the_single_file_of_the_first_version_becomes_the_oldest_part(store: FeatureStore) -> None:
    store.files.local("embeddings").mkdir()
    old = store.files.local("embeddings/m1.npz")
    np.savez(old, ids=np.array(["a", "gone"]), features=np.full((2, 4), 7, dtype=np.float32))
    assert store.in_first_form
    assert contents(store) == {"a": 7.0, "gone": 7.0}
    put(store, ["b"], 1.0)
    store.give_hashes_to_first_form({"a": "sha-a"}, checkpoint_sha256=CHECKPOINT)
    assert not old.exists()
    assert contents(store) == {"a": 7.0, "gone": 7.0, "b": 1.0}
    rows = store.rows()
    assert dict(zip(rows.record_ids.tolist(), rows.image_sha256.tolist(), strict=True))["a"] == b"sha-a"
