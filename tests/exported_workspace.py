"""A workspace with every field, detail and oddity that an export has to carry: what came in through an import."""

import io
import zipfile

import cv2
import numpy as np
from PIL import Image

from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from tests.unit.dataset.image_factories import draw_lesion, encode, make_jpeg

CLINIC = "clinic"
_COLUMNS = (
    "image_id,lesion_id,patient_id,dx,source_label,dx_type,age_at_exam,sex,fitzpatrick_type,sunburn_history,"
    "personal_ca_history,anatomical_site,lesion_diameter_mm,dominant_colors,elevation,border_regularity,"
    "dermoscopic_structures,clinical_diagnosis,histopathology_result,verification_stage,examiner_id,"
    "image_quality_score,image_type,polarisation,contact,acquisition_date,second_diameter_mm,breslow_mm,skin_tone,"
    "skin_tone_scale,acquisition_source,source_split,licence,attribution,device,remark"
)
_ROWS = (
    "A1,L1,P1,mel,Melanom,histo,61,female,II,true,false,back,7.25,black;blue_gray,palpable,irregular,streaks;regression,"
    "nv,mel,3,Dr. Weiss,4,dermoscopic,polarised,contact,2021-03-04,4.5,0.8,5,MST,Wien,train,CC-BY,Clinic,D1,=2+2",
    "A2,L1,P1,mel,Melanom,histo,61,female,II,true,false,trunk,7.25,black,palpable,irregular,streaks,"
    "mel,mel,3,Dr. Weiss,5,dermoscopic,non_polarised,contact,2021-03-04,,0.8,5,MST,Wien,train,CC-BY,Clinic,D2,",
    "B1,L2,P2,nv,Nävus,follow_up,34,male,III,,,lower extremity,3,light_brown,flat,regular,pigment_network,"
    'nv,,2,Dr. Weiss,3,dermoscopic,polarised,non_contact,2020-11,,,,,Graz,test,CC-0,,D1,"a, b"',
    "B.2,L3,,bcc,BZK,consensus,,,,,,head/neck,,,,,,bcc,,2,,,clinical_close_up,,,,,,,,,,,,,",
    "C/3,L4,P3,akiec,AK,confocal,85,male,I,,,upper extremity,12,,,,,akiec,,2,,,,,,2019,,,,,,validation,,,,",
    "D_mask,L5,P4,vasc,Angiom,,40,female,,,,palms/soles,,,,,,vasc,,1,,,dermoscopic,,,,,,,,,,,,,",
)


def fill_clinic(workspace: Workspace) -> None:
    """Six images of five lesions: JPEG and PNG, two with masks, ids that no file name has as they are."""
    pictures = io.BytesIO()
    with zipfile.ZipFile(pictures, "w") as archive:
        for seed, name in enumerate(("A1", "A2", "B1")):
            archive.writestr(f"{name}.jpg", make_jpeg(seed=seed))
        archive.writestr("B.2.png", encode(draw_lesion(seed=11), "PNG"))
        archive.writestr("C/3.jpg", make_jpeg(seed=12))
        archive.writestr("D_mask.jpg", make_jpeg(seed=13))
    masks = io.BytesIO()
    with zipfile.ZipFile(masks, "w") as archive:
        for at, name in enumerate(("A1", "B1")):
            inside = np.zeros((72, 96), np.uint8)
            cv2.circle(inside, (40 + 5 * at, 30), 18, 255, -1)
            archive.writestr(f"{name}_segmentation.png", encode(inside, "PNG"))
    folder = workspace.home / "came"
    folder.mkdir()
    (folder / "pictures.zip").write_bytes(pictures.getvalue())
    (folder / "masks.zip").write_bytes(masks.getvalue())
    report = import_dataset(
        workspace, adapter="csv", metadata="\n".join([_COLUMNS, *_ROWS, ""]).encode(), taxonomy="ham7",
        dataset_id=CLINIC, name="Clinic, 2021", images=[folder / "pictures.zip"], masks=[folder / "masks.zip"],
        processes=False,
    )  # fmt: skip
    assert report.imported == len(_ROWS), report


def pixels_of(data: bytes) -> np.ndarray:
    """The pixels of an image file."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


EVERY_FIELD = frozenset(spec.name for spec in (*FIELDS, *DETAILS))
