"""The picture in a DICOM file: photographs and dermoscopy (PS3.3 A.32.4, and A.32.11 of Supplement 221).

Only the attributes named here are read: those of the pixels and of how the light was. Who the patient is, who took the
picture and when is not looked at, so that nothing of it can stay. JPEG frames are handed on as they are, other frames
as pixels.

A header may be wrong about colours: a program that unpacked a file left "YBR_FULL_422" standing, another wrapped the
JPEG of a camera as "RGB". Where bytes and header leave room for doubt the pixels decide: in RGB the three planes of a
photograph go up and down together, in YCbCr nearly all of the contrast is in the first.
"""

import io
import logging
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.dicom_frames import first_frame_of_rle, is_jpeg, is_jpeg2000, multiple_component_transform
from dermdash.dataset.jpeg_colours import JpegColours, colours_of_jpeg, marked_as_rgb, raw_planes
from dermdash.errors import UnreadableImage

WRONG_COLOURS = "The header says {said}, but the pixels are {found}: they were read as that."
BURNED_IN = "The DICOM header says that text is burned into the picture."
SEVERAL_FRAMES = "The file holds more than one picture; the first one is used."

_ATTRIBUTES = (
    "SOPClassUID", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration",
    "BitsAllocated", "BitsStored", "PixelRepresentation", "NumberOfFrames", "PixelData", "BurnedInAnnotation",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "LightSourcePolarization", "ContactMethod", "ImmersionMedia",
    "LightPathFilterTypeStackCodeSequence",
)  # fmt: skip
_BAD_FILE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RuntimeError, IndexError, OverflowError,
    struct.error, MemoryError, AssertionError,
)  # fmt: skip
_DERMOSCOPIC_PHOTOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.7"
_IMPLICIT, _EXPLICIT, _BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
_DEFLATED, _RLE = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"
_POLARISING_FILTERS = frozenset(["445391002", "111607"])
"""SNOMED CT and DICOM code of a polarising filter (CID 8124, CID 4204)."""
_LONG_LENGTHS = frozenset([b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"])
_YBR = ("YBR_FULL", "YBR_FULL_422")
_GREY = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True, slots=True)
class DicomPicture:
    """The first frame: a JPEG or JPEG 2000 file as bytes, or 8-bit pixels, RGB (height x width x 3) or grey.

    ``in_ycc``: the frame decodes to YCbCr, not to RGB. ``details`` are what is kept of how it was taken.
    """

    picture: bytes | NDArray[np.uint8]
    in_ycc: bool = False
    notes: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)


def dicom_picture(data: bytes, *, check_size: Callable[[int, int], None]) -> DicomPicture:
    """Return the first frame of a DICOM file and what it says of the light.

    Parameters
    ----------
    check_size
        Called with width and height before anything is unpacked; raises where they are too large.

    Raises
    ------
    UnreadableImage
        Damaged, without a picture, or of a kind or compression that is not read.
    """
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    _quieten_pydicom()

    syntax = _transfer_syntax(data)
    if syntax == _DEFLATED:
        # Nobody can say how large it is before it is unpacked.
        raise UnreadableImage("a DICOM file that is deflated as a whole; save it with another transfer syntax")
    try:
        header = dcmread(io.BytesIO(data), specific_tags=list(_ATTRIBUTES))
        if "PixelData" not in header:
            raise UnreadableImage("a DICOM file without a picture in it")
        width, height = int(header.Columns), int(header.Rows)
        check_size(width, height)
        found = _picture(header, syntax, width, height)
        notes = [*found.notes, *_notes(header)]
        return DicomPicture(found.picture, found.in_ycc, tuple(notes), _details(header))
    except UnreadableImage:
        raise
    except (*_BAD_FILE, BytesLengthException, InvalidDicomError) as error:
        raise UnreadableImage(f"a damaged DICOM file: {error or type(error).__name__}") from error


