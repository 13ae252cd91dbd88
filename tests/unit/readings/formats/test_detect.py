"""What a file is taken for, and what is said when it is nothing that is known, or broken, or hostile."""

import io
import zipfile
from pathlib import Path

import pytest
from tests.reading_log_files import DERMACHALLENGE, SISTER, WIDE, nature_medicine, phase_study

from dermdash.errors import InvalidInput, MissingColumns, UnsafeUpload
from dermdash.readings.formats import log_file
from dermdash.readings.formats.detect import columns_of, recognise
from dermdash.readings.formats.log_file import LogFile, bundle, open_log
from dermdash.readings.formats.registry import LOG_FORMATS

MRMC = "reader,treatment,case,truth,rating\na,A,1,0,1\n"
FORM = "reader,case,phase,modality,dx\na,1,unaided,none,nv\n"
IMRMC = "title\nBEGIN DATA:\n-1,1,truth,0\n"


def file(text: str | bytes, name: str = "log.csv") -> LogFile:
    return LogFile(name, text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (nature_medicine(), "nature-medicine"),
        (DERMACHALLENGE, "dermachallenge"),
        (SISTER, "dermachallenge"),
        (phase_study(1), "phase-study"),
        (MRMC, "mrmc-csv"),
        (FORM, "dermdash"),
        (IMRMC, "imrmc"),
    ],
)
def test_each_format_is_told_from_the_others(text: str, format: str) -> None:
    found = recognise([file(text)])
    assert found.format == format
    assert found.why in found.text
    for other in set(LOG_FORMATS) - {"imrmc", "mapped-csv", format}:
        with pytest.raises(MissingColumns, match=r"it lacks|that form does not know"):
            recognise([file(text if format != "imrmc" else MRMC.replace("rating", "x"))], format=other)


def test_encodings_and_capitals_do_not_matter() -> None:
    assert recognise([file(DERMACHALLENGE.upper().encode("utf-16"))]).format == "dermachallenge"
    assert recognise([file("\ufeff".encode() + MRMC.replace(",", ";").encode())]).format == "mrmc-csv"


def test_the_nearest_formats_are_named_with_what_they_lack() -> None:
    text = DERMACHALLENGE.replace("tequ_correct", "right").replace("probType", "kind")
    with pytest.raises(MissingColumns) as error:
        recognise([file(text)])
    assert "log.csv is of no known format" in str(error.value)
    assert "DermaChallenge reader log lacks tequ_correct, probType or tequ_mode_id" in str(error.value)
    assert "Its columns are test_id, tequ_user_id" in str(error.value)


def test_a_foreign_column_in_our_own_form_is_named() -> None:
    with pytest.raises(MissingColumns, match="Readings export of dermdash does not know the column shoe"):
        recognise([file(FORM.replace("dx\n", "shoe\n"))])


def test_two_formats_that_fit_must_be_told_apart_by_the_caller() -> None:
    both = (
        "test_id,tequ_user_id,image_isic_id,tequ_no,tequ_correct,answer,image_diag_id,probType," + MRMC.split("\n")[0]
    )
    with pytest.raises(InvalidInput, match=r"could be DermaChallenge.*\(mrmc-csv\): say which with --format"):
        recognise([file(both + "\n")])
    assert recognise([file(both + "\n")], format="mrmc-csv").format == "mrmc-csv"


