"""Which records of a data set a filter lets through: for studies, trainings, evaluations and exports."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dermdash.records.chosen_records import chooses, within_dataset
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import ACQUISITION, RecordFilter
from dermdash.storage import records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace


def ids_let_through(workspace: Workspace, dataset_id: str, record_filter: RecordFilter | None) -> set[str]:
    """Ids of the records of the data set that the filter lets through; None: of all that the gate did not reject."""
    return records.record_ids(workspace.engine, within_dataset(record_filter or RecordFilter(), dataset_id))


def count_rejected(workspace: Workspace, record_filter: RecordFilter) -> int:
    """How many records pass all of the filter and are left out because the acquisition gate rejected them."""
    if not record_filter.hides_rejected:
        return 0
    only = record_filter.with_options(ACQUISITION, (REJECTED,))
    return records.count_records(workspace.engine, only)


def let_through(
    workspace: Workspace, dataset_id: str, record_ids: Sequence[str], record_filter: RecordFilter | None
) -> NDArray[np.bool_]:
    """Of each record of the data set, whether the filter lets it through; None: every one not rejected at acquisition.

    Raises
    ------
    InvalidInput
        The filter chooses data sets itself.
    """
    wanted = record_filter or RecordFilter()
    if not chooses(wanted) and not rejected_ids(workspace.engine, [dataset_id]):
        return np.ones(len(record_ids), dtype=bool)
    passing = ids_let_through(workspace, dataset_id, wanted)
    return np.array([record_id in passing for record_id in record_ids], dtype=bool)
