"""Figures 2 to 5 of the methodology and two beyond them, each for the page, as a drawing for files, and as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dermdash.analyses.section import ResultFigure
from dermdash.charts.bars import Bars, ShareGrid, bars_drawing, bars_figure, grid_drawing, grid_figure
from dermdash.charts.drawing import Drawing
from dermdash.charts.palette import UNKNOWN_COLOR, diagnosis_color
from dermdash.records.completeness import Completeness
from dermdash.records.dataset_statistics import DatasetStatistics, Distribution
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import stage_words
from dermdash.wording import counted, number, percent, plain_number

_AGE_STEP = 5
_MOST_BARS = 30
"""Of a histogram: beyond it values are put together."""
_MOST_GROUPS = 14
"""Of what is no class of its own."""
_SEXES = {"female": "Female", "male": "Male", "": "Not recorded"}


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure of a data set: for the page, for files, and the numbers it shows."""

    figure: ResultFigure
    drawing: Drawing
    numbers: pd.DataFrame


def statistics_figures(found: DatasetStatistics) -> tuple[DrawnFigure, ...]:
    """Figures 2 to 5 in the order of the paper, then images per lesion."""
    return (class_figure(found), age_figure(found), sex_figure(found), patient_figure(found), lesion_figure(found))


def class_figure(found: DatasetStatistics, most: int | None = None) -> DrawnFigure:
    """Figure 2: images per nosological category; with ``most`` the others are put together where there are more."""
    rows = [(c.name, c.n, diagnosis_color(c.code)) for c in found.categories]
    if most is not None and len(rows) > most:
        others = rows[most - 1 :]
        rows = rows[: most - 1]
        rows.append((f"{len(others)} other categories", sum(n for _, n, _ in others), UNKNOWN_COLOR))
    if found.undiagnosed:
        rows.append(("No diagnosis", found.undiagnosed, UNKNOWN_COLOR))
    shares = [n / found.records for _, n, _ in rows]
    bars = Bars(
        "Images by nosological category",
        tuple(name for name, _, _ in rows), tuple(n for _, n, _ in rows),
        tuple(f"{number(n, 0)} ({percent(share)})" for (_, n, _), share in zip(rows, shares, strict=True)),
        tuple(color for _, _, color in rows),
        description=f"{counted(found.records, 'image')} in {counted(len(found.categories), 'category', 'categories')}.",
    )  # fmt: skip
    numbers = pd.DataFrame({"category": bars.labels, "n": bars.values, "share": shares})
    return _bars("figure-2-categories", bars, numbers)


