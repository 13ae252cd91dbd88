"""Write the zip file of a study: whole, with a manifest that names and hashes every other file, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dermdash.dataset.exports.places import ExportPlace, export_place
from dermdash.errors import FileDamaged, FileMissing, InvalidInput, NotFound
from dermdash.progress import StageProgress
from dermdash.storage import records
from dermdash.storage.engine import HEAD_REVISION
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.study_rows import as_line
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.classifier.model_registry import whole_checkpoint
from dermdash.workflows.reader_study.archive.collect import StudyPrivacy, StudyRows
from dermdash.workflows.reader_study.archive.exports import json_file
from dermdash.workflows.reader_study.archive.layout import (
    IMAGES,
    LINES,
    MANIFEST,
    MODEL,
    PROTOCOL,
    README,
    ROWS,
    ArchiveManifest,
)

_JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class ArchiveContents:
    """What goes into an archive beside the rows: its files, what there is none of, and what it shall hold."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...]
    images: bool
    model: bool


def write_archive(
    workspace: Workspace,
    collected: StudyRows,
    contents: ArchiveContents,
    out: Path,
    *,
    privacy: StudyPrivacy,
    software: Mapping[str, str],
    mode: int | None = None,
    progress: StageProgress,
) -> ArchiveManifest:
    """Write the archive and return its manifest.

    Raises
    ------
    InvalidInput
        The place is not called .zip, is a folder, or cannot be written.
    WorkspaceFull
        The disk is full; nothing is left there.
    """
    if out.suffix.lower() != ".zip":
        raise InvalidInput(f"a study archive is a .zip file: {out.name} is called otherwise")
    left_out = [*contents.left_out]
    hashes: dict[str, tuple[str, int]] = {}
    study = collected.rows["study"][0]
    with export_place(out, alone=False, mode=mode) as place:

        def put(name: str, data: bytes, *, packed: bool = True) -> None:
            hashes[name] = (sha256(data).hexdigest(), len(data))
            _put(place, name, data, packed=packed)

        put(PROTOCOL, study["protocol"].encode())
        for name, data in contents.files.items():
            put(name, data)
        for table, rows in sorted(collected.rows.items()):
            put(f"{ROWS}{table}{LINES}", "".join(f"{as_line(row)}\n" for row in rows).encode())
        if contents.images:
            for done, (name, data) in enumerate(_images(workspace, collected, left_out)):
                progress("Writing images", done / max(1, len(collected.shown)))
                put(name, data, packed=False)
        else:
            left_out.append("images/: it was made without the images, which an import needs unless they are there.")
        _put_model(workspace, collected, contents, put, left_out)
        manifest = _manifest(collected, privacy, software, left_out)
        put(README, _read_me(manifest).encode())
        manifest = replace(manifest, files=hashes)
        _put(place, MANIFEST, json_file(manifest.as_dict()), packed=True)
    return manifest


def _put(place: ExportPlace, name: str, data: bytes, *, packed: bool) -> None:
    if not packed:
        place.put(name, data)
        return
    with place.stream(name) as stream:
        stream.write(data)


def _images(workspace: Workspace, collected: StudyRows, left_out: list[str]) -> Iterator[tuple[str, bytes]]:
    rows = records.records_by_id(workspace.engine, list(collected.shown))
    missing, other, written = [], [], set()
    for image_id, digest in zip(rows["image_id"], rows["image_sha256"], strict=True):
        if digest in written:
            continue
        try:
            data = workspace.files.get_whole(ORIGINALS, digest)
        except FileDamaged:
            other.append(str(image_id))
            continue
        except FileMissing:
            missing.append(str(image_id))
            continue
        written.add(digest)
        yield image_name(digest, data), data
    for ids, why in ((missing, "missing in the workspace"), (other, "not what was stored under their hash")):
        if ids:
            named = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
            n = counted(len(ids), "image is", "images are")
            left_out.append(f"images/: {n} {why} ({named}).")


def image_name(digest: str, data: bytes) -> str:
    """Where an image lies in an archive."""
    return f"{IMAGES}{digest}{'.jpg' if data.startswith(_JPEG) else '.png'}"


def _put_model(
    workspace: Workspace,
    collected: StudyRows,
    contents: ArchiveContents,
    put: Callable[..., None],
    left_out: list[str],
) -> None:
    model_id = collected.rows["study"][0]["model_id"]
    if model_id is None:
        return
    if not contents.model:
        left_out.append(f"model/: it was made without model {model_id}, which an import needs unless it is there.")
        return
    try:
        data = whole_checkpoint(workspace, model_id).read_bytes()
    except FileDamaged:
        left_out.append(f"model/: the checkpoint of model {model_id} in the workspace is not the file that was added.")
        return
    except (NotFound, OSError):
        left_out.append(f"model/: the checkpoint of model {model_id} is not in the workspace.")
        return
    put(f"{MODEL}{model_id}.safetensors", data, packed=False)


def _manifest(
    collected: StudyRows, privacy: StudyPrivacy, software: Mapping[str, str], left_out: list[str]
) -> ArchiveManifest:
    rows = collected.rows
    study = rows["study"][0]
    return ArchiveManifest(
        study={
            "id": study["id"],
            "name": study["name"],
            "simulated": bool(study["simulated"]),
            "protocol_sha256": study["protocol_sha256"],
            "frozen_at": study["frozen_at"].isoformat(),
            "dataset_id": study["dataset_id"],
            "model_id": study["model_id"],
        },
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        dermdash=software.get("dermdash", ""),
        schema=HEAD_REVISION,
        software=dict(software),
        counts={
            "readers": len(rows["reader"]),
            "cases": sum(not row["practice"] for row in rows["study_case"]),
            "readings": sum(not row["practice"] for row in rows["reading"]),
            "practice_readings": sum(bool(row["practice"]) for row in rows["reading"]),
            "events": len(rows["session_event"]),
        },
        privacy=privacy.as_dict(collected.shared),
        left_out=tuple(left_out),
    )


def _read_me(manifest: ArchiveManifest) -> str:
    said: Mapping[str, Any] = manifest.study
    profiles = (
        "Profiles of readers are whole: keep this file as the workspace is kept."
        if manifest.privacy["profiles"] == "whole"
        else f"What fewer than {manifest.privacy['minimum_group']} readers share of their profiles was merged or left "
        "empty."
    )
    left_out = "".join(f"- {text}\n" for text in manifest.left_out) or "- nothing\n"
    return (
        f"{said['name']}\n{'=' * len(str(said['name']))}\n\n"
        f"A reader study of dermdash{' with SIMULATED readers' if said['simulated'] else ''}: "
        f"{counted(manifest.counts['readers'], 'reader')}, {counted(manifest.counts['cases'], 'case')}, "
        f"{counted(manifest.counts['readings'], 'reading')}. Frozen {said['frozen_at']}, protocol sha256 "
        f"{said['protocol_sha256']}.\n\n"
        "manifest.json names every file with its sha256. What a column of readings/readings.csv means stands in "
        "readings/data-dictionary.csv.\n\n"
        "    dermdash reproduce FILE.zip       computes the numbers of the report anew and compares each\n"
        "    dermdash study import FILE.zip    brings the study into another workspace\n\n"
        f"{profiles} {manifest.privacy['words']} Links of invitations and names of readers are not in it.\n\n"
        f"Not in it:\n{left_out}"
    )
