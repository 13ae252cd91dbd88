"""A workspace of version 3 did not say which models were trained on drawn lesions."""

import hashlib
from pathlib import Path

import sqlalchemy as sa

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, save_checkpoint
from dermdash.records.taxonomy import HAM7
from dermdash.storage import engine as engines
from dermdash.storage import models


def digest(lesion: str) -> str:
    return hashlib.sha256(lesion.encode()).hexdigest()[:16]


def write_version_3(url: str) -> None:
    """Two data sets, and models: trained here on each, and from elsewhere on lesions of each or on neither."""
    old = sa.create_engine(url, poolclass=sa.NullPool)
    engines.upgrade(old, "0003")
    with old.begin() as connection:
        for name, simulated in (("demo", True), ("clinic", False)):
            connection.execute(
                sa.text("INSERT INTO dataset VALUES (:id, :id, 'ham7', '', '', :simulated, now())"),
                {"id": name, "simulated": simulated},
            )
            for lesion in ("shared", f"{name} only"):
                connection.execute(
                    sa.text(
                        "INSERT INTO record (id, dataset_id, image_id, lesion_id, image_sha256, completeness, "
                        "imported_at) VALUES (:id, :dataset, :lesion, :lesion, 'a', 0.5, now())"
                    ),
                    {"id": f"{name}:{lesion}", "dataset": name, "lesion": lesion},
                )
        trained = {
            "on_demo": ("demo", ""), "on_clinic": ("clinic", ""), "carried_demo": (None, "demo only"),
            "carried_clinic": (None, "clinic only"), "carried_shared": (None, "shared"), "says_so": (None, ""),
        }  # fmt: skip
        for model_id, (dataset, lesion) in trained.items():
            connection.execute(
                sa.text(
                    "INSERT INTO model (id, name, architecture, taxonomy, input_size, checkpoint_sha256, dataset_id, "
                    "metrics, training_lesions_known, created_at) VALUES (:id, :id, 'resnet10', 'ham7', 32, 'c', "
                    ":dataset, '{}', true, now())"
                ),
                {"id": model_id, "dataset": dataset},
            )
            if lesion:
                connection.execute(
                    sa.text("INSERT INTO model_training_lesion VALUES (:id, :digest)"),
                    {"id": model_id, "digest": digest(lesion)},
                )
    old.dispose()


def write_checkpoint(path: Path, *, simulated: bool) -> None:
    from dermdash.classifier.networks import build_network

    path.parent.mkdir(exist_ok=True)
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32, simulated=simulated)
    save_checkpoint(path, Classifier(build_network("resnet10", class_count=7).eval(), metadata))


def test_models_trained_on_drawings_are_marked_and_no_others(empty_database: str, tmp_path: Path) -> None:
    write_version_3(empty_database)
    write_checkpoint(tmp_path / "models" / "says_so.safetensors", simulated=True)
    (tmp_path / "models" / "carried_clinic.safetensors").write_bytes(b"damaged")
    opened = engines.open_engine(empty_database, checkpoints=tmp_path / "models")
    try:
        marked = {m["id"] for m in models.list_models(opened) if m["simulated"]}
        assert marked == {"on_demo", "carried_demo", "says_so"}
        assert models.list_choices(opened) == []
        assert engines.current_revision(opened) == engines.HEAD_REVISION
        if empty_database.startswith("duckdb"):
            assert len(list((tmp_path / "backups").iterdir())) == 1
    finally:
        opened.dispose()
