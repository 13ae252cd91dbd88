from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.nature_medicine_export import build_nature_medicine_table, to_nature_medicine_csv
from dermdash.readings.formats.nature_medicine import (
    AIDED_COLUMNS,
    CROWD_COLUMNS,
    NATURE_MEDICINE_COLUMNS,
    UNAIDED_COLUMNS,
    read_nature_medicine,
)
from dermdash.records.taxonomy import HAM7

Row = tuple[str, str, str, str, str]


def make_readings(rows: list[Row]) -> pd.DataFrame:
    """From (reader, image, modality, unaided dx, aided dx)."""
    made = []
    for reader, image, modality, before, after in rows:
        for phase, dx in (("unaided", before), ("aided", after)):
            if dx:
                made.append((reader, f"case-{image}", image, modality, phase, dx))
    return pd.DataFrame(made, columns=["reader", "case", "image_id", "modality", "phase", "dx"])


ROWS: list[Row] = [
    ("r1", "B", "cbir", "nv", "mel"),
    ("r2", "B", "cbir", "nv", "nv"),
    ("r3", "B", "cbir", "nv", ""),  # left before the aided answer
    ("r3", "A", "malignancy_probability", "df", "df"),
    ("r1", "A", "multiclass_probability", "bcc", "bcc"),
    ("r4", "A", "none", "bcc", ""),
]
MODEL = {"A": dict(zip(HAM7.codes, [0.1, 0.2, 0.3, 0.05, 0.25, 0.05, 0.05], strict=True))}
CROWD = {"A": dict(zip(HAM7.codes, [0, 0.5, 0, 0.5, 0, 0, 0], strict=True))}


def make_table(rows: list[Row] = ROWS) -> pd.DataFrame:
    return build_nature_medicine_table(
        readings=make_readings(rows), taxonomy_name="ham7", model_probabilities=MODEL, crowd_probabilities=CROWD
    )


def random_table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = make_table()
    n = len(table)
    probabilities = rng.dirichlet(np.ones(7), size=n)
    table[[c for c in table if str(c).startswith("prob_m_dx")]] = probabilities
    table["prob_m_mal"] = probabilities[:, [0, 1, 4]].sum(axis=1)
    table[[*UNAIDED_COLUMNS, *AIDED_COLUMNS]] = rng.integers(0, 40, size=(n, 14))
    return table


def test_the_columns_stand_in_the_order_of_the_public_file() -> None:
    codes = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]
    assert list(NATURE_MEDICINE_COLUMNS) == (
        ["image_id"] + [f"prob_m_dx_{c}" for c in codes] + ["prob_m_mal"] + [f"prob_h_dx_{c}" for c in codes]
        + ["interaction_modality"] + [f"user_dx_without_interaction_{c}" for c in codes]
        + [f"user_dx_with_interaction_{c}" for c in codes]
    )  # fmt: skip
    header = to_nature_medicine_csv(make_table()).decode().splitlines()[0]
    assert header == ",".join(NATURE_MEDICINE_COLUMNS)


def test_only_readers_with_both_answers_count_and_each_image_and_modality_has_one_row() -> None:
    table = make_table()
    assert table[["image_id", "interaction_modality"]].to_numpy().tolist() == [
        ["A", "Malignancy Probability (AI)"],
        ["A", "Multiclass Probabilities (AI)"],
        ["B", "CBIR (AI)"],
    ]
    b = table.iloc[2]
    assert b["user_dx_without_interaction_nv"] == 2
    assert (b["user_dx_with_interaction_nv"], b["user_dx_with_interaction_mel"]) == (1, 1)
    assert (table[list(UNAIDED_COLUMNS)].sum(axis=1) == table[list(AIDED_COLUMNS)].sum(axis=1)).all()


def test_malignancy_is_the_sum_of_the_malignant_classes_and_missing_probabilities_are_empty() -> None:
    table = make_table()
    assert table.loc[0, "prob_m_mal"] == pytest.approx(0.55)
    assert table.loc[2, list(CROWD_COLUMNS)].isna().all()
    assert ",,,,,,," in to_nature_medicine_csv(table).decode().splitlines()[3]


