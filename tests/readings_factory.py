"""Readings of a made-up study for tests of analyses: every number follows from the arguments."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.readings.readings_table import ReadingsTable, confidence_weighted_rating, make_readings_table
from dermdash.records.taxonomy import HAM7, Taxonomy

EXPERIENCE = ("under 1 year", "3 to 5 years", "over 10 years")
MODALITIES = ("malignancy_probability", "multiclass_probability")


def make_readings(
    *,
    readers: int = 6,
    cases: int = 21,
    seed: int = 1,
    modalities: tuple[str, ...] = MODALITIES,
    unaided_accuracy: float = 0.6,
    advice_accuracy: float = 0.8,
    followed: float = 0.6,
    classes: Taxonomy = HAM7,
    **changes: Any,
) -> ReadingsTable:
    """Every reader reads every case before and after assistance, its modality in turn; the diagnoses of ``classes``.

    ``followed`` is the chance that a reader takes over advice that differs from their answer. ``changes`` go to
    `make_readings_table`.
    """
    rng = np.random.default_rng(seed)
    malignant = {c.code: c.is_malignant for c in classes.classes}
    rows = []
    for r in range(readers):
        for c in range(cases):
            truth = classes.codes[c % len(classes.codes)]
            first = truth if rng.random() < unaided_accuracy else str(rng.choice(classes.codes))
            advice = truth if rng.random() < advice_accuracy else str(rng.choice(classes.codes))
            second = advice if advice != first and rng.random() < followed else first
            sure = int(rng.integers(1, 4))
            about = {
                "reader": f"r{r:02}",
                "case": f"c{c:03}",
                "position": c + 1,
                "modality": modalities[(r + c) % len(modalities)],
                "truth_dx": truth,
                "profession": "dermatologist" if r % 2 else "medical_student",
                "experience_group": EXPERIENCE[r % len(EXPERIENCE)],
            }
            rows.append(
                about | {"phase": "unaided", "dx": first, "confidence": sure, "client_ms": float(rng.lognormal(9, 0.5))}
            )
            rows.append(
                about
                | {"phase": "aided", "dx": second, "confidence": min(3, sure + 1), "advice_dx": advice}
                | {"client_ms": float(rng.lognormal(8, 0.5)), "advice_probability": 0.9 if malignant[advice] else 0.1}
            )
    frame = pd.DataFrame(rows)
    frame["malignancy_rating"] = confidence_weighted_rating(frame["dx"].map(malignant), frame["confidence"])
    options: dict[str, Any] = {"source": "Made-up study", "format": "study", "taxonomy": classes.name, "seed": seed}
    return make_readings_table(frame, **(options | changes))


def make_parallel_arms(*, readers: int = 12, cases: int = 28, **changes: Any) -> ReadingsTable:
    """Every reader is in one of two arms and answers each case once: all without, or all with class probabilities."""
    table = make_readings(readers=readers, cases=cases, modalities=("multiclass_probability",), **changes)
    aided = table.frame["reader"].str[1:].astype(int) % 2 == 1
    kept = table.subset((table.frame["phase"] == "aided") == aided)
    return _with_arms(kept, "with", "without", aided[(table.frame["phase"] == "aided") == aided])


def make_crossover(*, readers: int = 12, cases: int = 28, **changes: Any) -> ReadingsTable:
    """Every reader answers each case in two periods, with and without class probabilities, in one of two orders."""
    table = make_readings(readers=readers, cases=cases, modalities=("multiclass_probability",), **changes)
    first = table.frame["reader"].str[1:].astype(int) % 2 == 1
    found = _with_arms(table, "with-first", "without-first", first)
    later = (found.frame["phase"] == "aided") != first
    return replace(found, frame=found.frame.assign(period=(1 + later.astype(int)).astype("Int64")))


def _with_arms(table: ReadingsTable, yes: str, no: str, which: "pd.Series[bool]") -> ReadingsTable:
    arm = which.map({True: yes, False: no}).astype(object).reset_index(drop=True)
    frame = table.frame.assign(arm=arm, period=pd.array([1] * len(arm), dtype="Int64"))
    alone = table.frame.groupby(["reader", "case"])["phase"].transform("size") == 1
    # As a study stores it: without assistance there is no kind of it.
    frame["modality"] = frame["modality"].where(~(alone & (frame["phase"] == "unaided")), "none")
    return replace(table, frame=frame)
