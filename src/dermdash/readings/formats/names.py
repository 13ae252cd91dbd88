"""What other studies call our modalities, diagnoses and professions. What means something else stays as spelt."""

from collections.abc import Iterable, Mapping

from dermdash.errors import InvalidInput
from dermdash.readings.modality import PUBLIC_NAMES, Modality
from dermdash.wording import counted

UNAIDED_NAMES = frozenset(
    {"no help", "nohelp", "no_help", "none", "unaided", "without", "without ai", "no ai", "no assistance", "alone"}
)
"""How logs say that nothing was shown."""

MOST_MODALITIES = 30

_MODALITIES: dict[str, Modality] = {
    **{m.value: m for m in Modality},
    **{m.label.lower(): m for m in Modality},
    **{name.lower(): m for m, name in PUBLIC_NAMES.items()},
    **{spelling: m for m in Modality for spelling in m.form.spellings},
}

_PROFESSIONS = {
    "boardcertifieddermatologist": "dermatologist",
    "dermatologist": "dermatologist",
    "dermatologyresident": "dermatology_resident",
    "generalpractitioner": "general_practitioner",
    "medicalstudent": "medical_student",
    "nurse": "nurse",
    "researcher": "researcher",
    "other": "other",
}


def modality_name(text: str) -> str:
    """Our code for a modality that means the same, ``none`` for none, else the text as spelt."""
    bare = text.strip()
    if bare.lower() in UNAIDED_NAMES:
        return Modality.NONE.value
    found = _MODALITIES.get(bare.lower())
    return bare if found is None else found.value


def check_modalities(names: Iterable[str], *, source: str) -> None:
    """Raise InvalidInput for more kinds of assistance than can be compared: then it is another column.

    Each is set against none and against the others, so that hundreds would take hours.
    """
    found = list(dict.fromkeys(names))
    if len(found) > MOST_MODALITIES:
        raise InvalidInput(
            f"{source} has {counted(len(found), 'modality', 'modalities')} "
            f"({', '.join(str(name)[:40] for name in found[:3])}, ...), more than the {MOST_MODALITIES} that are "
            "compared: is it the column that says what readers were shown?"
        )


def renamed_modalities(spelt: Iterable[str], options: Mapping[str, str], *, source: str) -> dict[str, str]:
    """What each modality of a log is called here: as an option ``modality:<as spelt>`` says, else `modality_name`.

    Raises
    ------
    InvalidInput
        An option names a modality that the log does not have.
    """
    names = list(dict.fromkeys(spelt))
    asked = {key.partition(":")[2]: value for key, value in options.items() if key.startswith("modality:")}
    if unknown := [name for name in asked if name not in names]:
        raise InvalidInput(
            f"{source} has no modality {unknown[0]!r}: expected one of {', '.join(names[:10]) or 'none'}"
        )
    return {name: modality_name(asked.get(name, name)) for name in names}


def profession_name(text: str | None) -> str | None:
    """Our code for a profession that means the same, else the text as spelt."""
    return None if text is None else _PROFESSIONS.get(text.replace("_", "").replace(" ", "").lower(), text)
