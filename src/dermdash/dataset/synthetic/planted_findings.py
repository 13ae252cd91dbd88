"""Faults of the demo for the checks of findings to find: wrong labels, an age that means nothing, a field that gives
the label away, pictures of another kind, one lesion filed under two ids, records that break a rule.

They are drawn by generators of their own, so that the rest of the demo does not change with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.dataset.synthetic.other_pictures import OTHER_PICTURES

LEAKY_COLUMN = "slide_id"
"""A column that is none of ours, filled nearly only where there was something malignant to cut."""
WRONG_LABEL, DEFAULT_AGE, OFF_TOPIC, TWO_IDS, POOR, LEAKY = (
    "wrong_label", "default_age", "off_topic", "lesion_under_two_ids", "poor_image", "leaky_field",
)  # fmt: skip
OTHER_SEX, OTHER_PATIENT = "other_sex", "other_patient"
"""What breaks a rule: somebody of both sexes, a lesion of two people."""
_LEAKS_MALIGNANT, _LEAKS_BENIGN = 0.95, 0.03
# Share of all images; two at least of each.
_SHARES = {WRONG_LABEL: 0.02, DEFAULT_AGE: 0.035, OFF_TOPIC: 0.02, TWO_IDS: 0.01, POOR: 0.015}
_RULES_BROKEN = {OTHER_SEX: 0.005, OTHER_PATIENT: 0.005}
_OTHER = {"female": "male", "male": "female"}
# What is taken for what least often: an error that a look at the image shows.
_CLEARLY_OTHER = {"nv": "vasc", "bkl": "vasc", "df": "vasc", "vasc": "bkl"}


def plant_findings(records: Sequence[Any], *, seed: int, lesions: int, spared: Collection[int] = ()) -> list[Any]:
    """Plant the faults in records (``DemoRecord``); those at the places ``spared`` stay as they are.

    Parameters
    ----------
    lesions
        Numbers from here on name no lesion yet.
    """
    planted = list(records)
    rng = np.random.default_rng([seed, *b"findings"])
    photographs = Counter(record.lesion_id for record in records)
    left_alone = set(spared)
    sound = [i for i, r in enumerate(records) if not r.planted and i not in left_alone]

    def draw(kind: str, wanted: Sequence[int]) -> list[int]:
        n = max(2, round(len(records) * _SHARES[kind]))
        chosen = [int(i) for i in rng.permutation(wanted)[:n]]
        for i in chosen:
            sound.remove(i)
        return chosen

    alone = [i for i in sound if photographs[records[i].lesion_id] == 1]
    mistaken = [i for i in alone if records[i].dx in _CLEARLY_OTHER and records[i].values["verification_stage"] != 3
                and records[i].appearance.looks_like == records[i].dx]  # fmt: skip
    for i in draw(WRONG_LABEL, mistaken):
        other = _CLEARLY_OTHER[records[i].dx]
        values = {**records[i].values, "clinical_diagnosis": other}
        planted[i] = replace(records[i], dx=other, values=values, planted=(WRONG_LABEL,), detail=records[i].dx)
    for i in draw(DEFAULT_AGE, [i for i in sound if records[i].values["age_at_exam"] is not None]):
        planted[i] = replace(records[i], values={**records[i].values, "age_at_exam": 0}, planted=(DEFAULT_AGE,))
    names = list(OTHER_PICTURES)
    for place, i in enumerate(draw(OFF_TOPIC, [i for i in sound if photographs[records[i].lesion_id] == 1])):
        planted[i] = replace(records[i], other_picture=names[place % len(names)], planted=(OFF_TOPIC,),
                             detail=names[place % len(names)])  # fmt: skip
    for place, i in enumerate(draw(POOR, sound)):
        # An examiner has let it pass: with a lower score an import would leave it out.
        fault = ("blur", "dark", "glare")[place % 3]
        values = {**records[i].values, "image_quality_score": 3}
        planted[i] = replace(records[i], values=values, faults={fault: 0.92}, planted=(POOR,), detail=fault)
    second = [i for i in sound if records[i].capture_seed is not None and photographs[records[i].lesion_id] == 2]
    for place, i in enumerate(draw(TWO_IDS, second)):
        planted[i] = replace(
            records[i], lesion_id=f"DEMO_L{lesions + place:04d}", planted=(TWO_IDS,), detail=records[i].lesion_id
        )
    for i, broken in _broken_rules(planted, sound, seed=seed):
        planted[i] = broken
    return [_with_slide(record, rng) for record in planted]


def _broken_rules(records: Sequence[Any], sound: Sequence[int], *, seed: int) -> list[tuple[int, Any]]:
    """Records of those at the places ``sound`` that break a rule now, with their places."""
    rng = np.random.default_rng([seed, *b"rules"])
    known = Counter(record.patient_id for record in records if record.values["sex"])
    photographs = Counter(record.lesion_id for record in records)
    patients = sorted({record.patient_id for record in records})
    wanted = {
        OTHER_SEX: [i for i in sound if records[i].values["sex"] and known[records[i].patient_id] > 1],
        OTHER_PATIENT: [i for i in sound if photographs[records[i].lesion_id] > 1],
    }
    taken: set[str] = set()  # one slip for a lesion
    broken = []
    for kind, places in wanted.items():
        free = [i for i in places if records[i].lesion_id not in taken]
        for i in rng.permutation(free)[: max(1, round(len(records) * _RULES_BROKEN[kind]))]:
            record = records[int(i)]
            if record.lesion_id in taken:
                continue
            taken.add(record.lesion_id)
            values, patient = dict(record.values), record.patient_id
            if kind == OTHER_SEX:
                values["sex"] = _OTHER[values["sex"]]
            else:
                patient = str(rng.choice([other for other in patients if other != patient]))
            broken.append((int(i), replace(record, values=values, patient_id=patient, planted=(kind,))))
    return broken


def _with_slide(record: Any, rng: np.random.Generator) -> Any:
    filled = rng.random() < (_LEAKS_MALIGNANT if DEMO_TAXONOMY[record.dx].is_malignant else _LEAKS_BENIGN)
    number = int(rng.integers(10_000, 99_999))
    return replace(record, further={LEAKY_COLUMN: f"S{number}"} if filled else {})
