"""What a taxonomy is: an ordered set of diagnostic classes, each with its origin and clinical status."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dermdash.errors import InvalidInput


class LesionOrigin(StrEnum):
    """Whether a class of lesions arises from melanocytes."""

    MELANOCYTIC = "melanocytic"
    NON_MELANOCYTIC = "non-melanocytic"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Clinical status of a class; unknown where the class says nothing about it ("none of the others")."""

    BENIGN = "benign"
    BORDERLINE = "borderline"
    MALIGNANT = "malignant"
    UNKNOWN = "unknown"


NO_STATUS = "not_said"
"""The group of a class that says nothing about malignancy; not "unknown", which is no diagnosis at all."""
CLINICAL_GROUPS = {
    Status.MALIGNANT.value: "Malignant",
    Status.BORDERLINE.value: "Borderline",
    Status.BENIGN.value: "Benign",
    NO_STATUS: "Class says nothing of it",
}
"""In the order to show, in words."""


class BorderlinePolicy(StrEnum):
    """What a borderline class counts as where malignant is held against benign; the label stays what it is.

    ``own``: neither. Cases that truly are of such a class are left out there, and counted.
    """

    BENIGN = "benign"
    MALIGNANT = "malignant"
    OWN = "own"

    @property
    def in_words(self) -> str:
        """For people."""
        return _POLICY_WORDS[self]

    @property
    def counted(self) -> str:
        """The policy within a sentence, after "with"."""
        return "borderline as a class of its own" if self is BorderlinePolicy.OWN else f"borderline as {self.value}"


_POLICY_WORDS = {
    BorderlinePolicy.BENIGN: "Borderline counts as benign",
    BorderlinePolicy.MALIGNANT: "Borderline counts as malignant",
    BorderlinePolicy.OWN: "Borderline is a class of its own",
}


@dataclass(frozen=True, slots=True)
class DiagnosticClass:
    """One class of a taxonomy.

    Attributes
    ----------
    code, name
        How it stands in files, and what people are shown.
    origin, status
        Of every diagnosis in the class.
    aliases
        How others spell it.
    covers
        The diagnoses (keys of `vocabulary`) that belong to the class.
    borderline
        What the class counts as where it is borderline; set by `Taxonomy.counting_borderline_as`.
    """

    code: str
    name: str
    origin: LesionOrigin
    status: Status
    aliases: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN

    @property
    def malignancy(self) -> bool | None:
        """Whether the class counts as malignant; None where it counts as neither malignant nor benign.

        The one place where malignancy is derived from a diagnosis.
        """
        if self.status is Status.BORDERLINE:
            own = self.borderline is BorderlinePolicy.OWN
            return None if own else self.borderline is BorderlinePolicy.MALIGNANT
        return None if self.status is Status.UNKNOWN else self.status is Status.MALIGNANT

    @property
    def clinical_group(self) -> str:
        """Malignant, benign, borderline, or `NO_STATUS`: how records are grouped where no policy is asked for."""
        return NO_STATUS if self.status is Status.UNKNOWN else self.status.value

    @property
    def needs_histology(self) -> bool:
        """Whether the methodology asks for histology: a malignant class, whatever borderline ones count as."""
        return self.status is Status.MALIGNANT

    @property
    def is_malignant(self) -> bool:
        """Whether the class counts as malignant."""
        return self.malignancy is True


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """An ordered set of diagnostic classes; the order is that of model outputs and of keys 1..n.

    ``source`` says who defined the classes, ``note`` what one has to know of them; either may be empty.
    """

    name: str
    title: str
    classes: tuple[DiagnosticClass, ...]
    source: str = ""
    note: str = ""
    _code_of: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Codes before names before other spellings: the first of two classes that share one has it.
        spelt = {c.code: c.code for c in self.classes}
        names = [(c.name.lower(), c.code) for c in self.classes]
        names += [(alias.lower(), c.code) for c in self.classes for alias in c.aliases]
        for text, code in names:
            spelt.setdefault(text, code)
        object.__setattr__(self, "_code_of", spelt)

    @property
    def codes(self) -> tuple[str, ...]:
        """Class codes in order."""
        return tuple(c.code for c in self.classes)

    @property
    def borderline(self) -> BorderlinePolicy:
        """What its borderline classes count as."""
        return self.classes[0].borderline

    @property
    def has_borderline(self) -> bool:
        """Whether a class is borderline, so that the policy makes a difference."""
        return any(c.status is Status.BORDERLINE for c in self.classes)

    def counting_borderline_as(self, policy: BorderlinePolicy) -> "Taxonomy":
        """The same classes, whose borderline ones count as the policy says."""
        if policy is self.borderline:
            return self
        return replace(self, classes=tuple(replace(c, borderline=policy) for c in self.classes))

    @property
    def borderline_codes(self) -> tuple[str, ...]:
        """Codes of the borderline classes in order, whatever they count as."""
        return tuple(c.code for c in self.classes if c.status is Status.BORDERLINE)

    @property
    def codes_needing_histology(self) -> tuple[str, ...]:
        """Codes of the classes that the methodology asks histology for, in order; no policy changes them."""
        return tuple(c.code for c in self.classes if c.needs_histology)

    @property
    def borderline_words(self) -> str:
        """What its borderline classes count as, as a sentence with their names; empty where it has none."""
        names = " and ".join(self[code].name for code in self.borderline_codes)
        side = "neither malignant nor benign" if self.borderline is BorderlinePolicy.OWN else self.borderline.value
        return f"{names}: counted as {side}" if names else ""

    @property
    def benign_codes(self) -> tuple[str, ...]:
        """Codes of the classes that count as benign, in order."""
        return tuple(c.code for c in self.classes if c.malignancy is False)

    @property
    def malignant_codes(self) -> tuple[str, ...]:
        """Codes of the classes that count as malignant, in order."""
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
        """The class that a code, a name or another known spelling means, in any case; None for what is none of it.

        For words of people beyond these, `records.diagnosis_words.read_diagnosis`.
        """
        spelt = text.strip().lower()
        return self._code_of.get(spelt) or self._code_of.get(spelt.replace("_", " "))

    def malignancy_probability(self, probabilities: Mapping[str, float]) -> float:
        """Sum the probabilities of the classes that count as malignant (0..1, whatever rounding adds up to)."""
        return min(1.0, sum(probabilities[code] for code in self.malignant_codes))
