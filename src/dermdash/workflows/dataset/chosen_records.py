"""Which records of a data set a filter lets through: for studies, trainings, evaluations and exports."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dermdash.records.chosen_records import chooses, within_dataset
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import ACQUISITION, SPLIT, UNKNOWN, RecordFilter
from dermdash.records.split_parts import split_of_option
from dermdash.storage import records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.kept_splits import standing_split


def ids_let_through(workspace: Workspace, dataset_id: str, record_filter: RecordFilter | None) -> set[str]:
    """Ids of the records of the data set that the filter lets through; None: of all that the gate did not reject."""
    wanted = record_filter or RecordFilter()
    check_splits_of(workspace, wanted)
    return records.record_ids(workspace.engine, within_dataset(wanted, dataset_id))


def check_splits_of(workspace: Workspace, record_filter: RecordFilter) -> None:
    """Raise NotFound where the filter names a split that there is not, or not any more: it would choose nothing.
    NotAsStored where it is not what was stored: it would choose others."""
    for name in {split_of_option(option)[0] for option in record_filter.chosen(SPLIT)} - {UNKNOWN}:
        standing_split(workspace, name)


def count_rejected(workspace: Workspace, record_filter: RecordFilter) -> int:
    """How many records pass all of the filter and are left out because the acquisition gate rejected them."""
    if not record_filter.hides_rejected:
        return 0
    # Mostly there is none, whatever the filter is: that is known from before.
    if not records.count_records(workspace.engine, RecordFilter().with_options(ACQUISITION, (REJECTED,))):
        return 0
    only = record_filter.with_options(ACQUISITION, (REJECTED,))
    return records.count_records(workspace.engine, only)


def let_through(
    workspace: Workspace, dataset_id: str, record_ids: Sequence[str], record_filter: RecordFilter | None
) -> NDArray[np.bool_]:
    """Of each record of the data set, whether the filter lets it through; None: all but those rejected for their image.

    Raises
    ------
    InvalidInput
        The filter chooses data sets itself.
    NotFound
        It names a split that there is not, or that was withdrawn.
    NotAsStored
        It names one whose records are not those that were stored.
    """
    wanted = record_filter or RecordFilter()
    if not chooses(wanted) and not rejected_ids(workspace.engine, [dataset_id]):
        return np.ones(len(record_ids), dtype=bool)
    passing = ids_let_through(workspace, dataset_id, wanted)
    return np.array([record_id in passing for record_id in record_ids], dtype=bool)
