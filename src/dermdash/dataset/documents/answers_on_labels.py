"""What numbers say of labels and who gave them: one function per key of an answer."""

from __future__ import annotations

from collections.abc import Callable

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.words_of_answers import listed_words, share
from dermdash.records.taxonomy import LesionOrigin
from dermdash.records.verification_stage import VerificationStage, dx_type_words
from dermdash.wording import counted, percent


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
    how = listed_words({dx_type_words(k): n for k, n in f.values.get("dx_type", {}).items()})
    histology = s.stages.get(int(VerificationStage.HISTOLOGY), 0)
    said = f"Histology: {counted(histology, 'record')} ({share(f, histology)})"
    if s.verified_share is not None:
        said += f", {percent(s.verified_share)} of the malignant ones"
    return f"{said}. As the source says: {how}." if how else f"{said}."


ANSWERS: dict[str, Callable[[DatasetFacts], str]] = {
    "labels": _labels,
    "annotations_per_item": _annotations_per_item,
    "annotators": _annotators,
    "agreement": _agreement,
    "blinding": _blinding,
    "confirmation": _confirmation,
}
"""By the key of the answer."""
