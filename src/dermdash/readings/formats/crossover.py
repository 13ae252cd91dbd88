"""Studies in which one unaided reading is compared with several kinds of assistance."""

import pandas as pd

from dermdash.readings.modality import Modality, Phase
from dermdash.wording import counted

_SAME_READING = ["reader", "case", "repeat"]


def one_session_per_modality(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Give every modality its session, and put the unaided reading beside each aided one of the same reader and case.

    Unaided readings that no aided one follows keep the modality ``none``. The second value is a note for the methods
    text, empty when no reading had to stand twice.
    """
    rows = rows.assign(repeat=rows["repeat"].fillna(0) if "repeat" in rows else 0)
    before = rows[rows["phase"] == Phase.UNAIDED]
    after = rows[rows["phase"] == Phase.AIDED]
    after = after.assign(session=after["modality"])
    beside = before.drop(columns=["modality", "session"], errors="ignore").merge(
        after[[*_SAME_READING, "modality"]].drop_duplicates(), on=_SAME_READING
    )
    beside["session"] = beside["modality"]
    beside["copied"] = beside.duplicated(_SAME_READING).map({True: True, False: None}).astype(object)
    followed = pd.MultiIndex.from_frame(after[_SAME_READING])
    alone = before[~pd.MultiIndex.from_frame(before[_SAME_READING]).isin(followed)]
    alone = alone.assign(modality=Modality.NONE.value, session="unaided")
    twice = len(beside) - len(before) + len(alone)
    note = (
        f"Compared with more than one kind of assistance, and in the table once for each: "
        f"{counted(twice, 'unaided reading')}; the comparisons are not independent."
        if twice
        else ""
    )
    return pd.concat([beside, alone, after], ignore_index=True), note
