"""CSV that people send, and CSV made to hang or fill a machine."""

import pytest

from dermdash.errors import InvalidInput
from dermdash.records import csv_table
from dermdash.records.csv_table import read_table


def test_blank_lines_and_empty_columns_at_the_right_edge_do_not_matter() -> None:
    table = read_table(b"\r\n  \r\nA;B;;\r\n\r\n1;;;\r\n;2\r\n")
    assert table.columns == ("a", "b")
    assert [(row.number, row.cells) for row in table] == [(5, {"a": "1", "b": ""}), (6, {"a": "", "b": "2"})]


def test_a_row_of_another_length_says_how_many_cells_it_has() -> None:
    rows = read_table(b"a,b,c\n1,2\n1,2,3,,5,\n1,,\n").body
    assert [row.problem for row in rows] == ["row 2 has 2 cells, expected 3", "row 3 has 5 cells, expected 3", ""]


def test_lines_that_end_in_a_carriage_return_alone_are_lines() -> None:
    assert [row.cells for row in read_table(b"a\tb\r1\t2\r").body] == [{"a": "1", "b": "2"}]


def test_a_million_empty_cells_in_a_row_take_no_more_than_looking_at_each() -> None:
    # Cutting them off one by one would copy the row a million times: hours, for a file of two file_size.
    table = read_table(b"a" + b"," * 1_000_000 + b"\n1" + b"," * 1_000_000 + b"\n")
    assert [row.cells for row in table] == [{"a": "1"}]


def test_more_cells_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_MOST_CELLS", 10)
    with pytest.raises(InvalidInput, match="more than 10 cells: split it"):
        read_table(b"a,b\n" + b"1,2\n" * 5)
    assert len(read_table(b"a,b\n" + b"1,2\n" * 4 + b"\n" * 100).body) == 4


@pytest.mark.parametrize("data", [b"", b" \n\r\n", b'""\n'])
def test_a_file_without_a_header_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"is empty|has no header"):
        read_table(data)
