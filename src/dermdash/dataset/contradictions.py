"""Contradictions within a data set: the rules by which they are told; what the kinds mean stands in `finding_kinds`.

What two rows, or two fields of one row, say and what cannot both be so. Nothing is corrected here: a contradiction is a
finding, and people decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from dermdash.dataset import finding_kinds
from dermdash.dataset.finding_kind import FindingKind
from dermdash.records.record_columns import table_head
from dermdash.records.taxonomy import Taxonomy, diagnosis_name

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


KINDS: dict[str, FindingKind] = {key: kind for key, kind in finding_kinds.KINDS.items() if kind.is_contradiction}
"""The kinds of contradictions out of the registry of findings; in its order."""

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


def words_of(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """What contradicts what, in one line: the columns of the kind with what each row says, as stored."""
    return ", ".join(f"{name} {'/'.join(said)}" for name, said in _said(kind, rows, _word))


def in_words(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The same as people read it: "Diagnosis: Vascular lesion or Melanocytic nevus"."""
    return "; ".join(f"{table_head(name)}: {' or '.join(said)}" for name, said in _said(kind, rows, _in_words))


def _said(kind: str, rows: Sequence[Mapping[str, Any]], word: Callable[[str, Any], str]) -> list[tuple[str, list[str]]]:
    """Each column that any row fills, with the different things that the rows say of it."""
    names = [name for name in KINDS[kind].fields if any(row.get(name) not in (None, "") for row in rows)]
    return [(name, list(dict.fromkeys(word(name, row.get(name)) for row in rows))) for name in names]


def _word(_name: str, value: Any) -> str:
    return "empty" if value in (None, "") else str(value)


def _in_words(name: str, value: Any) -> str:
    return diagnosis_name(value) if name == "dx" and value else _word(name, value)
