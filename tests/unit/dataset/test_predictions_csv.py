import numpy as np
import pytest
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.dataset.predictions_csv import read_predictions
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.taxonomy import ASAN12, HAM7

P = {"akiec": 0.1, "bcc": 0.05, "bkl": 0.15, "df": 0.05, "mel": 0.4, "nv": 0.2, "vasc": 0.05}
EXPECTED = [P[code] for code in HAM7.codes]


def make_csv(*rows: tuple[str, ...], header: str = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC", separator: str = ",") -> bytes:
    lines = [header.replace(",", separator), *(separator.join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def isic_row(image: str = "ISIC_1", **changes: str) -> tuple[str, ...]:
    cells = {code: str(P[code]) for code in ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")} | changes
    return image, *cells.values()


@pytest.mark.parametrize(
    "header",
    [
        "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC",
        "image_id,mel,nv,bcc,akiec,bkl,df,vasc",
        "Image, prob_m_dx_mel,prob_m_dx_nv,prob_m_dx_bcc,prob_m_dx_akiec,prob_m_dx_bkl,prob_m_dx_df,prob_m_dx_vasc",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_known_in_any_order_case_and_naming(header: str, separator: str) -> None:
    found = read_predictions(make_csv(isic_row(), header=header, separator=separator), taxonomy=HAM7)
    assert found.image_ids == ("ISIC_1",)
    np.testing.assert_allclose(found.probabilities, [EXPECTED])


def test_decimal_commas_are_read_between_semicolons_and_in_quotes() -> None:
    german = tuple(cell.replace(".", ",") for cell in isic_row())
    np.testing.assert_allclose(
        read_predictions(make_csv(german, separator=";"), taxonomy=HAM7).probabilities, [EXPECTED]
    )
    quoted = tuple(f'"{cell}"' for cell in german)
    np.testing.assert_allclose(read_predictions(make_csv(quoted), taxonomy=HAM7).probabilities, [EXPECTED])


def test_file_names_lose_their_extension_and_other_taxonomies_their_own_columns() -> None:
    assert read_predictions(make_csv(isic_row("ISIC_1.jpg")), taxonomy=HAM7).image_ids == ("ISIC_1",)
    header = "image," + ",".join(ASAN12.codes)
    row = ("a", *["0.5", "0.5", *["0"] * 10])
    assert read_predictions(make_csv(row, header=header), taxonomy=ASAN12).probabilities.shape == (1, 12)


def test_the_public_file_of_the_reader_study_counts_an_image_once() -> None:
    names = [f"prob_m_dx_{code}" for code in HAM7.codes]
    header = ",".join(["image_id", *names, "prob_m_mal", "prob_h_dx_nv", "interaction_modality",
                       "user_dx_with_interaction_nv"])  # fmt: skip
    cells = [str(p) for p in EXPECTED]
    rows = [("ISIC_1", *cells, "0.55", "0.2", modality, "3") for modality in ("CBIR (AI)", "Multiclass")]
    found = read_predictions(make_csv(*rows, header=header), taxonomy=HAM7)
    assert found.image_ids == ("ISIC_1",)
    changed = [rows[0], ("ISIC_1", *cells[::-1], *rows[1][8:])]
    with pytest.raises(InvalidInput, match="two rows: 1"):
        read_predictions(make_csv(*changed, header=header), taxonomy=HAM7)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (isic_row(mel="0.9"), r"do not sum to 1 \(tolerance 0.01\): 1 \(row 3 \(1.5\)\)"),
        (isic_row(mel="0.38"), "do not sum to 1"),
        (isic_row(mel="-0.4"), r"negative: 1 \(row 3 \(-0.4\)\)"),
        (isic_row(mel="nan"), "not a number: 1 .row 3 mel='nan'"),
        (isic_row(mel=""), "not a number: 1 .row 3 mel=''"),
        (isic_row(mel="inf"), "not a number"),
        (isic_row(mel="1_0"), "not a number"),
        (isic_row(mel="0.4x"), "mel='0.4x'"),
        (isic_row(""), "no image name: 1 .row 3"),
        (isic_row("ISIC_0"), r"stands in two rows: 1 \(ISIC_0 \(rows 2 and 3\)\)"),
        (isic_row("ISIC_0.jpg"), "stands in two rows"),
        (isic_row()[:-1], "wrong number of cells"),
    ],
)
def test_an_unusable_row_is_named_and_nothing_is_read(row: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        read_predictions(make_csv(isic_row("ISIC_0"), row), taxonomy=HAM7)
    assert "Nothing was evaluated" in str(caught.value)


def test_many_unusable_rows_are_counted_and_the_first_named() -> None:
    rows = [isic_row(f"ISIC_{i}", mel="0.9") for i in range(40)]
    with pytest.raises(InvalidInput, match=r": 40 \(row 2 .*row 6 \(1.5\), \.\.\.\)") as caught:
        read_predictions(make_csv(*rows), taxonomy=HAM7)
    assert "row 7" not in str(caught.value)


def test_rows_are_normalised_only_when_asked() -> None:
    row = ("ISIC_1", *[str(100 * P[c]) for c in ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")])
    with pytest.raises(InvalidInput, match="do not sum to 1"):
        read_predictions(make_csv(row), taxonomy=HAM7)
    found = read_predictions(make_csv(row, isic_row("ISIC_2")), taxonomy=HAM7, normalise=True)
    np.testing.assert_allclose(found.probabilities, [EXPECTED, EXPECTED])
    assert found.normalised == 1
    zeros = ("ISIC_1", *["0"] * 7)
    with pytest.raises(InvalidInput, match="all zero"):
        read_predictions(make_csv(zeros), taxonomy=HAM7, normalise=True)
    with pytest.raises(InvalidInput, match="negative"):
        read_predictions(make_csv(isic_row(mel="-1")), taxonomy=HAM7, normalise=True)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,MEL,NV,BCC,AKIEC,BKL,DF,VASC", "no column image or image_id; unknown columns name"),
        ("image,MEL,NV,BCC,AKIEC,BKL,DF,SCC", "no column for vasc; unknown columns scc"),
        ("image,MEL,NV,BCC,AKIEC,BKL,DF,prob_m_dx_mel", r"several columns for mel \(mel, prob_m_dx_mel\)"),
        ("image,MEL,NV,BCC,AKIEC,BKL,DF,mel", "more than one column named mel"),
    ],
)
def test_wrong_columns_are_all_named(header: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_predictions(make_csv(isic_row(), header=header), taxonomy=HAM7)


def test_files_that_are_no_table_are_refused_in_their_own_name() -> None:
    with pytest.raises(InvalidInput, match="predictions file is empty"):
        read_predictions(b"", taxonomy=HAM7)
    with pytest.raises(InvalidInput, match="no row below"):
        read_predictions(make_csv(), taxonomy=HAM7)
    with pytest.raises(InvalidInput, match="predictions file is not text"):
        read_predictions(b"PK\x03\x04\x00\x00", taxonomy=HAM7)
    with pytest.raises(MissingColumns):
        read_predictions(b"a,b\n1,2\n", taxonomy=HAM7)


def test_predictions_come_as_a_workbook() -> None:
    rows = [line.split(",") for line in make_csv(isic_row()).decode().splitlines()]
    found = read_predictions(make_workbook({"scores": rows}), taxonomy=HAM7)
    assert found.image_ids == ("ISIC_1",)
    assert found.probabilities[0].tolist() == pytest.approx(EXPECTED)
