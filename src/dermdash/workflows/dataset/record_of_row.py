"""The record that a row of a table becomes."""

from collections.abc import Mapping
from typing import Any

from dermdash.dataset.source_records import SourceRecord, said_by
from dermdash.dataset.stored_values import stored_values
from dermdash.records.fields import completeness
from dermdash.records.taxonomy import Taxonomy


def values_of_row(record: SourceRecord) -> dict[str, Any]:
    """What the source says, by name of the column: names, label, fields, details, and every further column."""
    return said_by(record) | stored_values(record)


def completeness_of(values: Mapping[str, Any], taxonomy: Taxonomy) -> float:
    """Share of the fields that are filled, by the label they belong to."""
    dx = values["dx"]
    return completeness(values, malignant=dx is not None and dx in taxonomy and taxonomy[dx].needs_histology)


def record_of_row(
    record: SourceRecord, *, dataset_id: str, record_id: str, taxonomy: Taxonomy, image: Mapping[str, Any], run_id: str
) -> dict[str, Any]:
    """The row of the table of records."""
    values = values_of_row(record)
    return {
        "id": record_id,
        "dataset_id": dataset_id,
        "image_id": record.image_id,
        "image_sha256": image["sha256"],
        **values,
        "technical_quality": image["technical_quality"],
        "completeness": completeness_of(values, taxonomy),
        "import_run_id": run_id,
    }
