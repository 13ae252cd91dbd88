"""The aggregate file in the one form: counts, names, and rows that count nobody."""

import pytest
from tests.reading_log_files import NATURE_MODALITIES, nature_medicine

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats import nature_medicine as format
from dermdash.records.taxonomy import HAM7

EMPTY = ",0,0,0,0,0,0,0,0,0,0,0,0,0,0"


def read(text: str) -> AggregateTable:
    return format.read(text.encode(), source="benefit.csv")


def test_counts_and_probabilities_have_the_names_of_the_one_form() -> None:
    frame = read(nature_medicine(images=2)).frame
    wanted = ["case", "modality", "truth_dx"]
    wanted += [f"{what}_{code}" for what in ("unaided", "aided", "model", "crowd") for code in HAM7.codes]
    assert sorted(frame.columns) == sorted(wanted)
    assert list(frame["modality"]) == [
        "malignancy_probability", "cbir", "multiclass_probability", "crowd_probability",
    ]  # fmt: skip
    assert frame[[f"unaided_{code}" for code in HAM7.codes]].to_numpy().sum() == 4 * 3


def test_a_row_that_counts_nobody_is_left_out_and_counted() -> None:
    lines = nature_medicine(images=2).splitlines()
    lines[1] = lines[1][: lines[1].index(NATURE_MODALITIES[0]) + len(NATURE_MODALITIES[0])] + EMPTY
    table = read("\n".join(lines))
    assert table.excluded == {"image and modality without any participant": 1}
    assert len(table.frame) == 3
    with pytest.raises(InvalidInput, match="no row counts a participant"):
        read("\n".join(lines[:2]))


def test_uneven_counts_are_noted() -> None:
    text = nature_medicine(images=2)
    first = text.splitlines()[1]
    assert "In 1 row more participants" in read(text.replace(first, first[:-1] + "5")).notes[-1]


def test_crowd_shares_may_be_missing() -> None:
    text = nature_medicine(images=1, decimal=".").replace("0.4000,0.1000,0.1000,0.1000,0.1000,0.1000,0.1000,Mal",
                                                          "NA,,NA,NA,NA,NA,NA,Mal")  # fmt: skip
    frame = read(text).frame
    assert frame.loc[0, [f"crowd_{code}" for code in HAM7.codes]].isna().all()
    assert frame.loc[1, "crowd_akiec"] == pytest.approx(0.4)


def test_missing_unknown_and_repeated_columns_are_named() -> None:
    text = nature_medicine(images=1).replace("prob_m_mal", "shoe_size")
    with pytest.raises(MissingColumns, match="missing: prob_m_mal; unknown: shoe_size"):
        read(text)
    with pytest.raises(InvalidInput, match="more than one column named prob_h_dx_nv"):
        read(text.replace("prob_h_dx_mel", "prob_h_dx_nv"))
    found = format.recognises(["image_id", "interaction_modality"])
    assert not found.fits
    assert 0 < found.share < 0.1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (nature_medicine(images=0), "no row below its header"),
        (nature_medicine(images=1) + "\0", "not text"),
        (nature_medicine(images=1).replace("CBIR (AI)", "Oracle"), "row 3 has the modality 'Oracle'"),
    ],
)
def test_a_broken_file_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(text)


def test_a_count_beyond_any_number_of_people_is_refused() -> None:
    rows = nature_medicine(images=1).splitlines()
    rows[1] = rows[1].rpartition(",")[0] + ",1e300"
    with pytest.raises(InvalidInput, match="'1e300' is not a number of participants"):
        read("\n".join(rows) + "\n")


def test_counts_that_no_database_holds_together_are_refused() -> None:
    rows = nature_medicine(images=1).splitlines()
    rows[1] = rows[1].rsplit(",", 2)[0] + ",900000000,900000000"
    with pytest.raises(InvalidInput, match=r"benefit\.csv counts 1,800,000,\d+ answers"):
        read("\n".join(rows) + "\n")
