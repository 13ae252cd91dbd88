"""Records as DICOM files in a folder, one each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.dataset.dicom_writing import dicom_file, facts_of_row
from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.write_output import write_output


@dataclass(frozen=True, slots=True)
class DicomExport:
    """How many files were written, and which records have none and why."""

    written: int
    left_out: dict[str, str]


def export_dicom(
    workspace: Workspace,
    record_filter: RecordFilter,
    out: Path,
    *,
    privacy: Privacy = AS_IT_IS,
    progress: Callable[[int, int], None] | None = None,
) -> DicomExport:
    """Write the images of the records that the filter lets through as ``data set/image id.dcm``.

    A record whose image is missing or damaged, or whose file would take the place of another one's, is left out and
    listed.

    Parameters
    ----------
    privacy
        With names hidden: keyed pseudonyms in place of the ids of patients and lesions, the same as in every export.

    Raises
    ------
    InvalidInput
        The folder cannot be written to.
    WorkspaceFull
        The disk is full.
    """
    total = records.count_records(workspace.engine, record_filter)
    max_pixels = workspace.settings.max_image_pixels
    written = 0
    left_out: dict[str, str] = {}
    taken: set[Path] = set()
    for chunk in records.iterate_records(workspace.engine, record_filter):
        frame = hidden(workspace, chunk, privacy)
        for cells in frame.to_dict("records"):
            row = {str(name): value for name, value in cells.items()}
            path = _path(out, row)
            try:
                if path in taken:
                    raise InvalidInput(f"another record has written {path.name} already")
                image = workspace.files.get_whole(ORIGINALS, row["image_sha256"])
                data = dicom_file(image, facts_of_row(row), max_pixels=max_pixels)
            except DermdashError as error:
                left_out[str(row["id"])] = str(error)
            else:
                write_output(path, data)
                taken.add(path)
                written += 1
            if progress is not None:
                progress(written + len(left_out), total)
    return DicomExport(written, left_out)


def _path(out: Path, row: dict[str, Any]) -> Path:
    name = str(row["image_id"]).replace("/", "_").replace("\\", "_").replace("\0", "_")
    if name.strip(".") == "":
        raise InvalidInput(f"the image id {name!r} cannot name a file")
    return out / str(row["dataset_id"]) / f"{name}.dcm"
