"""Names planted wherever files and tables have room for them: none is anywhere in the workspace after an import."""

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence
from tests.unit.dataset.dicom_factories import dicom_file, dicom_header, jpeg_dicom
from tests.unit.dataset.heic_files import ONE
from tests.unit.dataset.image_factories import draw_lesion, encode, jpeg_segment, make_jpeg, with_segments

from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_source import import_prepared, prepare_import

NAME = "Mustermann"
SAID = f"{NAME} Erika 1961"
SPELLINGS = {coding: NAME.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be")}
PICTURE = draw_lesion(64, 48, seed=9)


def saved(kind: str, **how: object) -> bytes:
    return encode(PICTURE, kind, **how)


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x010E] = SAID  # ImageDescription
    block[0x013B] = SAID  # Artist
    block[0x9C9D] = SAID.encode("utf-16-le")  # XPAuthor
    return block


def tiff() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (270, 305, 315, 316, 33432, 65000):
        tags[tag] = SAID
        tags.tagtype[tag] = 2
    for tag in (700, 33723, 34377):
        tags[tag] = SAID.encode()
        tags.tagtype[tag] = 1
    second = Image.fromarray(np.frombuffer((SAID * 200).encode()[: 64 * 48], np.uint8).reshape(48, 64))
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, "TIFF", tiffinfo=tags, save_all=True, append_images=[second])
    return buffer.getvalue() + SAID.encode()


def webp() -> bytes:
    data = saved("WEBP", lossless=True, exif=exif(), xmp=SAID.encode(), icc_profile=b"")
    chunk = b"NAME" + struct.pack("<I", len(SAID.encode())) + SAID.encode() + b"\0" * (len(SAID) % 2)
    body = data[8:] + chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body + SAID.encode()


def gif() -> bytes:
    first = Image.fromarray(PICTURE).quantize(20)
    letters = (SAID.encode() + b"  ")[: 3 * (len(SAID) // 3)]
    palette = first.getpalette() or []
    first.putpalette((palette[:60] + list(letters) + [0] * 768)[:768])
    buffer = io.BytesIO()
    first.save(buffer, "GIF", comment=SAID.encode(), save_all=True, append_images=[first.rotate(90)], optimize=False)
    application = b"\x21\xff\x0bMUSTERMANN!" + bytes([len(SAID)]) + SAID.encode() + b"\0"
    data = buffer.getvalue()
    at = data.index(b"\x21\xfe")
    return data[:at] + application + data[at:] + SAID.encode()


def bmp() -> bytes:
    data = saved("BMP")
    (offset,) = struct.unpack_from("<I", data, 10)
    gap = SAID.encode() + SAID.encode("utf-16-le")
    head = data[:10] + struct.pack("<I", offset + len(gap)) + data[14:offset]
    return head + gap + data[offset:] + SAID.encode()


def jpeg2000() -> bytes:
    data = saved("JPEG2000", comment=SAID)
    box = struct.pack(">I4s", 8 + 16 + len(SAID), b"uuid") + b"0123456789abcdef" + SAID.encode()
    xml = struct.pack(">I4s", 8 + len(SAID), b"xml ") + SAID.encode()
    at = data.index(b"jp2c") - 4
    return data[:at] + box + xml + data[at:] + SAID.encode()


def heic() -> bytes:
    free = struct.pack(">I4s", 8 + len(SAID), b"free") + SAID.encode()
    return ONE + free


def avif() -> bytes:
    return saved("AVIF", exif=exif(), xmp=SAID.encode()) + struct.pack(">I4s", 8 + len(SAID), b"skip") + SAID.encode()


def named_header(header: Dataset) -> Dataset:
    header.PatientName = f"{NAME}^Erika"
    header.PatientComments = SAID
    header.InstitutionName = SAID
    header.OtherPatientIDsSequence = DicomSequence([Dataset()])
    header.OtherPatientIDsSequence[0].PatientID = SAID
    header.add_new(0x00091001, "LO", SAID)
    header.private_block(0x0013, NAME.upper(), create=True).add_new(0x01, "UT", SAID)
    header.add_new(0x60000010, "US", 48)
    header.add_new(0x60000011, "US", 64)
    header.add_new(0x60003000, "OW", SAID.encode().ljust(384, b" "))
    icon = Dataset()
    icon.Rows, icon.Columns = 1, len(SAID)
    icon.add_new(0x7FE00010, "OW", SAID.encode() + b" " * (len(SAID) % 2))
    header.IconImageSequence = DicomSequence([icon])
    header.add_new(0xFFFCFFFC, "OB", SAID.encode() + b" " * (len(SAID) % 2))
    return header


def in_the_preamble(data: bytes) -> bytes:
    return SAID.encode().ljust(128, b"\0") + data[128:] + SAID.encode()


def dicom() -> bytes:
    header = named_header(dicom_header(64, 48))
    return in_the_preamble(dicom_file(header, PICTURE.tobytes()))


def wrapped_dicom() -> bytes:
    jpeg = with_segments(make_jpeg(width=64, height=48), jpeg_segment(0xFE, SAID.encode()))
    return in_the_preamble(jpeg_dicom(jpeg + SAID.encode(), 64, 48, PatientName=f"{NAME}^Erika"))


def jpeg() -> bytes:
    block = exif()
    parts = [jpeg_segment(0xED, b"Photoshop 3.0\0" + SAID.encode()), jpeg_segment(0xEC, SAID.encode("utf-16-le"))]
    return with_segments(encode(PICTURE, "JPEG", exif=block, comment=SAID), *parts) + SAID.encode()


def mpo() -> bytes:
    first, second = Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1].copy())
    buffer = io.BytesIO()
    first.save(buffer, "MPO", save_all=True, append_images=[second], exif=exif())
    return buffer.getvalue() + SAID.encode()


