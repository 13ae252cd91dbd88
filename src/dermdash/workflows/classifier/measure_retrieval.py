"""Measure how good the similar images of a model are, and write the figures as a table or as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.analysis.retrieval_quality import RetrievalFigure, RetrievalScores, score_retrieval
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings, find_similar
from dermdash.workflows.classifier.embeddings import FeatureCoverage
from dermdash.workflows.classifier.model_registry import get_model

MAX_QUERIES = 10_000
"""Above that many records a random sample is asked: its interval is narrow enough, and the time stays bounded."""


@dataclass(frozen=True, slots=True)
class RetrievalQuality:
    """Scores of a model's retrieval with the coverage of its features; ``simulated``: among drawn images."""

    model_id: str
    scores: RetrievalScores
    coverage: FeatureCoverage
    simulated: bool = False

    def to_json(self) -> dict[str, Any]:
        """The figures for machines; a figure that does not exist is null."""
        s = self.scores
        return {
            "model": self.model_id,
            "simulated": self.simulated,
            "k": s.k,
            "queries": s.queries,
            "candidates": s.candidates,
            "queries_without_relevant": s.without_relevant,
            "records": self.coverage.records,
            "records_without_features": self.coverage.missing,
            "left_out": "same lesion, patient or file, also through others",
            "overall": {name: _json(e) for name, e in s.overall.items()},
            "macro": {name: _json(e) for name, e in s.macro.items()},
            "by_class": {code: {name: _json(e) for name, e in found.items()} for code, found in s.by_class.items()},
        }


def measure_retrieval(
    workspace: Workspace,
    model_id: str,
    *,
    k: int = 8,
    simulated: bool | None = None,
    max_queries: int | None = MAX_QUERIES,
    progress: Callable[[int, int], None] | None = None,
) -> RetrievalQuality:
    """Ask every diagnosed record with features of the model and score what comes back.

    Photographs among photographs (``simulated`` False) or drawn images among drawn ones (True); None: those of the kind
    the model was trained on.

    Raises
    ------
    NotFound
        The model, or its features, are not there.
    InvalidInput
        Fewer than two diagnosed lesions have features, or ``k`` is below 1.
    """
    kind = bool(get_model(workspace, model_id)["simulated"]) if simulated is None else simulated
    coverage = embeddings.coverage(workspace, model_id, simulated=kind)
    index = find_similar.index_of(workspace, model_id, simulated=kind)
    scores = score_retrieval(index.index, index.diagnoses, k=k, max_queries=max_queries, progress=progress)
    return RetrievalQuality(model_id, scores, coverage, kind)


def quality_table(quality: RetrievalQuality) -> pd.DataFrame:
    """One row per class and measure, with the bounds of the interval: what a page shows and a file holds."""
    s = quality.scores
    parts = [("all images", s.overall), ("mean over classes", s.macro), *s.by_class.items()]
    rows = [
        {"of": part, "measure": name, "value": e.value, "low": e.low, "high": e.high, "queries": e.queries}
        for part, found in parts
        for name, e in found.items()
    ]
    return pd.DataFrame(rows).assign(model=quality.model_id, simulated=quality.simulated)


def _json(estimate: RetrievalFigure) -> dict[str, Any]:
    def number(value: float | None) -> float | None:
        return None if value is None or math.isnan(value) else round(value, 6)

    return {
        "value": number(estimate.value),
        "low": number(estimate.low),
        "high": number(estimate.high),
        "queries": estimate.queries,
    }
