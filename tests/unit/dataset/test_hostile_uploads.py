"""Uploads made to break the import: each is refused or listed by itself, and nothing of it survives."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from dermdash.dataset.deidentification import strip_metadata
from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.formats.records_csv import read_records
from dermdash.dataset.image_source import ImageSource
from dermdash.errors import InvalidInput, UnreadableImage
from dermdash.records.taxonomy import HAM7

DHP, JPG0, DNL = 0xDE, 0xF0, 0xDC


def zip_with(*names: str) -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"image")
    return bytearray(buffer.getvalue())


def opened(folder: Path, data: bytearray) -> ImageSource:
    path = folder / "images.zip"
    path.write_bytes(data)
    return ImageSource.open([path])


def test_a_zip_entry_whose_own_name_is_no_text_is_one_unreadable_image(tmp_path: Path) -> None:
    data = zip_with("é.png", "good.png")
    data[data.find("é".encode())] = 0xFF  # in the entry itself; the archive's directory stays right
    source = opened(tmp_path, data)
    with pytest.raises(UnreadableImage, match="cannot be read"):
        source.read("é")
    assert source.read("good") == b"image"


def test_a_zip_entry_without_a_name_is_passed_over(tmp_path: Path) -> None:
    data = zip_with("x.png", "good.png")
    directory = data.find(b"PK\1\2")
    data[directory + 46] = 0  # zipfile ends a name at its first NUL
    assert opened(tmp_path, data).names() == ("good",)


def test_a_cell_nested_ten_thousand_deep_is_left_empty_and_noted() -> None:
    table = read_records(b"image_id,dx,dominant_colors\na,nv," + b"[" * 100_000 + b"\n", HAM7)
    assert table.records[0].values["dominant_colors"] is None
    assert "is not a JSON list" in table.records[0].notes[0]


def test_a_table_with_a_nul_is_refused_in_every_encoding() -> None:
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(InvalidInput, match="not text"):
            read_records("image_id,dx\na\0b,nv\n".encode(encoding), HAM7)


@pytest.mark.parametrize("marker", [DHP, JPG0, DNL, 0x02])
def test_segments_that_decoders_skip_do_not_carry_a_name_into_the_store(marker: int) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "pink").save(buffer, "JPEG")
    name = b"Erika Mustermann"
    segment = struct.pack(">BBH", 0xFF, marker, len(name) + 2) + name
    data = buffer.getvalue()[:2] + segment + buffer.getvalue()[2:]
    assert surplus_in(data) == f"marker {marker:02X}"
    stripped = strip_metadata(data)
    assert name not in stripped.data
    assert surplus_in(stripped.data) is None
    Image.open(io.BytesIO(stripped.data)).load()
