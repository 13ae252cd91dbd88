"""CSV that people send, and CSV made to hang or fill a machine."""

import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records import metadata_table
from dermdash.records.csv_table import read_columns, read_table, require_columns


def test_blank_lines_and_empty_columns_at_the_right_edge_do_not_matter() -> None:
    table = read_table(b"\r\n  \r\nA;B;;\r\n\r\n1;;;\r\n;2\r\n")
    assert table.columns == ("a", "b")
    assert [(row.number, row.cells) for row in table] == [(5, {"a": "1", "b": ""}), (6, {"a": "", "b": "2"})]


def test_a_row_of_another_length_says_how_many_cells_it_has() -> None:
    rows = read_table(b"a,b,c\n1,2\n1,2,3,,5,\n1,,\n").body
    assert [row.problem for row in rows] == [
        "row 2 has 2 cells, expected 3",
        "row 3 has 5 cells, expected 3: is a decimal comma outside quotes?",
        "",
    ]


def test_lines_that_end_in_a_carriage_return_alone_are_lines() -> None:
    assert [row.cells for row in read_table(b"a\tb\r1\t2\r").body] == [{"a": "1", "b": "2"}]


def test_a_million_empty_cells_in_a_row_take_no_more_than_looking_at_each() -> None:
    # Cutting them off one by one would copy the row a million times: hours, for a file of two file_size.
    table = read_table(b"a" + b"," * 1_000_000 + b"\n1" + b"," * 1_000_000 + b"\n")
    assert [row.cells for row in table] == [{"a": "1"}]


def test_more_cells_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_table, "MOST_CELLS", 10)
    with pytest.raises(InvalidInput, match="more than 10 cells: split it"):
        read_table(b"a,b\n" + b"1,2\n" * 5)
    assert len(read_table(b"a,b\n" + b"1,2\n" * 4 + b"\n" * 100).body) == 4


@pytest.mark.parametrize("data", [b"", b" \n\r\n", b'""\n'])
def test_a_file_without_a_header_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"is empty|has no header"):
        read_table(data)


def test_comments_above_the_header_are_skipped_and_counted_and_rows_keep_their_numbers() -> None:
    table = read_table("\ufeff# exported 2024, by hand\r\n\r\n  # site 5\r\nimage,dx\r\na,nv\r\n".encode())
    assert table.columns == ("image", "dx")
    assert [(row.number, row.cells) for row in table] == [(5, {"image": "a", "dx": "nv"})]
    assert table.comments == (1, 3)
    assert table.notes == ("2 lines that start with # were skipped as comments.",)
    one = read_table(b'#a 5" screen, "new\nimage,dx\na,nv\n')
    assert one.notes == ("Line 1 starts with # and was skipped as a comment.",)
    assert len(one.body) == 1
    assert read_columns(b"# x\rimage\tdx\ra\tnv\r") == ("image", "dx")
    assert read_table(b"image,dx\na,nv\n").notes == ()


def test_a_line_with_a_number_sign_among_the_rows_is_no_row_and_named() -> None:
    rows = read_table(b"image,dx\na,nv\n#b,mel\n\n# the end\n").body
    assert [(row.number, row.cells is None, row.marked) for row in rows] == [
        (2, False, False), (3, True, True), (5, True, True),
    ]  # fmt: skip
    assert "row 3 starts with #: is it a comment?" in rows[1].problem
    assert "in quotes" in rows[1].problem


def test_names_may_start_with_a_number_sign() -> None:
    for text in ("image,dx\n#1,nv\n#2,mel\n", "#,image,dx\n1,#1,nv\n2,#2,mel\n", 'image,dx\n"#1",nv\n2,mel\n'):
        table = read_table(text.encode())
        assert [row.problem for row in table] == ["", ""], text
        assert table.comments == ()
        assert [row.cells["image"] for row in table if row.cells] == [
            "#1", "2" if '"' in text else "#2",
        ]  # fmt: skip


def test_a_header_that_was_commented_out_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"row 2 of the metadata file starts with # and looks like its header"):
        read_table(b"# exported\n#reader,case,rating\na,c,1\n")
    with pytest.raises(MissingColumns, match=r"Found: a, nv\. Line 1 starts with # and was skipped"):
        require_columns(read_table(b"#image,dx\na,nv\nb,mel\n"), ("image", "dx"), file_kind="the file")


