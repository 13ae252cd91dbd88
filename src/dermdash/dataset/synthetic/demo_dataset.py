"""Write the demo data set as files: images, masks, metadata.csv and the list of planted faults."""

import csv
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic.demo_details import NOT_SAID
from dermdash.dataset.synthetic.demo_records import DemoRecord, generate_demo_records, planted_faults
from dermdash.dataset.synthetic.noise import Size
from dermdash.dataset.synthetic.other_pictures import paint_other
from dermdash.dataset.synthetic.painter import DEFAULT_SIZE, paint_lesion
from dermdash.dataset.synthetic.planted_findings import LEAKY_COLUMN
from dermdash.errors import InvalidInput
from dermdash.progress import CountProgress
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELD_NAMES

_DETAILS = tuple(spec.name for spec in DETAILS if spec.name not in NOT_SAID)
METADATA_COLUMNS = ("image_id", "lesion_id", "patient_id", "dx", "dx_type", *FIELD_NAMES, *_DETAILS, LEAKY_COLUMN)
METADATA_FILE = "metadata.csv"
PLANTED_FILE = "planted_faults.csv"
JPEG_QUALITY = 90
_DEFAULTS = {"patients": 180, "lesions": 300, "images": 420}

_Job = tuple[DemoRecord, Path, Size]


def write_demo_dataset(
    folder: Path,
    *,
    seed: int = 2020,
    scale: float = 1.0,
    size: Size = DEFAULT_SIZE,
    progress: CountProgress | None = None,
    executor: Executor | None = None,
) -> Path:
    """Write the demo data set into ``folder`` and return the path of its metadata.csv.

    Writes ``images/<image_id>.jpg``, ``masks/<image_id>_segmentation.png``, ``metadata.csv`` (image_id, lesion_id,
    patient_id, dx, dx_type, the 16 fields and the details; lists joined by ``;``) and ``planted_faults.csv`` (kind,
    image_id, detail). The same seed, scale and size give the same files, however many workers paint.

    Parameters
    ----------
    scale
        Multiplies the numbers of patients (180), lesions (300) and images (420); at least 0.1.
    size
        Height and width in pixels.
    executor
        Who paints; None: this process alone.

    Raises
    ------
    InvalidInput
        ``scale`` is below 0.1.
    """
    if scale < 0.1:
        raise InvalidInput(f"scale {scale:g} is too small: expected at least 0.1")
    counts = {name: round(number * scale) for name, number in _DEFAULTS.items()}
    lesions = generate_demo_records(seed=seed, **counts)
    records = sorted((r for lesion in lesions for r in lesion.records), key=lambda record: record.image_id)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    painted = [r for r in records if not (r.duplicate_of or r.near_duplicate_of)]
    done = 0
    jobs: list[_Job] = [(record, folder, size) for record in painted]
    for _ in map(_paint_and_write, jobs) if executor is None else executor.map(_paint_and_write, jobs, chunksize=4):
        done += 1
        if progress:
            progress(done, len(records))
    for record in records:
        if record.duplicate_of or record.near_duplicate_of:
            _write_copy(record, folder)
            done += 1
            if progress:
                progress(done, len(records))
    _write_csv(folder / PLANTED_FILE, ("kind", "image_id", "detail"), planted_faults(lesions))
    # Last, so that a folder with metadata.csv is complete.
    path = folder / METADATA_FILE
    _write_csv(path, METADATA_COLUMNS, [_row(record) for record in records])
    return path


def paint_record(record: DemoRecord, *, size: Size = DEFAULT_SIZE) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Paint the photograph of a record: RGB picture and mask, as `paint_lesion` returns them."""
    capture = None if record.capture_seed is None else np.random.default_rng(record.capture_seed)
    if record.other_picture is not None:
        rng = np.random.default_rng(record.lesion_seed)
        # As a program would mark the middle, whatever it is given.
        mask = np.zeros(size, np.uint8)
        cv2.ellipse(mask, (size[1] // 2, size[0] // 2), (size[1] // 5, size[0] // 5), 0, 0, 360, 255, -1)
        return paint_other(record.other_picture, rng=rng, size=size), mask
    return paint_lesion(
        dx=record.appearance.dx,  # which the label may no longer say
        rng=np.random.default_rng(record.lesion_seed),
        size=size,
        faults=record.faults,
        fitzpatrick_type=record.fitzpatrick_type,
        appearance=record.appearance,
        artefact_names=record.artefacts,
        capture_rng=capture,
    )


def _paint_and_write(job: _Job) -> str:
    record, folder, size = job
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    picture, mask = paint_record(record, size=size)
    _write_jpeg(_image_path(folder, record.image_id), picture[..., ::-1], JPEG_QUALITY)
    _mask_path(folder, record.image_id).write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    return record.image_id


def _write_copy(record: DemoRecord, folder: Path) -> None:
    source = record.duplicate_of or record.near_duplicate_of or ""
    picture = _image_path(folder, source).read_bytes()
    mask = _mask_path(folder, source).read_bytes()
    if record.near_duplicate_of:
        # What a messenger or a slide does to a picture: a sliver cropped, fewer pixels, stronger compression.
        how = record.changed_by_copy
        _write_jpeg(_image_path(folder, record.image_id), _copied(picture, cv2.IMREAD_COLOR, cv2.INTER_AREA, how), 72)
        small = _copied(mask, cv2.IMREAD_GRAYSCALE, cv2.INTER_NEAREST, how)
        _mask_path(folder, record.image_id).write_bytes(cv2.imencode(".png", small)[1].tobytes())
        return
    _image_path(folder, record.image_id).write_bytes(picture)
    _mask_path(folder, record.image_id).write_bytes(mask)


def _copied(encoded: bytes, flags: int, interpolation: int, how: str) -> Any:
    pixels: Any = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    height, width = pixels.shape[:2]
    margin = max(1, height // 100)
    if how == "cropped":  # a tenth of each side, off the middle
        pixels = pixels[margin : height - height // 10, width // 10 : width - margin]
    else:
        pixels = pixels[margin : height - margin, margin : width - margin]
    height, width = pixels.shape[:2]
    if how == "mirrored":
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    return cv2.resize(pixels, (round(width * 0.8), round(height * 0.8)), interpolation=interpolation)


def _image_path(folder: Path, image_id: str) -> Path:
    return folder / "images" / f"{image_id}.jpg"


def _mask_path(folder: Path, image_id: str) -> Path:
    return folder / "masks" / f"{image_id}_segmentation.png"


def _write_jpeg(path: Path, bgr: Any, quality: int) -> None:
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    path.write_bytes(encoded.tobytes())


def _row(record: DemoRecord) -> list[str]:
    own = [record.image_id, record.lesion_id, record.patient_id, record.dx, record.dx_type or ""]
    own += [_cell(record.values[name]) for name in FIELD_NAMES]
    return own + [_cell(record.details[name]) for name in _DETAILS] + [record.further.get(LEAKY_COLUMN, "")]


def _cell(value: Any) -> str:
    from dermdash.records.safe_csv import join_list  # imports pandas, which the painting processes never need

    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return join_list(value) if isinstance(value, list) else str(value)


def _write_csv(path: Path, columns: tuple[str, ...], rows: Any) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    unfinished.replace(path)
