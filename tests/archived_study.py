"""A small study of real files, without a model, that can be archived and imported elsewhere."""

import io
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import HAM7
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.reader_study import create_study
from tests.filled_workspace import DATASET, begin, draw_jpeg, invite, make_protocol, read_cases

PER_CLASS = 3
LABELS = ("Ada from ward 3", "Berta from ward 3", "Clara from ward 4")


def fill_small_study(workspace: Workspace) -> str:
    """Three lesions of each class and a study of seven cases: two readers have finished, one has begun; its id."""
    rows = ["image_id,lesion_id,dx,dx_type,age,sex,localization"]
    folder = workspace.home / "incoming"
    folder.mkdir()
    for c, code in enumerate(HAM7.codes):
        for i in range(PER_CLASS):
            name = f"ISIC_{c}{i}"
            (folder / f"{name}.jpg").write_bytes(draw_jpeg(code, seed=100 * c + i))
            rows.append(f"{name},L_{c}{i},{code},histo,{40 + c},female,back")
    import_dataset(
        workspace, adapter="ham10000", metadata="\n".join(rows).encode(), images=[folder], dataset_id=DATASET,
        name="Clinic", processes=False, workers=1,
    )  # fmt: skip
    protocol = make_protocol(model_id=None, modalities=(Modality.CROWD_PROBABILITY, Modality.NONE))
    study_id = create_study.create_study(workspace, protocol)
    for token, answers in zip(invite(workspace, study_id, *LABELS), (None, None, 3), strict=True):
        _, reader_id = begin(workspace, token)
        read_cases(workspace, study_id, reader_id, answers=answers)
    return study_id


def rewritten(archive: Path, out: Path, changed: Mapping[str, bytes | None], *, honest: bool = True) -> Path:
    """A copy of an archive with other files; ``honest``: the manifest has their hashes (None: the file is gone)."""
    with zipfile.ZipFile(archive) as source:
        files = {name: source.read(name) for name in source.namelist()}
    files |= {name: data for name, data in changed.items() if data is not None}
    for name in (name for name, data in changed.items() if data is None):
        del files[name]
    if honest and "manifest.json" not in changed:
        manifest: dict[str, Any] = orjson.loads(files["manifest.json"])
        manifest["files"] = {
            name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
            if name != "manifest.json"
        }
        files["manifest.json"] = orjson.dumps(manifest)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    out.write_bytes(buffer.getvalue())
    return out
