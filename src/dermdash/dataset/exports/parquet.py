"""A Parquet table with typed columns, images beside it."""

from __future__ import annotations

import json
from typing import Any

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord
from dermdash.dataset.exports.image_folder import ALL_CARRIED, FILE
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED, further_cells, further_names, own_cells
from dermdash.dataset.formats import any_table
from dermdash.dataset.formats.own_columns import OWN_NAMES
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, Kind

LABELS = "label_history"
_ROWS_AT_ONCE = 5_000
_KINDS = {spec.name: spec.kind for spec in (*FIELDS, *DETAILS)}


class _ParquetWriter:
    """Writes ``records.parquet`` some thousand rows at a time."""

    def __init__(
        self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "records.parquet"
    ) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa, self._place, self._images = pa, place, images
        types = {
            Kind.INTEGER: pa.int64(), Kind.NUMBER: pa.float64(), Kind.BOOLEAN: pa.bool_(),
            Kind.LIST: pa.list_(pa.string()),
        }  # fmt: skip

        def type_of(name: str) -> Any:
            if name == "age_at_exam" and dataset.facts.get("age_bins"):
                return pa.string()
            return types.get(_KINDS.get(name, Kind.TEXT), pa.string())

        names = [FILE, *OWN_NAMES, "split_part", LABELS, *further_names(dataset.further)]
        self._schema = pa.schema([(name, type_of(name)) for name in names])
        self._file = place.stream(table)
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, record: ExportedRecord) -> None:
        said: dict[str, Any] = {FILE: f"images/{record.file_name}", **own_cells(record), **further_cells(record)}
        said |= {
            "split_part": record.part or None,
            LABELS: json.dumps([*record.labels], default=str, ensure_ascii=False),
        }
        self._rows.append(said)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()
        put_images(self._place, record, images=self._images)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._pa.Table.from_pylist(self._rows, self._schema))
            self._rows = []

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._file.close()

    def notes(self) -> list[str]:
        return []


FORMAT = DatasetExport(
    key="parquet",
    title="Parquet",
    description="records.parquet with every field in a typed column and the history of each label; images and masks.",
    imported_as=any_table.FORMAT.key,
    open=_ParquetWriter,
    alone=(".parquet",),
    further=True,
    carries=CARRIED,
    loses=ALL_CARRIED,
)
