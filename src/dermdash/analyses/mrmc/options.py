"""What can be chosen of multi-reader multi-case comparison."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from dermdash.analyses.options import Control, Options
from dermdash.analysis.mrmc.choices import Covariance, Figure

KEY = "mrmc"
TITLE = "Multi-reader multi-case comparison"


class Over(StrEnum):
    """What the range of the partial area is of."""

    SPECIFICITY = "specificity"
    SENSITIVITY = "sensitivity"


class MrmcChoice(Options):
    """What can be chosen of a comparison; the page asks in steps of its own."""

    figure: Annotated[
        Figure,
        Field(description="Figure of merit; pauc is the AUC over a part of the curve."),
        Control(flag="--fom"),
    ] = Figure.AUC
    threshold: Annotated[
        float | None,
        Field(
            description="A rating at or above it calls the condition (sensitivity, specificity, accuracies). Readings "
            "of a study or log without it: the answer malignant."
        ),
        Control(),
    ] = None
    covariance: Annotated[
        Covariance | None,
        Field(
            description="As a rule clustered where cases share a lesion or patient, else jackknife, and unbiased "
            "where not every reader read every case."
        ),
        Control(),
    ] = None
    low: Annotated[float, Field(description="pauc: lower end of its range, 0..1."), Control()] = 0.8
    high: Annotated[float, Field(description="pauc: upper end of its range, 0..1."), Control()] = 1.0
    over: Annotated[Over, Field(description="pauc: what the range is of."), Control()] = Over.SPECIFICITY
    weight: Annotated[float, Field(description="weighted_accuracy: weight of the sensitivity, 0..1."), Control()] = 0.5
    margin: Annotated[
        float | None,
        Field(description="Test whether a modality is not worse than another by more than this."),
        Control(),
    ] = None
    complete_cases: Annotated[
        bool, Field(description="Only cases that every reader read under every modality."), Control()
    ] = False
    modality: Annotated[
        tuple[str, ...] | None,
        Field(description="Readings of a study or log: only this assistance; may be repeated."),
        Control(),
    ] = None
    between_assistance: Annotated[
        bool, Field(description="Compare kinds of assistance with one another."), Control()
    ] = False
    against_model: Annotated[
        bool, Field(description="Readings: also the study's model (else as shown) against readers."), Control()
    ] = False
    model_reader: Annotated[
        str | None,
        Field(description="File of ratings: the reader in it who is a model, to set against the others."),
        Control(),
    ] = None
    model_threshold: Annotated[
        float | None, Field(description="A model score at or above it calls the condition."), Control()
    ] = None
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95


class MrmcViews(Options):
    """How ROC curves are averaged: at each specificity, or across the diagonal."""

    along: str = "specificity"
