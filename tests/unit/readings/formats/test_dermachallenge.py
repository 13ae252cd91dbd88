"""The DermaChallenge log: dialects, codes of diagnoses, and what is wrong with a row."""

import pytest
from tests.reading_log_files import DERMACHALLENGE, SISTER

from dermdash.errors import InvalidInput
from dermdash.readings.formats import dermachallenge
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog
from dermdash.readings.readings_table import make_readings_table
from dermdash.records.csv_table import read_table


def read(text: str, **options: str) -> ParsedLog:
    data = text.encode()
    return dermachallenge.read([LogTable(LogFile("log.csv", data), read_table(data))], options=options)


def test_both_dialects_are_recognised_and_what_is_missing_is_named() -> None:
    for text in (DERMACHALLENGE, SISTER):
        found = dermachallenge.recognises(read_table(text.encode()).columns)
        assert found.fits
    found = dermachallenge.recognises(["test_id", "tequ_user_id", "answer"])
    assert not found.fits
    assert found.missing == (
        "image_isic_id", "tequ_no", "tequ_correct", "image_diag_id", "probType or tequ_mode_id",
    )  # fmt: skip


def test_names_of_the_isic_archive_are_classes_of_ham7() -> None:
    text = DERMACHALLENGE.replace(",MEL,", ",Melanoma,").replace(",NV,", ",melanocytic nevus,")
    log = read(text.replace(",BKL,", ",Seborrheic Keratosis,"))
    assert log.taxonomy == "ham7"
    assert set(log.rows["dx"]) == {"mel", "nv", "bkl"}


def test_numeric_codes_of_the_truth_are_decoded_by_the_answers_counted_as_correct() -> None:
    text = DERMACHALLENGE.replace(",MEL,medical", ",17,medical").replace(",BKL,medical", ",4,medical")
    log = read(text.replace(",BKL,board", ",4,board"))
    assert log.taxonomy == "ham7"
    assert log.rows.set_index("case")["truth_dx"].to_dict() == {"ISIC_0000001": "mel", "ISIC_0000002": "bkl"}
    assert "17 = mel, 4 = bkl" in log.notes[0]


def test_codes_that_cannot_be_decoded_leave_what_the_log_says_of_correct() -> None:
    # Two answers are counted as correct for code 17: it is no class of ham7.
    text = DERMACHALLENGE.replace(",MEL,medical", ",17,medical").replace(",BKL,medical", ",4,medical")
    text = text.replace(",BKL,board", ",4,board")
    log = read(text.replace("t1,u1,ISIC_0000001,1,8.5,0,NV", "t1,u1,ISIC_0000001,1,8.5,1,NV"))
    assert log.taxonomy is None
    assert log.rows["correct"].tolist() == [True, True, True, True, True, True, False]
    assert log.rows["truth_dx"].isna().all()
    assert "codes of the true diagnosis are of another kind" in " ".join(log.notes)


def test_a_contradiction_between_correct_and_the_diagnoses_is_counted() -> None:
    log = read(DERMACHALLENGE.replace("1,BKL,no help,BKL,medical", "0,BKL,no help,BKL,medical"))
    assert "In 1 reading tequ_correct says otherwise" in log.notes[0]
    assert bool(log.rows.loc[1, "correct"])


def test_help_before_the_unaided_reading_is_noted() -> None:
    log = read(DERMACHALLENGE.replace("ISIC_0000001,11,4.0", "ISIC_0000001,0,4.0"))
    assert "1 reading with help stands before the unaided one" in log.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("t1,u1,ISIC_0000001,1,8.5", ",u1,ISIC_0000001,1,8.5", "row 2: test_id is empty"),
        ("8.5", "-1", "row 2: tequ_time is '-1', expected a number from 0"),
        ("8.5", "1e999", "row 2: tequ_time is '1e999'"),
        ("ISIC_0000001,1,8.5", "ISIC_0000001,1.5,8.5", "row 2: tequ_no is '1.5', expected a whole number from 0"),
        (",0,NV,no help", ",perhaps,NV,no help", "row 2: tequ_correct is 'perhaps', expected 0 or 1"),
        ("NV,no help", "NV,", "row 2: probtype is empty"),
        ("0,NV,no help,MEL", "0,NV,no help", "row 2 has 11 cells, expected 12"),
    ],
)
def test_a_broken_row_is_named(old: str, new: str, message: str) -> None:
    assert old in DERMACHALLENGE
    with pytest.raises(InvalidInput, match=message):
        read(DERMACHALLENGE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ISIC_0000002,2,6.25", "ISIC_0000001,2,6.25", "case ISIC_0000001 has truth_dx 'bkl' here and 'mel' in row 2"),
        ("11,4.0,1,MEL,multiclass", "11,4.0,1,MEL,no help", "reader u1 has a second unaided answer to case"),
    ],
)
def test_two_truths_or_two_answers_are_refused_with_their_row(old: str, new: str, message: str) -> None:
    log = read(DERMACHALLENGE.replace(old, new, 1))
    with pytest.raises(InvalidInput, match=message) as error:
        make_readings_table(log.rows, source="log.csv", format="dermachallenge", taxonomy=log.taxonomy)
    assert "log.csv, row " in str(error.value)


def test_decimal_commas_are_understood_in_the_second_dialect() -> None:
    assert read(SISTER).rows["correct"].tolist() == [True, False, False, True, True]
    with pytest.raises(InvalidInput, match="row 2: tequ_correct is '1,5'"):
        read(SISTER.replace("1;1,0;SCCKA", "1;1,5;SCCKA", 1))
