"""How complete the records of a data set are: by block, by field, and which details any record has."""

import pandas as pd
import streamlit as st

from dermdash.records.completeness import Completeness, FieldCompleteness
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import PERCENT_FORMAT, counted, percent
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.completeness import CompletenessOfDatasets, completeness_of_datasets

_TOGETHER = ""
SHARE_COLUMN = st.column_config.ProgressColumn(format=PERCENT_FORMAT, min_value=0, max_value=100, width="medium")
_ROWS_PX = 620


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _completeness(_workspace: Workspace, home: str, version: str) -> CompletenessOfDatasets:
    return completeness_of_datasets(_workspace)


def completeness_now(workspace: Workspace) -> CompletenessOfDatasets:
    """How complete the records of every data set are, counted again only when a record changed."""
    return _completeness(workspace, str(workspace.home), browse_records.data_version(workspace))


def show_completeness(workspace: Workspace) -> None:
    """The section of the overview: which data set, and what its records hold."""
    found = completeness_now(workspace)
    if not found.together.records:
        return
    st.header("How complete the records are", anchor=False)
    names = browse_records.dataset_names(workspace)
    chosen = next(iter(found.datasets))
    if len(found.datasets) > 1:
        chosen = choose(
            "Data set",
            [*found.datasets, _TOGETHER],
            lambda key: "All data sets together" if key == _TOGETHER else names.get(key, key),
            key="overview.completeness_of",
            name="completeness_of",
        )
    _show(found.together if chosen == _TOGETHER else found.datasets[chosen])


def _show(found: Completeness) -> None:
    st.markdown(
        f"Of {counted(found.records, 'record')} **{percent(found.share, 0)}** of the fields are filled. "
        + " \N{MIDDLE DOT} ".join(f"{block.block} {percent(block.share, 0)}" for block in found.blocks)
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        rows = [(str(block.block), field) for block in found.blocks for field in block.fields]
        frame = pd.DataFrame(
            {
                "Block": [block for block, _ in rows],
                "Field": [field.field.title for _, field in rows],
                "Filled": [field.filled for _, field in rows],
                "Complete": [_percent(field) for _, field in rows],
            }
        )
        data_table(
            frame,
            key="overview.completeness",
            column_config={"Complete": SHARE_COLUMN},
            height=height_of(len(frame), most=_ROWS_PX),
        )
        waived = sum(field.not_expected for _, field in rows)
        if waived:
            st.caption(
                f"No gap in {counted(waived, 'record')}: a histopathology result is not expected of a benign lesion "
                "below stage 3."
            )
    with right:
        details = [field for field in found.details if field.filled]
        if not details and not found.further:
            st.caption("These records say nothing beside the fields: no image type, no licence of their own.")
            return
        if details:
            data_table(
                pd.DataFrame(
                    {
                        "Beside the fields": [field.field.title for field in details],
                        "Records": [field.filled for field in details],
                        "Share": [_percent(field) for field in details],
                    }
                ),
                key="overview.details",
                column_config={"Share": SHARE_COLUMN},
                height=height_of(len(details), most=_ROWS_PX),
            )
        if found.further:
            st.caption(
                f"Further columns of the source: {counted(found.further, 'record')}. On the page of the record "
                "and in the CSV of the records."
            )


def _percent(field: FieldCompleteness) -> float | None:
    return None if field.share is None else 100 * field.share
