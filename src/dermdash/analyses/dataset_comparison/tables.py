"""Table 1 of the methodology over the data sets of a workspace; what two of them share; how far apart they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.analyses.columns import Column, csv_only, interval_column, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.distribution_shift import DistributionShift
from dermdash.analysis.paired_accuracy import holm
from dermdash.records.dataset_comparison import ComparedDataset, SharedImages
from dermdash.records.details import detail
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import VerificationStage, dx_type_words
from dermdash.wording import INTERVAL, counted, form, number, number_interval, p_value, p_words, percent

_Columns = tuple[Column[Any], ...]
NOT_SAID = "not said"
_MOST_SOURCES = 3
_TYPES = ("I", "II", "III", "IV", "V", "VI")


def comparison_table(datasets: Sequence[ComparedDataset]) -> ResultTable:
    """Table 1: what each data set documents."""
    columns: _Columns = (
        *csv_only("id"),
        Column("Dataset", "name"),
        Column("Year", "years", lambda d: d, year_words,
               {"year": lambda d: d.said_year or None, "first_year": lambda d: d.years and d.years[0],
                "last_year": lambda d: d.years and d.years[1]}),
        Column("Images", "images", written=lambda n: number(n, 0)),
        Column("Patients", "patients", written=lambda n: NOT_SAID if n is None else number(n, 0)),
        Column("Lesions", "lesions", written=lambda n: number(n, 0)),
        Column("Classes", "classes", lambda d: len(d.classes)),
        Column("How images were taken", "acquisition", acquisition_words),
        Column("Metadata", "fields_filled", lambda d: d,
               lambda d: f"{len(d.filled_fields)} of {len(FIELDS)} fields; {percent(d.completeness, 0)} filled",
               {"fields_filled": lambda d: len(d.filled_fields), "completeness": lambda d: d.completeness}),
        Column("Diagnosis confirmation", "confirmation", confirmation_words),
        Column("Phototypes", "phototypes", phototype_words),
        *(Column("", f"fitzpatrick_{t}", _phototype(t)) for t in _TYPES),
        Column("", "fitzpatrick_missing", lambda d: d.without_phototype),
        Column("SOP", "sop", lambda d: d.sop or NOT_SAID),
    )  # fmt: skip
    return table_of("table-1-datasets", "Data sets compared", columns, datasets)


def year_words(dataset: ComparedDataset) -> str:
    """What people said of the year, else the years of the acquisition dates."""
    if dataset.said_year or dataset.years is None:
        return dataset.said_year or NOT_SAID
    first, last = dataset.years
    return first if first == last else f"{first}\N{EN DASH}{last}"


def _phototype(kind: str) -> Any:
    return lambda d: d.phototypes.get(kind, 0)


def acquisition_words(dataset: ComparedDataset) -> str:
    """What the records say of how the images were taken; "not said" where they say nothing."""
    parts = [dataset.said_acquisition] if dataset.said_acquisition else []
    for name, values in dataset.acquisition.items():
        spec = detail(name)
        shown = list(values.items())[:_MOST_SOURCES]
        words = [f"{value_in_words(spec, value)} {percent(n / dataset.images, 0)}" for value, n in shown]
        more = len(values) - len(shown)
        parts += [", ".join([*words, *([f"{more:,} more"] if more else [])])] if words else []
    return "; ".join(part.rstrip(". ") for part in parts) or NOT_SAID


def confirmation_words(dataset: ComparedDataset) -> str:
    """How diagnoses were confirmed, as shares; by stage where the source does not say how."""
    ways = {dx_type_words(how): n for how, n in dataset.confirmed_by.items()}
    if not ways:
        known = sorted(((s, n) for s, n in dataset.stages.items() if s is not None), reverse=True)
        ways = {VerificationStage(stage).title: n for stage, n in known}
    missing = dataset.images - sum(ways.values())
    words = [f"{how} {percent(n / dataset.images)}" for how, n in ways.items()]
    if words and missing:
        words.append(f"{NOT_SAID} {percent(missing / dataset.images)}")
    return ", ".join(words) or NOT_SAID


def phototype_words(dataset: ComparedDataset) -> str:
    """Fitzpatrick types by images, and how many say none."""
    words = [f"{kind}: {number(dataset.phototypes[kind], 0)}" for kind in _TYPES if dataset.phototypes.get(kind)]
    if not words:
        return NOT_SAID
    missing = dataset.without_phototype
    return ", ".join([*words, *([f"{NOT_SAID}: {number(missing, 0)}"] if missing else [])])


def classes_table(datasets: Sequence[ComparedDataset]) -> ResultTable:
    """Images of each class in each data set; classes are those of the codes, whatever taxonomy has them."""
    codes = {code: sum(d.classes.get(code, 0) for d in datasets) for d in datasets for code in d.classes}

    def of(dataset: ComparedDataset) -> Any:
        return lambda code: dataset.classes.get(code, 0)

    columns: _Columns = (
        Column("Nosological category", "category", diagnosis_name),
        Column("", "code", lambda code: code),
        *(Column(_head(d, datasets), d.id, of(d), lambda n: number(n, 0)) for d in datasets),
    )
    taxonomies = sorted({d.taxonomy for d in datasets})
    note = f"The data sets have the classes of {', '.join(taxonomies)}." if len(taxonomies) > 1 else ""
    return table_of(
        "classes-by-dataset", "Categories by data set", columns, sorted(codes, key=lambda c: -codes[c]), note
    )


def _head(dataset: ComparedDataset, datasets: Sequence[ComparedDataset]) -> str:
    alone = [d.name for d in datasets].count(dataset.name) == 1
    return dataset.name if alone else f"{dataset.name} ({dataset.id})"


def shared_table(shared: Sequence[SharedImages], names: Mapping[str, str]) -> ResultTable:
    """How many images two data sets share."""
    columns: _Columns = (
        Column("Data set", "first", lambda s: s.first, lambda key: names.get(key, key)),
        Column("And", "second", lambda s: s.second, lambda key: names.get(key, key)),
        Column("Identical files", "identical", lambda s: len(s.identical), lambda n: number(n, 0)),
        Column("Nearly the same picture", "near", lambda s: len(s.near), lambda n: number(n, 0)),
        Column("Confirmed by people", "confirmed", lambda s: len(s.confirmed), lambda n: number(n, 0)),
    )
    return table_of(
        "shared-images", "Images that data sets share", columns, shared,
        "Nearly the same: near perceptual hashes, and the same fine structure once one picture lies over the other; "
        "not the same file. Confirmed: found to show one lesion or image by people.",
    )  # fmt: skip


def shared_pairs_table(shared: Sequence[SharedImages]) -> ResultTable:
    """Every pair of records that two data sets share."""
    rows = [(a, b, "identical file", 0) for s in shared for a, b in s.identical]
    rows += [(a, b, "nearly the same picture", bits) for s in shared for a, b, bits in s.near]
    rows += [(a, b, "confirmed by people", None) for s in shared for a, b in s.confirmed]  # type: ignore[misc]
    columns: _Columns = (
        Column("Record", "first", lambda r: r[0]),
        Column("Record of the other", "second", lambda r: r[1]),
        Column("How", "how", lambda r: r[2]),
        Column("Bits that differ", "bits", lambda r: r[3], lambda bits: "" if bits is None else str(bits)),
    )
    return table_of("shared-pairs", "Pairs of shared images", columns, rows)


def distance_table(overall: DistributionShift, by_class: Mapping[str, DistributionShift]) -> ResultTable:
    """How far apart two data sets are, all together and within each class."""
    corrected = holm([shift.p for shift in by_class.values()])
    holm_p = {diagnosis_name(code): p for code, p in zip(by_class, corrected, strict=True)}
    rows = [("All images", overall), *((diagnosis_name(code), shift) for code, shift in by_class.items())]
    columns: _Columns = (
        Column("Images of", "part", lambda r: r[0]),
        Column("Units", "units", lambda r: r[1],
               lambda s: f"{number(s.first_units, 0)} and {number(s.second_units, 0)}",
               {"first_units": lambda s: s.first_units, "second_units": lambda s: s.second_units}),
        interval_column("Energy coefficient", "energy", number_interval, lambda r: r[1].energy and _Bounds(r[1].energy),
                        missing=NOT_SAID),
        Column("p", "p", lambda r: r[1].p, p_value),
        Column("Holm p", "p_holm", lambda r: holm_p.get(r[0]), lambda p: "" if p is None else p_value(p)),
        Column("AUC of telling them apart", "auc", lambda r: r[1].auc, number),
    )  # fmt: skip
    return table_of(
        "dataset-distance", "How far apart", columns, rows,
        "Units: one image of each patient, else of each lesion, at most 2,000 of a data set; none that both "
        f"have. In brackets the {INTERVAL}. Holm p: corrected for the number of categories.",
    )  # fmt: skip


class _Bounds:
    """An estimate by attributes."""

    def __init__(self, estimate: tuple[float, float | None, float | None]) -> None:
        self.value, self.low, self.high = estimate


def distance_words(overall: DistributionShift, first: str, second: str) -> str:
    """What the figures mean, in sentences."""
    if overall.auc is None or overall.energy is None:
        return f"How far apart {first} and {second} are was not measured: {overall.reason}."
    area = overall.auc
    how = (
        "can hardly tell" if area < 0.6 else "often tells" if area < 0.8 else "mostly tells" if area < 0.95 else
        "nearly always tells"
    )  # fmt: skip
    differ = overall.p is not None and overall.p < 0.05
    said = "differ" if differ else "are not shown to differ"
    return (
        f"A linear classifier on the model's features {how} an image of {first} from one of {second}: of two images, "
        f"one of each, it is right in {percent(area)} of pairs (AUC {number(area)}; 0.5 is "
        f"chance). The sets {said} in how their images are distributed (energy coefficient "
        f"{number_interval(*overall.energy)}, 0 is the same distribution; permutation test {p_words(overall.p)}). This "
        "includes that they hold other shares of diagnoses; within one diagnosis see the table."
    )


def shared_words(shared: Sequence[SharedImages]) -> str:
    """How much is shared in one sentence."""
    files, near = sum(len(s.identical) for s in shared), sum(len(s.near) for s in shared)
    if not files and not near:
        return "No two data sets share a file, and no picture of one is nearly the same as one of another."
    same = (
        f"{counted(files, 'file')} {form(files, 'is', 'are')} in two data sets"
        if files
        else "No file is in two data sets"
    )
    return f"{same}, and {counted(near, 'picture')} of one {form(near, 'is', 'are')} nearly the same as one of another."