@pytest.mark.parametrize("data", [b"# only this\n", b"#\n#\n"])
def test_a_file_of_comments_is_empty(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        read_table(data)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('"age, at exam, in years";dx\n50;nv\n', ("age, at exam, in years", "dx")),
        ("image|dx\na|nv\n", ("image", "dx")),
        ("sep=;\r\nimage;dx\r\na;nv\r\n", ("image", "dx")),
        ('"sep=|"\n# by hand\nimage|dx\na|nv\n', ("image", "dx")),
        ('"image";"d\nx"\na;nv\n', ("image", "d\nx")),
    ],
)
def test_the_separator_is_the_one_outside_quotes_or_the_one_that_is_named(text: str, columns: tuple[str, ...]) -> None:
    table = read_table(text.encode())
    assert table.columns == columns
    assert [len(row.values or ()) for row in table] == [2]


def test_a_table_that_is_framed_by_bars_is_read_without_its_frame_and_legend() -> None:
    text = "|| Name || Colours ||\n||------||---------||\n|| A1 || 2  3 ||\n|| A2 ||   ||\n\nLegend: 2 red\n3 black\n"
    table = read_table(text.encode())
    assert [row.cells for row in table] == [{"name": "A1", "colours": "2  3"}, {"name": "A2", "colours": ""}]
    assert table.notes == ("2 lines stand outside the frame of the table, the first of them line 6: not read.",)


def test_columns_without_a_name_are_called_by_their_place_where_they_hold_something() -> None:
    table = read_table(b"image,,dx,,,\na,1,nv,,x,\nb,2,mel,,,\n")
    assert table.columns == ("image", "column 2", "dx", "column 5")
    assert [row.values for row in table] == [("a", "1", "nv", "x"), ("b", "2", "mel", "")]
    assert table.notes == ("Columns without a name are called column 2, column 5.",)
    assert table.heads == ("image", "", "dx", "")


def test_the_index_of_a_data_frame_is_no_column_and_names_of_rows_are_one() -> None:
    for head in ("", "Unnamed: 0"):
        table = read_table(f"{head},image,dx\n0,a,nv\n7,b,mel\n".encode())
        assert table.columns == ("image", "dx")
        assert "counts the rows: not used" in table.notes[0]
    assert read_table(b",image,dx\nr1,a,nv\n").columns == ("column 1", "image", "dx")
    assert read_table(b"id,image\n1,a\n2,b\n").columns == ("id", "image")


def test_a_cell_in_quotes_may_run_over_lines_and_rows_keep_their_numbers() -> None:
    table = read_table(b'image,note,dx\na,"first, then\nsecond ""so"", and\nthird",nv\nb,,mel\n')
    assert [(row.number, row.values) for row in table] == [
        (2, ("a", 'first, then\nsecond "so", and\nthird', "nv")), (3, ("b", "", "mel")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (b'a,nv,"Dr X\nb,mel,y\nc,nv,z\n', 2),
        (b'a,nv,x\nb,mel,"Dr X\nc,nv,"y"\nd,nv,z\n', 3),
        (b'a,nv,x\nb,mel,"Dr X\nc,nv,y\nd,nv,"\n', 3),
        (b'a,nv,"' + b"x,y,z\n" * 40_000, 2),
    ],
)
def test_a_quote_that_is_not_closed_is_refused_by_its_line_and_swallows_no_row(rows: bytes, line: int) -> None:
    with pytest.raises(InvalidInput, match=rf"line {line} of the metadata file opens a quote"):
        read_table(b"image,dx,by\n" + rows)


def test_an_odd_quote_within_one_line_costs_no_other_row() -> None:
    rows = read_table(b'image,size,dx\na,"5" wide",nv\nb,5" wide,mel\nc,"x"y,z,nv\nd,,df\n').body
    assert [row.values for row in rows] == [("a", '5 wide"', "nv"), ("b", '5" wide', "mel"), None, ("d", "", "df")]
    assert "row 4 has a quote in the middle of a cell" in rows[2].problem


def test_a_late_row_of_another_kind_changes_no_row_before_it() -> None:
    body = "".join(f"{n},nv\n" for n in range(2_000))
    rows = read_table(f"image,dx\n{body}abc,mel\n1,2,3\n007,nv\n".encode()).body
    assert (rows[7].values, rows[2000].values, rows[2001].values, rows[2002].values) == (
        ("7", "nv"), ("abc", "mel"), None, ("007", "nv"),
    )  # fmt: skip


def test_texts_that_a_spreadsheet_was_told_to_keep_are_read_as_the_texts() -> None:
    table = read_table(b'image,dx\n="0012",nv\n"=""0013""",mel\n=1+1,nv\n')
    assert [row.values for row in table] == [("0012", "nv"), ("0013", "mel"), ("=1+1", "nv")]
    assert table.notes == ('2 cells are written as ="0012" and the like: read as the text in the quotes.',)


def test_a_table_without_a_header_gets_names_by_place() -> None:
    table = read_table(b"a,benign\nb,malignant\n", header=False)
    assert table.columns == ("column 1", "column 2")
    assert [row.values for row in table] == [("a", "benign"), ("b", "malignant")]
