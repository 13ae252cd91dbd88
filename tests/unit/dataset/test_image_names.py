"""Which file a row means: never the wrong one, and every match that is not plain is said."""

import time
import unicodedata
from pathlib import Path

import pytest

from dermdash.dataset.image_names import FoundFile, NoFile, Wanted, match_files
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_entry import ImageEntry
from dermdash.dataset.source_records import ExclusionReason


def source_of(folder: Path, *names: str) -> ImageSource:
    """A folder of files with these paths, each with content of its own."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"picture {number}".encode())
    return ImageSource.open([folder])


def matched(source: ImageSource, *texts: str) -> list[str | ExclusionReason]:
    """For each text the path of its file, or why it has none."""
    outcomes = match_files([Wanted(text) for text in texts], source.images).outcomes
    return [o.entry.relative if isinstance(o, FoundFile) else o.reason for o in outcomes]


def notes(source: ImageSource, *texts: str) -> list[str]:
    outcomes = match_files([Wanted(text) for text in texts], source.images).outcomes
    return [o.note if isinstance(o, FoundFile) else o.detail for o in outcomes]


AMBIGUOUS, MISSING = ExclusionReason.AMBIGUOUS_IMAGE_NAME, ExclusionReason.NO_IMAGE_FILE


def test_a_path_comes_before_a_name_and_a_name_before_a_stem(tmp_path: Path) -> None:
    source = source_of(tmp_path, "t/nv/7.jpg", "t/mel/7.jpg", "t/mel/8.jpg", "t/mel/8.png", "9.jpg")
    assert matched(source, "mel/7.jpg", "t/nv/7.jpg", "nv\\7.jpg", "./t/mel/7", "8.png", "9") == [
        "t/mel/7.jpg", "t/nv/7.jpg", "t/nv/7.jpg", "t/mel/7.jpg", "t/mel/8.png", "9.jpg",
    ]  # fmt: skip
    assert set(notes(source, "mel/7.jpg", "8.png", "9")) == {""}


def test_a_name_that_several_files_have_is_matched_with_none_and_all_are_named(tmp_path: Path) -> None:
    source = source_of(tmp_path, "benign/1.jpg", "malignant/1.jpg", "malignant/2.jpg", "x/2.png")
    assert matched(source, "1.jpg", "1", "2", "2.jpg") == [AMBIGUOUS, AMBIGUOUS, AMBIGUOUS, "malignant/2.jpg"]
    (words,) = notes(source, "1.jpg")
    assert "benign/1.jpg" in words
    assert "malignant/1.jpg" in words


def test_a_path_that_leads_nowhere_never_takes_the_picture_of_another_class(tmp_path: Path) -> None:
    source = source_of(tmp_path, "mel/1.jpg", "mel/3.jpg")
    assert matched(source, "nv/1.jpg", "mel/1.jpg") == [MISSING, "mel/1.jpg"]
    assert matched(source, "nv/1.jpg", "bcc/1.jpg") == [AMBIGUOUS, AMBIGUOUS]
    assert matched(source, "C:\\data\\3.jpg") == ["mel/3.jpg"]
    assert notes(source, "C:\\data\\3.jpg") == [
        "'C:\\data\\3.jpg' was matched with mel/3.jpg, which differs in its folder"
    ]


def test_a_file_that_is_there_twice_byte_by_byte_is_one_file(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.jpg").write_bytes(b"same")
        (tmp_path / folder / "2.jpg").write_bytes(folder.encode())
    matches = match_files([Wanted("1"), Wanted("2")], ImageSource.open([tmp_path]).images)
    first, second = matches.outcomes
    assert isinstance(first, FoundFile)
    assert isinstance(second, NoFile)
    assert [copy.relative for copy, _ in matches.copies] == ["b/1.jpg", "c/1.jpg"]


def test_of_files_of_one_name_the_one_in_the_folder_of_the_diagnosis_is_meant(tmp_path: Path) -> None:
    source = source_of(tmp_path, "nv/1.jpg", "mel/1.jpg", "mel/x/2.jpg", "mel/y/2.jpg")
    rows = [Wanted("1", "NV"), Wanted("1", "bcc"), Wanted("2", "mel")]
    nevus, none, several = match_files(rows, source.images).outcomes
    assert isinstance(nevus, FoundFile)
    assert nevus.entry.relative == "nv/1.jpg"
    assert "folder of its diagnosis" in nevus.note
    assert isinstance(none, NoFile)
    assert isinstance(several, NoFile)


@pytest.mark.parametrize(
    ("written", "file", "differs"),
    [
        ("IM08", "im08.jpg", "capitals"),
        ("im\u200b08", "im08.jpg", "not seen"),
        ("00123", "123.jpg", "zeros"),
        ("123", "00123.jpg", "zeros"),
        ("123.0", "00123.jpg", "zeros"),
        ("ISIC_5", "ISIC_5_downsampled.jpg", "_downsampled"),
        ("ISIC_5_downsampled", "ISIC_5.jpg", "_downsampled"),
        ("5_downsampled", "005.jpg", "more than one"),
        ("im1.png", "im1.jpg", "its extension"),
        ("NEL/NEL027.JPG", "NEL/Nel027.jpg", "capitals"),
        ("1.2E+04", "12000.jpg", "the one number that is written so"),
        ("1,23E+05", "123456.jpg", "the one number that is written so"),
        (unicodedata.normalize("NFD", "Jürgen 1"), "Jürgen 1.jpg", "Unicode form"),
        ("Пациент_1", unicodedata.normalize("NFD", "пациент_1.jpg"), "capitals"),
    ],
)
def test_what_is_spelt_otherwise_is_matched_where_one_alone_is_meant_and_listed(
    tmp_path: Path, written: str, file: str, differs: str
) -> None:
    source = source_of(tmp_path, file, "another.jpg")
    assert matched(source, written) == [file]
    (note,) = notes(source, written)
    assert differs in note
    assert "was matched with" in note


@pytest.mark.parametrize(
    ("rows", "files", "outcomes"),
    [
        (["Im8"], ["im8.jpg", "IM8.jpg"], [AMBIGUOUS]),
        (["im8", "IM8"], ["im8.jpg"], ["im8.jpg", MISSING]),
        (["Im8", "IM8"], ["im8.jpg"], [AMBIGUOUS, AMBIGUOUS]),
        (["7"], ["07.jpg", "007.jpg"], [AMBIGUOUS]),
        (["7", "07"], ["007.jpg"], [AMBIGUOUS, AMBIGUOUS]),
        (["7", "07"], ["07.jpg"], [MISSING, "07.jpg"]),
        (["1.2E+05"], ["120000.jpg", "123456.jpg"], [AMBIGUOUS]),
        (["1.2E+05", "1.2E+05"], ["120000.jpg"], [AMBIGUOUS, AMBIGUOUS]),
        (["a", "a_downsampled"], ["a.jpg"], ["a.jpg", MISSING]),
        (["a.png", "a.bmp"], ["a.jpg"], [AMBIGUOUS, AMBIGUOUS]),
        (["im7"], ["im07.jpg"], [MISSING]),
        (["105"], ["15.jpg"], [MISSING]),
        (["105", "5"], ["0105.jpg", "005.jpg"], ["0105.jpg", "005.jpg"]),
        (["b", ""], ["a.jpg"], [MISSING, MISSING]),
    ],
)
def test_what_may_be_several_is_matched_with_none(
    tmp_path: Path, rows: list[str], files: list[str], outcomes: list[object]
) -> None:
    assert matched(source_of(tmp_path, *files), *rows) == outcomes


def test_a_row_without_a_file_hears_of_the_nearest_name(tmp_path: Path) -> None:
    source = source_of(tmp_path, "im07.jpg", "ISIC_0000012.jpg", "melanoma.jpg")
    assert notes(source, "im7", "ISIC-12", "melanom", "ISIC_0000013") == [
        "there is no image file for im7; the nearest name is 'im07'",
        "there is no image file for ISIC-12; the nearest name is 'ISIC_0000012'",
        "there is no image file for melanom; the nearest name is 'melanoma'",
        "there is no image file for ISIC_0000013",
    ]


def test_every_number_whose_zeros_a_spreadsheet_took_finds_its_own_file() -> None:
    entries = [ImageEntry(f"{n:05d}", Path(f"/x/{n:05d}.jpg"), relative=f"{n:05d}.jpg") for n in range(2_000)]
    outcomes = match_files([Wanted(str(n)) for n in range(2_000)], entries).outcomes
    assert [o.entry.relative for o in outcomes if isinstance(o, FoundFile)] == [e.relative for e in entries]


def test_ten_thousand_rows_spelt_otherwise_are_matched_at_once() -> None:
    entries = [ImageEntry(f"p{n:06d}", Path(f"/x/p{n:06d}.jpg"), relative=f"p{n:06d}.jpg") for n in range(10_000)]
    wanted = [Wanted(f"P{n:06d}" if n % 2 else f"p{n:06d}") for n in range(3_000, 13_000)]
    start = time.process_time()
    outcomes = match_files(wanted, entries).outcomes
    assert sum(isinstance(o, FoundFile) for o in outcomes) == 7_000
    # A few passes over all, not rows times files; the rest is for a busy machine.
    assert time.process_time() - start < 15


def test_the_file_of_a_row_that_was_left_out_is_taken_by_no_other_row(tmp_path: Path) -> None:
    source = source_of(tmp_path, "007.png", "b/8.jpg", "B9.jpg")
    asked = [Wanted("7"), Wanted("8.png"), Wanted("b9")]
    assert [type(o) for o in match_files(asked, source.images).outcomes] == [FoundFile] * 3
    left = match_files(asked, source.images, left_out=["007", "8.jpg", "B9"]).outcomes
    assert [o.reason for o in left if isinstance(o, NoFile)] == [MISSING] * 3
    assert match_files([Wanted("7")], source.images, left_out=["07"]).outcomes[0].reason is AMBIGUOUS  # type: ignore[union-attr]


def test_a_row_that_was_left_out_because_it_stands_there_twice_is_no_rival_of_the_first(tmp_path: Path) -> None:
    source = source_of(tmp_path, "007.png")
    (found,) = match_files([Wanted("0007")], source.images, left_out=["0007"]).outcomes
    assert isinstance(found, FoundFile)
