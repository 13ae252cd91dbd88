"""What stands before and after a record is what the Records page shows before and after it."""

from itertools import product
from typing import Any

import pandas as pd
import pytest
from tests.filled_workspace import fill_records

from dermdash.records.record_filter import RecordFilter
from dermdash.records.record_flags import RecordFlag
from dermdash.storage.record_order import surroundings
from dermdash.storage.records import page_of_records
from dermdash.storage.workspace import Workspace

FILTERS = [RecordFilter(), RecordFilter(dx=("nv", "mel"))]
SORTS = [("image_id", False), ("image_id", True), ("age", False), ("quality", True), ("dx", False)]


@pytest.mark.parametrize("record_filter", FILTERS, ids=["all", "some"])
def test_neighbours_and_place_are_those_of_the_page(workspace: Workspace, record_filter: RecordFilter) -> None:
    fill_records(workspace)
    for sort, descending in SORTS:
        if sort not in page_of_records(workspace.engine, record_filter, limit=1):
            continue
        ids = page_of_records(workspace.engine, record_filter, sort=sort, descending=descending, limit=99)[
            "id"
        ].tolist()
        for at in (0, 1, len(ids) // 2, len(ids) - 1):
            around = surroundings(workspace.engine, record_filter, ids[at], sort=sort, descending=descending, each=3)
            assert [one.id for one in around.before] == ids[max(0, at - 3) : at], (sort, descending, at)
            assert [one.id for one in around.after] == ids[at + 1 : at + 4], (sort, descending, at)
            assert (around.place, around.total) == (at + 1, len(ids))


def test_a_page_of_some_columns_has_the_same_records_in_the_same_order(workspace: Workspace) -> None:
    fill_records(workspace)
    for record_filter, (sort, descending) in product(FILTERS, SORTS):
        if sort not in page_of_records(workspace.engine, record_filter, limit=1):
            continue
        asked: dict[str, Any] = {"sort": sort, "descending": descending, "limit": 5, "offset": 3}
        every = page_of_records(workspace.engine, record_filter, **asked)
        some = page_of_records(workspace.engine, record_filter, columns=("id", "dx"), flagged=True, **asked)
        assert list(some) == ["id", "dx", "quality", *RecordFlag]
        pd.testing.assert_frame_equal(some[["id", "dx", "quality"]], every[["id", "dx", "quality"]])
        assert len(some) == 5


def test_a_record_that_the_filter_keeps_out_has_no_place_but_neighbours(workspace: Workspace) -> None:
    ids = fill_records(workspace)
    kept_out = RecordFilter(dx=("vasc",))
    around = surroundings(workspace.engine, kept_out, ids[0], sort="image_id", descending=False, each=3)
    assert around.place is None
    assert around.total > 0
    assert around.before or around.after


def test_an_unknown_record_has_nothing_around_it(workspace: Workspace) -> None:
    fill_records(workspace)
    around = surroundings(workspace.engine, RecordFilter(), "nowhere:X", sort="image_id", descending=False, each=3)
    assert around == ((), (), None, 0)
