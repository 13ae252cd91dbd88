"""Which taxonomy the diagnoses of a log are of."""

from collections.abc import Iterable, Mapping

import pandas as pd

from dermdash.readings.formats.names import ham7_code
from dermdash.records.taxonomy import TAXONOMIES, get_taxonomy

DX_COLUMNS = ("dx", "truth_dx", "advice_dx")


def taxonomy_of(frame: pd.DataFrame, named: str | None) -> str | None:
    """The taxonomy that was named, else the first that has every diagnosis in use and the malignancy given with it.

    When none has all, the one that has most (at least half) is returned, so that the others are refused with their
    row; None when there are no diagnoses, or those of another vocabulary.
    """
    if named:
        return get_taxonomy(named).name
    used = {str(v) for column in DX_COLUMNS if column in frame for v in frame[column].dropna()}
    if not used:
        return None
    fitting = [name for name, t in TAXONOMIES.items() if used <= set(t.codes) and _agrees(frame, name)]
    if fitting:
        return fitting[0]
    most = max(TAXONOMIES, key=lambda name: len(used & set(TAXONOMIES[name].codes)))
    return most if len(used & set(TAXONOMIES[most].codes)) * 2 >= len(used) else None


def _agrees(frame: pd.DataFrame, name: str) -> bool:
    if "truth_malignant" not in frame or "truth_dx" not in frame:
        return True
    malignant: Mapping[str, bool] = {c.code: c.is_malignant for c in get_taxonomy(name).classes}
    both = frame[frame["truth_dx"].notna() & frame["truth_malignant"].notna()]
    return bool((both["truth_dx"].map(malignant) == both["truth_malignant"]).all())


def in_ham7(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring diagnoses written as names, or in capitals, into the codes of ham7, when all of them are of it."""
    columns = [name for name in DX_COLUMNS if name in frame]
    used: Iterable[str] = {str(v) for column in columns for v in frame[column].dropna()}
    codes = {text: ham7_code(text) for text in used}
    if not codes or None in codes.values():
        return frame
    return frame.assign(**{name: frame[name].map(codes).astype(object) for name in columns})
