"""What numbers say of what a data set consists of: one function per key of an answer."""

from __future__ import annotations

from collections.abc import Callable

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.words_of_answers import listed_words, of_field, spread
from dermdash.records.fields import FIELDS
from dermdash.records.record_columns import data_dictionary
from dermdash.wording import counted, percent


def _instances(f: DatasetFacts) -> str:
    kinds = of_field(f, "image_type")
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
        return f"No patient is named; {counted(f.lesions, 'lesion')}, images per lesion: {spread(s.images_per_lesion)}."
    return f"{counted(s.patients, 'patient')}; images per patient: {spread(s.images_per_patient)}."


def _instance_data(f: DatasetFacts) -> str:
    files = listed_words(f.formats)
    sizes = ""
    if f.smallest and f.largest:
        (a, b), (c, d) = f.smallest, f.largest
        sizes = f" of {a:,} x {b:,}" + (f" to {c:,} x {d:,}" if f.smallest != f.largest else "") + " pixels"
    filled = [x.field.title for block in f.completeness.blocks for x in block.fields if x.filled]
    return (
        f"An image file ({files or 'none'}){sizes}, and {len(filled)} of {len(FIELDS)} fields in at least one record"
        + (f": {', '.join(filled)}." if filled else ".")
    )


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
        f"{spread(s.images_per_lesion)}){patients}."
    )


def _splits(f: DatasetFacts) -> str:
    own = of_field(f, "source_split")
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


def _sample(f: DatasetFacts) -> str:
    x = f.statistics.exclusions
    if x is None or f.statistics.initial_records is None or not x.after_acquisition:
        return ""
    return f"{f.statistics.records:,} of {counted(f.statistics.initial_records, 'row')} that were imported."


def _variables(f: DatasetFacts) -> str:
    further = f" {counted(f.completeness.further, 'record')} also have columns of their source that are not described."
    return (
        f"{counted(len(data_dictionary()) - 1, 'column')} of the records have an entry in the data dictionary "
        "(`dermdash records dictionary`)." + (further if f.completeness.further else "")
    )


def _quality(f: DatasetFacts) -> str:
    x = f.statistics.exclusions
    if x is None or not (x.rejected_at_acquisition or x.by_reason):
        return ""
    return (
        f"{counted(x.rejected_at_acquisition, 'image')} rejected for quality, {counted(x.duplicates, 'duplicate')} "
        "left out."
    )


ANSWERS: dict[str, Callable[[DatasetFacts], str]] = {
    "instances": _instances,
    "counts": _counts,
    "patients": _patients,
    "instance_data": _instance_data,
    "missing": _missing,
    "relations": _relations,
    "splits": _splits,
    "errors": _errors,
    "quality": _quality,
    "variables": _variables,
    "sample": _sample,
}
"""By the key of the answer."""