@cache
def _quieten_pydicom() -> None:
    """Its warnings repeat values of the file, which may be a name."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"pydicom\b")


def _transfer_syntax(data: bytes) -> str:
    """Return what the file meta information says (PS3.10 7.1), without reading on."""
    position = 132
    while data[position : position + 2] == b"\x02\0" and position + 8 <= len(data):
        element, kind = data[position + 2 : position + 4], data[position + 4 : position + 6]
        long = kind in _LONG_LENGTHS
        start = position + (12 if long else 8)
        length = int.from_bytes(data[start - 4 if long else start - 2 : start], "little")
        if element == b"\x10\0":
            return data[start : start + length].rstrip(b"\0 ").decode("ascii", "replace")
        position = start + length
    return ""


def _picture(header: Any, syntax: str, width: int, height: int) -> DicomPicture:
    if int(header.get("PixelRepresentation", 0)) or int(header.BitsAllocated) not in (8, 16):
        raise UnreadableImage("a DICOM file whose values are no photograph's (signed, or neither 8 nor 16 bits)")
    if is_jpeg(syntax):
        return _jpeg_frame(_first_frame(header), header)
    if is_jpeg2000(syntax):
        frame = _first_frame(header)
        in_ycc = _colours(header) in _YBR and not multiple_component_transform(frame)
        return DicomPicture(frame, in_ycc)
    if syntax == _RLE:
        planes = first_frame_of_rle(_first_frame(header), width, height, _samples(header), int(header.BitsAllocated))
    elif syntax in (_IMPLICIT, _EXPLICIT, _BIG_ENDIAN):
        planes = _plain_frame(header, syntax, width, height)
    else:
        from pydicom.uid import UID

        raise UnreadableImage(f"a DICOM file whose pixels are packed as {UID(syntax).name!r}, which is not read")
    return _coloured(planes, header)


def _samples(header: Any) -> int:
    samples = int(header.SamplesPerPixel)
    if samples not in (1, 3):
        raise UnreadableImage(f"a DICOM file of {samples} values per pixel: a photograph has 1 or 3")
    return samples


def _colours(header: Any) -> str:
    return str(header.PhotometricInterpretation).strip()


def _frames(header: Any) -> int:
    return max(1, int(header.get("NumberOfFrames") or 1))


def _first_frame(header: Any) -> bytes:
    from pydicom.encaps import generate_frames

    frames: Iterator[bytes] = generate_frames(header.PixelData, number_of_frames=_frames(header))
    frame = next(frames, b"")
    if not frame:
        raise UnreadableImage("a DICOM file whose frames are empty")
    return frame


def _plain_frame(header: Any, syntax: str, width: int, height: int) -> NDArray[np.uint16]:
    """Unpacked pixels as height x width x samples."""
    samples, wide = _samples(header), int(header.BitsAllocated) // 8
    data, count = header.PixelData, width * height
    if samples == 3 and wide == 1 and _colours(header) == "YBR_FULL_422" and len(data) < 3 * count * _frames(header):
        return _from_422(data, width, height)
    order = ">" if syntax == _BIG_ENDIAN else "<"
    if len(data) < count * samples * wide:
        raise UnreadableImage("a truncated DICOM file: it has fewer pixels than its header says")
    values = np.frombuffer(data, f"{order}u{wide}", count * samples).astype(np.uint16)
    if samples == 3 and int(header.get("PlanarConfiguration") or 0):
        return values.reshape(3, height, width).transpose(1, 2, 0)
    return values.reshape(height, width, samples)


def _from_422(data: bytes, width: int, height: int) -> NDArray[np.uint16]:
    """Two luminances, then the two colours they share (PS3.3 C.7.6.3.1.2)."""
    if len(data) < 2 * width * height or width % 2:
        raise UnreadableImage("a truncated DICOM file: it has fewer pixels than its header says")
    pairs = np.frombuffer(data, np.uint8, 2 * width * height).reshape(height, width // 2, 4)
    luminance = pairs[:, :, :2].reshape(height, width)
    blue, red = (np.repeat(pairs[:, :, i], 2, axis=1) for i in (2, 3))
    return np.dstack([luminance, blue, red]).astype(np.uint16)


def _coloured(values: NDArray[np.uint16], header: Any) -> DicomPicture:
    """8-bit RGB or grey of what the samples mean."""
    colours = _colours(header)
    if colours == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut

        looked_up = apply_color_lut(values[:, :, 0], header)
        return DicomPicture((looked_up >> 8 if looked_up.dtype.itemsize > 1 else looked_up).astype(np.uint8))
    spare = max(0, int(header.get("BitsStored") or header.BitsAllocated) - 8)
    pixels = (values >> spare).clip(0, 255).astype(np.uint8)
    if values.shape[2] == 1:
        if colours not in _GREY:
            raise UnreadableImage(f"a DICOM file of one value per pixel that says its colours are {colours!r}")
        return DicomPicture(255 - pixels[:, :, 0] if colours == "MONOCHROME1" else pixels[:, :, 0])
    if colours == "RGB":
        return DicomPicture(pixels)
    if colours not in _YBR:
        raise UnreadableImage(f"a DICOM file of colours that are not read: {colours!r}")
    if looks_like_rgb(pixels):
        return DicomPicture(pixels, notes=(WRONG_COLOURS.format(said=colours, found="RGB"),))
    return DicomPicture(pixels, in_ycc=True)


def _jpeg_frame(frame: bytes, header: Any) -> DicomPicture:
    """The JPEG, marked as RGB where it holds RGB and does not say so."""
    said = _colours(header)
    says = colours_of_jpeg(frame)
    if _samples(header) == 1 or says in (JpegColours.RGB, JpegColours.YCC):
        return DicomPicture(frame)
    planes = raw_planes(frame)
    # A camera's JPEG has JFIF's marker, and was wrapped as "RGB" more often than RGB was given that marker.
    trusted = said == "RGB" and says is not JpegColours.PERHAPS_YCC
    in_rgb = not looks_like_ycc(planes) if trusted else looks_like_rgb(planes)
    found = "RGB" if in_rgb else "YCbCr"
    notes = (WRONG_COLOURS.format(said=said, found=found),) if in_rgb != (said == "RGB") else ()
    return DicomPicture(marked_as_rgb(frame) if in_rgb else frame, notes=notes)


def _spreads(planes: NDArray[np.uint8]) -> tuple[float, float] | None:
    """Least ratio of the other planes' contrast to the first one's, and their least correlation with it."""
    flat = planes[:: max(1, planes.shape[0] // 128), :: max(1, planes.shape[1] // 128)].reshape(-1, 3).astype(float)
    deviations = flat.std(axis=0)
    if deviations[0] < 2 or deviations.min() < 1e-9:
        return None
    correlations = np.corrcoef(flat.T)[0, 1:]
    return float(deviations[1:].min() / deviations[0]), float(correlations.min())


def looks_like_rgb(planes: NDArray[np.uint8]) -> bool:
    """Whether three planes (height x width x 3) that are said to be YCbCr are RGB beyond doubt."""
    found = _spreads(planes)
    return found is not None and found[0] > 0.5 and found[1] > 0.5


def looks_like_ycc(planes: NDArray[np.uint8]) -> bool:
    """Whether three planes (height x width x 3) that are said to be RGB are YCbCr beyond doubt."""
    found = _spreads(planes)
    means = planes.reshape(-1, 3).mean(axis=0)
    near_grey = bool(np.all(np.abs(means[1:] - 128) < 48))
    return found is not None and near_grey and (found[0] < 0.35 or found[1] < -0.3)


def _notes(header: Any) -> list[str]:
    notes = []
    if _frames(header) > 1:
        notes.append(SEVERAL_FRAMES)
    if str(header.get("BurnedInAnnotation") or "").upper() == "YES":
        notes.append(BURNED_IN)
    return notes


def _details(header: Any) -> dict[str, str]:
    details = {}
    if str(header.get("SOPClassUID") or "") == _DERMOSCOPIC_PHOTOGRAPHY:
        details["image_type"] = "dermoscopic"
    polarised = {"POLARIZED": "polarised", "NON_POLARIZED": "non_polarised"}
    light = polarised.get(str(header.get("LightSourcePolarization") or "").upper())
    filters = header.get("LightPathFilterTypeStackCodeSequence") or ()
    if light is None and any(str(item.get("CodeValue") or "") in _POLARISING_FILTERS for item in filters):
        light = "polarised"
    if light:
        details["polarisation"] = light
    touch = {"CONTACT": "contact", "NON_CONTACT": "non_contact"}.get(str(header.get("ContactMethod") or "").upper())
    if touch is None and header.get("ImmersionMedia"):
        touch = "contact"
    if touch:
        details["contact"] = touch
    return details
