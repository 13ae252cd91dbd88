"""DICOM files of drawn pictures, with a patient's data in every place that takes some."""

import io

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, DermoscopicPhotographyImageStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

SECRET = "Mustermann"


def dicom_header(width: int, height: int, *, samples: int = 3, **attributes: object) -> Dataset:
    """Patient, picture and whatever else is given, by keyword."""
    header = Dataset()
    header.SOPClassUID = DermoscopicPhotographyImageStorage
    header.SOPInstanceUID = generate_uid()
    header.PatientName = f"{SECRET}^Erika"
    header.PatientID = f"{SECRET}-1"
    header.PatientBirthDate = "19700101"
    header.OperatorsName = f"Dr {SECRET}"
    header.ImageComments = f"lesion of {SECRET}"
    block = header.private_block(0x0011, SECRET, create=True)
    block.add_new(0x01, "LO", SECRET)
    header.Rows, header.Columns, header.SamplesPerPixel = height, width, samples
    header.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 8, 8, 7, 0
    if samples == 3:
        header.PlanarConfiguration = 0
    for name, value in attributes.items():
        setattr(header, name, value)
    return header


def coded(value: str, scheme: str = "SCT", meaning: str = "") -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning or value
    return Sequence([item])


def dicom_file(header: Dataset, pixels: bytes, *, syntax: str = ExplicitVRLittleEndian, frames: int = 0) -> bytes:
    """Write the file; ``frames``: so many times these pixels, packed frame by frame where the syntax compresses."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    kind = meta.TransferSyntaxUID = UID(syntax)
    meta.SourceApplicationEntityTitle = SECRET
    data = FileDataset("", header, file_meta=meta, preamble=b"\0" * 128)
    if frames:
        data.NumberOfFrames = frames
    if kind.is_encapsulated:
        data.PixelData = encapsulate([pixels] * max(frames, 1))
        data["PixelData"].VR = "OB"
    else:
        data.PixelData = pixels * max(frames, 1)
        data["PixelData"].VR = "OB" if header.BitsAllocated == 8 else "OW"
    buffer = io.BytesIO()
    encoding = {"implicit_vr": kind.is_implicit_VR, "little_endian": kind.is_little_endian}
    dcmwrite(buffer, data, enforce_file_format=True, **encoding)
    return buffer.getvalue()


def plain_dicom(pixels: NDArray[np.generic], **attributes: object) -> bytes:
    """Uncompressed pixels, RGB or grey."""
    samples = 3 if pixels.ndim == 3 else 1
    header = dicom_header(pixels.shape[1], pixels.shape[0], samples=samples, **attributes)
    return dicom_file(header, pixels.tobytes())


def jpeg_dicom(jpeg: bytes, width: int, height: int, *, frames: int = 0, **attributes: object) -> bytes:
    """A JPEG as one frame."""
    return dicom_file(dicom_header(width, height, **attributes), jpeg, syntax=JPEGBaseline8Bit, frames=frames)
