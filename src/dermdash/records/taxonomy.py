"""Diagnostic taxonomies: which classes exist, what they come from, and whether they are malignant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dermdash.errors import InvalidInput


class LesionOrigin(StrEnum):
    """Whether a class of lesions arises from melanocytes."""

    MELANOCYTIC = "melanocytic"
    NON_MELANOCYTIC = "non-melanocytic"


class Status(StrEnum):
    """Clinical status of a class."""

    BENIGN = "benign"
    BORDERLINE = "borderline"
    MALIGNANT = "malignant"


@dataclass(frozen=True, slots=True)
class DiagnosticClass:
    """One class of a taxonomy: its code in files, its name for people, origin and status, and how others spell it."""

    code: str
    name: str
    origin: LesionOrigin
    status: Status
    aliases: tuple[str, ...] = ()

    @property
    def is_malignant(self) -> bool:
        """Whether the class counts as malignant in its taxonomy (borderline does not)."""
        return self.status is Status.MALIGNANT


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """An ordered set of diagnostic classes; the order is that of model outputs and of keys 1..n."""

    name: str
    title: str
    classes: tuple[DiagnosticClass, ...]
    _code_of: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Codes before names before other spellings: the first of two classes that share one has it.
        spelt = {c.code: c.code for c in self.classes}
        names = [(c.name.lower(), c.code) for c in self.classes]
        names += [(alias, c.code) for c in self.classes for alias in c.aliases]
        for text, code in names:
            spelt.setdefault(text, code)
        object.__setattr__(self, "_code_of", spelt)

    @property
    def codes(self) -> tuple[str, ...]:
        """Class codes in order."""
        return tuple(c.code for c in self.classes)

    @property
    def malignant_codes(self) -> tuple[str, ...]:
        """Codes of the malignant classes in order."""
        return tuple(c.code for c in self.classes if c.is_malignant)

    def __getitem__(self, code: str) -> DiagnosticClass:
        """Return the class of that code, or raise InvalidInput naming the known ones."""
        for diagnostic_class in self.classes:
            if diagnostic_class.code == code:
                return diagnostic_class
        raise InvalidInput(f"unknown diagnosis {code!r}: {self.name} has {', '.join(self.codes)}")

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def code_of(self, text: str) -> str | None:
        """The class that a code, a name or another known spelling means, in any case; None for what is none of it."""
        spelt = text.strip().lower()
        return self._code_of.get(spelt) or self._code_of.get(spelt.replace("_", " "))

    def malignancy_probability(self, probabilities: Mapping[str, float]) -> float:
        """Sum the probabilities of the malignant classes (0..1)."""
        return sum(probabilities[code] for code in self.malignant_codes)


def _classes(
    rows: Iterable[tuple[str, str, LesionOrigin, Status]], **aliases: tuple[str, ...]
) -> tuple[DiagnosticClass, ...]:
    return tuple(DiagnosticClass(*row, aliases.get(row[0], ())) for row in rows)


_M, _N = LesionOrigin.MELANOCYTIC, LesionOrigin.NON_MELANOCYTIC

HAM7 = Taxonomy(
    "ham7",
    "HAM10000, seven classes",
    _classes(
        [
            ("akiec", "Actinic keratosis / Bowen's disease", _N, Status.MALIGNANT),
            ("bcc", "Basal cell carcinoma", _N, Status.MALIGNANT),
            ("bkl", "Benign keratosis", _N, Status.BENIGN),
            ("df", "Dermatofibroma", _N, Status.BENIGN),
            ("mel", "Melanoma", _M, Status.MALIGNANT),
            ("nv", "Melanocytic nevus", _M, Status.BENIGN),
            ("vasc", "Vascular lesion", _N, Status.BENIGN),
        ],
        # As HAM10000, the ISIC archive and the logs of reader studies write them.
        akiec=(
            "actinic keratosis",
            "bowen's disease",
            "intraepithelial carcinoma",
            "actinic keratosis or intraepithelial carcinoma",
        ),
        bkl=("seborrheic keratosis", "solar lentigo", "lichenoid keratosis", "benign keratosis-like lesion"),
        nv=("nevus", "naevus", "melanocytic nevi"),
        vasc=("vascular",),
    ),
)

CLINICAL9 = Taxonomy(
    "clinical9",
    "Clinical, nine classes",
    _classes(
        [
            ("nevus", "Nevus", _M, Status.BENIGN),
            ("dysplastic_nevus", "Dysplastic nevus", _M, Status.BORDERLINE),
            ("melanoma", "Melanoma", _M, Status.MALIGNANT),
            ("seborrheic_keratosis", "Seborrheic keratosis", _N, Status.BENIGN),
            ("hemangioma", "Hemangioma", _N, Status.BENIGN),
            ("dermatofibroma", "Dermatofibroma", _N, Status.BENIGN),
            ("papilloma", "Papilloma", _N, Status.BENIGN),
            ("basal_cell_carcinoma", "Basal cell carcinoma", _N, Status.MALIGNANT),
            ("squamous_cell_carcinoma", "Squamous cell carcinoma", _N, Status.MALIGNANT),
        ]
    ),
)

# The twelve skin tumours of Han et al., JID 2018, in the order of its Table 1. The paper counts intraepithelial
# carcinoma as malignant and calls actinic keratosis premalignant: borderline here.
ASAN12 = Taxonomy(
    "asan12",
    "Asan, twelve classes",
    _classes(
        [
            ("bcc", "Basal cell carcinoma", _N, Status.MALIGNANT),
            ("scc", "Squamous cell carcinoma", _N, Status.MALIGNANT),
            ("iec", "Intraepithelial carcinoma", _N, Status.MALIGNANT),
            ("ak", "Actinic keratosis", _N, Status.BORDERLINE),
            ("sk", "Seborrheic keratosis", _N, Status.BENIGN),
            ("mel", "Melanoma", _M, Status.MALIGNANT),
            ("nv", "Melanocytic nevus", _M, Status.BENIGN),
            ("lentigo", "Lentigo", _M, Status.BENIGN),
            ("pg", "Pyogenic granuloma", _N, Status.BENIGN),
            ("hemangioma", "Hemangioma", _N, Status.BENIGN),
            ("df", "Dermatofibroma", _N, Status.BENIGN),
            ("wart", "Wart", _N, Status.BENIGN),
        ]
    ),
)

TAXONOMIES: dict[str, Taxonomy] = {t.name: t for t in (HAM7, CLINICAL9, ASAN12)}
DEFAULT_TAXONOMY = HAM7.name
"""What a command or a page takes where nobody says; code below them is told."""


_NAMES = {c.code: c.name for taxonomy in TAXONOMIES.values() for c in taxonomy.classes}


def diagnosis_name(code: str | None) -> str:
    """Return the diagnosis in words ("nv": "Melanocytic nevus"); a code of no known taxonomy as it stands.

    A code means the same in every taxonomy that has it.
    """
    return _NAMES.get(code, code) if code else "No diagnosis"


def short_diagnosis_name(code: str) -> str:
    """Return the first of the names of a diagnosis ("akiec": "Actinic keratosis"), for labels in figures."""
    return diagnosis_name(code).partition(" / ")[0]


def get_taxonomy(name: str) -> Taxonomy:
    """Return the taxonomy of that name, or raise InvalidInput naming the known ones."""
    if name not in TAXONOMIES:
        raise InvalidInput(f"unknown taxonomy {name!r}: known are {', '.join(TAXONOMIES)}")
    return TAXONOMIES[name]
