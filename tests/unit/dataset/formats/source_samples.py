# ruff: noqa: E501  rows of tables as they are
"""A small source of every format, in its real layout, with invented ids: two or three rows each."""

import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

_JPEG = b"\xff\xd8\xff\xd9"


@dataclass(frozen=True)
class Sample:
    """Files of a source by name, and what its dry run says: rows, rows with a label, images, some fields with counts."""

    files: dict[str, bytes]
    rows: int
    with_label: int
    images: int
    fields: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


def make_tar(files: dict[str, bytes]) -> bytes:
    """A tar file with these members, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _table(*lines: str) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def _arrays() -> bytes:
    buffer = io.BytesIO()
    pixels = np.zeros((2, 28, 28, 3), dtype=np.uint8)
    pixels[1] = 200
    np.savez(
        buffer, train_images=pixels, train_labels=np.array([[5], [4]]), test_images=pixels[:1] + 90,
        test_labels=np.array([[1]]),
    )  # fmt: skip
    return buffer.getvalue()


_COCO = {
    "images": [
        {"id": 7, "file_name": "p1.jpg", "width": 60, "height": 40},
        {"id": 8, "file_name": "p2.jpg", "width": 60, "height": 40},
        {"id": 9, "file_name": "p3.jpg", "width": 60, "height": 40},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 2},
        {"id": 2, "image_id": 8, "category_id": 1},
        {"id": 3, "image_id": 8, "category_id": 2},
    ],
    "categories": [{"id": 1, "name": "nevus"}, {"id": 2, "name": "melanoma"}],
}
_CROISSANT = {
    "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
    "@type": "sc:Dataset",
    "name": "clinic",
    "distribution": [{"@type": "cr:FileObject", "@id": "rows", "contentUrl": "data/rows.csv"}],
    "recordSet": [
        {
            "@id": "pictures",
            "field": [
                {"@id": "pictures/image_id", "source": {"fileObject": {"@id": "rows"}, "extract": {"column": "nr"}}},
                {"@id": "pictures/diagnosis", "source": {"fileObject": {"@id": "rows"}, "extract": {"column": "dg"}}},
                {"@id": "pictures/age", "source": {"fileObject": {"@id": "rows"}, "extract": {"column": "a"}}},
            ],
        }
    ],
}
_HAM = "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset"
_PAD = (
    "patient_id,lesion_id,smoke,age,gender,skin_cancer_history,fitspatrick,region,diameter_1,diameter_2,diagnostic,itch,"
    "elevation,img_id,biopsed"
)
_MILK = "lesion_id,image_type,isic_id,attribution,copyright_license,age_approx,sex,skin_tone_class,site,MONET_hair"
_SEVEN = (
    "case_num,diagnosis,seven_point_score,pigment_network,streaks,pigmentation,regression_structures,dots_and_globules,"
    "blue_whitish_veil,vascular_structures,level_of_diagnostic_difficulty,elevation,location,sex,management,clinic,derm"
)

SAMPLES: dict[str, Sample] = {
    "ham10000": Sample(
        {"HAM10000_metadata": _table(_HAM, "H1,I1,nv,follow_up,40.0,male,trunk,rosendahl", "H2,I2,mel,histo,,female,ear,x")},
        2, 2, 2, {"age_at_exam": 1, "acquisition_source": 2, "histopathology_result": 1, "image_type": 2},
    ),
    "isic2016": Sample(
        {"ISBI2016_ISIC_Part3_Test_GroundTruth.csv": _table("ISIC_0700001,benign", "ISIC_0700002,malignant")},
        2, 2, 2, {"source_split": 2},
    ),
    "isic2017": Sample(
        {
            "ISIC-2017_Training_Part3_GroundTruth.csv": _table(
                "image_id,melanoma,seborrheic_keratosis", "ISIC_0700001,1.0,0.0", "ISIC_0700002,0.0,0.0"
            ),
            "ISIC-2017_Training_Data_metadata.csv": _table(
                "image_id,age_approximate,sex", "ISIC_0700001,55,female", "ISIC_0700002,unknown,male"
            ),
        },
        2, 2, 2, {"age_at_exam": 1, "sex": 2},
    ),
    "isic2018": Sample(
        {
            "ISIC2018_Task3_Training_GroundTruth.csv": _table(
                "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC", "ISIC_0700001,1.0,0.0,0.0,0.0,0.0,0.0,0.0",
                "ISIC_0700002,0.0,1.0,0.0,0.0,0.0,0.0,0.0", "ISIC_0700003,0.0,1.0,1.0,0.0,0.0,0.0,0.0",
            ),
            "ISIC2018_Task3_Training_LesionGroupings.csv": _table(
                "image,lesion_id,diagnosis_confirm_type", "ISIC_0700001,HAM_1,histopathology",
                "ISIC_0700002,HAM_2,single image expert consensus",
            ),
        },
        3, 2, 2, {"histopathology_result": 1, "source_split": 2}, {"invalid_row": 1},
    ),
    "isic2019": Sample(
        {
            "ISIC_2019_Training_GroundTruth.csv": _table(
                "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK", "ISIC_0700001_downsampled,0,0,0,0,0,0,0,1,0",
                "ISIC_0700002,0,1,0,0,0,0,0,0,0",
            ),
            "ISIC_2019_Training_Metadata.csv": _table(
                "image,age_approx,anatom_site_general,lesion_id,sex", "ISIC_0700001_downsampled,70,head/neck,MSK4_1,male",
                "ISIC_0700002,,anterior torso,,female",
            ),
        },
        2, 2, 2, {"age_at_exam": 1, "sex": 2, "anatomical_site": 2},
    ),
    "isic2020": Sample(
        {
            "train.csv": _table(
                "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target",
                "ISIC_0700001,IP_1,male,45,torso,unknown,benign,0", "ISIC_0700002,IP_1,male,45,torso,nevus,benign,0",
            )
        },
        2, 2, 2, {"age_at_exam": 2, "sex": 2},
    ),
    "isic2024": Sample(
        {
            "train-metadata.csv": _table(
                "isic_id,target,patient_id,age_approx,sex,anatom_site_general,clin_size_long_diam_mm,image_type,"
                "tbp_tile_type,attribution,copyright_license,lesion_id,iddx_full,iddx_1,mel_thick_mm",
                "ISIC_0700001,0,IP_1,60,male,posterior torso,3.5,TBP tile: close-up,3D: XP,Clinic,CC-BY,,Benign,Benign,",
                "ISIC_0700002,1,IP_2,,,,4,TBP tile: close-up,3D: white,Clinic,CC-BY,IL_9,Malignant::x::Melanoma in situ,"
                "Malignant,0.4",
            )
        },
        2, 2, 2, {"breslow_mm": 1, "lesion_diameter_mm": 2, "image_type": 2},
    ),
    "isic-archive": Sample(
        {
            "metadata.csv": _table(
                "isic_id,attribution,copyright_license,age_approx,anatom_site_general,diagnosis_1,diagnosis_2,diagnosis_3,"
                "diagnosis_confirm_type,image_type,dermoscopic_type,fitzpatrick_skin_type,personal_hx_mm,sex",
                "ISIC_0700001,Anonymous,CC-0,85+,lower extremity,Benign,Benign melanocytic proliferations,Nevus,"
                "histopathology,dermoscopic,contact polarized,II,True,female",
                "ISIC_0700002,Anonymous,CC-0,30,,,,,,clinical: close-up,,,False,male",
            )
        },
        2, 1, 2, {"age_at_exam": 2, "contact": 1, "polarisation": 1, "fitzpatrick_type": 1, "personal_ca_history": 1},
    ),
    "milk10k": Sample(
        {
            "MILK10k_Training_Metadata.csv": _table(
                _MILK, "IL_1,clinical: close-up,ISIC_0700001,M,CC-BY-NC,50,male,3,trunk,0.1",
                "IL_1,dermoscopic,ISIC_0700002,M,CC-BY-NC,50,male,3,trunk,0.2",
            ),
            "MILK10k_Training_GroundTruth.csv": _table(
                "lesion_id,AKIEC,BCC,BEN_OTH,BKL,DF,INF,MAL_OTH,MEL,NV,SCCKA,VASC", "IL_1,0,1,0,0,0,0,0,0,0,0,0"
            ),
            "MILK10k_Training_Supplement.csv": _table(
                "isic_id,diagnosis_full,diagnosis_confirm_type,invasion_thickness_interval",
                "ISIC_0700001,Basal cell carcinoma,histopathology,",
                "ISIC_0700002,Basal cell carcinoma,histopathology,", "ISIC_0700003,Nevus,histopathology,",
            ),
        },
        2, 2, 2, {"skin_tone": 2, "histopathology_result": 2, "image_type": 2},
    ),
    "bcn20000": Sample(
        {
            "bcn_20k_train.csv": _table(
                "bcn_filename,age_approx,anatom_site_general,diagnosis,lesion_id,capture_date,sex,split",
                "BCN_1.jpg,55,head/neck,SCC,BCN_L1,2014-03-02,female,train", "BCN_2.jpg,,,NV,BCN_L2,2014-03-02,male,train",
            )
        },
        2, 2, 2, {"acquisition_date": 2, "source_split": 2, "age_at_exam": 1},
    ),
    "pad-ufes-20": Sample(
        {
            "metadata.csv": _table(
                _PAD, "PAT_1,7,True,60,FEMALE,True,2.0,ARM,5.0,8.0,BCC,True,True,PAT_1_7_1.png,True",
                "PAT_2,7,,30,,,,BACK,,,NEV,UNK,False,PAT_2_7_2.png,False",
            )
        },
        2, 2, 2, {"fitzpatrick_type": 1, "elevation": 1, "second_diameter_mm": 1, "histopathology_result": 1},
    ),
    "ph2": Sample(
        {
            "PH2_dataset.txt": _table(
                "|| Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry || Pigment Network || Dots/Globules || "
                "Streaks || Regression Areas || Blue-Whitish Veil || Colors ||",
                "|| IMD901 || || 0 || 0 || T || A || A || A || A || 4 ||",
                "|| IMD902 || Melanoma || 2 || 1 || AT || AT || P || A || P || 3  5  6 ||",
            )
        },
        2, 2, 2, {"dominant_colors": 2, "dermoscopic_structures": 2, "histopathology_result": 1},
    ),
    "derm7pt": Sample(
        {
            "meta.csv": _table(
                _SEVEN, "1,clark nevus,2,typical,absent,absent,absent,regular,absent,absent,low,flat,back,male,none,"
                "ABC/Abc1.jpg,ABC/Abc2.jpg", "2,melanoma (in situ),5,atypical,irregular,absent,absent,absent,present,dotted,"
                "high,nodular,face,female,excision,ABC/Abc3.jpg,ABC/Abc4.jpg",
            )
        },
        2, 2, 4, {"dermoscopic_structures": 2, "elevation": 2, "image_type": 2},
    ),
    "dermofit": Sample(
        {"lesionlist.csv": _table("Lesion,Label", "A12,AK", "B7,ML", "D99a,PYO")}, 3, 3, 3, {"image_type": 3},
    ),
    "fitzpatrick17k": Sample(
        {
            "fitzpatrick17k.csv": _table(
                "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label,qc,url",
                "aa01,3,2,psoriasis,inflammatory,non-neoplastic,,http://x/1", "aa02,-1,-1,melanoma,malignant melanoma,malignant,,",
            )
        },
        2, 2, 2, {"fitzpatrick_type": 1},
    ),
    "ddi": Sample(
        {
            "ddi_metadata.csv": _table(
                ",DDI_ID,DDI_file,skin_tone,malignant,disease", "0,1,000901.png,56,True,melanoma-in-situ",
                "1,2,000902.png,12,False,verruca-vulgaris",
            )
        },
        2, 2, 2, {"skin_tone": 2},
    ),
    "scin": Sample(
        {
            "scin_cases.csv": _table(
                "case_id,age_group,sex_at_birth,fitzpatrick_skin_type,body_parts_arm,body_parts_leg,image_1_path,"
                "image_2_path,image_1_shot_type,image_2_shot_type",
                "-901,AGE_18_TO_29,FEMALE,FST2,YES,,images/-1.png,images/-2.png,CLOSE_UP,AT_DISTANCE",
                "-902,AGE_UNKNOWN,OTHER_OR_UNSPECIFIED,NONE_IDENTIFIED,YES,YES,images/-3.png,,AT_AN_ANGLE,",
            ),
            "scin_labels.csv": _table(
                "case_id,weighted_skin_condition_label", "-901,\"{'Eczema': 0.4, 'Psoriasis': 0.6}\"", "-902,{}"
            ),
        },
        2, 1, 3, {"anatomical_site": 1, "fitzpatrick_type": 1, "sex": 1, "image_type": 2},
    ),
    "folder-per-class": Sample(
        {f"train/{name}": _JPEG for name in ("melanoma/1.jpg", "melanoma/1_mask.png", "nevus/1.jpg", "nevus/2.jpg")},
        3, 3, 3, {"source_split": 3},
    ),
    "medmnist": Sample({"dermamnist.npz": _arrays()}, 3, 3, 3, {"source_split": 3}),
    "coco": Sample({"annotations.json": json.dumps(_COCO).encode()}, 3, 1, 2, {}, {"invalid_row": 1}),
    "yolo": Sample(
        {
            "data.yaml": b"train: images/train\nval: images/val\nnc: 2\nnames: [nevus, melanoma]\n",
            "images/train/a.jpg": _JPEG, "labels/train/a.txt": b"1 0.5 0.5 0.2 0.4\n",
            "images/train/b.jpg": _JPEG, "labels/train/b.txt": b"0 0.1 0.1 0.9 0.1 0.5 0.9\n",
            "images/val/c.jpg": _JPEG, "labels/val/d.txt": b"7 0.5 0.5 0.2 0.4\n", "images/val/d.jpg": _JPEG,
        },
        4, 2, 3, {"source_split": 3}, {"invalid_row": 1},
    ),
    "webdataset": Sample(
        {
            "train-000000.tar": make_tar(
                {"s1.jpg": _JPEG, "s1.cls": b"1", "s1.json": b'{"age": 44, "sex": "f", "file_name": "x.jpg"}', "s2.png": _JPEG}
            ),
            "train-000001.tar": make_tar({"s1.jpg": _JPEG, "s1.cls": b"0", "s3.cls": b"7"}),
            "classnames.txt": b"nevus\nmelanoma\n",
        },
        4, 2, 3, {"source_split": 3, "age_at_exam": 1, "sex": 1}, {"invalid_row": 1},
    ),
    "croissant": Sample(
        {"croissant.json": json.dumps(_CROISSANT).encode(), "data/rows.csv": _table("nr,dg,a", "c1,nevus,40", "c2,mole?,")},
        2, 2, 2, {"age_at_exam": 1},
    ),
    "table": Sample(
        {"clinic.csv": _table("image_nr;Diagnosis;body_part;remark", "k1;melanoma;back;seen twice", "k2;;arm;")},
        2, 1, 2, {"anatomical_site": 2},
    ),
}  # fmt: skip