def age_figure(found: DatasetStatistics) -> DrawnFigure:
    """Figure 3: valid ages, one per patient."""
    ages, whom = found.ages, units_words(found)
    first, last = (ages.minimum or 0) // _AGE_STEP, (ages.maximum or 0) // _AGE_STEP
    counts = dict.fromkeys(range(first, last + 1), 0) if ages.n else {}
    for age, n in ages.counts.items():
        counts[age // _AGE_STEP] += n
    names = tuple(f"{_AGE_STEP * s}-{_AGE_STEP * s + _AGE_STEP - 1}" for s in counts)
    middle = f", median {plain_number(ages.median, 1)}, mean {number(ages.mean, 1)}" if ages.n else ""
    bars = Bars(
        "Age", names, tuple(counts.values()), tuple(number(n, 0) for n in counts.values()), upright=True,
        label_title="Age at examination, years", value_title=whom.capitalize(),
        description=f"{number(ages.n, 0)} {whom} with a valid age"
        + (f", {ages.minimum} to {ages.maximum} years{middle}" if ages.n else "")
        + f"; {number(found.units_without_age, 0)} without (missing, or not within 0 to 120).",
    )  # fmt: skip
    exact = sorted(ages.counts)
    return _bars("figure-3-age", bars, pd.DataFrame({"age": exact, "n": [ages.counts[age] for age in exact]}))


def sex_figure(found: DatasetStatistics) -> DrawnFigure:
    """Figure 4: patients by sex."""
    rows = sorted(((_SEXES.get(sex, sex), n) for sex, n in found.sexes.items()), key=lambda row: -row[1])
    if found.contradictory_sex:
        rows.append(("Records say different things", found.contradictory_sex))
    shares = [n / found.units for _, n in rows]
    bars = Bars(
        "Sex", tuple(name for name, _ in rows), tuple(n for _, n in rows),
        tuple(f"{number(n, 0)} ({percent(share)})" for (_, n), share in zip(rows, shares, strict=True)),
        value_title=units_words(found).capitalize(),
        description=f"Of {number(found.units, 0)} {units_words(found)}.",
    )  # fmt: skip
    return _bars("figure-4-sex", bars, pd.DataFrame({"sex": bars.labels, "n": bars.values, "share": shares}))


def patient_figure(found: DatasetStatistics) -> DrawnFigure:
    """Figure 5: images per patient."""
    per = found.images_per_patient
    said = _spread_words(per, "patient") if per.n else "No record names its patient."
    return _histogram("figure-5-images-per-patient", "Images per patient", per, "Patients", said)


def lesion_figure(found: DatasetStatistics) -> DrawnFigure:
    """Images per lesion."""
    per = found.images_per_lesion
    said = f"{_spread_words(per, 'lesion')} Lesions as the source numbers them." if per.n else ""
    return _histogram("images-per-lesion", "Images per lesion", per, "Lesions", said)


def missingness_figure(
    groups: Mapping[str | None, Completeness], by: str, title: str, names: Mapping[str, str]
) -> DrawnFigure:
    """Which share of the records of each group holds nothing of a field; gaps only, not what is not expected.

    ``by`` is the column that parts the records, ``names`` calls data sets by name.
    """

    def called(group: str | None) -> str:
        if group is None:
            return "Not recorded"
        if by == "dx":
            return diagnosis_name(group)
        return stage_words(group) if by == "verification_stage" else names.get(group, group)

    ordered = sorted(
        groups.items(), key=lambda item: (item[0] is None, -item[1].records if by == "dx" else item[0] or "")
    )
    shown = ordered[:_MOST_GROUPS]
    fields = [field.field for block in shown[0][1].blocks for field in block.fields] if shown else []
    of_group = [[field for block in found.blocks for field in block.fields] for _, found in shown]
    shares = [[None if f.share is None else 1 - f.share for f in row] for row in of_group]
    grid = ShareGrid(
        f"Missing values by {title.lower()}, %",
        tuple(spec.title for spec in fields),
        tuple(called(group) for group, _ in shown),
        tuple(tuple(row[i] for row in shares) for i in range(len(fields))),
        tuple(
            tuple(
                f"{spec.title}<br>{called(group)}<br>{number(row[i].records - row[i].filled - row[i].not_expected, 0)} "
                f"of {counted(row[i].records, 'record')} missing"
                for (group, _), row in zip(shown, of_group, strict=True)
            )
            for i, spec in enumerate(fields)
        ),
        "Share of the records of a group in which a field holds nothing and should."
        + (
            f" The {_MOST_GROUPS} largest groups; the CSV has all {len(ordered)}."
            if len(ordered) > _MOST_GROUPS
            else ""
        ),
    )
    numbers = pd.DataFrame(
        [
            {"field": f.field.name, by: group, "records": f.records, "filled": f.filled, "not_expected": f.not_expected,
             "missing": f.records - f.filled - f.not_expected,
             "missing_share": None if f.share is None else 1 - f.share}
            for group, found in ordered for block in found.blocks for f in block.fields
        ],
        columns=["field", by, "records", "filled", "not_expected", "missing", "missing_share"],
    )  # fmt: skip
    figure = ResultFigure(
        f"missing-by-{by.replace('_', '-')}", grid.title, lambda theme: grid_figure(grid, theme), grid.description
    )
    return DrawnFigure(figure, grid_drawing(grid), numbers)


def units_words(found: DatasetStatistics) -> str:
    """What age and sex are counted over."""
    if not found.units_are_lesions:
        return "patients"
    return "lesions" if not found.patients else "patients, or lesions where none is named"


def _spread_words(per: Distribution, whom: str) -> str:
    if per.minimum == per.maximum:
        return f"{counted(per.n, whom)} of {counted(per.maximum or 0, 'image')} each."
    return (
        f"{counted(per.n, whom)}: {per.minimum} to {counted(per.maximum or 0, 'image')}, median "
        f"{plain_number(per.median, 1)}, mean {number(per.mean, 2)}; {number(per.counts.get(1, 0), 0)} with a single "
        "image."
    )


def _histogram(name: str, title: str, per: Distribution, whom: str, said: str) -> DrawnFigure:
    least, most = per.minimum or 0, per.maximum or 0
    step = max(1, -(-(most - least + 1) // _MOST_BARS))
    starts = list(range(least, most + 1, step)) if per.n else []
    counts = [sum(n for value, n in per.counts.items() if start <= value < start + step) for start in starts]
    labels = tuple(str(start) if step == 1 else f"{start}-{start + step - 1}" for start in starts)
    bars = Bars(
        title, labels, tuple(counts), tuple(number(n, 0) for n in counts), upright=True, label_title=title,
        value_title=whom, description=said,
    )  # fmt: skip
    exact = sorted(per.counts)
    return _bars(name, bars, pd.DataFrame({"images": exact, "n": [per.counts[value] for value in exact]}))


def _bars(name: str, bars: Bars, numbers: pd.DataFrame) -> DrawnFigure:
    figure = ResultFigure(name, bars.title, lambda theme: bars_figure(bars, theme), bars.description)
    return DrawnFigure(figure, bars_drawing(bars), numbers)
