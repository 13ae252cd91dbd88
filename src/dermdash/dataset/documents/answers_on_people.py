"""What numbers say of the people in a data set: one function per key of an answer."""

from __future__ import annotations

from collections.abc import Callable

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.words_of_answers import FEW, of_field, share
from dermdash.records.fields import FIELDS
from dermdash.wording import counted, number, percent


def _subpopulations(f: DatasetFacts) -> str:
    return " ".join(filter(None, (_age(f), _sex(f), _skin(f), _sites(f))))


def _age(f: DatasetFacts) -> str:
    s = f.statistics
    of = "patients" if not s.units_are_lesions else "patients, or lesions where none is named"
    if not s.ages.n:
        return f"Age is recorded of none of {s.units:,} {of}."
    return (
        f"Age of {s.ages.n:,} of {s.units:,} {of}: {s.ages.minimum} to {s.ages.maximum} years, mean "
        f"{number(s.ages.mean or 0, 1)}, median {number(s.ages.median or 0, 1)}."
    )


def _sex(f: DatasetFacts) -> str:
    s = f.statistics
    known = {sex: n for sex, n in s.sexes.items() if sex}
    if not known:
        return "Sex is not recorded."
    total = sum(s.sexes.values()) + s.contradictory_sex
    parts = [f"{sex} {n:,} ({percent(n / total)})" for sex, n in known.items()]
    if (unknown := s.sexes.get("", 0)) > 0:
        parts.append(f"not recorded {unknown:,} ({percent(unknown / total)})")
    return f"Sex as recorded: {', '.join(parts)}. Gender is not recorded."


def _skin(f: DatasetFacts) -> str:
    types, tones = f.values.get("fitzpatrick_type", {}), f.values.get("skin_tone", {})
    if not types and not tones:
        return "Neither skin type nor skin tone nor ethnicity is recorded."
    said = []
    if types:
        recorded = sum(types.values())
        said.append(
            f"Fitzpatrick type of {counted(recorded, 'record')} ({share(f, recorded)}): "
            f"{of_field(f, 'fitzpatrick_type')}."
        )
    if tones:
        scales = of_field(f, "skin_tone_scale")
        recorded = sum(tones.values())
        said.append(
            f"Skin tone of {counted(recorded, 'record')} ({scales or 'scale not recorded'}): "
            f"{of_field(f, 'skin_tone')}."
        )
    return " ".join([*said, "Ethnicity is not recorded."])


def _sites(f: DatasetFacts) -> str:
    sites = f.values.get("anatomical_site", {})
    return f"Anatomical site: {of_field(f, 'anatomical_site')}." if sites else "The anatomical site is not recorded."


def _underrepresented(f: DatasetFacts) -> str:
    s = f.statistics
    few = [f"{c.name} ({c.n:,})" for c in s.categories if s.records and c.n / s.records < FEW]
    types = f.values.get("fitzpatrick_type", {})
    spec = next(spec for spec in FIELDS if spec.name == "fitzpatrick_type")
    absent = [t for t in spec.choices if t not in types] if types else []
    there = {c.code for c in s.categories}
    none = [name for code, name in f.classes.items() if code not in there]
    said = [f"Classes of the taxonomy without a record: {', '.join(none)}."] if none and s.records else []
    said += [f"Classes of less than {percent(FEW, 0)} of the records: {', '.join(few)}."] if few else []
    if types:
        said += [f"No record of Fitzpatrick type {', '.join(absent)}."] if absent else []
    else:
        said.append("Whether skin types are few cannot be said: they are not recorded.")
    return " ".join(said)


def _identifiable(f: DatasetFacts) -> str:
    ids = "Records of one patient are tied by an id." if f.statistics.patients else "No patient is named."
    return f"{ids} {f.images}".strip()


def _sensitive(f: DatasetFacts) -> str:
    return "" if f.simulated else "It holds health data: images of skin lesions and diagnoses."


ANSWERS: dict[str, Callable[[DatasetFacts], str]] = {
    "subpopulations": _subpopulations,
    "age": _age,
    "sex": _sex,
    "skin": _skin,
    "underrepresented": _underrepresented,
    "identifiable": _identifiable,
    "sensitive": _sensitive,
}
"""By the key of the answer."""
