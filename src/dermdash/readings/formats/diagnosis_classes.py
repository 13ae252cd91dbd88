"""Which taxonomy the diagnoses of a log are of."""

from collections.abc import Mapping

import pandas as pd

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
    # What borderline ones count as is for the log to say (`dermdash.readings.borderline.policy_said`).
    taxonomy = get_taxonomy(name)
    malignant: Mapping[str, bool] = {
        c.code: c.is_malignant for c in taxonomy.classes if c.code not in taxonomy.borderline_codes
    }
    sides = frame.loc[frame["truth_dx"].isin(taxonomy.borderline_codes), "truth_malignant"].dropna()
    if sides.nunique() > 1:
        return False
    both = frame[frame["truth_dx"].notna() & frame["truth_malignant"].notna()]
    both = both[both["truth_dx"].isin(list(malignant))]
    return bool((both["truth_dx"].map(malignant) == both["truth_malignant"]).all())


def as_codes(frame: pd.DataFrame, named: str | None) -> pd.DataFrame:
    """Bring diagnoses written as names, or in capitals, into the codes of a taxonomy that has all of them.

    Of the one that was named, else of the first; where there is none, they stay as they are.
    """
    columns = [name for name in DX_COLUMNS if name in frame]
    used = {str(v) for column in columns for v in frame[column].dropna()}
    for taxonomy in [get_taxonomy(named)] if named else TAXONOMIES.values():
        codes = {text: taxonomy.code_of(text) for text in used}
        if codes and None not in codes.values():
            return frame.assign(**{name: frame[name].map(codes).astype(object) for name in columns})
    return frame
