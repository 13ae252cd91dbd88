"""What numbers say of where a data set comes from and how it was made: one function per key of an answer."""

from __future__ import annotations

from collections.abc import Callable

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.words_of_answers import TITLES, listed_words, of_field
from dermdash.wording import counted


def _acquisition(f: DatasetFacts) -> str:
    said = [
        f"{title}: {listed}."
        for name, title in (
            ("image_type", "Kind of image"), ("polarisation", "Light"), ("contact", "Contact"),
            ("acquisition_source", "Taken at or with"),
        )
        if (listed := of_field(f, name))
    ]  # fmt: skip
    return " ".join([*said, *f.imports])


def _devices(f: DatasetFacts) -> str:
    names = ("image_type", "polarisation", "contact", "acquisition_source")
    said = [f"{TITLES[n]}: {listed}." for n in names if (listed := of_field(f, n))]
    absent = [TITLES[n].lower() for n in names if not f.values.get(n)]
    return " ".join([*said, *([f"Not recorded: {', '.join(absent)}."] if absent else [])])


def _confounding(f: DatasetFacts) -> str:
    sources = f.values.get("acquisition_source", {})
    if len(sources) < 2:
        return ""
    named = listed_words(sources)
    return f"Images come from {counted(len(sources), 'source')} ({named}), which may differ in class and light."


def _period(f: DatasetFacts) -> str:
    if f.period is None:
        return ""
    first, last = f.period
    return f"Acquisition dates from {first} to {last}." if first != last else f"Acquisition date: {first}."


def _preparation(f: DatasetFacts) -> str:
    return " ".join(["Metadata were removed from the image files without encoding them again.", *f.labels])


def _version(f: DatasetFacts) -> str:
    return f"{f.version[:1].upper()}{f.version[1:]}." if f.version else ""


def _source(f: DatasetFacts) -> str:
    return " ".join(filter(None, (f.source, *f.imports)))


def _licence(f: DatasetFacts) -> str:
    images = of_field(f, "licence")
    return " ".join(filter(None, (f.licence, f"Licences of single images: {images}." if images else "")))


ANSWERS: dict[str, Callable[[DatasetFacts], str]] = {
    "acquisition": _acquisition,
    "devices": _devices,
    "confounding": _confounding,
    "period": _period,
    "preparation": _preparation,
    "version": _version,
    "source": _source,
    "licence": _licence,
}
"""By the key of the answer."""
