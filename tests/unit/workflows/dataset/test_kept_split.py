"""A stored split whose row somebody changed by hand is read as one that says what is wrong, and is used by nothing."""

from datetime import datetime
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.workflows.dataset.kept_splits import check_whole, kept_split

ROW: dict[str, Any] = {
    "id": "a", "name": "main", "kind": "parts", "seed": 1, "datasets": ["clinic"], "digest": "0", "sequence": 3,
    "parts": [{"name": "train", "share": 0.8, "records": 8}, {"name": "test", "share": 0.2, "records": 2}],
    "record_filter": {"dx": ["nv"]}, "grouping": {"patient": 10, "lesion": 0, "twin": 0, "alone": 0, "groups": 5},
    "created_by": "admin", "created_at": datetime(2026, 1, 1), "locked_by": None, "locked_at": None, "lock_note": None,
    "withdrawn_by": None, "withdrawn_at": None, "withdrawal_reason": None,
}  # fmt: skip


def test_a_row_as_it_was_stored_is_whole() -> None:
    split = kept_split(ROW)
    assert (split.broken, split.records, split.parts_in_words) == (
        "",
        10,
        "train 80\N{NO-BREAK SPACE}%, test 20\N{NO-BREAK SPACE}%",
    )
    check_whole(split)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("parts", "odd", "parts is 'odd'"),
        ("parts", [], "parts is []"),
        ("parts", [{"name": "train"}], "parts.0.share"),
        ("parts", [{"name": "train", "share": "most", "records": 3}], "parts.0.share is 'most'"),
        ("kind", "thirds", "kind is 'thirds'"),
        ("datasets", {}, "datasets is {}"),
        ("record_filter", ["nv"], "record_filter is ['nv']"),
        ("grouping", {"patient": 1}, "grouping.lesion"),
    ],
)
def test_an_odd_row_says_where_and_stands_among_the_others(column: str, value: Any, told: str) -> None:
    split = kept_split({**ROW, column: value})
    assert told in split.broken
    assert (split.name, split.parts, split.has_test, split.state) == ("main", (), False, "open")
    with pytest.raises(InvalidInput, match="The split 'main' cannot be read"):
        check_whole(split)
