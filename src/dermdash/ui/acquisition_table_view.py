"""What was measured, image by image, and what each measurement means."""

import pandas as pd
import streamlit as st

from dermdash.dataset.acquisition.measurements import BY_KEY, MEASUREMENTS
from dermdash.storage.workspace import Workspace
from dermdash.ui.acquisition_view import pick_datasets
from dermdash.ui.choices import choose
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import empty_state
from dermdash.ui.tables import data_table
from dermdash.wording import counted, number
from dermdash.workflows.dataset.acquisition_state import measurements_table, rejected_at_acquisition

_WORST = 50


def show_measurements(workspace: Workspace) -> None:
    """The counts, the images that one measurement calls worst, and the bounds of all measurements."""
    dataset_ids = pick_datasets(workspace)
    table = measurements_table(workspace, dataset_ids)
    measured = table[table["version"].notna()]
    kept_out = rejected_at_acquisition(workspace, dataset_ids)
    here, at_import = (sum(getattr(one, name) for one in kept_out.values()) for name in ("here", "at_import"))
    st.markdown(
        f"Kept out by their score: {counted(here, 'record')} at this gate, {counted(at_import, 'row')} at import."
    )
    if not len(measured):
        empty_state("straighten", "Nothing measured yet", "Measure the images under **Score images**.")
    else:
        chosen = choose(
            "Worst by", [m.key for m in MEASUREMENTS], lambda key: BY_KEY[key].title, key="acquisition.worst",
            name="worst", width=320,
        )  # fmt: skip
        data_table(_worst(measured, chosen), key="acquisition.worst_table")
        csv_button(
            "Every measurement (CSV)", lambda: table, name="acquisition-measurements", key="acquisition.measured.csv"
        )
    st.header("What is measured", anchor=False)
    data_table(_bounds(), key="acquisition.bounds")


def _worst(measured: pd.DataFrame, key: str) -> pd.DataFrame:
    measurement = BY_KEY[key]
    rows = measured[measured[key].notna()].sort_values(key, ascending=measurement.higher_is_better).head(_WORST)
    return pd.DataFrame(
        {
            "Image": rows["image_id"],
            f"{measurement.title} ({measurement.unit})" if measurement.unit else measurement.title: rows[key],
            # Not before a person has scored it: this table must not say what the queue hides.
            "Proposed": rows["proposed_score"].where(rows["score"].notna()).astype("Int64"),
            "Person": rows["score"].astype("Int64"),
        }
    ).reset_index(drop=True)


def _bound(limit: float | None, digits: int) -> str:
    return "" if limit is None else number(limit, digits)


def _bounds() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Measurement": m.title, "Unit": m.unit or "0 to 1", "Better": "more" if m.higher_is_better else "less",
                **{f"For {score}": _bound(limit, m.digits) for score, limit in enumerate(m.limits, start=2)},
                "What it is": m.meaning, "Why these bounds": m.reason,
            }
            for m in MEASUREMENTS
        ]
    )  # fmt: skip
