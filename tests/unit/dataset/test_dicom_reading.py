"""DICOM pictures: the right pixels, nothing of the patient."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from tests.unit.dataset.dicom_factories import (
    SECRET,
    coded,
    dicom_file,
    dicom_header,
    jpeg_dicom,
    plain_dicom,
)
from tests.unit.dataset.image_factories import draw_lesion, encode

from dermdash.dataset.dicom_reading import looks_like_rgb, looks_like_ycc
from dermdash.dataset.image_decoding import read_picture
from dermdash.dataset.image_ingestion import ImageLimits, prepare_image
from dermdash.errors import UnreadableImage, UnsafeUpload

LESION = draw_lesion(96, 72)
GREY = np.asarray(cv2.cvtColor(LESION, cv2.COLOR_RGB2GRAY))
YCC = np.asarray(Image.fromarray(LESION).convert("YCbCr"))
JPEG = encode(LESION, "JPEG", quality=95)
LIMIT = 10**6


def pixels_of(data: bytes) -> NDArray[np.int16]:
    """RGB pixels of what would be stored."""
    return np.asarray(Image.open(io.BytesIO(prepare_image(data).data)).convert("RGB"), np.int16)


def off_by(data: bytes, expected: NDArray[np.uint8] = LESION) -> float:
    return float(np.abs(pixels_of(data) - expected).mean())


def without_jfif(jpeg: bytes) -> bytes:
    length = int.from_bytes(jpeg[4:6], "big")
    return jpeg[:2] + jpeg[4 + length :]


def jpeg_of_planes(planes: NDArray[np.uint8]) -> bytes:
    """A JPEG whose three components are these planes, unmarked and not subsampled."""
    buffer = io.BytesIO()
    Image.fromarray(planes, "YCbCr").save(buffer, "JPEG", quality=95, subsampling=0)
    return without_jfif(buffer.getvalue())


def in_422(ycc: NDArray[np.uint8]) -> bytes:
    pairs = np.empty((ycc.shape[0], ycc.shape[1] // 2, 4), np.uint8)
    pairs[:, :, 0], pairs[:, :, 1] = ycc[:, ::2, 0], ycc[:, 1::2, 0]
    pairs[:, :, 2], pairs[:, :, 3] = ycc[:, ::2, 1], ycc[:, ::2, 2]
    return pairs.tobytes()


def packed_bits(plane: bytes) -> bytes:
    """Literal runs only."""
    packed = b"".join(bytes([len(plane[i : i + 128]) - 1]) + plane[i : i + 128] for i in range(0, len(plane), 128))
    return packed + b"\x80" * (len(packed) % 2)


def rle_frame(segments: list[bytes]) -> bytes:
    starts = [64 + sum(map(len, segments[:i])) for i in range(len(segments))]
    return struct.pack("<16I", len(segments), *starts, *[0] * (15 - len(segments))) + b"".join(segments)


def with_syntax(syntax: str, pixels: bytes, **attributes: object) -> bytes:
    return dicom_file(dicom_header(96, 72, **attributes), pixels, syntax=syntax)


def deep(pixels: NDArray[np.uint8], bits: int) -> NDArray[np.uint16]:
    return pixels.astype(np.uint16) << (bits - 8)


PLANES = LESION.transpose(2, 0, 1)
J2K = encode(LESION, "JPEG2000", no_jp2=True)
J2K_OF_YCC = encode(YCC, "JPEG2000", no_jp2=True, mct=0)
DEEP = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}


@pytest.mark.parametrize(
    ("data", "tolerance"),
    [
        (plain_dicom(LESION), 0),
        (with_syntax(ImplicitVRLittleEndian, LESION.tobytes()), 0),
        (with_syntax(ExplicitVRBigEndian, LESION.tobytes()), 0),
        (with_syntax(ImplicitVRLittleEndian, PLANES.tobytes(), PlanarConfiguration=1), 0),
        (with_syntax(ImplicitVRLittleEndian, deep(LESION, 12).tobytes(), **DEEP), 0),
        (plain_dicom(YCC, PhotometricInterpretation="YBR_FULL"), 1),
        (with_syntax(ImplicitVRLittleEndian, in_422(YCC), PhotometricInterpretation="YBR_FULL_422"), 2),
        (plain_dicom(LESION, PhotometricInterpretation="YBR_FULL_422"), 0),
        (plain_dicom(YCC, PhotometricInterpretation="YBR_FULL_422"), 1),
        (with_syntax(RLELossless, rle_frame([packed_bits(p.tobytes()) for p in PLANES])), 0),
        (with_syntax(JPEG2000Lossless, J2K, PhotometricInterpretation="YBR_RCT"), 0),
        (with_syntax(JPEG2000Lossless, J2K_OF_YCC, PhotometricInterpretation="YBR_FULL"), 1),
    ],
    ids=["plain", "implicit", "big endian", "planar", "12 bits", "full", "422", "422 that is RGB", "422 that is full",
         "rle", "jpeg 2000", "jpeg 2000 in YCbCr"],
)  # fmt: skip
def test_the_pixels_are_those_that_were_photographed(data: bytes, tolerance: float) -> None:
    assert off_by(data) <= tolerance
    assert prepare_image(data).format == "PNG"


@pytest.mark.parametrize("said", ["YBR_FULL_422", "YBR_FULL", "RGB"])
@pytest.mark.parametrize(
    "jpeg",
    [JPEG, without_jfif(JPEG), jpeg_of_planes(YCC), jpeg_of_planes(LESION), encode(LESION, "JPEG", keep_rgb=True)],
    ids=["jfif, halved", "halved", "whole YCbCr", "whole RGB", "RGB by its marks"],
)
def test_a_jpeg_frame_has_the_right_colours_whatever_the_header_says_of_them(jpeg: bytes, said: str) -> None:
    data = jpeg_dicom(jpeg, 96, 72, PhotometricInterpretation=said)
    assert off_by(data) < 3
    assert prepare_image(data).format == "JPEG"


def test_a_header_that_is_wrong_about_the_colours_is_noted() -> None:
    wrong = read_picture(
        jpeg_dicom(jpeg_of_planes(LESION), 96, 72, PhotometricInterpretation="YBR_FULL_422"), max_pixels=LIMIT
    )
    assert any("says YBR_FULL_422, but the pixels are RGB" in note for note in wrong.notes)
    right = read_picture(jpeg_dicom(JPEG, 96, 72, PhotometricInterpretation="YBR_FULL_422"), max_pixels=LIMIT)
    assert right.notes == ()


def test_a_jpeg_frame_is_stored_as_it_is() -> None:
    twin = prepare_image(JPEG)
    assert prepare_image(jpeg_dicom(JPEG, 96, 72, PhotometricInterpretation="YBR_FULL_422")).sha256 == twin.sha256


@pytest.mark.parametrize("grey", [plain_dicom(GREY), plain_dicom(255 - GREY, PhotometricInterpretation="MONOCHROME1")])
def test_grey_pictures_are_white_where_they_say(grey: bytes) -> None:
    assert off_by(grey, np.dstack([GREY] * 3)) == 0


@pytest.mark.parametrize(
    "data", [plain_dicom(LESION), jpeg_dicom(JPEG, 96, 72, PhotometricInterpretation="YBR_FULL_422")]
)
def test_nothing_of_the_patient_is_kept(data: bytes) -> None:
    assert SECRET.encode() in data
    image = prepare_image(data)
    kept = repr((image.notes, image.details)).encode() + image.data + image.thumbnail
    assert SECRET.encode() not in kept
    assert b"1970" not in kept


def test_the_first_frame_is_used_and_the_others_are_noted() -> None:
    for data in (jpeg_dicom(JPEG, 96, 72, frames=3, PhotometricInterpretation="YBR_FULL_422"),
                 dicom_file(dicom_header(96, 72), LESION.tobytes(), frames=2)):  # fmt: skip
        assert off_by(data) < 3
        assert any("more than one picture" in note for note in prepare_image(data).notes)


@pytest.mark.parametrize(
    ("attributes", "details"),
    [
        ({"LightSourcePolarization": "POLARIZED", "ContactMethod": "NON_CONTACT"},
         {"polarisation": "polarised", "contact": "non_contact"}),
        ({"LightSourcePolarization": "NON_POLARIZED", "ContactMethod": "CONTACT", "ImmersionMedia": "ALCOHOL"},
         {"polarisation": "non_polarised", "contact": "contact"}),
        ({"LightSourcePolarization": "", "ContactMethod": ""}, {}),
        ({"ImmersionMedia": "WATER"}, {"contact": "contact"}),
        ({"LightPathFilterTypeStackCodeSequence": coded("445391002", meaning="Polarizing optical filter")},
         {"polarisation": "polarised"}),
        ({"LightPathFilterTypeStackCodeSequence": coded("445465004", meaning="Blue optical filter")}, {}),
    ],
)  # fmt: skip
def test_polarisation_and_contact_are_told(attributes: dict[str, object], details: dict[str, str]) -> None:
    assert prepare_image(plain_dicom(LESION, **attributes)).details == {"image_type": "dermoscopic", **details}


def test_text_that_is_said_to_be_burned_in_is_noted() -> None:
    assert any("burned into" in note for note in prepare_image(plain_dicom(LESION, BurnedInAnnotation="YES")).notes)


def test_too_many_pixels_are_refused_before_anything_is_unpacked() -> None:
    runs = b"\x81\xff" * 4000  # 128 bytes of two
    for data in (
        dicom_file(dicom_header(60_000, 60_000), rle_frame([runs] * 3), syntax=RLELossless),
        dicom_file(dicom_header(60_000, 60_000), JPEG, syntax="1.2.840.10008.1.2.4.50"),
        plain_dicom(LESION, Rows=60_000, Columns=60_000),
    ):
        with pytest.raises(UnsafeUpload, match="60,000 x 60,000"):
            prepare_image(data)


def test_a_frame_that_is_larger_than_its_header_says_is_refused() -> None:
    with pytest.raises(UnsafeUpload, match="96 x 72"):
        prepare_image(jpeg_dicom(JPEG, 8, 8), limits=ImageLimits(max_pixels=1000))


def test_runs_are_never_unpacked_beyond_the_picture() -> None:
    bomb = b"\x81\xff" * 1_000_000
    image = read_picture(with_syntax(RLELossless, rle_frame([bomb] * 3)), max_pixels=LIMIT)
    assert image.pixels.min() == 255


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_syntax(DeflatedExplicitVRLittleEndian, LESION.tobytes()), "deflated as a whole"),
        (with_syntax(JPEGLSLossless, b"\xff\xd8\xff\xf7" + bytes(100)), "JPEG-LS"),
        (plain_dicom(LESION)[:-500], "truncated"),
        (plain_dicom(LESION, Rows=100), "truncated"),
        (plain_dicom(GREY, PixelRepresentation=1), "signed"),
        (with_syntax(RLELossless, rle_frame([packed_bits(b"12")] * 3)), "truncated"),
        (with_syntax(RLELossless, rle_frame([packed_bits(b"12")])), "segments do not fit"),
        (plain_dicom(LESION)[:200], "DICOM"),
        (plain_dicom(LESION, PhotometricInterpretation="HSV"), "colours that are not read"),
    ],
)
def test_what_is_not_read_is_refused_by_name(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableImage, match=words):
        prepare_image(data)


def test_random_damage_never_causes_another_error() -> None:
    rng = np.random.default_rng(5)
    whole = [
        plain_dicom(LESION),
        jpeg_dicom(JPEG, 96, 72),
        with_syntax(RLELossless, rle_frame([packed_bits(b"1")] * 3)),
    ]
    for i in range(150):
        data = bytearray(whole[i % 3])
        for position in rng.integers(0, min(len(data), 1500), 6):
            data[position] = rng.integers(256)
        try:
            prepare_image(bytes(data))
        except (UnreadableImage, UnsafeUpload):
            continue


def test_planes_of_skin_are_told_apart_with_black_rims_and_without() -> None:
    dark = LESION.copy()
    dark[:, :20] = 0
    for picture in (LESION, dark, draw_lesion(200, 200, seed=3, texture=30)):
        ycc = np.asarray(Image.fromarray(picture).convert("YCbCr"))
        assert looks_like_rgb(picture)
        assert not looks_like_ycc(picture)
        assert looks_like_ycc(ycc)
        assert not looks_like_rgb(ycc)
    flat = np.full((20, 20, 3), 130, np.uint8)
    assert not looks_like_rgb(flat)
    assert not looks_like_ycc(flat)


def test_the_factory_writes_what_pydicom_reads() -> None:
    header = dcmread(io.BytesIO(plain_dicom(LESION)))
    assert str(header.PatientName) == f"{SECRET}^Erika"
    assert np.array_equal(header.pixel_array, LESION)
    assert zlib.crc32(header.PixelData) == zlib.crc32(LESION.tobytes())
