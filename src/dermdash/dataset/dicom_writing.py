"""A stored image as a DICOM file: Dermoscopic Photography Image of Supplement 221, or VL Photographic Image.

Baseline JPEG goes in as it is; what DICOM does not hold (progressive JPEG, PNG, images that EXIF turns) is written as
plain RGB pixels, upright. Nothing is invented: what is not known of the light or the patient is left empty where the
standard allows it.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

from dermdash.dataset.deidentification import StrippedImage, strip_metadata
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_resizing import turn_upright
from dermdash.dataset.jpeg_colours import JpegColours, colours_of_jpeg
from dermdash.dataset.jpeg_parts import jpeg_segments

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_BASELINE, _SAMPLING = 0xC0, 11
_PLAIN, _JPEG_BASELINE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
_DERMOSCOPIC, _PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.7", "1.2.840.10008.5.1.4.1.1.77.1.4"
_UID_ROOT = "2.25."
_SITES = (
    # SNOMED CT (CID 4031 and others); the first word found in the site decides.
    ("scalp", "41695006", "Scalp"),
    ("face", "89545001", "Face"),
    ("ear", "117590005", "Ear"),
    ("head", "774007", "Head and Neck"),
    ("neck", "45048000", "Neck"),
    ("back", "77568009", "Back"),
    ("posterior torso", "77568009", "Back"),
    ("chest", "816094009", "Chest"),
    ("abdomen", "818981001", "Abdomen"),
    ("torso", "22943007", "Trunk"),
    ("trunk", "22943007", "Trunk"),
    ("hand", "85562004", "Hand"),
    ("foot", "56459004", "Foot"),
    ("upper extremity", "53120007", "Upper limb"),
    ("lower extremity", "61685007", "Lower limb"),
)
_SKIN = ("39937001", "Skin structure")
_LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """What is written beside the pixels; None or empty: not known.

    ``ids`` are pseudonyms. ``age`` is in years; ``sex`` female or male; ``site`` an anatomical site in words;
    ``polarisation`` polarised or non_polarised; ``contact`` contact or non_contact; ``image_type`` as in the details of
    a record. ``recognisable``: whether the picture could show who the patient is; unless somebody looked, it could.
    """

    image_id: str
    lesion_id: str
    patient_id: str
    dataset: str
    age: int | None = None
    sex: str | None = None
    site: str | None = None
    polarisation: str | None = None
    contact: str | None = None
    image_type: str | None = None
    recognisable: bool = True


def facts_of_row(row: Mapping[str, Any]) -> DicomFacts:
    """The facts of a record, from its columns by name."""

    def given(name: str) -> Any:
        value = row.get(name)
        return None if value is None or value != value else value

    return DicomFacts(
        image_id=str(row["image_id"]),
        lesion_id=str(row["lesion_id"]),
        patient_id=str(given("patient_id") or row["lesion_id"]),
        dataset=str(row["dataset_id"]),
        age=given("age_at_exam"),
        sex=given("sex"),
        site=given("anatomical_site"),
        polarisation=given("polarisation"),
        contact=given("contact"),
        image_type=given("image_type"),
    )


def dicom_file(image: bytes, facts: DicomFacts, *, max_pixels: int) -> bytes:
    """Return a DICOM file of a stored JPEG or PNG.

    Its unique identifiers follow from ids and pixels, so that the same record always gives the same file.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        The image cannot be read, or has too many pixels.
    """
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.filewriter import dcmwrite
    from pydicom.uid import UID

    stripped = strip_metadata(image)
    header = Dataset()
    _identify(header, facts, stripped)
    _describe(header, facts)
    syntax = _add_pixels(header, image, stripped, max_pixels)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    buffer = io.BytesIO()
    dcmwrite(buffer, FileDataset("", header, file_meta=meta, preamble=b"\0" * 128), enforce_file_format=True)
    return buffer.getvalue()


def _identify(header: "Dataset", facts: DicomFacts, stripped: StrippedImage) -> None:
    """Patient, study, series and the picture's own number."""
    dermoscopic = facts.image_type in (None, "dermoscopic")
    header.SpecificCharacterSet = "ISO_IR 192"
    header.SOPClassUID = _DERMOSCOPIC if dermoscopic else _PHOTOGRAPHIC
    header.SOPInstanceUID = _uid("image", facts.dataset, facts.image_id, stripped.data)
    header.StudyInstanceUID = _uid("study", facts.dataset, facts.patient_id)
    header.SeriesInstanceUID = _uid("series", facts.dataset, facts.lesion_id, str(dermoscopic))
    header.Modality = "DMS" if dermoscopic else "XC"
    header.PatientID = facts.patient_id[:_LONGEST_TEXT]
    header.PatientName = header.PatientBirthDate = ""
    header.PatientSex = {"female": "F", "male": "M"}.get(facts.sex or "", "")
    if facts.age is not None:
        header.PatientAge = f"{int(facts.age):03d}Y"
    header.StudyDate = header.StudyTime = header.StudyID = ""
    header.AccessionNumber = header.ReferringPhysicianName = header.Manufacturer = header.PatientOrientation = ""
    header.SeriesNumber = header.InstanceNumber = 1
    header.ImageComments = facts.image_id
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.AcquisitionContextSequence = []


