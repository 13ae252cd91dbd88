"""The log of DermaChallenge (Barata et al. 2023, doi 10.7910/DVN/PWQMQ7), written: one row per answer.

`dermdash.readings.formats.dermachallenge` reads it: the first of its two dialects, with commas, ``probType`` and
``no help`` where there was none.
"""

from __future__ import annotations

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.modality import Phase
from dermdash.records.safe_csv import to_safe_csv

COLUMNS = (
    "test_id", "tequ_user_id", "image_isic_id", "tequ_no", "tequ_time", "tequ_correct", "answer", "probType",
    "image_diag_id", "test_round", "manage", "profession", "age_group", "gender",
)  # fmt: skip
NO_HELP = "no help"


def build_dermachallenge_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Every answer of a readings table as a row of such a log.

    A test is a round of one reader; ``tequ_no`` counts answers in it in the order of recording, as each image comes
    twice in that log: unaided, then with help. ``tequ_time`` is in seconds.

    Raises
    ------
    InvalidInput
        Readers were asked for no diagnosis.
    """
    if len(readings) and readings["dx"].isna().all():
        raise InvalidInput("readers gave no diagnosis, of which the log of DermaChallenge is made")
    rows = readings.assign(test_id=readings["reader"].astype(str) + "-" + readings["round"].astype(str))
    rows = rows.sort_values(["reader", "round", "sequence", "position"], kind="stable")
    aided = rows["phase"] == Phase.AIDED.value
    table = pd.DataFrame(
        {
            "test_id": rows["test_id"],
            "tequ_user_id": rows["reader"],
            "image_isic_id": rows["image_id"],
            "tequ_no": rows.groupby("test_id").cumcount() + 1,
            "tequ_time": (rows["client_ms"].astype(float) / 1000).round(3),
            "tequ_correct": rows["correct"].astype(bool).astype(int),
            "answer": rows["dx"],
            "probType": rows["modality"].astype(object).where(aided, NO_HELP),
            "image_diag_id": rows["truth_dx"],
            "test_round": rows["round"],
            "manage": rows["management"].map(lambda said: f"manage_{said}", na_action="ignore"),
            "profession": rows["profession"],
            "age_group": rows["age_group"],
            "gender": rows["gender"],
        },
        columns=list(COLUMNS),
    )
    return table.reset_index(drop=True)


def to_dermachallenge_csv(readings: pd.DataFrame) -> bytes:
    """The log as UTF-8 CSV."""
    return to_safe_csv(build_dermachallenge_table(readings))
