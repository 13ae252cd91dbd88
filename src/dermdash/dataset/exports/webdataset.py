"""WebDataset: tar files whose members of one name are one sample: image, class, all fields as JSON, mask."""

from __future__ import annotations

import io
import json
import tarfile
from typing import IO

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord
from dermdash.dataset.exports.image_folder import ALL_CARRIED
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED, further_cells, own_cells
from dermdash.dataset.formats import webdataset

SAMPLES = 10_000
"""In a tar file."""
_MOST_BYTES = 1 << 30
_LABELS = "label_history"


class _ShardWriter:
    """Writes ``shard-000000.tar`` and so on; of a split a series for each part."""

    def __init__(self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "") -> None:
        del images
        self._place, self._one = place, table
        self._open: dict[str, tuple[IO[bytes], tarfile.TarFile]] = {}
        self._number: dict[str, int] = {}
        self._samples: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    def add(self, record: ExportedRecord) -> None:
        said = {name: value for name, value in own_cells(record).items() if value not in (None, [])}
        said |= further_cells(record)
        said[_LABELS] = [*record.labels]
        dx = record.row.get("dx")
        members = [
            (record.suffix, record.image),
            (".json", json.dumps(said, ensure_ascii=False, default=str, sort_keys=True).encode()),
            (".cls", str(dx).encode() if dx else None),
            (".seg.png", record.mask),
        ]
        part = "" if self._one else record.part
        shard = self._shard(part)
        for ending, data in members:
            if data is not None:
                shard.addfile(_header(f"{record.name}{ending}", len(data)), io.BytesIO(data))
                self._bytes[part] += len(data)
        self._samples[part] += 1
        # A file of a known length can be read piece by piece, and one that is read whole must fit somewhere.
        if not self._one and (self._samples[part] >= SAMPLES or self._bytes[part] >= _MOST_BYTES):
            self._end(part)

    def _shard(self, part: str) -> tarfile.TarFile:
        if part not in self._open:
            number = self._number.get(part, 0)
            self._number[part], self._samples[part], self._bytes[part] = number + 1, 0, 0
            file = self._place.stream(self._one or f"{part or 'shard'}-{number:06d}.tar")
            self._open[part] = (file, tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT))  # noqa: SIM115  ends with it
        return self._open[part][1]

    def _end(self, part: str) -> None:
        file, archive = self._open.pop(part)
        archive.close()
        file.close()

    def close(self) -> None:
        if not self._number:
            self._shard("")
        for part in [*self._open]:
            self._end(part)

    def notes(self) -> list[str]:
        return []


def _header(name: str, size: int) -> tarfile.TarInfo:
    """A member of no time and no owner: the same records give the same file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info


FORMAT = DatasetExport(
    key="webdataset",
    title="WebDataset",
    description="Tar files of samples: image, class, every field and the history of its label as JSON, mask.",
    imported_as=webdataset.FORMAT.key,
    open=_ShardWriter,
    alone=(".tar",),
    further=True,
    carries=CARRIED,
    loses=(*ALL_CARRIED, "The history of a label comes back as a further column, label_history."),
)
