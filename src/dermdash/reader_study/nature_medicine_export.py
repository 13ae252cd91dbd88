"""The aggregate file of the Nature Medicine 2020 study, written: one row per image and modality.

`dermdash.readings.formats.nature_medicine` reads it. The public file writes decimals with a comma inside quotes.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats.nature_medicine import NATURE_MEDICINE_COLUMNS, PROBABILITY_COLUMNS, typed
from dermdash.readings.modality import PUBLIC_NAMES, Modality, Phase
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import HAM7

_CODES = HAM7.codes


def build_nature_medicine_table(
    *,
    readings: pd.DataFrame,
    taxonomy_name: str,
    model_probabilities: Mapping[str, Mapping[str, float]],
    crowd_probabilities: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    """Count answers without and with interaction per image and modality.

    Parameters
    ----------
    readings
        Rows with ``reader``, ``case``, ``image_id``, ``modality``, ``phase``, ``dx`` (a readings table). Only
        readers with both answers count, so both counts of a row have the same sum.
    model_probabilities, crowd_probabilities
        Class probabilities by image id; images without stay empty.

    Raises
    ------
    InvalidInput
        The study does not use ham7: the format has its seven classes in the column names.
    MissingColumns
        ``readings`` lacks a column.
    """
    if taxonomy_name != HAM7.name:
        raise InvalidInput(
            f"the Nature Medicine format has the classes of {HAM7.name}, this study uses {taxonomy_name}: "
            "export the readings instead"
        )
    needed = ["reader", "case", "image_id", "modality", "phase", "dx"]
    if missing := [name for name in needed if name not in readings.columns]:
        raise MissingColumns(f"the readings lack {', '.join(missing)}; expected {', '.join(needed)}")
    shown = readings[readings["modality"].isin([m.value for m in PUBLIC_NAMES])]
    key = ["reader", "case", "image_id", "modality"]
    pairs = shown[shown["phase"] == Phase.UNAIDED][[*key, "dx"]].merge(
        shown[shown["phase"] == Phase.AIDED][[*key, "dx"]], on=key, suffixes=("_without", "_with")
    )
    rows: list[dict[str, Any]] = []
    order = {modality.value: i for i, modality in enumerate(PUBLIC_NAMES)}
    groups = {(str(image), str(name)): group for (image, name), group in pairs.groupby(["image_id", "modality"])}
    for image_id, modality in sorted(groups, key=lambda found: (found[0], order[found[1]])):
        group = groups[image_id, modality]
        row: dict[str, Any] = {"image_id": image_id, "interaction_modality": Modality(modality).public_name}
        if model := model_probabilities.get(image_id):
            row |= {f"prob_m_dx_{code}": model[code] for code in _CODES}
            row["prob_m_mal"] = HAM7.malignancy_probability(model)
        if crowd := crowd_probabilities.get(image_id):
            row |= {f"prob_h_dx_{code}": crowd[code] for code in _CODES}
        for how in ("without", "with"):
            counts = Counter(group[f"dx_{how}"])
            row |= {f"user_dx_{how}_interaction_{code}": counts[code] for code in _CODES}
        rows.append(row)
    return typed(pd.DataFrame(rows, columns=list(NATURE_MEDICINE_COLUMNS)))


def to_nature_medicine_csv(table: pd.DataFrame, *, decimal: Literal[",", "."] = ",") -> bytes:
    """Write the table as UTF-8 CSV; a decimal comma is what the public file has, inside quotes."""
    if decimal not in (",", "."):
        raise InvalidInput(f"the decimal sign is {decimal!r}: expected a comma or a point")
    out = table[list(NATURE_MEDICINE_COLUMNS)].astype(object)
    for name in PROBABILITY_COLUMNS:
        # repr is the shortest text that brings the same number back
        out[name] = [None if pd.isna(v) else repr(float(v)).replace(".", decimal) for v in out[name]]
    return to_safe_csv(out)