def _uid(*parts: str | bytes) -> str:
    """A number made of what is identified (PS3.5 B.2: 2.25. and a 128-bit number)."""
    digest = hashlib.sha256(b"\0".join(p if isinstance(p, bytes) else p.encode() for p in parts)).digest()
    return _UID_ROOT + str(int.from_bytes(digest[:16], "big"))


def _describe(header: "Dataset", facts: DicomFacts) -> None:
    """Where on the body, and how the light was (PS3.3 C.8.12.13)."""
    site = (facts.site or "").lower()
    code, meaning = next(((code, meaning) for word, code, meaning in _SITES if word in site), _SKIN)
    header.AnatomicRegionSequence = [_code(code, meaning)]
    if header.SOPClassUID != _DERMOSCOPIC:
        return
    header.RecognizableVisualFeatures = "YES" if facts.recognisable else "NO"
    lights = {"polarised": "POLARIZED", "non_polarised": "NON_POLARIZED"}
    header.LightSourcePolarization = lights.get(facts.polarisation or "", "")
    header.ContactMethod = {"contact": "CONTACT", "non_contact": "NON_CONTACT"}.get(facts.contact or "", "")
    if header.ContactMethod == "CONTACT":
        header.ImmersionMedia = ""
    header.EmitterColorTemperature = header.OpticalMagnificationFactor = None


def _code(value: str, meaning: str) -> "Dataset":
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def _add_pixels(header: "Dataset", image: bytes, stripped: StrippedImage, max_pixels: int) -> str:
    """Write the pixels and what they mean; returns the transfer syntax."""
    from pydicom.encaps import encapsulate

    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 8, 8, 7, 0
    header.ICCProfile = _colour_profile(image)
    sampling = _baseline_sampling(stripped)
    if sampling is not None:
        header.Rows, header.Columns, header.SamplesPerPixel = stripped.height, stripped.width, stripped.channels
        header.PhotometricInterpretation = _colours(stripped, sampling)
        header.PixelData = encapsulate([stripped.data])
        header.LossyImageCompressionMethod = "ISO_10918_1"
        ratio = stripped.width * stripped.height * stripped.channels / len(stripped.data)
        header.LossyImageCompressionRatio = str(round(ratio, 2))
        syntax = _JPEG_BASELINE
    else:
        pixels = np.ascontiguousarray(turn_upright(decode(image, max_pixels=max_pixels)[1], stripped.orientation))
        header.Rows, header.Columns, header.SamplesPerPixel = pixels.shape
        header.PhotometricInterpretation = "RGB"
        data = pixels.tobytes()
        header.PixelData = data + b"\0" * (len(data) % 2)
        syntax = _PLAIN
    header["PixelData"].VR = "OB"
    if header.SamplesPerPixel == 3:
        header.PlanarConfiguration = 0
    header.LossyImageCompression = "01" if stripped.format == "JPEG" else "00"
    return syntax


def _colours(stripped: StrippedImage, sampling: set[int]) -> str:
    if stripped.channels == 1:
        return "MONOCHROME2"
    if colours_of_jpeg(stripped.data) is JpegColours.RGB:
        return "RGB"
    return "YBR_FULL" if len(sampling) == 1 else "YBR_FULL_422"


def _baseline_sampling(stripped: StrippedImage) -> set[int] | None:
    """The sampling factors of an upright baseline JPEG of one or three components, None for anything else."""
    if stripped.format != "JPEG" or stripped.channels not in (1, 3) or stripped.orientation != 1:
        return None
    for marker, segment, _ in jpeg_segments(stripped.data):
        if marker == _BASELINE:
            return {segment[_SAMPLING + 3 * i] for i in range(stripped.channels)}
    return None


def _colour_profile(image: bytes) -> bytes:
    """The picture's own profile of RGB pixels, or the usual one."""
    with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
        own = opened.info.get("icc_profile") if opened.mode in ("RGB", "RGBA", "P") else None
    return own or _usual_profile()


def _usual_profile() -> bytes:
    """sRGB, without the moment at which it was made (ICC.1 7.2.8): the same record gives the same file."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + bytes([0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]) + made[36:]
