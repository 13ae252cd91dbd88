"""Diagnoses of the vocabulary in the tree of the ISIC archive: general to special, ":" between the steps.

Source: diagnoses of the package isic-metadata 4.12 (the archive's tree). A diagnosis stands as deep as it decides:
"melanoma" may be in situ or invasive, and is neither here.
"""

import functools
from itertools import takewhile

from dermdash.records.taxonomies.classes import DiagnosticClass
from dermdash.records.taxonomies.vocabulary import vocabulary

STEP = ":"
MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
_EPIDERMAL = "Benign:Benign epidermal proliferations"
_SOFT = "Benign:Benign soft tissue proliferations"
_FLAT = "Benign:Flat melanotic pigmentations - not melanocytic nevus"
PATHS: dict[str, str] = {
    "benign": "Benign",
    "malignant": "Malignant",
    "indeterminate": "Indeterminate",
    "benign_melanocytic": "Benign:Benign melanocytic proliferations",
    "nevus": "Benign:Benign melanocytic proliferations:Nevus",
    "dysplastic_nevus": "Benign:Benign melanocytic proliferations:Nevus:Nevus, Atypical, Dysplastic, or Clark",
    "indeterminate_melanocytic": "Indeterminate:Indeterminate melanocytic proliferations",
    "melanoma": MELANOMA,
    "melanoma_in_situ": f"{MELANOMA}:Melanoma in situ",
    "melanoma_metastasis": f"{MELANOMA}:Melanoma metastasis",
    "lentigo": "Benign",
    "mucosal_melanotic_macule": f"{_FLAT}:Mucosal melanotic macule",
    "flat_pigmentation": _FLAT,
    "ephelis": f"{_FLAT}:Ephelis",
    "cafe_au_lait": f"{_FLAT}:Cafe au lait macule or patch",
    "dermal_melanocytosis": "Benign:Benign melanocytic proliferations:Dermal melanocytosis",
    "benign_epidermal": _EPIDERMAL,
    "benign_keratosis": _EPIDERMAL,
    "seborrheic_keratosis": f"{_EPIDERMAL}:Seborrheic keratosis",
    "solar_lentigo": f"{_EPIDERMAL}:Solar lentigo",
    "lichenoid_keratosis": f"{_EPIDERMAL}:Lichen planus like keratosis",
    "clear_cell_acanthoma": f"{_EPIDERMAL}:Clear cell acanthoma",
    "epidermal_nevus": f"{_EPIDERMAL}:Epidermal nevus",
    "dermatofibroma": f"{_SOFT} - Fibro-histiocytic:Dermatofibroma",
    "scar": f"{_SOFT} - Fibro-histiocytic:Scar",
    "angiofibroma": f"{_SOFT} - Fibro-histiocytic:Angiofibroma",
    "cyst": "Benign:Cysts",
    "exogenous": "Benign:Exogenous",
    "vascular_lesion": "Benign",
    "hemangioma": f"{_SOFT} - Vascular:Hemangioma",
    "pyogenic_granuloma": f"{_SOFT} - Vascular:Pyogenic granuloma",
    "hemorrhage": "Benign:Hemorrhagic lesions",
    "inflammatory_or_infectious": "Benign:Inflammatory or infectious diseases",
    "wart": "Benign:Inflammatory or infectious diseases:Verruca",
    "indeterminate_epidermal": "Indeterminate:Indeterminate epidermal proliferations",
    "actinic_keratosis": "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis",
    "malignant_epidermal": "Malignant:Malignant epidermal proliferations",
    "squamous_cell_carcinoma": "Malignant:Malignant epidermal proliferations",
    "scc_in_situ": "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma in situ",
    "keratoacanthoma": "Malignant:Malignant epidermal proliferations:Keratoacanthoma",
    "malignant_follicular": "Malignant:Malignant adnexal epithelial proliferations - Follicular",
    "basal_cell_carcinoma": "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma",
}


def path_of_class(of: DiagnosticClass) -> str:
    """How far down the tree a class decides: what the paths of all its diagnoses have in common; empty: nowhere."""
    return _common(of.covers)


@functools.cache
def _common(covers: tuple[str, ...]) -> str:
    paths = [PATHS[found].split(STEP) if (found := _placed(key)) else [] for key in covers]
    return STEP.join(steps[0] for steps in takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False)))


def _placed(key: str) -> str:
    """The diagnosis itself, else the next wider one that has a place of its own."""
    at: str | None = key
    while at is not None and at not in PATHS:
        at = vocabulary()[at].under
    return at or ""
