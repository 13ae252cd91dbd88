"""Records by the open findings that concern them."""

from tests.confirmed_pairs import confirm
from tests.filled_workspace import fill_records

from dermdash.records.record_filter import FINDING, UNKNOWN, RecordFilter
from dermdash.storage.findings import SAME_LESION
from dermdash.storage.listed_findings import save_listed
from dermdash.storage.option_counts import option_counts
from dermdash.storage.records import record_ids
from dermdash.storage.workspace import Workspace


def test_records_are_chosen_by_open_findings_and_by_being_in_none(workspace: Workspace) -> None:
    ids = fill_records(workspace)
    assert option_counts(workspace.engine, RecordFilter())[FINDING] == {}
    pairs = [(ids[0], ids[10]), (ids[0], ids[20]), (ids[2], ids[30])]
    save_listed(workspace.engine, SAME_LESION, pairs, source="a list", among=ids)
    concerned = {ids[0], ids[10], ids[20], ids[2], ids[30]}
    assert record_ids(workspace.engine, RecordFilter(finding=(SAME_LESION,))) == concerned
    assert record_ids(workspace.engine, RecordFilter(finding=(UNKNOWN,))) == set(ids) - concerned
    assert option_counts(workspace.engine, RecordFilter())[FINDING] == {SAME_LESION: 5, UNKNOWN: len(ids) - 5}
    # Once somebody has decided, it is no open one.
    confirm(workspace, ids[2], ids[30])
    assert record_ids(workspace.engine, RecordFilter(finding=(SAME_LESION,))) == concerned - {ids[2], ids[30]}
