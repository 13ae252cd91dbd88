"""Records of the demo data set: patients, lesions and photographs with all 16 fields and planted faults."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dermdash.dataset.synthetic.appearance import LesionAppearance, draw_appearance
from dermdash.dataset.synthetic.demo_details import draw_details, draw_value, generator_of
from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.dataset.synthetic.painter import draw_artefacts
from dermdash.dataset.synthetic.patients import (
    DemoPatient,
    choose_patient,
    draw_patients,
    draw_site,
    draw_verification,
)
from dermdash.dataset.synthetic.planted_findings import LEAKY, LEAKY_COLUMN, plant_findings
from dermdash.errors import InvalidInput
from dermdash.records.fields import FIELDS, Block
from dermdash.wording import counted

CLASS_MIX: dict[str, float] = {
    "nv": 0.27,
    "mel": 0.18,
    "bkl": 0.145,
    "bcc": 0.13,
    "akiec": 0.1,
    "df": 0.0875,
    "vasc": 0.0875,
}
"""Share of the lesions per class: malignant and rare classes are enriched against what a clinic sees."""
IMPOSSIBLE_AGE = 187
COPY_CHANGES = ("re_encoded", "cropped", "mirrored")
"""What becomes of near duplicates in turn: fewer pixels and stronger compression, then also a part, or mirrored."""
# What the label rests on is there always.
_MAY_BE_MISSING = tuple(spec.name for spec in FIELDS if spec.block is not Block.DIAGNOSTIC)
_ELEVATION: dict[str, tuple[float, float, float]] = {
    "akiec": (0.5, 0.45, 0.05),
    "bcc": (0.15, 0.45, 0.4),
    "bkl": (0.25, 0.65, 0.1),
    "df": (0.05, 0.6, 0.35),
    "mel": (0.45, 0.35, 0.2),
    "nv": (0.65, 0.3, 0.05),
    "vasc": (0.3, 0.5, 0.2),
}


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """One photograph: how to paint it, its 16 fields, its details, and the faults planted in it.

    ``values`` holds all 16 fields by name (None where missing), ``details`` what is said beside them. ``faults`` maps
    blur, dark or glare to its severity (0..1). ``planted`` names every planted fault of the record. ``duplicate_of`` is
    the image whose bytes it repeats, ``near_duplicate_of`` the one of which it is a copy, ``changed_by_copy`` how that
    was changed. ``further`` holds columns that are none of ours, ``other_picture`` what is painted in place of the
    lesion, ``detail`` what the list of planted faults says of it.
    """

    image_id: str
    lesion_id: str
    patient_id: str
    dx: str
    dx_type: str | None
    values: dict[str, Any]
    lesion_seed: int
    capture_seed: int | None
    artefacts: tuple[str, ...]
    fitzpatrick_type: str
    appearance: LesionAppearance
    faults: dict[str, float] = field(default_factory=dict)
    planted: tuple[str, ...] = ()
    duplicate_of: str | None = None
    near_duplicate_of: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    further: dict[str, str] = field(default_factory=dict)
    other_picture: str | None = None
    changed_by_copy: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DemoLesion:
    """One lesion of a patient with its photographs."""

    lesion_id: str
    patient_id: str
    dx: str
    records: tuple[DemoRecord, ...]


def generate_demo_records(
    *, seed: int, patients: int = 180, lesions: int = 300, images: int = 420, lookalike_share: float = 0.1
) -> list[DemoLesion]:
    """Generate the lesions of the demo data set; the same arguments give the same records.

    Parameters
    ----------
    patients, lesions
        Numbers before duplicates are planted; every patient has at least one lesion.
    images
        Total number of images, planted duplicates included; a lesion has at most three photographs of its own.
    lookalike_share
        Share of lesions painted with the pattern of a class they are confused with (0..1).

    Raises
    ------
    InvalidInput
        The numbers do not fit together.
    """
    duplicates = max(2, round(images * 0.014))
    near = max(2, round(images * 0.018))
    singles = images - duplicates - near
    if not (1 <= patients <= lesions and max(lesions, len(CLASS_MIX)) <= singles <= 3 * lesions):
        raise InvalidInput(
            f"{counted(patients, 'patient')}, {counted(lesions, 'lesion')} and {counted(images, 'image')} do not fit: "
            f"expected patients <= lesions and between {lesions + duplicates + near} and "
            f"{counted(3 * lesions + duplicates + near, 'image')}"
        )
    rng = np.random.default_rng(seed)
    people = draw_patients(rng, patients)
    photographs = _photographs_per_lesion(rng, lesions, singles)
    taken: set[str] = set()
    records: list[DemoRecord] = []
    for number, dx in enumerate(_draw_classes(rng, lesions)):
        patient = choose_patient(rng, people, taken, dx)
        taken.add(patient.patient_id)
        appearance = draw_appearance(dx=dx, rng=rng, lookalike_share=lookalike_share)
        records += _photograph(rng, f"DEMO_L{number:04d}", patient, appearance, photographs[number])
    records = _plant_quality_faults(rng, records)
    records = _plant_field_faults(rng, records)
    copies = _plant_copies(rng, records, lesions, duplicates, near)
    sources = {int(copy.duplicate_of or copy.near_duplicate_of or 0) for copy in copies}
    planted = plant_findings(
        [*records, *copies], seed=seed, lesions=lesions + len(copies), spared=sources | set(range(len(records), images))
    )
    records = planted
    # Ids in shuffled order, so that neither class nor copies can be told from them.
    order = rng.permutation(len(records))
    return _grouped(_renamed([records[i] for i in order]))


def planted_faults(lesions: list[DemoLesion]) -> list[tuple[str, str, str]]:
    """List what was planted as (kind, image_id, other image_id or detail), sorted by kind and image."""
    listed = []
    for record in (record for lesion in lesions for record in lesion.records):
        for kind in record.planted:
            if kind == "missing_fields":
                detail = ";".join(
                    name for name, value in record.values.items() if value is None and name in _MAY_BE_MISSING
                )
            else:
                severity = record.faults.get(kind)
                detail = record.duplicate_of or record.near_duplicate_of or ""
                detail = str(round(severity, 2)) if severity is not None else detail or record.detail
            listed.append((kind, record.image_id, detail))
    return sorted([*listed, (LEAKY, "", LEAKY_COLUMN)])


def _draw_classes(rng: np.random.Generator, lesions: int) -> list[str]:
    counts = {dx: max(1, int(share * lesions)) for dx, share in CLASS_MIX.items()}
    counts["nv"] += lesions - sum(counts.values())
    return [str(dx) for dx in rng.permutation([dx for dx in DEMO_TAXONOMY.codes for _ in range(max(0, counts[dx]))])]


def _photographs_per_lesion(rng: np.random.Generator, lesions: int, total: int) -> list[int]:
    counts = [1] * lesions
    while sum(counts) < total:
        chosen = int(rng.integers(lesions))
        if counts[chosen] < 3:
            counts[chosen] += 1
    return counts


def _photograph(
    rng: np.random.Generator, lesion_id: str, patient: DemoPatient, appearance: LesionAppearance, count: int
) -> list[DemoRecord]:
    dx = appearance.dx
    stage, dx_type = draw_verification(rng, dx)
    # Tissue is taken where the eye may err: only with histology may the clinical diagnosis differ from the truth.
    clinical = appearance.looks_like if stage == 3 else dx
    lesion_seed = int(rng.integers(2**31))
    values: dict[str, Any] = _drawn_by_kind(lesion_seed) | {
        "age_at_exam": patient.age,
        "sex": patient.sex,
        "fitzpatrick_type": patient.fitzpatrick_type,
        "sunburn_history": patient.sunburn_history,
        "personal_ca_history": patient.personal_ca_history,
        "anatomical_site": draw_site(rng, dx),
        "lesion_diameter_mm": round(30 * appearance.radius * float(rng.uniform(0.8, 1.25)), 1),
        "dominant_colors": appearance.dominant_colors,
        "elevation": str(rng.choice(["flat", "palpable", "nodular"], p=_ELEVATION[dx])),
        "border_regularity": appearance.border_regularity,
        "dermoscopic_structures": appearance.dermoscopic_structures,
        "clinical_diagnosis": clinical,
        "histopathology_result": dx if stage == 3 else None,
        "verification_stage": stage,
        "examiner_id": f"EX{int(rng.integers(1, 7)):02d}",
        "image_quality_score": None,
    }
    details = draw_details(lesion_seed, values)
    records = []
    for shot in range(count):
        artefacts = draw_artefacts(rng)
        quality = int(rng.choice([5, 4], p=[0.65, 0.35])) - int(len(artefacts) > 1)
        records.append(
            DemoRecord(
                image_id="",
                lesion_id=lesion_id,
                patient_id=patient.patient_id,
                dx=dx,
                dx_type=dx_type,
                values={**values, "image_quality_score": quality},
                lesion_seed=lesion_seed,
                capture_seed=int(rng.integers(2**31)) if shot else None,
                artefacts=artefacts,
                fitzpatrick_type=patient.fitzpatrick_type,
                appearance=appearance,
                details=details,
            )
        )
    return records


def _drawn_by_kind(lesion_seed: int) -> dict[str, Any]:
    """Every field, in order, with something that it allows: what a field has that nothing here knows better of.

    Of each field by a generator of its own, so that a new field changes nothing else of the demo.
    """
    return {spec.name: draw_value(spec, generator_of(spec, lesion_seed)) for spec in FIELDS}


def score_of_severity(severity: float) -> int:
    """The image quality score (3 down to 1) an examiner gives a picture with a fault of this severity (0..1)."""
    return 3 if severity < 0.6 else 2 if severity < 0.85 else 1


def _plant_quality_faults(rng: np.random.Generator, records: list[DemoRecord]) -> list[DemoRecord]:
    records = list(records)
    per_fault = max(1, round(len(records) * 0.02))
    chosen = rng.choice(len(records), 3 * per_fault, replace=False)
    for place, index in enumerate(chosen):
        name = ("blur", "dark", "glare")[place % 3]
        severity = round(float(rng.uniform(0.45, 0.95)), 2)
        record = records[index]
        values = {**record.values, "image_quality_score": score_of_severity(severity)}
        records[index] = replace(record, values=values, faults={name: severity}, planted=(*record.planted, name))
    return records


def _plant_field_faults(rng: np.random.Generator, records: list[DemoRecord]) -> list[DemoRecord]:
    records = list(records)
    chosen = rng.choice(len(records), max(2, round(len(records) * 0.07)) + 1, replace=False)
    for index in chosen[1:]:
        record = records[index]
        gone = rng.choice(_MAY_BE_MISSING, int(rng.integers(1, 6)), replace=False)
        values = {**record.values, **dict.fromkeys(map(str, gone))}
        records[index] = replace(record, values=values, planted=(*record.planted, "missing_fields"))
    record = records[chosen[0]]
    values = {**record.values, "age_at_exam": IMPOSSIBLE_AGE}
    records[chosen[0]] = replace(record, values=values, planted=(*record.planted, "impossible_age"))
    return records


def _plant_copies(
    rng: np.random.Generator, records: list[DemoRecord], lesions: int, duplicates: int, near: int
) -> list[DemoRecord]:
    sound = [i for i, record in enumerate(records) if not record.planted]
    copies = []
    for place, index in enumerate(rng.choice(sound, duplicates + near, replace=False)):
        source = records[index]
        # Every other copy is filed as a lesion of its own: the kind that leaks from training into test.
        lesion_id = source.lesion_id if place % 2 else f"DEMO_L{lesions + place // 2:04d}"
        exact = place < duplicates
        copies.append(
            replace(
                source,
                lesion_id=lesion_id,
                values=dict(source.values),
                planted=("exact_duplicate" if exact else "near_duplicate",),
                # A place in the list until the images get their ids.
                duplicate_of=str(index) if exact else None,
                near_duplicate_of=None if exact else str(index),
                changed_by_copy="" if exact else COPY_CHANGES[place % len(COPY_CHANGES)],
            )
        )
    return [replace(copy, image_id=f"copy{i}") for i, copy in enumerate(copies)]


def _renamed(shuffled: list[DemoRecord]) -> list[DemoRecord]:
    originals = {
        (record.lesion_seed, record.capture_seed): f"DEMO_{number:06d}"
        for number, record in enumerate(shuffled)
        if not record.image_id
    }
    renamed = []
    for number, record in enumerate(shuffled):
        source = originals[record.lesion_seed, record.capture_seed]
        renamed.append(
            replace(
                record,
                image_id=f"DEMO_{number:06d}",
                duplicate_of=source if record.duplicate_of else None,
                near_duplicate_of=source if record.near_duplicate_of else None,
            )
        )
    return renamed


def _grouped(records: list[DemoRecord]) -> list[DemoLesion]:
    groups: dict[str, list[DemoRecord]] = {}
    for record in records:
        groups.setdefault(record.lesion_id, []).append(record)
    return [
        DemoLesion(lesion_id, group[0].patient_id, group[0].dx, tuple(group))
        for lesion_id, group in sorted(groups.items())
    ]
