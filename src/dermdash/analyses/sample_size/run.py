"""Planning a study: a design, where its variance components come from, and the numbers of readers and cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pandas as pd

from dermdash.analyses.mrmc import run as mrmc_analysis
from dermdash.analyses.sample_size.arms_design import ArmsDesign
from dermdash.analyses.sample_size.error_variance import binomial_variance, hanley_mcneil_variance
from dermdash.analyses.sample_size.mrmc_design import Components, MrmcDesign, components_of_correlations
from dermdash.analyses.sample_size.paired_design import (
    ChangeComponents,
    PairedDesign,
    components_of_changes,
    components_of_readings,
)
from dermdash.analyses.sample_size.plan import Plan, make_plan
from dermdash.analysis.mrmc.analysis import MrmcOptions, MrmcResult
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import Inference
from dermdash.errors import InvalidInput
from dermdash.readings.modality import modality_label
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted, level, percent

EXAMPLE = Components(
    0.0002004028, 0.0008022883, 0.0003466137, 0.0003440748, 0.0002390284, 114,
    "the example data of Van Dyke (5 readers, 45 abnormal and 69 normal cases, AUC, jackknife): a study of the "
    "aorta, no dermatoscopy; take components of a pilot where you can",
)  # fmt: skip
"""Components to begin with, of the data set that the literature of the method uses as its example."""
ASSUMED_CHANGED, ASSUMED_READER_SD = 0.25, 0.08
"""Share of readings that assistance turns between right and wrong, and SD of readers' changes: to be replaced."""
ASSUMED_LEVEL, ASSUMED_FIGURE_SD, ASSUMED_CORRELATION, ASSUMED_ERRORS = 0.85, 0.05, 0.8, (0.43, 0.43, 0.30)
"""Level of a figure, its SD between readers, the correlation of a reader's two figures, and those of errors (same
reader, same modality, both other; of the example data): to be replaced, too."""
ASSUMED_DIFFERENCE = 0.1
"""True difference to begin with."""


DESIGN_NAMES: dict[type[object], str] = {PairedDesign: "paired", MrmcDesign: "mrmc", ArmsDesign: "arms"}
"""As JSON and the command call them."""


