"""The .imrmc file and its CSV sister: the same table from both, and every lie in them named with its row."""

from pathlib import Path

import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats.imrmc import comments_below_begin, is_imrmc, read_imrmc
from dermdash.readings.formats.mrmc_csv import read_mrmc_csv

HEADER = "A small study\nanything, here\nN0: 1\nN1: 1\nNR: 2\nNM: 2\nBEGIN DATA:\n"
TRUTH = "-1,n1,truth,0\n-1,d1,truth,1\n"
RATINGS = "".join(f"{r},{c},{m},{s}\n" for r, m, s in [("a", "A", 1), ("a", "B", 2), ("b", "A", 3), ("b", "B", 4)]
                  for c in ("n1", "d1"))  # fmt: skip
GOOD = HEADER + TRUTH + RATINGS


def test_ratings_come_with_the_truth_of_their_case() -> None:
    table = read_imrmc(GOOD.encode())
    assert list(table.columns) == ["reader", "modality", "case", "truth", "rating"]
    assert len(table) == 8
    assert table.loc[table["case"] == "d1", "truth"].eq(1).all()
    assert table["rating"].tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]


def test_both_forms_of_the_van_dyke_data_are_one_table(shared_data: Path) -> None:
    key = ["reader", "modality", "case"]
    imrmc = read_imrmc(shared_data / "mrmc" / "vandyke.imrmc").sort_values(key).reset_index(drop=True)
    plain = read_mrmc_csv(shared_data / "mrmc" / "vandyke.csv").sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(imrmc, plain)
    assert len(imrmc) == 5 * 2 * 114
    assert imrmc.groupby("truth")["case"].nunique().to_dict() == {0: 69, 1: 45}


def test_the_word_truth_names_truth_rows_and_blanks_and_semicolons_do_not_matter() -> None:
    text = GOOD.replace("-1,n1,truth,0", "truth,n1,0,0").replace("a,n1,A,1", ' a ; n1 ;A; "1,5";;')
    table = read_imrmc(("\ufeff" + text.replace("\n", "\r\n")).encode())
    assert table.loc[0].tolist() == ["a", "A", "n1", 0, 1.5]


def test_a_header_without_counts_is_no_lie() -> None:
    assert len(read_imrmc(("BEGIN DATA:\n" + TRUTH + RATINGS).encode())) == 8


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("BEGIN DATA:", "DATA", "no line BEGIN DATA"),
        ("N0: 1", "N0: 69", "row 3: the header says N0 69, the data have 1 cases with truth 0"),
        ("NR: 2", "NR: 5", "row 5: the header says NR 5, the data have 2 readers"),
        ("NM: 2", "NM: two", "row 6: the header says NM two, the data have 2 modalities"),
        ("-1,d1,truth,1\n", "-1,d1,truth,1\n-1,d1,truth,0\n", "row 10: case d1 has truth 0, in row 9 it has 1"),
        ("-1,d1,truth,1", "-1,d1,truth,2", "row 9: truth is '2', expected 0"),
        ("-1,d1,truth,1\n", "", r"row 10: case d1 has no truth row \(4 such ratings\)"),
        ("a,n1,A,1", "a,n1,A,high", "row 10: rating is 'high', expected a finite number"),
        ("a,n1,A,1", "a,n1,A,1e999", "row 10: rating is '1e999'"),
        ("a,n1,A,1", "a,n1,A,nan", "row 10: rating is 'nan'"),
        ("a,n1,A,1", "a,n1,A,", "row 10: rating is empty: leave the row out"),
        ("a,n1,A,1", "a,n1,A,1,5", "row 10 has 5 cells.*decimal comma outside quotes"),
        ("a,n1,A,1", ",n1,A,1", "row 10: reader is empty"),
        ("a,n1,B,2", "a,n1,A,2", r"row 12: reader a rates case n1 in modality A again \(first in row 10\)"),
        (TRUTH, "", "has no truth"),
        (RATINGS, "", "truth rows only"),
        (TRUTH + RATINGS, "", "no row below BEGIN DATA"),
    ],
)
def test_a_broken_file_is_refused_with_its_row(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInput, match=message):
        read_imrmc(GOOD.replace(old, new, 1).encode())