def test_decimals_have_a_comma_inside_quotes_or_a_point_on_request() -> None:
    comma, point = (to_nature_medicine_csv(make_table(), decimal=d).decode().splitlines()[1] for d in (",", "."))  # type: ignore[arg-type]
    assert comma.startswith('A,"0,1","0,2","0,3","0,05","0,25","0,05","0,05","0,55",')
    assert point.startswith("A,0.1,0.2,0.3,0.05,0.25,0.05,0.05,0.55,")
    assert comma.endswith(",0,0,0,1,0,0,0,0,0,0,1,0,0,0")
    with pytest.raises(InvalidInput, match="decimal"):
        to_nature_medicine_csv(make_table(), decimal=";")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("decimal", [",", "."])
def test_what_is_written_is_read_back_unchanged(seed: int, decimal: str, tmp_path: Path) -> None:
    table = random_table(seed)
    data = to_nature_medicine_csv(table, decimal=decimal)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(read_nature_medicine(data), table)
    path = tmp_path / "public.csv"
    path.write_bytes(data)
    pd.testing.assert_frame_equal(read_nature_medicine(path), table)


def test_column_order_byte_order_mark_line_ends_and_semicolons_do_not_matter() -> None:
    table = random_table(1)
    shuffled = table[list(table.columns[::-1])]
    for sep, decimal in ((",", ","), (";", ","), (";", "."), ("\t", ",")):
        text = shuffled.to_csv(index=False, sep=sep, decimal=decimal, lineterminator="\r\n")
        read = read_nature_medicine(b"\xef\xbb\xbf" + text.encode())
        pd.testing.assert_frame_equal(read, table, check_exact=False, rtol=1e-12)


def test_a_formula_as_image_id_is_escaped_in_the_file_and_restored_on_reading() -> None:
    readings = make_readings([("r1", "=1+1", "cbir", "nv", "nv")])
    table = build_nature_medicine_table(
        readings=readings, taxonomy_name="ham7", model_probabilities={}, crowd_probabilities={}
    )
    data = to_nature_medicine_csv(table)
    assert data.splitlines()[1].startswith(b"'=1+1,")
    assert read_nature_medicine(data)["image_id"].tolist() == ["=1+1"]


def test_a_study_without_readings_gives_a_header_that_reads_back_empty() -> None:
    table = make_table([])
    assert len(table) == 0
    assert list(read_nature_medicine(to_nature_medicine_csv(table)).columns) == list(NATURE_MEDICINE_COLUMNS)


def test_missing_and_unknown_columns_are_named() -> None:
    text = to_nature_medicine_csv(make_table()).replace(b"prob_m_mal", b"prob_m_malignant")
    with pytest.raises(MissingColumns, match="missing: prob_m_mal; unknown: prob_m_malignant"):
        read_nature_medicine(text)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"CBIR (AI)", b"Oracle", "row 4 has the modality 'Oracle'"),
        (b'"0,1"', b"much", "row 2, prob_m_dx_akiec: 'much' is not a number"),
        (b'"0,1"', b"7", "'7' is not a probability"),
        (b'"0,1"', b"nan", "'nan' is not a probability"),
        (b'"0,1"', b"0,1", "row 2 has 32 cells, expected 31: is a decimal comma outside quotes"),
        (b"Multiclass Probabilities (AI)", b"Malignancy Probability (AI)", "stands in two rows"),
        (b"\nB", b"\n", "row 4 has no image_id"),
        (b"\nB", b"\n#B", "row 4 starts with #"),
    ],
)
def test_a_broken_file_is_refused_with_its_row(old: bytes, new: bytes, named: str) -> None:
    data = to_nature_medicine_csv(make_table()).replace(old, new, 1)
    with pytest.raises(InvalidInput, match=named.replace("(", r"\(")):
        read_nature_medicine(data)


def test_half_participants_and_an_empty_file_are_refused() -> None:
    data = to_nature_medicine_csv(make_table()).replace(b",0,0,0,1,0,0,0\n", b",0,0,0,1.5,0,0,0\n", 1)
    with pytest.raises(InvalidInput, match="number of participants"):
        read_nature_medicine(data)
    with pytest.raises(InvalidInput, match="empty"):
        read_nature_medicine(b"")


def test_another_taxonomy_is_refused() -> None:
    with pytest.raises(InvalidInput, match="clinical9"):
        build_nature_medicine_table(
            readings=make_readings(ROWS), taxonomy_name="clinical9", model_probabilities={}, crowd_probabilities={}
        )
