"""DICOM files of stored images: what pydicom and our own reader find in them."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from pydicom import dcmread
from pydicom.uid import DermoscopicPhotographyImageStorage, VLPhotographicImageStorage
from tests.unit.dataset.image_factories import (
    draw_lesion,
    encode,
    exif_payload,
    jpeg_segment,
    make_jpeg,
    with_segments,
)

from dermdash.dataset.deidentification import strip_metadata
from dermdash.dataset.dicom_writing import DicomFacts, dicom_file
from dermdash.dataset.image_ingestion import prepare_image

FACTS = DicomFacts(
    image_id="ISIC_1", lesion_id="HAM_1", patient_id="P1", dataset="ham", age=45, sex="female", site="lower extremity",
    polarisation="polarised", contact="contact",
)  # fmt: skip
LIMIT = 10**6


def written(data: bytes, facts: DicomFacts = FACTS) -> bytes:
    return dicom_file(prepare_image(data).data, facts, max_pixels=LIMIT)


def opened(data: bytes) -> Any:
    return dcmread(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "colours"),
    [
        (make_jpeg(), "YBR_FULL_422"),
        (make_jpeg(subsampling=0), "YBR_FULL"),
        (make_jpeg(keep_rgb=True), "RGB"),
        (encode(draw_lesion()[:, :, 0], "JPEG"), "MONOCHROME2"),
        (make_jpeg(progressive=True), "RGB"),
        (encode(draw_lesion(95, 71), "PNG"), "RGB"),
        (with_segments(make_jpeg(), jpeg_segment(0xE1, exif_payload(6))), "RGB"),
    ],
    ids=["halved", "whole", "rgb", "grey", "progressive", "png of odd size", "turned"],
)
def test_the_pixels_are_those_of_the_image(data: bytes, colours: str) -> None:
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(prepare_image(data).data))).convert("RGB"))
    dicom = written(data)
    header = opened(dicom)
    assert header.PhotometricInterpretation == colours
    assert (header.Rows, header.Columns) == shown.shape[:2]
    # Another decoder than ours, which differs by roundings.
    pixels = header.pixel_array
    pixels = pixels if pixels.ndim == 3 else np.dstack([pixels] * 3)
    assert np.abs(pixels.astype(int) - shown).max() <= 3
    again = np.asarray(Image.open(io.BytesIO(prepare_image(dicom).data)).convert("RGB"))
    assert np.array_equal(again, shown)


def test_a_jpeg_comes_back_byte_by_byte() -> None:
    assert prepare_image(written(make_jpeg())).sha256 == prepare_image(make_jpeg()).sha256


def test_the_header_says_what_is_known_and_no_more() -> None:
    header = opened(written(make_jpeg()))
    assert header.SOPClassUID == DermoscopicPhotographyImageStorage
    assert (header.PatientID, str(header.PatientName), header.PatientBirthDate) == ("P1", "", "")
    assert (header.PatientAge, header.PatientSex, header.Modality) == ("045Y", "F", "DMS")
    assert (header.LightSourcePolarization, header.ContactMethod) == ("POLARIZED", "CONTACT")
    assert header.AnatomicRegionSequence[0].CodeMeaning == "Lower limb"
    # Nobody has looked whether the picture tells who it is: nothing says that it does not.
    assert header.RecognizableVisualFeatures == "YES"
    assert "PatientIdentityRemoved" not in header
    assert "DeidentificationMethod" not in header
    unknown = opened(written(make_jpeg(), DicomFacts("a", "l", "p", "d")))
    assert (unknown.LightSourcePolarization, unknown.ContactMethod, unknown.PatientSex) == ("", "", "")
    assert "PatientAge" not in unknown
    assert unknown.AnatomicRegionSequence[0].CodeMeaning == "Skin structure"


def test_what_the_reader_finds_is_what_was_written() -> None:
    assert prepare_image(written(make_jpeg())).details == {
        "image_type": "dermoscopic", "polarisation": "polarised", "contact": "contact",
    }  # fmt: skip


def test_a_photograph_without_a_dermatoscope_is_of_the_other_kind() -> None:
    header = opened(written(make_jpeg(), DicomFacts("a", "l", "p", "d", image_type="clinical_close_up")))
    assert (header.SOPClassUID, header.Modality) == (VLPhotographicImageStorage, "XC")
    assert "LightSourcePolarization" not in header


def test_the_same_record_gives_the_same_file_and_others_share_what_they_share() -> None:
    first, second = written(make_jpeg()), written(make_jpeg())
    assert first == second
    one, other = opened(first), opened(written(make_jpeg(seed=1), DicomFacts("ISIC_2", "HAM_1", "P1", "ham")))
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert (one.StudyInstanceUID, one.SeriesInstanceUID) == (other.StudyInstanceUID, other.SeriesInstanceUID)
    assert all(len(uid) <= 64 for uid in (one.SOPInstanceUID, one.StudyInstanceUID, one.SeriesInstanceUID))


def test_the_colour_profile_is_the_pictures_own_or_the_usual_one() -> None:
    jpeg = make_jpeg(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    with Image.open(io.BytesIO(strip_metadata(jpeg).data)) as stored:
        own = stored.info["icc_profile"]
    assert opened(written(jpeg)).ICCProfile.rstrip(b"\0") == own.rstrip(b"\0")
    usual = ImageCms.ImageCmsProfile(io.BytesIO(opened(written(make_jpeg())).ICCProfile))
    assert "sRGB" in ImageCms.getProfileDescription(usual)
    assert usual.profile.creation_date.year == 2000
