"""What the benchmarks measure with: synthetic images, a million synthetic records, a workspace with a study."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import sqlalchemy as sa

from dermdash.dataset.synthetic import paint_lesion
from dermdash.records.taxonomy import HAM7
from dermdash.storage import findings, models, records
from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.kept_flags import keep_model_answers
from dermdash.storage.map_store import write_map
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.results import read_rows
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.embeddings import append_features
from dermdash.workflows.classifier.record_map import map_state

REPOSITORY = Path(__file__).parents[2]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
# Shares in HAM10000: a filter on a rare diagnosis and one on the commonest cost differently.
_DX_SHARES = {"nv": 0.67, "mel": 0.111, "bkl": 0.11, "bcc": 0.051, "akiec": 0.033, "vasc": 0.014, "df": 0.011}
_SITES = ("back", "lower extremity", "trunk", "upper extremity", "abdomen", "face", "chest", "foot", "scalp", "neck")
_ROWS_AT_ONCE = 100_000


def synthetic_jpegs(count: int, *, height: int, width: int, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` different JPEGs of synthetic lesions at quality 95: few paintings, shifted and relit.

    Painting takes longer than everything measured with it, so forty paintings are varied.
    """
    rng = np.random.default_rng(seed)
    painted = [
        paint_lesion(dx=HAM7.codes[i % len(HAM7.codes)], size=(height, width), rng=rng)[0]
        for i in range(min(count, 40))
    ]
    for i in range(count):
        picture = np.roll(painted[i % len(painted)], (i // len(painted)) * 3, axis=1).astype(np.int16)
        picture += rng.integers(-6, 7, picture.shape, dtype=np.int16)  # sensor noise: JPEG sizes as of a real camera
        ok, encoded = cv2.imencode(
            ".jpg", np.clip(picture, 0, 255).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95]
        )
        assert ok
        yield encoded.tobytes()


def write_ham_dataset(folder: Path, *, count: int, height: int = 450, width: int = 600) -> tuple[Path, Path]:
    """Write a data set in the form of HAM10000 and return its metadata file and its image folder."""
    images = folder / "images"
    images.mkdir(parents=True)
    lines = ["lesion_id,image_id,dx,dx_type,age,sex,localization"]
    for i, data in enumerate(synthetic_jpegs(count, height=height, width=width)):
        image_id = f"ISIC_{9_000_000 + i}"
        (images / f"{image_id}.jpg").write_bytes(data)
        lines.append(f"HAM_{900_000 + i},{image_id},{HAM7.codes[i % 7]},histo,{30 + i % 50},male,back")
    metadata = folder / "metadata.csv"
    metadata.write_text("\n".join(lines) + "\n")
    return metadata, images


def name_images(workspace: Workspace, *, count: int) -> list[str]:
    """Enter `count` images, measured like real ones, of which no file is there; returns their hashes."""
    rng = np.random.default_rng(4)
    hashes = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(count)]
    for start in range(0, count, _ROWS_AT_ONCE):
        block = hashes[start : start + _ROWS_AT_ONCE]
        sharpness, exposure, glare = rng.lognormal(size=(3, len(block))).round(4)
        rows = [
            {
                "sha256": sha256, "source_sha256": sha256, "phash": sha256[:16], "format": "JPEG", "width": 256,
                "height": 192, "bytes": 30_000, "technical_quality": 4, "sharpness": float(sharpness[i]),
                "exposure": float(exposure[i]), "glare": float(glare[i]) / 100,
            }
            for i, sha256 in enumerate(block)
        ]  # fmt: skip
        records.save_batch(workspace.engine, images=rows, records=[])
    return hashes


def add_images(workspace: Workspace, *, count: int) -> list[str]:
    """Store `count` images of thumbnail size and return their hashes; many records may share one."""
    hashes = []
    rows = []
    for data in synthetic_jpegs(count, height=192, width=256, seed=2):
        sha256 = hashlib.sha256(data).hexdigest()
        workspace.files.put(THUMBNAILS, sha256, data)
        workspace.files.put(ORIGINALS, sha256, data)
        hashes.append(sha256)
        rows.append(
            {
                "sha256": sha256,
                "source_sha256": sha256,
                "phash": sha256[:16],
                "format": "JPEG",
                "width": 256,
                "height": 192,
                "bytes": len(data),
                "technical_quality": 4,
            }
        )
    records.save_batch(workspace.engine, images=rows, records=[])
    return hashes


def add_records(workspace: Workspace, *, count: int, images: list[str], seed: int = 3, dataset_id: str = "ham") -> None:
    """Insert `count` synthetic records with the class shares and missing values of HAM10000."""
    records.save_dataset(
        workspace.engine,
        values={"id": dataset_id, "name": "Synthetic records", "taxonomy": "ham7", "simulated": True},
    )
    rng = np.random.default_rng(seed)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = _record_rows(rng, start, min(_ROWS_AT_ONCE, count - start), images, dataset_id)
        with workspace.engine.begin() as connection:
            insert_missing(connection, t.record, rows)


