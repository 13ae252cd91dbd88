"""Patients of the demo data set, and which lesion grows on whom, where, and how it was confirmed."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE

_TYPICAL_AGE = {"nv": 40, "mel": 60, "bkl": 65, "bcc": 68, "akiec": 71, "df": 45, "vasc": 48}
_PHOTOTYPES = {"I": 0.13, "II": 0.4, "III": 0.31, "IV": 0.1, "V": 0.04, "VI": 0.02}
_SITES: dict[str, dict[str, float]] = {
    "akiec": {"face": 5, "scalp": 3, "hand": 2, "ear": 1, "upper extremity": 2, "lower extremity": 2},
    "bcc": {"face": 4, "back": 3, "chest": 2, "neck": 2, "upper extremity": 1, "lower extremity": 1},
    "bkl": {"back": 4, "face": 3, "chest": 2, "abdomen": 2, "lower extremity": 2, "scalp": 1},
    "df": {"lower extremity": 6, "upper extremity": 3, "back": 1, "trunk": 1},
    "mel": {"back": 4, "lower extremity": 3, "upper extremity": 2, "chest": 2, "face": 2, "foot": 1, "trunk": 1},
    "nv": {"back": 4, "trunk": 4, "lower extremity": 3, "abdomen": 3, "upper extremity": 2, "chest": 1, "foot": 1},
    "vasc": {"chest": 2, "trunk": 3, "back": 2, "face": 2, "abdomen": 2, "hand": 1},
}
# "" is a label that nobody has confirmed yet.
_MALIGNANT_DX_TYPES = {"histo": 0.82, "consensus": 0.08, "confocal": 0.02, "": 0.08}
_DX_TYPES: dict[str, dict[str, float]] = {
    "nv": {"histo": 0.25, "follow_up": 0.35, "consensus": 0.28, "": 0.12},
    "bkl": {"histo": 0.4, "consensus": 0.4, "confocal": 0.08, "": 0.12},
    "df": {"histo": 0.4, "consensus": 0.48, "": 0.12},
    "vasc": {"histo": 0.2, "consensus": 0.65, "": 0.15},
}


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """One invented person; age in years at the examination."""

    patient_id: str
    age: int
    sex: str
    fitzpatrick_type: str
    sunburn_history: bool
    personal_ca_history: bool


def _pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    shares = np.array(list(weights.values()), float)
    return str(rng.choice(list(weights), p=shares / shares.sum()))


def draw_patients(rng: np.random.Generator, count: int) -> list[DemoPatient]:
    """Draw ``count`` patients; fair skin burns more often, age brings a history of skin cancer."""
    people = []
    for number in range(count):
        age = int(np.clip(rng.normal(56, 17), 8, 92))
        phototype = _pick(rng, _PHOTOTYPES)
        burns = {"I": 0.8, "II": 0.65, "III": 0.45, "IV": 0.25, "V": 0.1, "VI": 0.05}[phototype]
        people.append(
            DemoPatient(
                patient_id=f"DEMO_P{number:03d}",
                age=age,
                sex=str(rng.choice(["female", "male"], p=[0.47, 0.53])),
                fitzpatrick_type=phototype,
                sunburn_history=bool(rng.random() < burns),
                personal_ca_history=bool(rng.random() < 0.004 * max(0, age - 25)),
            )
        )
    return people


def choose_patient(rng: np.random.Generator, people: list[DemoPatient], taken: Collection[str], dx: str) -> DemoPatient:
    """Choose whose lesion this is: someone without one first, of an age and skin that fit the diagnosis."""
    free = [person for person in people if person.patient_id not in taken] or people
    ages = np.array([person.age for person in free], float)
    weight = np.exp(-(((ages - _TYPICAL_AGE[dx]) / 16) ** 2)) + 1e-3
    if DEMO_TAXONOMY[dx].is_malignant:
        fair = np.array([person.fitzpatrick_type in ("I", "II", "III") for person in free])
        weight *= np.where(fair, 1.0, 0.25)
    return free[int(rng.choice(len(free), p=weight / weight.sum()))]


def draw_site(rng: np.random.Generator, dx: str) -> str:
    """Draw an anatomical site that fits the diagnosis, in the words of HAM10000."""
    return _pick(rng, _SITES[dx])


def draw_verification(rng: np.random.Generator, dx: str) -> tuple[int, str | None]:
    """Draw how the label was confirmed: verification stage and dx_type (None at stage 1).

    Most malignant labels rest on histology; a few do not, for quality assurance to find.
    """
    dx_type = _pick(rng, _MALIGNANT_DX_TYPES if DEMO_TAXONOMY[dx].is_malignant else _DX_TYPES[dx])
    return (int(STAGE_OF_DX_TYPE[dx_type]), dx_type) if dx_type else (1, None)
