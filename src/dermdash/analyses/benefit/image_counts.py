"""Counts of answers per image and modality: which rows can be judged, and how many answers have an outcome."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.measures import Measure
from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import Taxonomy


def usable_rows(
    counts: pd.DataFrame, taxonomy: Taxonomy, *, with_truth: bool = True
) -> tuple[pd.DataFrame, dict[str, int], int]:
    """Rows with answers in both phases and, where it is asked for, a truth; the others counted by reason; rows of
    unequal numbers.
    """
    totals = {
        phase: counts[[f"{phase}_{code}" for code in taxonomy.codes]].sum(axis=1).to_numpy(float)
        for phase in ("unaided", "aided")
    }
    truth = counts["truth_dx"].isin(taxonomy.codes).to_numpy() | (not with_truth)
    answered = (totals["unaided"] > 0) & (totals["aided"] > 0)
    excluded = {
        "no true diagnosis is known for the image": int((~truth).sum()),
        "no answer before or after assistance": int((truth & ~answered).sum()),
    }
    kept = truth & answered
    frame = counts[kept].assign(n_before=totals["unaided"][kept], n_after=totals["aided"][kept])
    # Sorted, so that no sum or draw depends on the order of the file.
    frame = frame.sort_values(["case", "modality"], kind="stable")
    unequal = int((frame["n_before"] != frame["n_after"]).sum())
    return frame.reset_index(drop=True), {reason: n for reason, n in excluded.items() if n}, unequal


def outcome_counts(frame: pd.DataFrame, measure: Measure, taxonomy: Taxonomy) -> pd.DataFrame:
    """Rows the measure speaks of, with ``before`` and ``after``: answers that have the outcome."""
    malignant_classes = np.array([c.is_malignant for c in taxonomy.classes])
    if measure in (Measure.AGREEMENT, Measure.REFERRAL):
        return _without_truth(frame, measure, taxonomy, malignant_classes)
    if measure is not Measure.CORRECT:
        # What counts as neither malignant nor benign is held against neither.
        sided = {c.code for c in taxonomy.classes if c.malignancy is not None}
        frame = frame[frame["truth_dx"].isin(sided)].reset_index(drop=True)
    truth = frame["truth_dx"].map({code: i for i, code in enumerate(taxonomy.codes)}).to_numpy(int)
    malignant_truth = malignant_classes[truth]
    found = {}
    for phase, name in (("unaided", "before"), ("aided", "after")):
        table = frame[[f"{phase}_{code}" for code in taxonomy.codes]].to_numpy(float)
        called = table[:, malignant_classes].sum(axis=1)
        if measure is Measure.CORRECT:
            found[name] = table[np.arange(len(table)), truth]
        else:
            found[name] = np.where(malignant_truth, called, table.sum(axis=1) - called)
    part = frame.assign(
        **found,
        truth_malignant=malignant_truth,
        stratum=malignant_truth.astype(int) if measure is Measure.BALANCED else 0,
    )
    if measure is Measure.SENSITIVITY:
        part = part[malignant_truth]
    elif measure is Measure.SPECIFICITY:
        part = part[~malignant_truth]
    elif measure is Measure.BALANCED:
        # A modality with malignant or benign images only has no mean of both shares.
        both = part.groupby("modality")["stratum"].transform("nunique") == 2
        part = part[both]
    return part.reset_index(drop=True)


def _without_truth(
    frame: pd.DataFrame, measure: Measure, taxonomy: Taxonomy, malignant_classes: BoolArray
) -> pd.DataFrame:
    """Measures that ask what was answered and not whether it was right."""
    place = {code: i for i, code in enumerate(taxonomy.codes)}
    shown = [place.get(dx, -1) if dx is not None else -1 for dx in most_probable(frame, taxonomy)]
    found = {}
    for phase, name in (("unaided", "before"), ("aided", "after")):
        table = frame[[f"{phase}_{code}" for code in taxonomy.codes]].to_numpy(float)
        if measure is Measure.REFERRAL:
            found[name] = table[:, malignant_classes].sum(axis=1)
        else:
            found[name] = table[np.arange(len(table)), shown]
    malignant = {c.code: c.malignancy for c in taxonomy.classes}
    part = frame.assign(**found, truth_malignant=frame["truth_dx"].map(malignant), stratum=0)
    if measure is Measure.AGREEMENT:
        part = part[np.array(shown) >= 0]
    return part.reset_index(drop=True)


def most_probable(frame: pd.DataFrame, taxonomy: Taxonomy) -> list[str | None]:
    """The class of greatest probability in each row, of the model or (crowd probabilities) of the crowd; None where the
    file has no probabilities.
    """
    found: list[str | None] = []
    for row in frame.to_dict("records"):
        shares = _shares(row, taxonomy)
        found.append(None if shares is None else taxonomy.codes[int(shares.argmax())])
    return found


def _shares(row: Mapping[Any, Any], taxonomy: Taxonomy) -> FloatArray | None:
    crowd = row["modality"] == Modality.CROWD_PROBABILITY
    shares = np.array([row.get(f"{'crowd' if crowd else 'model'}_{code}") for code in taxonomy.codes], float)
    return shares if np.isfinite(shares).all() and shares.sum() > 0 else None


def advice_correct(frame: pd.DataFrame, taxonomy: Taxonomy) -> list[bool | None]:
    """Whether what was shown speaks for the truth; None where the file does not say what was shown, or the truth.

    Class probabilities advise their greatest class, of the model or of the crowd; a malignancy probability advises its
    side of one half. Similar images advise nothing that stands in the file.
    """
    is_malignant = {c.code: c.is_malignant for c in taxonomy.classes}
    found: list[bool | None] = []
    for row in frame.to_dict("records"):
        shares = _shares(row, taxonomy)
        if shares is None or row["truth_dx"] not in is_malignant:
            found.append(None)
        elif row["modality"] in (Modality.MULTICLASS_PROBABILITY, Modality.CROWD_PROBABILITY):
            found.append(bool(taxonomy.codes[int(shares.argmax())] == row["truth_dx"]))
        elif row["modality"] == Modality.MALIGNANCY_PROBABILITY:
            malignant = sum(s for s, code in zip(shares, taxonomy.codes, strict=True) if is_malignant[code])
            true = taxonomy[row["truth_dx"]].malignancy
            found.append(None if true is None else bool(malignant >= 0.5) == true)
        else:
            found.append(None)
    return found
