"""A data set with the counts that the methodology paper prints (Tables 4 and 5, section 3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, repeat

from dermdash.storage import records
from dermdash.storage.import_runs import ROW, save_import_run
from dermdash.storage.workspace import Workspace
from tests.factories import make_image, make_record

DATASET = "methodology"
CLASSES = {
    "nevus": 733, "seborrheic_keratosis": 118, "hemangioma": 87, "dermatofibroma": 31, "melanoma": 18,
    "dysplastic_nevus": 16, "basal_cell_carcinoma": 15, "squamous_cell_carcinoma": 6, "papilloma": 2,
}  # fmt: skip
IMAGES_PER_PATIENT = {1: 190, 2: 110, 3: 50, 4: 30, 5: 36, 6: 26, 10: 1}
"""443 patients, 1,026 images, median 2, mean 2.32."""
_AGES = (2, *repeat(27, 218), 38, *repeat(56, 37), *repeat(55, 181), 90)
"""439 valid ages from 2 to 90: median 38, mean 41.1."""
_FEMALE = 279
_MALIGNANT = ("melanoma", "basal_cell_carcinoma", "squamous_cell_carcinoma")
_MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


def fill_methodology(workspace: Workspace) -> None:
    """Store the records and what was left out: 32 for their quality, 18 as duplicates."""
    records.save_dataset(
        workspace.engine, values={"id": DATASET, "name": "Methodology", "taxonomy": "clinical9", "source": "clinic",
                                  "licence": "", "simulated": False},
    )  # fmt: skip
    patients = _patients()
    rows = []
    for n, dx in enumerate(chain.from_iterable(repeat(dx, n) for dx, n in CLASSES.items())):
        patient = next(patients)
        malignant = dx in _MALIGNANT
        rows.append(
            make_record(
                f"I{n:04}", DATASET, patient_id=f"P{patient:03}", lesion_id=f"L{n:04}", image_sha256=f"{n:064x}",
                source_label=dx, dx=dx, clinical_diagnosis=dx, dx_type="histo" if malignant else "consensus",
                verification_stage=3 if malignant else 2, histopathology_result=dx if malignant else None,
                age_at_exam=_AGES[patient] if patient < len(_AGES) else None,
                sex="female" if patient < _FEMALE else "male",
            )
        )  # fmt: skip
    images = [make_image(row["image_sha256"], phash=f"{i:016x}") for i, row in enumerate(rows)]
    records.save_batch(workspace.engine, images=images, records=rows)
    left_out = [(f"bad{i}", "low_quality_score", "score 2", ROW) for i in range(32)]
    left_out += [(f"again{i}", "duplicate_content", "same as another", ROW) for i in range(18)]
    for run in ("run", "run-again"):  # the same files a second time leave the same rows out
        save_import_run(
            workspace.engine,
            values={"id": run, "dataset_id": DATASET, "adapter": "csv", "rows": 1076, "imported": 1026,
                    "already_present": 0, "excluded": {}, "started_at": _MOMENT, "finished_at": _MOMENT},
            exclusions=left_out,
        )  # fmt: skip


def _patients() -> Iterator[int]:
    """The patient of each image: those of one image first."""
    sizes = chain.from_iterable(repeat(images, n) for images, n in IMAGES_PER_PATIENT.items())
    return chain.from_iterable(repeat(patient, images) for patient, images in enumerate(sizes))
