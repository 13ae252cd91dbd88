"""Which records of a data set a filter lets through: for studies, trainings, evaluations and exports."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dermdash.records.chosen_records import chooses, within_dataset
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import records
from dermdash.storage.workspace import Workspace


def ids_let_through(workspace: Workspace, dataset_id: str, record_filter: RecordFilter | None) -> set[str]:
    """Ids of the records of the data set that the filter lets through; None: of every one."""
    return records.record_ids(workspace.engine, within_dataset(record_filter or RecordFilter(), dataset_id))


def let_through(
    workspace: Workspace, dataset_id: str, record_ids: Sequence[str], record_filter: RecordFilter | None
) -> NDArray[np.bool_]:
    """Of each record of the data set, whether the filter lets it through; None: every one.

    Raises
    ------
    InvalidInput
        The filter chooses data sets itself.
    """
    if record_filter is None or not chooses(record_filter):
        return np.ones(len(record_ids), dtype=bool)
    passing = ids_let_through(workspace, dataset_id, record_filter)
    return np.array([record_id in passing for record_id in record_ids], dtype=bool)
