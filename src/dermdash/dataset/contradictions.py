"""Contradictions within a data set: every kind that is looked for, what it means, and what to do about one.

What two rows, or two fields of one row, say and what cannot both be so. Nothing is corrected here: a contradiction is a
finding, and people decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dermdash.records.taxonomy import Taxonomy

METHOD_VERSION = "1"


class ContradictionKind(StrEnum):
    """What contradicts what; the value is the kind of the finding."""

    SAME_PICTURE = "same_picture_other_diagnosis"
    REPEATED_ID = "repeated_id_other_diagnosis"
    AGAINST_RESULT = "diagnosis_against_histology"
    LESION_OF_PATIENTS = "lesion_of_several_patients"
    LESION_OF_DIAGNOSES = "lesion_of_several_diagnoses"
    SEX_AGAINST_SITE = "sex_against_site"
    PATIENT_OF_SEXES = "patient_of_both_sexes"
    STAGE_WITHOUT_RESULT = "stage_3_without_result"
    HISTOLOGY_AGAINST_CONSENSUS = "histology_contradiction"


@dataclass(frozen=True, slots=True)
class KindOfContradiction:
    """One kind.

    Attributes
    ----------
    title, meaning
        For people; the meaning is one sentence.
    what_to_do
        The way out.
    fields
        Columns that contradict one another.
    score
        Orders findings of all kinds (0 to 1): 1 where one of two statements must be wrong, less where something may
        only be missing.
    """

    kind: ContradictionKind
    title: str
    meaning: str
    what_to_do: str
    fields: tuple[str, ...]
    score: float = 1.0


_CORRECT = "correct the table and import it again, with updating"
KINDS: dict[str, KindOfContradiction] = {
    spec.kind.value: spec
    for spec in (
        KindOfContradiction(
            ContradictionKind.SAME_PICTURE, "One picture, several diagnoses",
            "The same picture stands in several rows, and they name different diagnoses.",
            f"Look in the source which row is right, take the other out or {_CORRECT}.",
            ("source_label", "dx"),
        ),
        KindOfContradiction(
            ContradictionKind.REPEATED_ID, "One image id, several diagnoses",
            "An image id stands in several rows of the table, and they name different diagnoses; the first counts.",
            f"Look in the source which row is right and take the others out, or {_CORRECT}.",
            ("source_label", "dx"),
        ),
        KindOfContradiction(
            ContradictionKind.AGAINST_RESULT, "Diagnosis against histology",
            "The histopathology result of the record is another class than its diagnosis.",
            f"Read the report: {_CORRECT}, or enter the histology of the record.",
            ("dx", "histopathology_result"),
        ),
        KindOfContradiction(
            ContradictionKind.LESION_OF_PATIENTS, "One lesion, several patients",
            "Images of one lesion id belong to several patients.",
            "Where the source numbers lesions within each patient, join patient and lesion id and import it anew under "
            f"another data set id; else {_CORRECT}.",
            ("lesion_id", "patient_id"),
        ),
        KindOfContradiction(
            ContradictionKind.LESION_OF_DIAGNOSES, "One lesion, several diagnoses",
            "Images of one lesion have different diagnoses.",
            f"Look which is confirmed better: {_CORRECT}, or give the images lesion ids of their own.",
            ("lesion_id", "dx"),
        ),
        KindOfContradiction(
            ContradictionKind.SEX_AGAINST_SITE, "Sex against site",
            "The site exists in the other sex only.",
            f"Look in the source which of the two is right and {_CORRECT}.",
            ("sex", "anatomical_site"),
        ),
        KindOfContradiction(
            ContradictionKind.PATIENT_OF_SEXES, "One patient, both sexes",
            "Records of one patient name both sexes.",
            f"Two people may share an id: look in the source and {_CORRECT}.",
            ("patient_id", "sex"),
        ),
        KindOfContradiction(
            ContradictionKind.STAGE_WITHOUT_RESULT, "Stage 3 without a result",
            "The record claims histology and has no histopathology result.",
            f"Add the result to the table and {_CORRECT}, enter it on the page of histology, or lower the stage.",
            ("verification_stage", "histopathology_result"), 0.5,
        ),
        KindOfContradiction(
            ContradictionKind.HISTOLOGY_AGAINST_CONSENSUS, "Histology against consensus",
            "Histology that was entered here is another class than what people had agreed on.",
            "The record has the pathologist's class: look at the case with those who agreed, and reopen it if the "
            "report is of another lesion.",
            ("dx", "histopathology_result"),
        ),
    )
}  # fmt: skip

# Beginnings of words: English, Latin, German, Russian.
_FEMALE_SITES = (
    r"vulva|vagina|labi(?:a|um) (?:maj|min)|clitor|cervix|introitus|female geni|schamlippe|scheide|"
    r"вульв|влагал|половы\w* губ|клитор"
)
_MALE_SITES = (
    r"penis|penile|scrot|skrot|testi[cs]|glans|prepu|foreskin|male geni|hodens|eichel|vorhaut|"
    r"полов\w* член|мошонк|яичк|крайн\w* плот"
)
_ONLY = {
    "female": re.compile(rf"\b({_FEMALE_SITES})", re.IGNORECASE),
    "male": re.compile(rf"\b({_MALE_SITES})", re.IGNORECASE),
}


def title_of(kind: str) -> str:
    """A kind in words."""
    return KINDS[kind].title if kind in KINDS else kind.replace("_", " ")


def only_of_sex(site: str) -> str | None:
    """The sex that alone has an anatomical site ("vulva": female), None for any other site."""
    words = site.replace("_", " ")
    for sex, pattern in _ONLY.items():
        if pattern.search(words):
            return sex
    return None


def sex_against_site(sex: str, site: str) -> bool:
    """Whether the site exists in the other sex only."""
    only = only_of_sex(site)
    return only is not None and sex in _ONLY and sex != only


def against_result(dx: str, result: str, taxonomy: Taxonomy) -> bool:
    """Whether a histopathology result is another class; one that is no class of the taxonomy says nothing here."""
    code = taxonomy.code_of(result)
    return code is not None and code != dx


def words_of(kind: str, rows: tuple[Mapping[str, Any], ...], *, called: Callable[[str], str] = str) -> str:
    """What contradicts what, in one line: the fields of the kind, as ``called``, with what each row says."""
    spec = KINDS[kind]
    names = [name for name in spec.fields if any(row.get(name) not in (None, "") for row in rows)]
    said = ["/".join(dict.fromkeys(_word(row.get(name)) for row in rows)) for name in names]
    return ", ".join(f"{called(name)} {value}" for name, value in zip(names, said, strict=True))


def _word(value: Any) -> str:
    return "empty" if value in (None, "") else str(value)
