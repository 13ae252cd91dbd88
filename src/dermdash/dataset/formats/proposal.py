"""What the columns of an unknown table may be, by their names: a proposal of a layout, with how sure it is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS

OWN_NAME, KNOWN_NAME, LIKELY = 1.0, 0.9, 0.6
_KNOWN: dict[str, tuple[str, ...]] = {
    ColumnRole.IMAGE_ID: (
        "image_id", "image", "image_name", "isic_id", "img_id", "imageid", "image_nr", "photo_id", "photo", "picture",
        "img", "bild", "bild_id", "foto", "снимок", "изображение", "номер_снимка", "фото",
    ),
    ColumnRole.IMAGE_PATH: (
        "image_path", "file_name", "filename", "file", "path", "filepath", "file_path", "image_file", "img_path",
        "datei", "dateiname", "файл", "имя_файла",
    ),
    ColumnRole.LESION_ID: (
        "lesion_id", "lesion", "lesionid", "lesion_nr", "lesion_no", "lesion_number", "läsion",
        "läsions_id", "läsions_nr", "läsionsnummer", "очаг", "образование",
        "очага", "номер_очага", "код_очага", "id_очага", "ид_очага", "номер_образования",
    ),
    ColumnRole.PATIENT_ID: (
        "patient_id", "patient", "patientid", "subject_id", "subject", "case_patient", "patienten_id",
        "patientennummer", "pat_nr", "patient_no", "patient_number", "пациент", "номер_пациента", "пациента",
        "код_пациента", "id_пациента", "ид_пациента", "номер_карты", "карта", "карты", "карта_пациента",
    ),
    ColumnRole.DIAGNOSIS: (
        "dx", "diagnosis", "label", "class", "category", "disease", "dx_name", "diagnostic", "class_name",
        "diagnosis_full", "condition", "lesion_type", "benign_malignant", "diagnose", "befund", "диагноз",
    ),
    ColumnRole.SOURCE_LABEL: ("source_label",),
    ColumnRole.CONFIRMATION: (
        "dx_type", "diagnosis_confirm_type", "confirmation", "confirm_type", "подтверждение", "метод_подтверждения",
        "чем_подтвержден", "sicherung",
    ),
}  # fmt: skip
_LIKELY: dict[str, tuple[str, ...]] = {
    "age_at_exam": ("age_approximate", "age_at_baseline", "age_years", "patient_age", "alter", "возраст"),
    "sex": ("sex_at_birth", "patient_sex", "geschlecht", "пол"),
    "fitzpatrick_type": (
        "fitspatrick", "fitzpatrick", "skin_type", "fitzpatrick_scale", "phototype", "фототип", "hauttyp",
    ),
    "anatomical_site": (
        "anatom_site", "body_part", "body_site", "region", "location", "anatom_site_general_challenge", "body_region",
        "lokalisation", "локализация",
    ),
    "lesion_diameter_mm": (
        "diameter_mm", "diameter", "diameter_1", "durchmesser", "größe", "size", "диаметр", "размер",
    ),
    "source_split": ("subset", "partition", "fold"),
    "acquisition_date": (
        "date", "exam_date", "image_date", "date_taken", "datum", "aufnahmedatum", "дата",
        "дата_осмотра", "дата_съемки", "дата_съёмки", "дата_снимка",
    ),
}  # fmt: skip
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column of a table at hand, where it may go (empty: kept verbatim), and how sure that is (0..1)."""

    name: str
    to: str
    confidence: float


def propose(columns: Sequence[str]) -> list[ProposedColumn]:
    """For each column where it may go; of several for one target the surest, else the first, is proposed."""
    best: dict[str, ProposedColumn] = {}
    for name in columns:
        to, confidence = _target(name)
        if to and (to not in best or confidence > best[to].confidence):
            best[to] = ProposedColumn(name, to, confidence)
    taken = {p.name: p for p in best.values()}
    return [taken.get(name, ProposedColumn(name, "", 1.0)) for name in columns]


def proposed_layout(columns: Sequence[str], shape: str = "table") -> Layout | None:
    """A layout of one table with these columns; None where none of them may name the images."""
    found = [p for p in propose(columns) if p.to]
    images = [p.name for p in found if p.to in (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH)]
    if not images:
        return None
    columns_of = tuple(SourceColumn(name=p.name, to=p.to) for p in found)
    return Layout(tables=(TableLayout(kind="table", needs=tuple(images), columns=columns_of, shape=shape),))


def _names() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for to, names in _KNOWN.items():
        for place, name in enumerate(names):
            # Earlier names are the more usual ones.
            found.setdefault(name, (str(to), OWN_NAME if place == 0 else KNOWN_NAME - place / 1000))
    for spec in (*FIELDS, *DETAILS):
        for name in spec.names:
            found.setdefault(_plain(name), (spec.name, OWN_NAME if name == spec.name else KNOWN_NAME))
    for to, names in _LIKELY.items():
        for name in names:
            found.setdefault(name, (to, LIKELY))
    for name, meant in [*found.items()]:
        for spelt in (_without_accents(name), _without_accents(name.translate(_WRITTEN_OUT))):
            found.setdefault(spelt, meant)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", name).strip().lower()).strip("_")


def _without_accents(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _target(name: str) -> tuple[str, float]:
    plain = _plain(name)
    return _NAMES.get(plain) or _NAMES.get(_without_accents(plain), ("", 1.0))


_NAMES = _names()
