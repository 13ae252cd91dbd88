"""Three images of a clinic: a name on the first picture, one in the file of the second, none in the third."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from tests.unit.dataset.image_factories import draw_lesion, encode, exif_payload, jpeg_segment, with_segments

DATASET = "clinic"
ROWS = "\n".join(
    [
        "image_id,dx,lesion_id,patient_id,age_at_exam,examiner_id",
        "named,mel,L1,Erika,87,Dr. Weber",
        "comment,nv,L2,Erika,41,dr. weber",
        "clean,nv,L3,Hans,36,",
    ]
)


def picture(seed: int) -> NDArray[np.uint8]:
    """A lesion of 300 x 240 pixels without anything written."""
    return draw_lesion(300, 240, seed=seed, texture=2.0)


def with_name(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with a name and a date of birth at its lower edge."""
    drawn = Image.fromarray(pixels)
    ImageDraw.Draw(drawn).text((20, 200), "MUSTERMANN 12.03.1961", "white", ImageFont.load_default(18))
    return np.asarray(drawn)


def fill_clinic(workspace: Workspace) -> None:
    """Import the three; the first is stored sideways."""
    named = np.ascontiguousarray(np.rot90(with_name(picture(1))))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sideways = with_segments(encode(named, "JPEG", quality=92), jpeg_segment(0xE1, exif_payload(6)))
        (folder / "named.jpg").write_bytes(sideways)
        in_file = with_segments(encode(picture(2), "JPEG", quality=92), jpeg_segment(0xFE, b"Erika M."))
        (folder / "comment.jpg").write_bytes(in_file)
        (folder / "clean.png").write_bytes(encode(picture(3), "PNG"))
        report = import_dataset(
            workspace, adapter="csv", metadata=ROWS.encode(), images=[folder], taxonomy="ham7", dataset_id=DATASET,
            processes=False,
        )  # fmt: skip
    assert report.imported == 3