def test_a_mapping_decides_and_options_do_not() -> None:
    assert recognise([file(WIDE)], mapping={"Reader ID": "reader"}).format == "mapped-csv"
    assert recognise([file(DERMACHALLENGE)], mapping={"modality:cbir": "saliency"}).format == "dermachallenge"
    with pytest.raises(InvalidInput, match="needs a mapping"):
        recognise([file(WIDE)], format="mapped-csv")
    with pytest.raises(InvalidInput, match="no format 'xlsx'"):
        recognise([file(WIDE)], format="xlsx")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a,b\0,c\n", "not text"),
        (b"a,a\n1,2\n", "more than one column named a"),
        (b",".join(b"c%d" % i for i in range(2000)) + b"\n", "2,000 columns"),
    ],
)
def test_what_is_no_table_is_said(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        recognise([file(data)])


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_file_holds_logs_and_what_else_lies_in_it_is_passed_over(tmp_path: Path) -> None:
    data = zipped(
        ("x/b.csv", b"b"), ("__MACOSX/a.csv", b"x"), ("x/.hidden.csv", b"x"), ("a.csv", b"a"), ("r.pdf", b"x")
    )
    path = tmp_path / "logs.zip"
    path.write_bytes(data)
    assert [f.name for f in open_log(path)] == ["a.csv", "b.csv"]
    assert open_log(data, name="logs.zip") == open_log(path)
    # The same files make the same archive, whatever their order.
    files = open_log(data)
    assert bundle(files) == bundle(files[::-1])
    assert open_log(bundle(files)) == files


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (zipped(("[Content_Types].xml", b"x"), ("xl/sheet.csv", b"x")), InvalidInput, "is a spreadsheet: save"),
        (zipped(("readme.pdf", b"x")), InvalidInput, "holds no log"),
        (zipped(*((f"{i}.csv", b"x") for i in range(60))), UnsafeUpload, "holds 60 files"),
        (zipped(("a.csv", b"x"))[:40], InvalidInput, "damaged or encrypted"),
    ],
    # Not by their bytes, which hold the time: two processes must collect the same names.
    ids=["spreadsheet", "no log", "too many", "cut short"],
)
def test_an_archive_that_is_no_log_is_refused(data: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        open_log(data, name="logs.zip")


def test_more_than_a_log_may_have_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_BYTES", 1000)
    path = tmp_path / "big.csv"
    path.write_bytes(b"x" * 1001)
    bomb = zipped(("a.csv", b"0" * 100_000))
    assert len(bomb) < 1000
    for source in (path, path.read_bytes(), bomb, tmp_path, [path]):
        with pytest.raises(UnsafeUpload, match="a log may have"):
            open_log(source)


def test_more_rows_than_a_log_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_ROWS", 5)
    with pytest.raises(UnsafeUpload, match=r"log\.csv has 9 rows, more than the 5 a log may have"):
        recognise([file(DERMACHALLENGE)])


def test_a_folder_without_logs_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no log"):
        open_log(tmp_path)
    with pytest.raises(InvalidInput, match="there is no file"):
        open_log(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="no file was named"):
        open_log([])


def test_columns_are_found_in_the_first_part_of_a_large_file() -> None:
    assert columns_of(file(b"a;b\n" + b"1;2\n" * 500_000)) == ("a", "b")


def test_lines_that_end_in_a_carriage_return_alone_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_ROWS", 3)
    with pytest.raises(UnsafeUpload, match="more than the 3 a log may have"):
        recognise([file(FORM.replace("\n", "\r") * 2)])


def test_files_that_are_too_large_together_are_not_all_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(log_file, "MOST_BYTES", 3 * len(FORM))
    opened = []
    for i in range(9):
        (tmp_path / f"{i}.csv").write_text(FORM)

    def count(path: Path) -> tuple[LogFile, ...]:
        opened.append(path)
        return open_log(path)

    with pytest.raises(UnsafeUpload, match="all files together"):
        log_file.joined(count(path) for path in sorted(tmp_path.iterdir()))
    assert len(opened) == 4


def test_a_folder_of_too_many_files_is_refused_and_not_cut_off(tmp_path: Path) -> None:
    for i in range(51):
        (tmp_path / f"{i}.csv").write_text(FORM)
    with pytest.raises(UnsafeUpload, match="holds 51 files: more than 50"):
        open_log(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_file_with_broken_contents_is_refused(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.csv", FORM * 1000)
    data = bytearray(out.getvalue())
    data[40:60] = bytes(b ^ 0xFF for b in data[40:60])
    with pytest.raises(InvalidInput, match="damaged or encrypted"):
        open_log(bytes(data), name="log.zip")
