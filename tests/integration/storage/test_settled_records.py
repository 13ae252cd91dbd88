"""Who reviews sees the records that are settled, whatever else the filter says."""

from tests.conftest import OpenFilled
from tests.ladder_workspace import DATASET
from tests.reviewed_workspace import fill_reviewed

from dermdash.records.record_filter import RecordFilter
from dermdash.storage import records
from dermdash.storage.workspace import Workspace


def shown(workspace: Workspace, **chosen: object) -> list[str]:
    found = records.page_of_records(
        workspace.engine,
        RecordFilter(settled=True, **chosen),
        limit=10,  # type: ignore[arg-type]
    )
    return [str(row) for row in found["id"]]


def test_of_three_records_the_one_with_a_consensus_of_here_is_settled(open_filled: OpenFilled) -> None:
    workspace, _ = open_filled(fill_reviewed)
    every = records.page_of_records(workspace.engine, RecordFilter(), limit=10)
    (settled,) = shown(workspace)
    assert len(every) == 3
    assert every.set_index("id").loc[settled, "verification_stage"] == 2
    assert shown(workspace, verification_stage=("1",)) == []
    assert shown(workspace, dataset_id=(DATASET,), verification_stage=("2",)) == [settled]
    assert RecordFilter(settled=True).without("dx").settled
    assert records.count_records(workspace.engine, RecordFilter(settled=True)) == 1