FILES: dict[str, Callable[[], bytes]] = {
    "a.tif": tiff, "b.webp": webp, "c.gif": gif, "d.bmp": bmp, "e.jp2": jpeg2000, "f.heic": heic, "g.avif": avif,
    "h.dcm": dicom, "i.dcm": wrapped_dicom, "j.jpg": jpeg, "k.mpo": mpo,
}  # fmt: skip


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes of a file, and what stands packed in a PNG."""
    yield data
    if data.startswith(b"\x89PNG"):
        packed, at = b"", 8
        while at + 12 <= len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
            at += 12 + length
        yield zlib.decompress(packed)


def where_it_is(home: Path, words: dict[str, bytes]) -> list[str]:
    return [
        f"{path.relative_to(home)}: {how}"
        for path in sorted(home.rglob("*"))
        if path.is_file()
        for part in unpacked(path.read_bytes())
        for how, spelt in words.items()
        if spelt in part
    ]


@pytest.mark.parametrize("name", FILES)
def test_the_name_is_in_the_file_before(name: str) -> None:
    data = FILES[name]()
    assert any(spelt in data for spelt in SPELLINGS.values())


def test_no_name_of_any_kind_of_file_is_in_the_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for name, make in FILES.items():
        (folder / name).write_bytes(make())
    rows = "\n".join(["image_id,dx,lesion_id", *(f"{name[0]},nv,L{i}" for i, name in enumerate(FILES))])
    workspace = open_workspace(Settings(home=tmp_path / "workspace", workers=1))
    report = import_dataset(
        workspace, adapter="csv", metadata=rows.encode(), images=[folder], taxonomy="ham7", dataset_id="c",
        processes=False,
    )  # fmt: skip
    # While it is open, too: in what DuckDB writes ahead.
    open_ones = where_it_is(tmp_path / "workspace", SPELLINGS)
    workspace.close()
    assert report.imported + sum(report.excluded.values()) == len(FILES)
    assert set(report.excluded) <= {"duplicate_content"}, report.exclusions
    assert open_ones == []
    assert where_it_is(tmp_path / "workspace", SPELLINGS) == []


HIDDEN_NAMES = (
    "Mustermann", "Müller", "Ångström", "Петрова", "Köhler", "Weber", "L-Erika", "Bernd", "Schmidt", "Vogel", "Zoe-1",
    "1961-03-12", "2024-02-11",
)  # fmt: skip
TABLE = """image_id,dx,lesion_id,patient_id,examiner_id,acquisition_date,sex,age_at_exam,insured,remark
a,nv,L-Erika,Mustermann,Dr. Weber,2024-02-11,female,41,Bernd,Bernd 1961-03-12
b,mel,L-Erika,Müller,dr. weber,2024-02-11,male,39,Bernd,
c,nv,"=Zoe-1","Ångström ",Köhler,11.02.2024,male,200,,
a,bcc,Schmidt,Vogel,Vogel,2024-02-11,male,40,,
d,nv,Петрова,Петрова,Петрова,not 2024-02-11,what Петрова,abc,,
missing,nv,Zoe-1,Vogel,Vogel,,,,,
b2,nv,Vogel,Schmidt,,,,,,
,nv,Schmidt,Köhler,,,,,,
e,unheard of,Köhler,Köhler,,,,,,
"""


def test_an_import_with_pseudonyms_leaves_no_name_of_the_table_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for at, name in enumerate("abcde"):
        (folder / f"{name}.png").write_bytes(encode(draw_lesion(64, 48, seed=at), "PNG"))
    (folder / "b2.png").write_bytes((folder / "b.png").read_bytes())
    workspace = open_workspace(Settings(home=tmp_path / "workspace", workers=1))
    how = {"adapter": "csv", "images": [folder], "taxonomy": "ham7", "dataset_id": "c", "processes": False}
    import_dataset(workspace, metadata=TABLE.encode(), pseudonyms=True, **how)
    changed = TABLE.replace("Mustermann", "Schmidt").replace("41,Bernd", "42,Bernd")
    import_dataset(workspace, metadata=changed.encode(), pseudonyms=True, update=True, **how)
    workspace.close()
    words = {f"{name} in {coding}": name.encode(coding) for name in HIDDEN_NAMES for coding in ("utf-8", "utf-16-le")}
    found = where_it_is(tmp_path / "workspace", words)
    assert found == [], found
    assert re.search(rb"P-[a-z2-7]{16}", (tmp_path / "workspace" / "dermdash.duckdb").read_bytes())


JOINED = """\
tables:
- kind: photos
  columns: {photo: image_id, dx: diagnosis, lesion: lesion_id, who: patient_id}
