"""From the words of people to a class of a taxonomy: labels of files, reports, folders, paths of the ISIC archive.

`read_diagnosis(text, taxonomy)` gives the class, or None, and always how that was decided. A class is given only where
the words leave no choice: doubt, negation, two diagnoses, signs of malignancy beside a benign one, or an unknown word
beside one that can change the disease (nevus *flammeus*) give None with the classes that come into question.

`read_diagnosis_path(levels, taxonomy)` reads diagnosis_1..5 of the ISIC archive: the deepest level that means a class
decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.records.cell_words import SAY_NOTHING
from dermdash.records.taxonomies.classes import Status, Taxonomy
from dermdash.records.taxonomies.phrases import SIGNS_OF_MALIGNANCY, Phrases, find_phrases
from dermdash.records.taxonomies.vocabulary import class_of_diagnosis, vocabulary, wider_diagnoses

_TOPS = {"benign": Status.BENIGN, "malignant": Status.MALIGNANT, "indeterminate": Status.BORDERLINE}


class Decision(StrEnum):
    """How a text became a class, or why it did not."""

    SPELLING = "spelling"
    WORDS = "words"
    PART = "part"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    NO_CLASS = "no_class"
    SEVERAL = "several"
    UNCERTAIN = "uncertain"
    NEGATED = "negated"
    CONTRADICTION = "contradiction"
    SIGNS = "signs_of_malignancy"


@dataclass(frozen=True, slots=True)
class DiagnosisReading:
    """What a text means in a taxonomy.

    Attributes
    ----------
    text
        As it was written.
    code
        The class; None where the words do not decide one.
    decision, how
        The kind of the decision, and one sentence of it for people.
    candidates
        Classes that come into question where ``code`` is None.
    diagnosis
        Key of the vocabulary, where the text names exactly one diagnosis that it knows.
    """

    text: str
    code: str | None
    decision: Decision
    how: str
    candidates: tuple[str, ...] = ()
    diagnosis: str | None = None

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "text": self.text, "code": self.code, "decision": str(self.decision), "how": self.how,
            "candidates": list(self.candidates), "diagnosis": self.diagnosis,
        }  # fmt: skip


def read_diagnosis(text: str, taxonomy: Taxonomy) -> DiagnosisReading:
    """Read a diagnosis in the words of people: English, German or Russian, in any case, plural or order where safe.

    The taxonomy's own codes, names and aliases come first; then the vocabulary.
    """
    code = taxonomy.code_of(text)
    found = find_phrases(text)
    if code is not None:
        keys = _narrowest(found.diagnoses)
        how = f"{taxonomy.name} spells {taxonomy[code].name} so"
        return DiagnosisReading(text, code, Decision.SPELLING, how, (), keys[0] if len(keys) == 1 else None)
    # A bare "unclear" doubts nothing: no diagnosis stands beside it.
    if text.strip().lower() in SAY_NOTHING or set(found.words) <= set(found.doubt):
        return DiagnosisReading(text, None, Decision.EMPTY, "no diagnosis is said")
    refused = _refusal(found)
    keys = _narrowest(found.diagnoses)
    classes = {key: class_of_diagnosis(key, taxonomy) for key in keys}
    candidates = _in_order(taxonomy, [c for of in classes.values() for c in (of.code, *of.may_be)])
    only = keys[0] if len(keys) == 1 else None
    if refused is not None:
        return DiagnosisReading(text, None, refused[0], refused[1], candidates, only)
    codes = {of.code for of in classes.values()}
    if len(codes) > 1:
        names = " and ".join(vocabulary()[key].name for key in keys)
        return DiagnosisReading(text, None, Decision.SEVERAL, f"names several diagnoses: {names}", candidates)
    code = next(iter(codes))
    if code is None:
        return DiagnosisReading(text, None, Decision.NO_CLASS, _no_class(keys, candidates, taxonomy), candidates, only)
    understood = _understood(found, keys)
    if found.unread:
        how = f"{understood}; not read: {' '.join(found.unread)}"
        return DiagnosisReading(text, code, Decision.PART, how, (), only)
    return DiagnosisReading(text, code, Decision.WORDS, understood, (), only)


def read_diagnosis_path(levels: Sequence[str | None], taxonomy: Taxonomy) -> DiagnosisReading:
    """Read a path from wide to narrow, as diagnosis_1..5 and iddx_1..5 of the ISIC archive or one text with ``::``.

    The deepest level that means a class decides, as each is a kind of the one above: a melanoma "associated with a
    nevus" is what the level above it says. A level that says otherwise of malignancy than the first one (Benign,
    Malignant, Indeterminate) leaves the whole path without a class.
    """
    parts = [part.strip() for level in levels if level for part in level.replace("::", ":").split(":")]
    said = [part for part in parts if part]
    path = " : ".join(said)
    if not said:
        return DiagnosisReading(path, None, Decision.EMPTY, "no diagnosis is said")
    top = _TOPS.get(said[0].lower())
    first: DiagnosisReading | None = None
    for level in reversed(said):
        reading = read_diagnosis(level, taxonomy)
        status = vocabulary()[reading.diagnosis].status if reading.diagnosis else None
        if top is not None and status is not None and status is not top:
            how = f"{level!r} is {status}, the path begins with {said[0]}"
            return DiagnosisReading(path, None, Decision.CONTRADICTION, how, reading.candidates, reading.diagnosis)
        first = first or reading
        if reading.code is not None:
            how = f"the level {level!r}: {reading.how}"
            return DiagnosisReading(path, reading.code, reading.decision, how, (), reading.diagnosis)
    assert first is not None
    return DiagnosisReading(path, None, first.decision, first.how, first.candidates, first.diagnosis)


def _refusal(found: Phrases) -> tuple[Decision, str] | None:
    """Why the words decide nothing, whatever the classes are."""
    if found.doubt:
        return Decision.UNCERTAIN, f"says that it is not sure: {' '.join(found.doubt)}"
    if found.negated:
        return Decision.NEGATED, f"says what it is not, or what was before: {' '.join(found.negated)}"
    if not found.diagnoses:
        return Decision.UNKNOWN, f"none of these words is known as a diagnosis: {' '.join(found.words)}"
    statuses = {vocabulary()[key].status for key in found.diagnoses}
    named = [key for key in found.diagnoses if key not in _TOPS]
    if Status.BENIGN in {vocabulary()[key].status for key in named} and found.signs:
        return Decision.SIGNS, f"a benign diagnosis with {SIGNS_OF_MALIGNANCY}: {' '.join(found.signs)}"
    if named and len(statuses) > 1 and any(key in _TOPS for key in found.diagnoses):
        return Decision.CONTRADICTION, f"says {' and '.join(sorted(statuses))} of one lesion"
    modified = [key for key in named if any(vocabulary()[wider].modified for wider in wider_diagnoses(key))]
    if found.unread and modified and len(modified) == len(named):
        name = vocabulary()[modified[0]].name
        return Decision.UNKNOWN, f"another kind of {name.lower()} may be meant: {' '.join(found.unread)} is not known"
    return None


def _narrowest(keys: Sequence[str]) -> tuple[str, ...]:
    """Without those that another one is a kind of: melanoma beside melanoma in situ, benign beside nevus."""
    wider = {above for key in keys for above in list(wider_diagnoses(key))[1:]}
    wider |= {key for key in keys for other in keys if other in vocabulary()[key].one_of}
    return tuple(dict.fromkeys(key for key in keys if key not in wider))


def _in_order(taxonomy: Taxonomy, codes: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(code for code in taxonomy.codes if code in codes)


def _no_class(keys: Sequence[str], candidates: Sequence[str], taxonomy: Taxonomy) -> str:
    name = " and ".join(vocabulary()[key].name for key in keys)
    if not candidates:
        return f"{name} belongs to no class of {taxonomy.name}"
    return f"{name} is wider than the classes of {taxonomy.name}: part of it is {', '.join(candidates)}"


def _understood(found: Phrases, keys: Sequence[str]) -> str:
    name = " and ".join(vocabulary()[key].name for key in keys)
    free = f", without {SIGNS_OF_MALIGNANCY}" if "nevus_like" in keys else ""
    return f"the words {' and '.join(map(repr, found.phrases))} mean {name}{free}"
