"""Pairs of answers with a known way of relying on advice."""

import numpy as np
import pandas as pd

from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.records.taxonomy import HAM7

CODES = HAM7.codes


def known_study(
    *,
    readers: int = 40,
    cases: int = 70,
    seed: int = 5,
    follows_right: float = 0.7,
    follows_wrong: float = 0.3,
    advice_accuracy: float = 0.7,
    unaided_accuracy: float = 0.6,
    modality: str = "multiclass_probability",
    confidence_effect: float = 0.0,
) -> ReadingsTable:
    """Readers who change to right and to wrong advice with known chances, and otherwise stay with their answer.

    So RAIR is ``follows_right``, RSR is ``1 - follows_wrong``. ``confidence_effect`` is added to the log odds of
    following per level of confidence above 2.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for r in range(readers):
        for c in range(cases):
            truth = CODES[c % 7]
            others = [code for code in CODES if code != truth]
            first = truth if rng.random() < unaided_accuracy else str(rng.choice(others))
            advice = truth if rng.random() < advice_accuracy else str(rng.choice(others))
            sure = int(rng.integers(1, 4))
            chance = follows_right if advice == truth else follows_wrong
            odds = np.log(chance / (1 - chance)) + confidence_effect * (sure - 2)
            second = advice if advice != first and rng.random() < 1 / (1 + np.exp(-odds)) else first
            about = {"reader": f"r{r}", "case": f"c{c}", "modality": modality, "truth_dx": truth, "position": c + 1}
            rows.append(about | {"phase": "unaided", "dx": first, "confidence": sure})
            rows.append(about | {"phase": "aided", "dx": second, "advice_dx": advice})
    return make_readings_table(rows, source="Known", format="study", taxonomy="ham7")


def table(*pairs: dict[str, object], **options: object) -> ReadingsTable:
    """Readings from pairs given as ``{"reader", "case", "truth", "first", "advice", "last", ...}``."""
    rows = []
    for number, pair in enumerate(pairs):
        given = dict(pair)
        about = {
            "reader": given.pop("reader", "a"), "case": given.pop("case", f"c{number}"),
            "modality": given.pop("modality", "multiclass_probability"), "truth_dx": given.pop("truth", None),
        }  # fmt: skip
        first, last = given.pop("first"), given.pop("last")
        rows.append(about | {"phase": "unaided", "dx": first})
        rows.append(about | {"phase": "aided", "dx": last, "advice_dx": given.pop("advice", None)} | given)
    settings = {"source": "Pairs", "format": "test", "taxonomy": "ham7"} | options
    return make_readings_table(rows, **settings)  # type: ignore[arg-type]


def pairs_of(readings: ReadingsTable) -> pd.DataFrame:
    return reading_pairs(readings)