- kind: people
  key: who
  of: patient_id
  columns: {who: patient_id, sex: sex}
- kind: lesions
  key: lesion
  of: lesion_id
  columns: {lesion: lesion_id, site: anatomical_site}
"""
TABLES = {
    "photos.csv": "photo,dx,lesion,who\na,nv,L-Erika,Mustermann\nb,mel,Zoe-1,Köhler\nc,nv,Zoe-2,Ångström\n"
    "d,nv,L-Bernd,Müller\n",
    "people.csv": "who,sex\nMUSTERMANN,female\nVogel,male\nKöhler,male\nKöhler,female\n",
    "lesions.csv": "lesion,site\nL-ERIKA,back\nPetrova's (2),back\nZoe-1,face\nZoe-1,back\n",
}


def test_tables_that_are_joined_with_pseudonyms_leave_no_key_anywhere(tmp_path: Path) -> None:
    """Keys of rows without an image, of images without a row, spelt otherwise, and with several rows."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, "utf-8")
    for at, name in enumerate("abcd"):
        (folder / f"{name}.png").write_bytes(encode(draw_lesion(64, 48, seed=at), "PNG"))
    workspace = open_workspace(Settings(home=tmp_path / "workspace", workers=1))
    prepared = prepare_import([folder], mapping=parse_mapping(JOINED, file="m.yaml"), dataset_id="c", taxonomy="ham7")
    report = import_prepared(workspace, prepared, processes=False, pseudonyms=True)
    prepared.close()
    workspace.close()
    assert report.imported == 4
    said = [note for _, note in report.notes]
    for words in ("of no image in the other table", "no row for 2 keys", "spelt otherwise", "say different things"):
        assert any(words in note for note in said), (words, said)
    spelt = [
        "Mustermann",
        "MUSTERMANN",
        "Vogel",
        "Köhler",
        "Ångström",
        "Müller",
        "L-Erika",
        "L-ERIKA",
        "L-Bernd",
        "Zoe-1",
        "Zoe-2",
        "Petrova",
    ]
    words = {f"{name} in {coding}": name.encode(coding) for name in spelt for coding in ("utf-8", "utf-16-le")}
    assert where_it_is(tmp_path / "workspace", words) == [], said
    assert not [note for note in said if any(name in note for name in spelt)]
