"""Arrays of MedMNIST (npz): labels as rows, and the pictures as files.

Source: Yang et al., MedMNIST v2, Scientific Data 10, 41, 2023. DermaMNIST is HAM10000 resized; its order of classes is
akiec, bcc, bkl, df, mel, nv, vasc. Its parts share lesions, which no id in it tells.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

from dermdash.dataset.formats.source_files import SourceFile
from dermdash.errors import InvalidInput

PARTS = ("train", "val", "test")


def image_name(part: str, number: int) -> str:
    """The name of a picture that has none: part and place in it."""
    return f"{part}_{number:06d}"


def label_rows(file: SourceFile) -> list[dict[str, object]]:
    """A row per picture: file_name, split and label, without reading a picture."""
    import numpy as np

    rows: list[dict[str, object]] = []
    with _opened(file) as arrays:
        for part in PARTS:
            if f"{part}_labels" not in arrays:
                continue
            for number, label in enumerate(_array(arrays, f"{part}_labels", file.name)):
                values = np.asarray(label).ravel()
                name = f"{image_name(part, number)}.png"
                if values.size != 1:
                    raise InvalidInput(f"{file.name} has {values.size} labels per picture: expected one")
                rows.append({"file_name": name, "split": part, "label": int(values[0])})
    if not rows:
        raise InvalidInput(f"{file.name} holds no labels: expected arrays train_labels, val_labels or test_labels")
    return rows


def write_pictures(file: SourceFile, target: Path) -> int:
    """Write every picture as PNG into a zip file, under the names of `label_rows`; return how many."""
    import numpy as np
    from PIL import Image

    written = 0
    with _opened(file) as arrays, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for part in PARTS:
            if f"{part}_images" not in arrays:
                continue
            for number, pixels in enumerate(_array(arrays, f"{part}_images", file.name)):
                buffer = io.BytesIO()
                Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(buffer, "PNG")
                archive.writestr(f"{image_name(part, number)}.png", buffer.getvalue())
                written += 1
    return written


def _opened(file: SourceFile) -> np.lib.npyio.NpzFile:
    import numpy as np

    source = file.source
    try:
        # Objects in an archive would be code to run.
        found = np.load(io.BytesIO(source) if isinstance(source, bytes) else source, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidInput(f"{file.name} is no archive of arrays: {error}") from error
    if not isinstance(found, np.lib.npyio.NpzFile):
        raise InvalidInput(f"{file.name} is one array, not an archive of arrays")
    return found


def _array(arrays: np.lib.npyio.NpzFile, name: str, file: str) -> np.ndarray:
    try:
        found: np.ndarray = arrays[name]
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise InvalidInput(f"{file} cannot be read: {name}: {error}") from error
    return found
