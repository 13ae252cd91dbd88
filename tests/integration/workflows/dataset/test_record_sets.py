"""Records chosen one by one are kept as a set that a filter and an address can say."""

import pytest
from tests.factories import make_image, make_record

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.chosen_records import filter_in_words, kept_filter, read_kept
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.record_sets import find_record_set, keep_record_set


def fill(workspace: Workspace, n: int = 4) -> list[str]:
    records.save_dataset(
        workspace.engine,
        values={"id": "ham", "name": "HAM", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    rows = [make_record(f"i{k}", image_sha256=f"{k:064x}") for k in range(n)]
    records.save_batch(workspace.engine, images=[make_image(r["image_sha256"]) for r in rows], records=rows)
    return [row["id"] for row in rows]


def test_a_set_lets_through_its_records_and_no_others(workspace: Workspace) -> None:
    ids = fill(workspace)
    key = keep_record_set(workspace, OPERATOR, [ids[2], ids[0], ids[2]], how="chosen on the map")
    wanted = RecordFilter.from_words([f"record_set={key}"])
    assert records.record_ids(workspace.engine, wanted) == {ids[0], ids[2]}
    assert records.count_records(workspace.engine, RecordFilter.from_query({"record_set": ["nowhere"]})) == 0
    assert RecordFilter.from_query(wanted.to_query()) == wanted == read_kept(kept_filter(wanted))
    assert wanted.with_options("dx", ("nv",)).record_set == key == wanted.with_rejected().record_set
    assert filter_in_words(wanted) == f"Set of chosen records: {key}"
    known = find_record_set(workspace, key)
    assert known is not None
    assert (known["records"], known["how"]) == (2, "chosen on the map")
    assert find_record_set(workspace, "nowhere") is None


def test_the_same_records_are_the_same_set_and_others_are_another(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    one = keep_record_set(duckdb_workspace, OPERATOR, ids[:2], how="chosen on the map")
    assert keep_record_set(duckdb_workspace, OPERATOR, ids[1::-1], how="chosen elsewhere") == one
    assert keep_record_set(duckdb_workspace, OPERATOR, ids[:3], how="chosen on the map") != one


def test_what_cannot_be_kept_is_refused_and_leaves_nothing(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    with pytest.raises(InvalidInput, match="no record is chosen"):
        keep_record_set(duckdb_workspace, OPERATOR, [], how="")
    with pytest.raises(NotFound, match="ham:gone"):
        keep_record_set(duckdb_workspace, OPERATOR, [*ids, "ham:gone"], how="")
    with pytest.raises(AccessDenied):
        keep_record_set(duckdb_workspace, None, ids, how="")
