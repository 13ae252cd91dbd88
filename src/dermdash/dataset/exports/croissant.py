"""Croissant 1.1 (MLCommons): a JSON-LD file that describes the table and the images, with the responsible-AI fields.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and croissant-rai-spec.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord
from dermdash.dataset.exports.image_folder import ALL_CARRIED, FILE
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED, CsvStream, further_cells, further_names, own_cells
from dermdash.dataset.formats import croissant
from dermdash.dataset.formats.beside_exports import LABEL_COLUMNS, LABELS
from dermdash.dataset.formats.own_columns import OWN_NAMES
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, Kind
from dermdash.records.record_columns import data_dictionary

CONFORMS_TO = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
_TERMS = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileProperty",
    "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}
"""That of the specification: mlcroissant warns of any other."""
_IDENTIFIER = r"[a-z0-9_]+"
_TYPES = {Kind.INTEGER: "sc:Integer", Kind.NUMBER: "sc:Float", Kind.BOOLEAN: "sc:Boolean"}
_KINDS = {spec.name: spec.kind for spec in (*FIELDS, *DETAILS)}


class _CroissantWriter:
    """Writes ``metadata.json``, and ``records.csv`` that it describes."""

    def __init__(
        self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "metadata.json"
    ) -> None:
        self._place, self._dataset, self._images, self._name = place, dataset, images, table
        stem = table.rpartition(".")[0]
        self._records = "records.csv" if images else f"{stem}.records.csv"
        self._labels = LABELS if images else f"{stem}.{LABELS}"
        split = ("split_part",) if dataset.split else ()
        columns = (FILE, *OWN_NAMES, *split, *further_names(dataset.further))
        self._table = CsvStream(place.stream(self._records), columns)

    def add(self, record: ExportedRecord) -> None:
        said = {FILE: f"images/{record.file_name}", **own_cells(record), "split_part": record.part}
        self._table.row(said | further_cells(record))
        put_images(self._place, record, images=self._images)

    def close(self) -> None:
        self._table.close()
        tables = {
            name: self._place.hashes[name] for name in (self._records, self._labels) if name in self._place.hashes
        }
        said = json_ld(self._dataset, tables, self._table.columns, images=self._images)
        self._place.put(self._name, json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n")

    def notes(self) -> list[str]:
        return []


def json_ld(
    dataset: ExportedDataset, tables: Mapping[str, str], columns: Sequence[str], *, images: bool
) -> dict[str, Any]:
    """The description of an export.

    Parameters
    ----------
    tables
        Names of the table of records and, where there is one, of the labels; each with its SHA-256.
    columns
        Of the table of records.
    """
    records, *others = tables
    described = dataset.facts.get("croissant", {})
    distribution = [_file(name, digest) for name, digest in tables.items()]
    sets = [
        _record_set("records", records, columns, _meanings(), dict(_KINDS, age_at_exam=_age_kind(dataset))),
        *(_record_set("labels", name, LABEL_COLUMNS, {}, {"number": Kind.INTEGER}) for name in others),
    ]
    if images:
        distribution.append(
            {
                "@type": "cr:FileSet", "@id": "images", "name": "images", "description": "The images.",
                "encodingFormat": ["image/jpeg", "image/png"], "includes": ["images/*.jpg", "images/*.png"],
            }
        )  # fmt: skip
    said = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": _plain(dataset.name),
        "alternateName": dataset.name,
        "description": described.get("description") or f"{dataset.name}: dermatoscopic images with verified labels.",
        "conformsTo": list(CONFORMS_TO),
        "license": described.get("license") or dataset.licence or None,
        "url": described.get("url") or _url(dataset.source),
        "version": described.get("version") or "1.0.0",
        "datePublished": described.get("datePublished"),
        "citeAs": described.get("citeAs") or None,
        **{key: value for key, value in described.items() if key.startswith("rai:")},
        "distribution": distribution,
        "recordSet": sets,
    }
    if dataset.simulated:
        said["keywords"] = ["simulated"]
    return {key: value for key, value in said.items() if value not in (None, "", [])}


def _plain(name: str) -> str:
    """A name as the specification takes it: without signs that a file could not have."""
    return re.sub(r"[^\w .()-]+", "-", name).strip() or "data set"


def _url(source: str) -> str:
    if source.startswith(("http://", "https://")):
        return source
    return f"https://doi.org/{source.removeprefix('doi:')}" if source.startswith("doi:") else ""


def _file(name: str, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, "encodingFormat": "text/csv",
        "sha256": digest,
    }  # fmt: skip


def _record_set(
    key: str, file: str, columns: Sequence[str], meanings: Mapping[str, str], kinds: Mapping[str, Kind]
) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": key,
        "name": key,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{key}/{name if re.fullmatch(_IDENTIFIER, name) else number}",
                "name": name,
                "description": meanings.get(name, name),
                "dataType": _TYPES.get(kinds.get(name, Kind.TEXT), "sc:Text"),
                "source": {"fileObject": {"@id": file}, "extract": {"column": name}},
            }
            for number, name in enumerate(columns)
        ],
    }


def _meanings() -> dict[str, str]:
    return {row["column"]: row["meaning"] for row in data_dictionary()} | {FILE: "Image file"}


def _age_kind(dataset: ExportedDataset) -> Kind:
    return Kind.TEXT if dataset.facts.get("age_bins") else Kind.INTEGER


FORMAT = DatasetExport(
    key="croissant",
    title="Croissant 1.1",
    description="metadata.json (JSON-LD with the responsible-AI fields), records.csv and labels.csv; images and masks.",
    imported_as=croissant.FORMAT.key,
    open=_CroissantWriter,
    alone=(".json", ".jsonld"),
    further=True,
    carries=CARRIED,
    loses=ALL_CARRIED,
)
