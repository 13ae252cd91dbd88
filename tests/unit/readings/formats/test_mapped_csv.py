"""Any CSV by a mapping: long and wide, values, scales, and a mapping that does not fit."""

from typing import Any

import pytest
from tests.reading_log_files import WIDE, WIDE_MAPPING

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats import mapped_csv
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog
from dermdash.records.csv_table import read_table

LONG = "rater,pic,stage,tool,said,sure\na,1.png,before,,NEVUS,2\na,1.png,after,X-Ray,melanoma,3\n"
LONG_MAPPING = {"rater": "reader", "pic": "case", "stage": "phase", "tool": "modality", "said": "dx",
                "sure": "confidence", "modality:*": "none"}  # fmt: skip


def read(text: str, mapping: dict[str, str]) -> ParsedLog:
    data = text.encode()
    return mapped_csv.read([LogTable(LogFile("own.csv", data), read_table(data))], options=mapping)


def test_what_was_shown_may_stand_on_the_aided_row_only() -> None:
    log = read(LONG, LONG_MAPPING)
    assert log.rows["modality"].tolist() == ["X-Ray", "X-Ray"]
    assert log.rows["dx"].tolist() == ["nv", "mel"]
    assert log.rows["case"].tolist() == ["1", "1"]
    with_session = read(LONG.replace("sure\n", "sure,test\n").replace(",2\n", ",2,t\n").replace(",3\n", ",3,t\n"),
                        LONG_MAPPING | {"test": "session"})  # fmt: skip
    assert with_session.rows["modality"].tolist() == ["X-Ray", "X-Ray"]


def test_values_are_said_without_regard_to_case_and_fill_what_is_empty() -> None:
    mapping = LONG_MAPPING | {"modality:x-ray": "cbir", "phase:BEFORE": "unaided", "profession:*": "nurse"}
    rows = read(LONG, mapping).rows
    assert rows["modality"].tolist() == ["cbir", "cbir"]
    assert rows["profession"].tolist() == ["nurse", "nurse"]


def test_a_taxonomy_is_told_from_the_diagnoses_or_said() -> None:
    rows = LONG.replace("NEVUS", "dysplastic_nevus")
    log = read(rows, LONG_MAPPING)
    assert log.taxonomy == "clinical9"
    assert read(LONG.replace("NEVUS", "wolf").replace("melanoma", "sheep"), LONG_MAPPING).taxonomy is None
    both_have = LONG.replace("NEVUS", "nv").replace("melanoma", "mel")
    assert read(both_have, LONG_MAPPING | {"taxonomy": "asan12"}).taxonomy == "asan12"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Rater 2": "reader"}, "own.csv has no column 'Rater 2', which the mapping names. Found: rater, pic"),
        ({"sure": "certainty"}, "makes 'sure' 'certainty': expected one of reader, case"),
        ({"pic": "reader"}, "makes both 'rater' and 'pic' reader"),
        ({"sure": "dx_aided"}, "has dx for both phases and for one"),
        ({"scale:confidence": "low"}, "has the scale 'low' for 'confidence': expected for example 1-5"),
        ({"scale:confidence": "5-1"}, "has the scale '5-1'"),
        ({"scale:shoe": "1-5"}, "has the scale '1-5' for 'shoe'"),
        ({"taxonomy": "botany"}, "unknown taxonomy 'botany'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(LONG, LONG_MAPPING | changes)


@pytest.mark.parametrize("lacking", ["reader", "case", "phase", "modality"])
def test_what_is_needed_is_named_with_the_columns_there_are(lacking: str) -> None:
    mapping = {k: v for k, v in LONG_MAPPING.items() if v != lacking and not k.startswith(lacking)}
    with pytest.raises(MissingColumns, match=rf"says nothing of {lacking}.*{lacking}:\*.*rater, pic, stage"):
        read(LONG, mapping)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("before", "sometime", "row 2: stage is 'sometime': say which phase it is, phase:sometime=unaided"),
        (",2\n", ",7\n", "row 2: sure is '7', outside its scale from 1 to 5"),
        (",2\n", ",=1+1\n", r"row 2: sure is '=1\+1', expected a number"),
    ],
)
def test_a_broken_row_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(LONG.replace(old, new, 1), LONG_MAPPING | {"scale:confidence": "1-5"})


def test_a_rating_outside_the_scale_names_the_scale_in_the_wide_form_too() -> None:
    with pytest.raises(InvalidInput, match="row 3: sure 2 is '9', outside its scale from 1 to 5"):
        read(WIDE.replace(";3;5;", ";3;9;"), WIDE_MAPPING)


def test_pairs_without_assistance_have_one_reading() -> None:
    rows = read(WIDE.replace(";AI;3,25;", ";none;3,25;").replace("Nevus;3;5", ";3;"), WIDE_MAPPING).rows
    assert rows[rows["case"] == "img2"]["phase"].tolist() == ["unaided"]


def test_advice_belongs_to_the_aided_row() -> None:
    text = "r,c,one,two,ai\na,1,nv,mel,mel\n"
    mapping: dict[str, Any] = {"r": "reader", "c": "case", "one": "dx_unaided", "two": "dx_aided", "ai": "advice_dx",
                               "modality:*": "multiclass_probability"}  # fmt: skip
    rows = read(text, mapping).rows
    assert rows["advice_dx"].isna().tolist() == [True, False]


def test_a_table_without_answers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no row holds an answer"):
        read("r,c,one,two\na,1,,\n", {"r": "reader", "c": "case", "one": "dx_unaided", "two": "dx_aided",
                                      "modality:*": "cbir"})  # fmt: skip
    with pytest.raises(InvalidInput, match="no row below its header"):
        read("rater,pic,stage,tool,said,sure\n", LONG_MAPPING)
