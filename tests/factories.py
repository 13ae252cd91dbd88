"""Rows with sane defaults for tests."""

from typing import Any

from dermdash.storage.records import record_id


def make_image(sha256: str = "a" * 64, **changes: Any) -> dict[str, Any]:
    """An image row."""
    return {
        "sha256": sha256,
        "source_sha256": sha256,
        "phash": "0" * 16,
        "format": "JPEG",
        "width": 600,
        "height": 450,
        "bytes": 1000,
        "technical_quality": 4,
        "sharpness": 0.5,
        "exposure": 0.5,
        "glare": 0.0,
        "quality_driver": "sharpness",
        "quality_version": "1",
    } | changes


def make_record(image_id: str = "ISIC_1", dataset_id: str = "ham", **changes: Any) -> dict[str, Any]:
    """A record row."""
    return {
        "id": record_id(dataset_id, image_id),
        "dataset_id": dataset_id,
        "image_id": image_id,
        "lesion_id": f"L_{image_id}",
        "patient_id": None,
        "image_sha256": "a" * 64,
        "source_label": "nv",
        "dx": "nv",
        "dx_type": "consensus",
        "age_at_exam": 45,
        "sex": "female",
        "anatomical_site": "back",
        "clinical_diagnosis": "nv",
        "verification_stage": 2,
        "image_quality_score": None,
        "technical_quality": 4,
        "completeness": 0.5,
        "import_run_id": "run",
    } | changes


def make_reading(**changes: Any) -> dict[str, Any]:
    """A reading row as a workflow hands it to storage."""
    return {
        "id": "11111111-1111-4111-8111-111111111111",
        "study_id": "study",
        "reader_id": "reader",
        "assignment_id": "assignment",
        "case_id": "case",
        "practice": False,
        "phase": "unaided",
        "modality": "malignancy_probability",
        "dx": "nv",
        "confidence": 3,
        "assistance": None,
        "client_ms": 1200.0,
    } | changes