class Basis(StrEnum):
    """Where variance components come from."""

    PILOT = "pilot"
    ASSUMED = "assumed"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a plan; ``readers`` and ``cases`` where they are given already."""

    difference: float
    power: float = 0.8
    alpha: float | None = None
    margin: float | None = None
    readers: int | None = None
    cases: int | None = None

    @property
    def level(self) -> float:
        """Alpha: as asked, else 5 % two-sided, or 2.5 % one-sided for non-inferiority."""
        return self.alpha if self.alpha is not None else 0.05 if self.margin is None else 0.025


@dataclass(frozen=True, slots=True)
class SampleSizeResult:
    """A plan with everything it rests on."""

    question: Question
    design: MrmcDesign | PairedDesign | ArmsDesign
    plan: Plan
    basis: Basis
    warnings: tuple[str, ...] = field(default=())

    @property
    def paired(self) -> bool:
        """Whether it is the design of this tool: unaided, then aided, by the paired t over readers."""
        return isinstance(self.design, PairedDesign)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        more: dict[str, Any]
        if isinstance(self.design, PairedDesign):
            more = {
                "modalities": self.design.modalities,
                "tests": self.design.tests,
                "random_cases": self.design.random_cases,
            }
        elif isinstance(self.design, ArmsDesign):
            more = {"arms": self.design.arms, "tests": self.design.tests, "smaller_side": self.design.side}
        else:
            more = {"inference": self.design.inference.value}
        return {
            "design": DESIGN_NAMES[type(self.design)],
            "difference": self.question.difference,
            "margin": self.question.margin,
            "alpha": self.question.level,
            **more,
            "components": self.design.components.as_dict() | {"basis": self.basis.value},
            **self.plan.as_dict(),
            "warnings": list(self.warnings),
        }


def plan_mrmc(
    components: Components, question: Question, *, basis: Basis, inference: Inference = Inference.RRRC
) -> SampleSizeResult:
    """Plan a study in which every reader reads every case under both modalities."""
    design = MrmcDesign(components, question.difference, question.level, question.margin, inference)
    return plan_of(question, design, basis)


def plan_paired(
    components: ChangeComponents,
    question: Question,
    *,
    basis: Basis,
    modalities: int = 1,
    tests: int | None = None,
    random_cases: bool = False,
) -> SampleSizeResult:
    """Plan a study of this tool; ``tests`` None: one test for each kind of assistance."""
    design = PairedDesign(
        components, question.difference, modalities, question.level, modalities if tests is None else tests,
        question.margin, random_cases,
    )  # fmt: skip
    unknown = random_cases and components.between_cases == 0
    warnings = ("The variance between cases is 0 or not known: random cases change nothing here.",) if unknown else ()
    return plan_of(question, design, basis, warnings)


def plan_of(
    question: Question, design: MrmcDesign | PairedDesign | ArmsDesign, basis: Basis, warnings: tuple[str, ...] = ()
) -> SampleSizeResult:
    """The plan of a design, for what is asked."""
    plan = make_plan(design, target=question.power, readers=question.readers, cases=question.cases)
    return SampleSizeResult(question, design, plan, basis, warnings)


def assumed_components(
    *,
    figure: Figure,
    level: float,
    cases: int,
    diseased_share: float,
    r1: float,
    r2: float,
    r3: float,
    reader_sd: float,
    reader_correlation: float,
) -> Components:
    """Components from assumptions: the error variance follows from the level of the figure and the cases.

    Raises
    ------
    InvalidInput
        A value is out of range, or the figure's variance has no formula.
    """
    if not 0 < diseased_share < 1:
        raise InvalidInput(f"the share of diseased cases is {diseased_share:g}: expected above 0 and below 1")
    diseased = cases * diseased_share
    if figure is Figure.AUC:
        error, how = hanley_mcneil_variance(level, diseased, cases - diseased), "Hanley and McNeil"
    elif figure in (Figure.SENSITIVITY, Figure.SPECIFICITY, Figure.ACCURACY):
        counted = {Figure.SENSITIVITY: diseased, Figure.SPECIFICITY: cases - diseased}.get(figure, float(cases))
        error, how = binomial_variance(level, counted), "binomial"
    else:
        raise InvalidInput(f"the variance of {figure.value} has no formula: take components of a pilot")
    name = "AUC" if figure is Figure.AUC else figure.value
    return components_of_correlations(
        error=error, r1=r1, r2=r2, r3=r3, between_readers_sd=reader_sd, same_reader_correlation=reader_correlation,
        cases=cases,
        origin=f"assumptions: {name} of {level:g} ({how} variance), {percent(diseased_share, 0)} of cases diseased, "
        f"correlations {r1:g}, {r2:g}, {r3:g}, SD between readers {reader_sd:g}, correlation of a reader's two "
        f"figures {reader_correlation:g}",
    )  # fmt: skip


def assumed_changes(difference: float, *, changed: float, reader_sd: float) -> ChangeComponents:
    """Components of changes from assumptions."""
    return components_of_changes(
        changed=changed,
        difference=difference,
        between_readers_sd=reader_sd,
        origin=f"assumptions: {level(changed)} of readings change between right and wrong, SD of readers' changes "
        f"{reader_sd:g}",
    )


def pilot_changes(table: ReadingsTable, *, modality: str | None = None) -> ChangeComponents:
    """Components of changes from the pairs of readings of a study or log; None: over all kinds of assistance.

    Readers' changes are compared within a kind of assistance. Of several pairs of one reader and case the first counts.

    Raises
    ------
    InvalidInput
        No such assistance, or too few pairs to see how readers differ.
    """
    pairs = reading_pairs(table)
    pairs = pairs[pairs["correct_unaided"].notna() & pairs["correct_aided"].notna()]
    if modality is not None:
        if modality not in table.modalities:
            raise InvalidInput(
                f"{table.source} has no assistance {modality!r}: expected {', '.join(table.modalities) or 'none'}"
            )
        pairs = pairs[pairs["modality"] == modality]
    if pairs.empty:
        raise InvalidInput(
            f"{table.source} holds no answers before and after assistance to the same case whose truth is known"
        )
    if pairs["reader"].nunique() < 2:
        raise InvalidInput(
            f"{table.source} has pairs of one reader only, too few to see how readers differ; expected two"
        )
    pairs = pairs.drop_duplicates(["reader", "case", "modality"])
    change = pairs["correct_aided"].astype(float) - pairs["correct_unaided"].astype(float)
    level = change.groupby(pairs["modality"]).transform("mean")
    frame = pd.DataFrame(
        {
            "reader": pairs["reader"].astype(str) + "|" + pairs["modality"].astype(str),
            "case": pairs["case"].astype(str) + "|" + pairs["modality"].astype(str),
            "unit": table.unit_of(pairs["case"].astype(str)),
            "change": change - level + change.mean(),
        }
    )
    what = "all kinds of assistance" if modality is None else modality_label(modality)
    return components_of_readings(
        frame,
        f"{table.source}: {what}, {counted(pairs['reader'].nunique(), 'reader')}, "
        f"{cases_words(pairs['case'].nunique(), frame['unit'].nunique())}, {counted(len(pairs), 'pair')} of readings",
    )


def cases_words(cases: int, units: int) -> str:
    """Cases in words, where images of one lesion or patient are among them with what it means for a plan."""
    if units == cases:
        return counted(cases, "case")
    return (
        f"{counted(cases, 'case')} of {counted(units, 'lesion or patient', 'lesions or patients')} (the plan counts "
        "cases with as many to each)"
    )


def pilot_components(found: mrmc_analysis.MrmcStudyResult, *, name: str | None = None) -> Components:
    """Components of an analysis of several readers and cases; of several comparisons, the one called so or the first.

    Raises
    ------
    InvalidInput
        No comparison has components, because readers differ between modalities or one reader read.
    """
    known = [(c.name, c.result) for c in found.comparisons if c.result is not None and (name in (None, c.name))]
    for label, result in known:
        components = _components(result, f"{found.source}, {label}")
        if components is not None:
            return components
    reasons = [c.reason for c in found.comparisons if c.reason]
    raise InvalidInput(
        f"{found.source} does not show all variance components: it takes two readers or more who read the same cases "
        "under both modalities" + (f" ({reasons[0]})" if reasons else "")
    )


def _components(result: MrmcResult, what: str) -> Components | None:
    """Components of a result for as many cases as it had; None where the design does not show them all."""
    parts = result.components
    if parts is None or result.design not in (Design.FACTORIAL, Design.INCOMPLETE):
        return None
    if parts.modality_by_reader is None or parts.cov1 is None or parts.cov2 is None or parts.cov3 is None:
        return None
    cases = len(result.data.cases)
    found = Components(
        max(parts.modality_by_reader, 0.0), parts.error, parts.cov1, parts.cov2, parts.cov3, cases,
        f"{what}: {result.merit.name}, {counted(len(result.data.readers), 'reader')}, "
        f"{cases_words(cases, result.data.unit_count)}, {result.covariance.value} covariance",
    )  # fmt: skip
    return found if result.design is Design.FACTORIAL else _as_if_all_read(found, result)


def _as_if_all_read(found: Components, result: MrmcResult) -> Components:
    """Components of readers who would each have read all cases.

    A reader of n of the C cases has errors C/n times as variable. Two such readers share n^2/C cases by chance, so that
    their covariance is already the one of readers who share all.
    """
    share = result.data.readings / result.data.ratings.size
    error, cov1 = found.error * share, found.cov1 * share
    # Estimated apart, the covariances of a small pilot may not go together; the difference is then cut to fit.
    cov3 = max(found.cov3, found.cov2 - (error - cov1))
    note = f"{found.origin}, each reader on {percent(share, 0)} of the cases and the error variance brought to all of "
    "them"
    return replace(found, error=error, cov1=cov1, cov3=cov3, origin=note)


def pilot_of_readings(table: ReadingsTable, figure: Figure, *, modality: str | None = None) -> Components:
    """Components of the comparison of assistance with none, from the readings of a study or log."""
    options = MrmcOptions(merit=mrmc_analysis.merit_of_readings(figure))
    found = mrmc_analysis.analyse_mrmc_readings(table, options, modalities=None if modality is None else [modality])
    return pilot_components(found)
