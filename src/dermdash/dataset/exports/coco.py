"""COCO: images with their records, one annotation each with its class, the mask as runs of pixels."""

from __future__ import annotations

import json
import shutil
import tempfile
from typing import Any

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord
from dermdash.dataset.exports.image_folder import ALL_CARRIED
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED, further_cells, own_cells
from dermdash.dataset.formats import coco

_LESION = "lesion"


class _CocoWriter:
    """Writes ``annotations.json``: images as they come, annotations apart until the end."""

    def __init__(
        self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "annotations.json"
    ) -> None:
        self._place, self._images, self._dataset = place, images, dataset
        self._numbers = {code: n for n, code in enumerate((*dataset.taxonomy.codes, _LESION), start=1)}
        self._file = place.stream(table)
        self._apart = tempfile.TemporaryFile()  # noqa: SIM115  closed at the end
        self._count = self._drawn = 0
        said = {"description": dataset.name, "url": dataset.source, "version": dataset.version}
        self._file.write(f'{{"info": {json.dumps(said)},\n"licenses": [{_licence(dataset)}],\n"images": ['.encode())

    def add(self, record: ExportedRecord) -> None:
        self._count += 1
        row = record.row
        image: dict[str, Any] = {
            "id": self._count,
            # No image of a table alone lies in a folder of it.
            "file_name": f"images/{record.file_name}" if self._images else record.file_name,
            "width": row["width"],
            "height": row["height"],
        }
        image |= {k: v for k, v in own_cells(record).items() if v not in (None, []) and k != "dx"} | further_cells(
            record
        )
        if record.labels:
            image["label_history"] = [*record.labels]
        self._file.write((",\n" if self._count > 1 else "\n").encode() + _json(image))
        dx = row.get("dx")
        if dx or record.mask is not None:
            self._drawn += 1
            mark: dict[str, Any] = {
                "id": self._drawn, "image_id": self._count, "category_id": self._numbers[str(dx or _LESION)],
                "iscrowd": 0,
            }  # fmt: skip
            if record.mask is not None:
                from dermdash.dataset.segmentation import mask_annotation  # OpenCV: not for `--help`

                mark |= mask_annotation(record.mask)
            self._apart.write((",\n" if self._drawn > 1 else "\n").encode() + _json(mark))
        put_images(self._place, record, images=self._images)

    def close(self) -> None:
        classes = [
            {"id": self._numbers[c.code], "name": c.code, "supercategory": c.clinical_group, "title": c.name}
            for c in self._dataset.taxonomy.classes
        ]
        classes.append({"id": self._numbers[_LESION], "name": _LESION, "supercategory": "", "title": "Lesion"})
        self._file.write(b'\n],\n"categories": ' + _json(classes) + b',\n"annotations": [')
        self._apart.seek(0)
        shutil.copyfileobj(self._apart, self._file)
        self._apart.close()
        self._file.write(b"\n]}\n")
        self._file.close()

    def notes(self) -> list[str]:
        return []


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def _licence(dataset: ExportedDataset) -> str:
    return json.dumps({"id": 1, "name": dataset.licence, "url": ""}) if dataset.licence else ""


FORMAT = DatasetExport(
    key="coco",
    title="COCO",
    description="annotations.json: a class per image, masks as runs of pixels, every field with its image.",
    imported_as=coco.FORMAT.key,
    open=_CocoWriter,
    alone=(".json",),
    further=True,
    carries=CARRIED,
    loses=(*ALL_CARRIED, "Width, height and the history of a label come back as further columns."),
)
