"""The answers that numbers give: one function per key of an answer. An empty text: the numbers say nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.records.dataset_statistics import Distribution
from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS
from dermdash.records.record_columns import data_dictionary
from dermdash.records.taxonomy import LesionOrigin
from dermdash.records.verification_stage import DX_TYPE_WORDS, VerificationStage
from dermdash.wording import counted, number, percent

_FEW = 0.02
_LISTED = 12
_SPECS = {spec.name: spec for spec in (*FIELDS, *DETAILS)}
_TITLES = {name: spec.title for name, spec in _SPECS.items()}


def _instances(f: DatasetFacts) -> str:
    kinds = _of_field(f, "image_type")
    drawn = "a drawn image (simulated, no photograph)" if f.simulated else "an image of a skin lesion"
    return f"An instance is {drawn} with its record." + (f" Kinds of image: {kinds}." if kinds else "")


def _counts(f: DatasetFacts) -> str:
    s = f.statistics
    said = f"{counted(s.records, 'record')} of {counted(f.lesions, 'lesion')} (as the source numbers them)"
    said += f" of {counted(s.patients, 'patient')}" if s.patients else "; no patient is named"
    if s.patients and s.without_patient:
        said += f" ({counted(s.without_patient, 'record names', 'records name')} no patient)"
    said += f"; {counted(s.images, 'different image file')}."
    said += f" {counted(f.masks, 'lesion mask')}." if f.masks else " No lesion masks."
    return said


def _patients(f: DatasetFacts) -> str:
    s = f.statistics
    if not s.patients:
        return (
            f"No patient is named; {counted(f.lesions, 'lesion')}, images per lesion: {_spread(s.images_per_lesion)}."
        )
    return f"{counted(s.patients, 'patient')}; images per patient: {_spread(s.images_per_patient)}."


def _instance_data(f: DatasetFacts) -> str:
    files = _listed(f.formats)
    sizes = ""
    if f.smallest and f.largest:
        (a, b), (c, d) = f.smallest, f.largest
        sizes = f" of {a:,} x {b:,}" + (f" to {c:,} x {d:,}" if f.smallest != f.largest else "") + " pixels"
    filled = [x.field.title for block in f.completeness.blocks for x in block.fields if x.filled]
    return (
        f"An image file ({files or 'none'}){sizes}, and {len(filled)} of {len(FIELDS)} fields in at least one record"
        + (f": {', '.join(filled)}." if filled else ".")
    )


def _labels(f: DatasetFacts) -> str:
    s = f.statistics
    rows = [f"{c.name} {c.n:,} ({percent(c.n / s.records)})" for c in s.categories] if s.records else []
    stages = ", ".join(
        f"{VerificationStage(stage).title.lower() if stage else 'no stage'} {n:,}" for stage, n in s.stages.items()
    )
    none = f" {counted(s.undiagnosed, 'record')} without a class." if s.undiagnosed else ""
    origins = "; ".join(
        f"{words} {n:,} ({percent(n / s.records)})"
        for words, n in (
            ("melanocytic", s.of_origin(LesionOrigin.MELANOCYTIC)), ("malignant", s.malignant),
        ) if s.records
    )  # fmt: skip
    return (
        f"A class of {f.taxonomy}: {'; '.join(rows) or 'none'}.{none} {origins[:1].upper()}{origins[1:]}. "
        f"By verification stage: {stages or 'none'}. " + " ".join(f.labels)
    ).strip()


def _missing(f: DatasetFacts) -> str:
    gaps = [
        f"{x.field.title} {percent(1 - x.share)}"
        for block in f.completeness.blocks
        for x in block.fields
        if x.share is not None and x.share < 1
    ]
    whole = f"Fields are filled in {percent(f.completeness.share)} on average"
    return (
        f"{whole}. Missing, as a share of the records: {'; '.join(gaps)}." if gaps else f"{whole}: nothing is missing."
    )


def _relations(f: DatasetFacts) -> str:
    s = f.statistics
    patients = f", and of one patient by the patient's ({counted(s.patients, 'patient')})" if s.patients else ""
    return (
        f"Images of one lesion are tied by the id of the lesion ({counted(f.lesions, 'lesion')}; images per lesion "
        f"{_spread(s.images_per_lesion)}){patients}."
    )


def _splits(f: DatasetFacts) -> str:
    own = _of_field(f, "source_split")
    return " ".join([*f.splits, *([f"The source parts it: {own}."] if own else [])])


def _errors(f: DatasetFacts) -> str:
    s = f.statistics
    said = [*f.repeated]
    if s.records > s.images:
        said.append(f"{counted(s.records - s.images, 'record')} show an image file that another record shows, too.")
    if s.exclusions is not None and s.exclusions.by_reason:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in s.exclusions.by_reason.items())
        said.append(f"Left out at import: {reasons}.")
    if s.contradictory_sex:
        said.append(f"{counted(s.contradictory_sex, 'patient')} with more than one sex.")
    return " ".join(said)


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
            f"Fitzpatrick type of {counted(recorded, 'record')} ({_share(f, recorded)}): "
            f"{_of_field(f, 'fitzpatrick_type')}."
        )
    if tones:
        scales = _of_field(f, "skin_tone_scale")
        recorded = sum(tones.values())
        said.append(
            f"Skin tone of {counted(recorded, 'record')} ({scales or 'scale not recorded'}): "
            f"{_of_field(f, 'skin_tone')}."
        )
    return " ".join([*said, "Ethnicity is not recorded."])


def _sites(f: DatasetFacts) -> str:
    sites = f.values.get("anatomical_site", {})
    return f"Anatomical site: {_of_field(f, 'anatomical_site')}." if sites else "The anatomical site is not recorded."


def _underrepresented(f: DatasetFacts) -> str:
    s = f.statistics
    few = [f"{c.name} ({c.n:,})" for c in s.categories if s.records and c.n / s.records < _FEW]
    types = f.values.get("fitzpatrick_type", {})
    spec = next(spec for spec in FIELDS if spec.name == "fitzpatrick_type")
    absent = [t for t in spec.choices if t not in types] if types else []
    there = {c.code for c in s.categories}
    none = [name for code, name in f.classes.items() if code not in there]
    said = [f"Classes of the taxonomy without a record: {', '.join(none)}."] if none and s.records else []
    said += [f"Classes of less than {percent(_FEW, 0)} of the records: {', '.join(few)}."] if few else []
    if types:
        said += [f"No record of Fitzpatrick type {', '.join(absent)}."] if absent else []
    else:
        said.append("Whether skin types are few cannot be said: they are not recorded.")
    return " ".join(said)


def _acquisition(f: DatasetFacts) -> str:
    said = [
        f"{title}: {listed}."
        for name, title in (
            ("image_type", "Kind of image"), ("polarisation", "Light"), ("contact", "Contact"),
            ("acquisition_source", "Taken at or with"),
        )
        if (listed := _of_field(f, name))
    ]  # fmt: skip
    return " ".join([*said, *f.imports])


def _devices(f: DatasetFacts) -> str:
    names = ("image_type", "polarisation", "contact", "acquisition_source")
    said = [f"{_TITLES[n]}: {listed}." for n in names if (listed := _of_field(f, n))]
    absent = [_TITLES[n].lower() for n in names if not f.values.get(n)]
    return " ".join([*said, *([f"Not recorded: {', '.join(absent)}."] if absent else [])])


def _confounding(f: DatasetFacts) -> str:
    sources = f.values.get("acquisition_source", {})
    if len(sources) < 2:
        return ""
    return (
        f"Images come from {counted(len(sources), 'source')} ({_listed(sources)}), which may differ in class and light."
    )


def _period(f: DatasetFacts) -> str:
    if f.period is None:
        return ""
    first, last = f.period
    return f"Acquisition dates from {first} to {last}." if first != last else f"Acquisition date: {first}."


def _preparation(f: DatasetFacts) -> str:
    return " ".join(["Metadata were removed from the image files without encoding them again.", *f.labels])


def _identifiable(f: DatasetFacts) -> str:
    ids = "Records of one patient are tied by an id." if f.statistics.patients else "No patient is named."
    return f"{ids} {f.images}".strip()


def _sensitive(f: DatasetFacts) -> str:
    return "" if f.simulated else "It holds health data: images of skin lesions and diagnoses."


def _annotations_per_item(f: DatasetFacts) -> str:
    if not f.reviews_per_record:
        return "Nobody annotated records here; labels are those of the source."
    parts = [
        f"{counted(records, 'record')} by {counted(n, 'person', 'people')}"
        for n, records in sorted(f.reviews_per_record.items())
    ]
    none = f.statistics.records - sum(f.reviews_per_record.values())
    said = f"Annotated or reviewed here: {'; '.join(parts)}"
    return f"{said}; {counted(none, 'record')} by nobody." if none else f"{said}."


def _annotators(f: DatasetFacts) -> str:
    if not f.people:
        return ""
    return (
        f"{counted(f.people, 'person', 'people')} annotated or reviewed, {f.specialists:,} of them specialists or "
        "experts by their accounts. Age, sex and origin of annotators are not recorded."
    )


def _agreement(f: DatasetFacts) -> str:
    return " ".join(f.agreement)


def _blinding(f: DatasetFacts) -> str:
    initial, model, reviews = f.blind
    if not reviews:
        return ""
    return (
        f"Of {counted(reviews, 'review')}, all were blind to one another, {initial:,} to the initial label and "
        f"{model:,} to the model."
    )


def _confirmation(f: DatasetFacts) -> str:
    s = f.statistics
    how = _listed({DX_TYPE_WORDS.get(k, k): n for k, n in f.values.get("dx_type", {}).items()})
    histology = s.stages.get(int(VerificationStage.HISTOLOGY), 0)
    said = f"Histology: {counted(histology, 'record')} ({_share(f, histology)})"
    if s.verified_share is not None:
        said += f", {percent(s.verified_share)} of the malignant ones"
    return f"{said}. As the source says: {how}." if how else f"{said}."


def _quality(f: DatasetFacts) -> str:
    x = f.statistics.exclusions
    if x is None or not (x.rejected_at_acquisition or x.by_reason):
        return ""
    return (
        f"{counted(x.rejected_at_acquisition, 'image')} rejected for quality, {counted(x.duplicates, 'duplicate')} "
        "left out."
    )


def _variables(f: DatasetFacts) -> str:
    further = f" {counted(f.completeness.further, 'record')} also have columns of their source that are not described."
    return (
        f"{counted(len(data_dictionary()) - 1, 'column')} of the records have an entry in the data dictionary "
        "(`dermdash records dictionary`)." + (further if f.completeness.further else "")
    )


def _version(f: DatasetFacts) -> str:
    return f"{f.version[:1].upper()}{f.version[1:]}." if f.version else ""


def _source(f: DatasetFacts) -> str:
    return " ".join(filter(None, (f.source, *f.imports)))


def _licence(f: DatasetFacts) -> str:
    images = _of_field(f, "licence")
    return " ".join(filter(None, (f.licence, f"Licences of single images: {images}." if images else "")))


def _sample(f: DatasetFacts) -> str:
    x = f.statistics.exclusions
    if x is None or f.statistics.initial_records is None or not x.after_acquisition:
        return ""
    return f"{f.statistics.records:,} of {counted(f.statistics.initial_records, 'row')} that were imported."


COMPUTED: dict[str, Callable[[DatasetFacts], str]] = {
    "instances": _instances,
    "counts": _counts,
    "patients": _patients,
    "instance_data": _instance_data,
    "labels": _labels,
    "missing": _missing,
    "relations": _relations,
    "splits": _splits,
    "errors": _errors,
    "subpopulations": _subpopulations,
    "age": _age,
    "sex": _sex,
    "skin": _skin,
    "underrepresented": _underrepresented,
    "acquisition": _acquisition,
    "devices": _devices,
    "confounding": _confounding,
    "period": _period,
    "preparation": _preparation,
    "identifiable": _identifiable,
    "sensitive": _sensitive,
    "annotations_per_item": _annotations_per_item,
    "annotators": _annotators,
    "agreement": _agreement,
    "blinding": _blinding,
    "confirmation": _confirmation,
    "quality": _quality,
    "variables": _variables,
    "version": _version,
    "source": _source,
    "licence": _licence,
    "sample": _sample,
}
"""By the key of the answer; every other one is for people alone."""


def _spread(d: Distribution) -> str:
    if not d.n:
        return "none"
    return (
        f"{d.minimum} to {d.maximum}, mean {number(d.mean or 0, 2)}, median {number(d.median or 0, 1)}"
        if d.minimum != d.maximum
        else f"{d.minimum} each"
    )


def _of_field(f: DatasetFacts, name: str) -> str:
    """The values of a field or detail in words, with counts."""
    spec = _SPECS[name]
    return _listed({value_in_words(spec, value): n for value, n in f.values.get(name, {}).items()})


def _listed(values: Mapping[str, int]) -> str:
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    said = ", ".join(f"{name} {n:,}" for name, n in ordered[:_LISTED])
    return f"{said} and {len(ordered) - _LISTED} more" if ordered[_LISTED:] else said


def _share(f: DatasetFacts, n: int) -> str:
    return percent(n / f.statistics.records) if f.statistics.records else percent(0.0)