def test_a_nul_byte_is_no_text() -> None:
    with pytest.raises(InvalidInput, match="not text"):
        read_imrmc(GOOD.encode() + b"\0")


def test_the_kind_is_known_by_its_data_line() -> None:
    assert is_imrmc("title\nbegin data:\n")
    assert not is_imrmc("reader,case\nbegin data: now,1\n")


CSV = "reader,treatment,case,truth,rating\na,A,n1,0,1\na,A,d1,1,2\n"


def test_columns_may_have_either_name_any_order_semicolons_and_decimal_commas() -> None:
    table = read_mrmc_csv(b"Score;case;Modality;truth;reader;more\n1,5;n1;A;benign;a;x\n")
    assert table.loc[0].tolist() == ["a", "A", "n1", 0, 1.5]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("treatment", "arm", "lacks the columns modality"),
        ("n1,0,1", "n1,maybe,1", "row 2: truth is 'maybe'"),
        ("d1,1,2", "n1,1,2", "row 3: case n1 has truth 1, in row 2 it has 0"),
        ("d1,1,2", "n1,0,2", r"row 3: reader a rates case n1 in modality A again \(first in row 2\)"),
        ("d1,1,2", "d1,1,=1+1", "row 3: rating is '=1\\+1'"),
        ("d1,1,2", "d1,1", "row 3 has 4 cells, expected 5"),
        ("rating", "rating,score", "rating and score, which mean the same"),
        ("a,A,n1,0,1\na,A,d1,1,2\n", "", "no row below"),
    ],
)
def test_a_broken_csv_is_refused_with_its_row(old: str, new: str, message: str) -> None:
    assert old in CSV
    with pytest.raises(InvalidInput, match=message):
        read_mrmc_csv(CSV.replace(old, new, 1).encode())


def test_a_missing_column_has_its_own_error() -> None:
    with pytest.raises(MissingColumns, match=r"rating\. Found: reader, treatment"):
        read_mrmc_csv(b"reader,treatment,case,truth\na,A,n1,0\n")


def test_header_lines_of_thousands_of_blanks_are_looked_at_once() -> None:
    # Tried at every split of the blanks, one such line would take minutes.
    assert not is_imrmc("BEGIN DATA" + " " * 90_000 + "x")
    text = "N0: 1 ;,\nNR: of two hospitals\nNM: a" + ", " * 40_000 + "x\nBEGIN DATA:;\n-1,1,t,0\na,1,m,2\n"
    assert len(read_imrmc(text.encode())) == 1


def test_comments_below_begin_data_are_skipped_and_counted() -> None:
    text = GOOD.replace("BEGIN DATA:\n", "# N0: 99\nBEGIN DATA:\n# reader, case\n\n#\n")
    assert len(read_imrmc(text.encode())) == 8
    assert comments_below_begin(text.encode()) == (9, 11)
    assert comments_below_begin(GOOD.encode()) == ()


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("a,n1,B,2\n", "#a,n1,B,2\n", 12),
        ("a,n1,B,2\n", "# second modality\na,n1,B,2\n", 12),
        ("-1,d1,truth,1\n", "# d1, truth\n-1,d1,truth,1\n", 9),
        ("a,n1,A,1\n", '# a "half, quote\na,n1,A,1\n', 10),
    ],
)
def test_a_comment_among_the_rows_is_refused_by_its_line(old: str, new: str, row: int) -> None:
    with pytest.raises(InvalidInput, match=f"row {row} starts with #: is it a comment"):
        read_imrmc(GOOD.replace(old, new, 1).encode())


def test_readers_may_be_called_by_a_number_sign() -> None:
    named = GOOD.replace("\na,", "\n#1,").replace("\nb,", "\n#2,")
    assert set(read_imrmc(named.encode())["reader"]) == {"#1", "#2"}
    quoted = GOOD.replace("\na,", '\n"#1",')
    assert set(read_imrmc(quoted.encode())["reader"]) == {"#1", "b"}
    first = GOOD.replace(TRUTH, "").replace("\na,", "\n#1,").replace("\nb,", "\n#2,") + TRUTH
    assert len(read_imrmc(first.encode())) == 8