def add_predictions(workspace: Workspace, *, dataset_id: str = "ham", seed: int = 5) -> None:
    """Let a model say something of every record, of one in seven or so another class; and a rule be broken by a few."""
    models.save_model(
        workspace.engine,
        values={
            "id": "bench", "name": "Bench", "architecture": "resnet18", "taxonomy": "ham7", "input_size": 224,
            "checkpoint_sha256": "0" * 64, "dataset_id": dataset_id, "metrics": {}, "training_lesions_known": True,
            "simulated": True,
        },
        training_lesion_digests=[],
    )  # fmt: skip
    rng, moment, codes = np.random.default_rng(seed), datetime.now(UTC), list(HAM7.codes)
    rows = read_rows(workspace.engine, sa.select(t.record.c.id, t.record.c.dx).order_by(t.record.c.id))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        other, which = rng.random(len(part)) < 0.15, rng.integers(0, len(codes), len(part))
        said = [codes[which[i]] if other[i] else str(row.dx) for i, row in enumerate(part)]
        with workspace.engine.begin() as connection:
            insert_missing(
                connection, t.prediction,
                [
                    {
                        "record_id": row.id, "model_id": "bench", "predicted_dx": dx, "malignancy_probability": 0.3,
                        "probabilities": {code: 1.0 * (code == dx) for code in codes}, "created_at": moment, "views": 1,
                    }
                    for row, dx in zip(part, said, strict=True)
                ],
            )  # fmt: skip
    with workspace.engine.begin() as connection:
        keep_model_answers(connection)
    broken = [
        {
            "records": [rows[i].id], "score": 1.0, "threshold": 1.0, "verdict": "contradiction", "details": {},
            "method_version": "1", "model_id": None,
        }
        for i in range(0, len(rows), 50)
    ]  # fmt: skip
    findings.save_findings(workspace.engine, "sex_against_site", broken, searched={})


def add_map(workspace: Workspace, *, model_id: str = "bench", seed: int = 6) -> None:
    """Give every record features of the model of `add_predictions`, and a map of them: thirty heaps of points."""
    rows = read_rows(workspace.engine, sa.select(t.record.c.id, t.record.c.image_sha256))
    append_features(
        workspace, model_id, [row.id for row in rows], np.ones((len(rows), 2), np.float32),
        image_sha256=[row.image_sha256 for row in rows],
    )  # fmt: skip
    rng, n = np.random.default_rng(seed), len(rows)
    heaps = rng.uniform(-20, 20, (30, 2))
    places = (heaps[rng.integers(0, 30, n)] + rng.normal(0, 2, (n, 2))).astype(np.float32)
    write_map(
        workspace.files, map_state(workspace, model_id, simulated=True).key, places=places,
        uniqueness=rng.random(n, np.float32), nearest=np.zeros(n, np.int32),
    )  # fmt: skip


def _record_rows(
    rng: np.random.Generator, start: int, count: int, images: list[str], dataset_id: str
) -> list[dict[str, Any]]:
    moment = datetime.now(UTC)
    dx = rng.choice(list(_DX_SHARES), size=count, p=list(_DX_SHARES.values()))
    stage = rng.choice([1, 2, 3], size=count, p=[0.1, 0.37, 0.53])
    age = rng.integers(1, 18, count) * 5
    known_age = rng.random(count) > 0.006
    sex = rng.choice(["male", "female"], size=count)
    site = rng.choice(_SITES, size=count)
    quality = rng.integers(1, 6, count)
    scored = rng.random(count) < 0.2
    completeness = rng.integers(4, 17, count) / 16
    order = rng.permutation(count)  # ids in no order, as after several imports
    return [
        {
            "id": f"{dataset_id}:ISIC_{start + int(order[i]):07d}",
            "dataset_id": dataset_id,
            "image_id": f"ISIC_{start + int(order[i]):07d}",
            "lesion_id": f"HAM_{(start + i) * 3 // 4:07d}",
            "patient_id": f"P{(start + i) // 3:07d}",
            "image_sha256": images[(start + i) % len(images)],
            "source_label": str(dx[i]),
            "dx": str(dx[i]),
            "dx_type": ("follow_up", "consensus", "histo")[stage[i] - 1],
            "age_at_exam": int(age[i]) if known_age[i] else None,
            "sex": str(sex[i]) if known_age[i] else None,
            "anatomical_site": str(site[i]),
            "clinical_diagnosis": str(dx[i]),
            "verification_stage": int(stage[i]),
            "image_quality_score": int(quality[i]) if scored[i] else None,
            "technical_quality": int(quality[i]),
            "completeness": float(completeness[i]),
            "import_run_id": "benchmark",
            "imported_at": moment,
        }
        for i in range(count)
    ]
