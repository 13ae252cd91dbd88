"""A few drawn lesions with metadata, small enough that a network trains on them in a second."""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import HAM7
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.train_classifier import train_classifier
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.reader_study import create_study

HAM_COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")
EXAMINER_ID = "EXAMINERMARK7"
HISTOLOGY = "HISTOLOGYMARK7"
SITE = "SITEMARK7"
MODEL_NAME = "MODELMARK7"
FILE_COMMENT = b"COMMENTMARK7"
DX_COLORS = ((190, 120, 90), (150, 110, 100), (140, 100, 60), (160, 90, 80), (60, 40, 40), (110, 70, 50), (170, 40, 60))


@dataclass(frozen=True, slots=True)
class SmallDataset:
    """What was written: one row per image, every image of a lesion and a patient of its own."""

    metadata: Path
    images: Path
    rows: tuple[dict[str, str], ...]


def write_small_dataset(folder: Path, *, prefix: str, per_class: int, rng: np.random.Generator) -> SmallDataset:
    """Write HAM10000_metadata.csv, records.csv (with hidden fields) and images.zip into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, extended = [], []
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number in range(per_class * len(HAM7.codes)):
            dx = HAM7.codes[number % len(HAM7.codes)]
            row = {
                "lesion_id": f"{prefix}LESION_{number:04d}",
                "image_id": f"{prefix}IMAGE_{number:04d}",
                "dx": dx,
                "dx_type": "histo" if number % 2 else "consensus",
                "age": str(20 + number % 60),
                "sex": ("female", "male")[number % 2],
                "localization": ("back", "face", "trunk")[number % 3],
            }
            rows.append(row)
            extended.append(
                {
                    **{name: row[name] for name in ("lesion_id", "image_id", "dx", "dx_type", "sex")},
                    "patient_id": f"{prefix}PATIENT_{number:04d}",
                    "age_at_exam": row["age"],
                    "anatomical_site": SITE,
                    "histopathology_result": HISTOLOGY if number % 2 else "",
                    "examiner_id": EXAMINER_ID,
                }
            )
            archive.writestr(f"{row['image_id']}.jpg", draw_lesion(dx, rng))
    metadata = folder / "HAM10000_metadata.csv"
    _write_csv(metadata, rows)
    _write_csv(folder / "records.csv", extended)
    return SmallDataset(metadata, folder / "images.zip", tuple(rows))


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def draw_lesion(dx: str, rng: np.random.Generator, *, width: int = 200, height: int = 150) -> bytes:
    """A blob on skin in the colour of its class, as JPEG whose file comment must never reach a reader."""
    noise = rng.normal(0, 8, (height, width, 3))
    image = Image.fromarray(np.clip(np.array([222.0, 180.0, 158.0]) + noise, 0, 255).astype(np.uint8))
    r = height * rng.uniform(0.2, 0.35)
    x, y = width / 2 + rng.uniform(-10, 10), height / 2 + rng.uniform(-10, 10)
    jitter = rng.integers(-20, 20, 3)
    color = tuple(int(np.clip(c + j, 0, 255)) for c, j in zip(DX_COLORS[HAM7.codes.index(dx)], jitter, strict=True))
    ImageDraw.Draw(image).ellipse((x - 1.2 * r, y - r, x + 1.2 * r, y + r), fill=color)
    buffer = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=85, comment=FILE_COMMENT)
    return buffer.getvalue()


def import_small_dataset(workspace: Workspace, dataset: SmallDataset, *, dataset_id: str, adapter: str) -> None:
    """Import it by the workflow."""
    metadata = dataset.metadata if adapter == "ham10000" else dataset.metadata.with_name("records.csv")
    report = import_dataset(
        workspace,
        adapter=adapter,
        taxonomy=HAM7.name,
        metadata=metadata,
        images=[dataset.images],
        dataset_id=dataset_id,
        processes=False,
    )
    assert report.imported == len(dataset.rows)


def train_tiny_model(workspace: Workspace, *, dataset_id: str) -> str:
    """Train the smallest network for one epoch: its output is poor, but it is output."""
    return train_classifier(
        workspace,
        dataset_id=dataset_id,
        name=MODEL_NAME,
        architecture="resnet10",
        input_size=32,
        epochs=1,
        batch_size=16,
        held_out_fraction=0.5,
        device="cpu",
    )


def make_study(
    workspace: Workspace,
    *,
    dataset_id: str,
    model_id: str,
    cases: int,
    practice: int,
    rounds: int = 1,
    modalities: tuple[Modality, ...] = (
        Modality.MALIGNANCY_PROBABILITY,
        Modality.MULTICLASS_PROBABILITY,
        Modality.CBIR,
    ),
) -> str:
    """Freeze a study and return its id."""
    protocol = template_nature_medicine_2020(
        name="Evening study",
        taxonomy=HAM7.name,
        dataset_id=dataset_id,
        model_id=model_id,
        seed=7,
        cases_per_round=cases,
        rounds=rounds,
        practice_cases=practice,
        modalities=modalities,
        cbir_k=4,
    )
    return create_study.create_study(workspace, protocol)
