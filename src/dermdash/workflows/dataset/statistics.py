"""Describe the records that a filter lets through: every number of Tables 2 to 5 and Figures 2 to 5 of a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.dataset.source_records import ExclusionReason
from dermdash.errors import InvalidInput
from dermdash.records.completeness import Completeness
from dermdash.records.dataset_statistics import CategoryCount, DatasetStatistics, Distribution, Exclusions
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import statistics_counts as counts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.acquisition_state import rejected_at_acquisition
from dermdash.workflows.dataset.browse_records import classes_of_datasets, taxonomy_of_dataset
from dermdash.workflows.dataset.completeness import completeness_by, completeness_of_datasets
from dermdash.workflows.dataset.image_kinds import (
    both_kinds_present,
    datasets_of_kind,
    default_kind,
    kind_of_datasets,
    other_kind_words,
)

GROUPED_BY = {"dx": "Diagnosis", "verification_stage": "Verification stage", "dataset_id": "Data set"}
"""What missing values are counted by."""
_DATASET = "dataset_id"


@dataclass(frozen=True, slots=True)
class DescribedRecords:
    """The filter that is described, all of one kind of images, and what it leaves out for that (in words, or "")."""

    record_filter: RecordFilter
    simulated: bool
    left_out: str
    whole: tuple[str, ...] | None
    """Ids of the data sets that it lets through whole; None: it lets a part through."""


def described_records(workspace: Workspace, record_filter: RecordFilter) -> DescribedRecords:
    """Hold a filter to one kind of images: photographs where it names no data set and there are any.

    Raises
    ------
    InvalidInput
        It names data sets of both kinds.
    NotFound
        It names a data set that is not there.
    """
    chosen = record_filter.chosen(_DATASET)
    simulated = kind_of_datasets(workspace, chosen) if chosen else default_kind(workspace)
    ids = tuple(chosen or (str(d["id"]) for d in datasets_of_kind(workspace, simulated=simulated) if d["records"]))
    mixed = not chosen and both_kinds_present(workspace)
    whole = record_filter.without(_DATASET) == RecordFilter(quality_source=record_filter.quality_source)
    return DescribedRecords(
        record_filter.with_options(_DATASET, ids) if mixed else record_filter,
        simulated,
        other_kind_words(workspace, simulated=simulated) if mixed else "",
        ids if whole else None,
    )


def dataset_statistics(workspace: Workspace, record_filter: RecordFilter | None = None) -> DatasetStatistics:
    """Describe the records a filter lets through; None: every photograph, or all that is drawn where there is none.

    Raises
    ------
    InvalidInput
        The filter names data sets of photographs and of drawn images.
    NotFound
        It names a data set that is not there.
    """
    described = described_records(workspace, record_filter or RecordFilter())
    wanted, engine = described.record_filter, workspace.engine
    rows = counts.class_counts(engine, wanted)
    sizes = counts.image_counts(engine, wanted)
    ages = counts.ages_of_units(engine, wanted)
    sexes = counts.sexes_of_units(engine, wanted)
    per_patient = Distribution(counts.images_per(engine, wanted, "patient_id"))
    return DatasetStatistics(
        records=sizes["records"],
        images=sizes["images"],
        patients=per_patient.n,
        without_patient=sizes["without_patient"],
        images_per_patient=per_patient,
        images_per_lesion=Distribution(counts.images_per(engine, wanted, "lesion_id")),
        categories=_categories(workspace, rows),
        undiagnosed=sum(row["n"] for row in rows if row["dx"] is None),
        undiagnosed_stages=_stages([row for row in rows if row["dx"] is None]),
        stages=_stages(rows),
        stages_claimed=_stages([{**row, "n": row["claimed"]} for row in rows if row["claimed"]]),
        ages=Distribution({age: n for age, n in ages.items() if age is not None}),
        units_without_age=ages.get(None, 0),
        sexes=dict(sorted(_summed((sex or "", n) for sex, several, n in sexes if not several).items())),
        contradictory_sex=sum(n for _, several, n in sexes if several),
        units_are_lesions=counts.lesions_without_patient(engine, wanted),
        exclusions=None if described.whole is None else _exclusions(workspace, described.whole),
        completeness=completeness_of_datasets(workspace, wanted).together,
        simulated=described.simulated,
    )


def missingness(workspace: Workspace, record_filter: RecordFilter, by: str) -> dict[str | None, Completeness]:
    """How far each field is filled in each group of the records a filter lets through; group None: not recorded.

    Parameters
    ----------
    by
        One of `GROUPED_BY`.

    Raises
    ------
    InvalidInput
        ``by`` is none of them.
    """
    if by not in GROUPED_BY:
        raise InvalidInput(f"missing values are not counted by {by!r}: choose {', '.join(GROUPED_BY)}")
    return completeness_by(workspace, described_records(workspace, record_filter).record_filter, by)


def _categories(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> tuple[CategoryCount, ...]:
    known = classes_of_datasets(workspace)
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["dx"] is not None:
            # Where its classes are not known, that is said: they are what is counted here.
            c = (known.get(row[_DATASET]) or taxonomy_of_dataset(workspace, row[_DATASET]))[row["dx"]]
            # A code may be said of another group elsewhere: then it is a line of its own.
            found.setdefault((c.code, c.name, c.origin, c.status, c.needs_histology), []).append(row)
    categories = [
        CategoryCount(code, name, origin, status, sum(r["n"] for r in of_class), _stages(of_class), needs_histology)
        for (code, name, origin, status, needs_histology), of_class in found.items()
    ]
    return tuple(sorted(categories, key=lambda c: (-c.n, c.name)))


def _stages(rows: Sequence[Mapping[str, Any]]) -> dict[int | None, int]:
    found = _summed((row["verification_stage"], row["n"]) for row in rows)
    return dict(sorted(found.items(), key=lambda stage: (stage[0] is None, stage[0] or 0)))


def _summed(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    sums: Counter[Any] = Counter()
    for key, n in pairs:
        sums[key] += int(n)
    return dict(sums)


def _exclusions(workspace: Workspace, dataset_ids: Sequence[str]) -> Exclusions:
    """Rows left out, each once: the same files imported again leave the same rows out again."""
    again = ExclusionReason.DUPLICATE_IMAGE_ID
    reason_of: dict[tuple[str, ...], str] = {}
    for row in counts.left_out_at_import(workspace.engine, dataset_ids):
        row_again = row["reason"] == again
        key = (row[_DATASET], row["image_id"], *((row["detail"],) if row_again else ()))
        # What was left out and came in since is a record now.
        if row_again or not row["present"]:
            reason_of[key] = row["reason"]
    by_reason = Counter(reason_of.values())
    by_reason.pop(str(ExclusionReason.LOW_QUALITY_SCORE), None)  # counted below, with those of the gate
    rejected = sum(one.total for one in rejected_at_acquisition(workspace, dataset_ids).values())
    duplicates = by_reason.get(str(ExclusionReason.DUPLICATE_CONTENT), 0)
    return Exclusions(dict(by_reason.most_common()), rejected, duplicates)
