"""Published lists of duplicates in the forms that they come in; anything else is no such list."""

from pathlib import Path

import pytest

from dermdash.dataset.duplicate_lists import KnownPairs, read_duplicate_list
from dermdash.errors import InvalidInput


def written(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("head", "form"),
    [
        ("image_id_1,image_id_2", "ham10000"),
        ("image_name_1,image_name_2", "isic2020"),
        ("a1,a2", ""),
        ("from_img,to_img", "ham10000"),
        ("img_filename_from,img_filename_to", ""),
    ],
)
def test_a_table_of_pairs_is_read_each_pair_once(tmp_path: Path, head: str, form: str) -> None:
    path = written(tmp_path, f"{head}\nISIC_2,ISIC_1\nISIC_1.jpg,ISIC_2\nISIC_3,ISIC_4\n")
    assert read_duplicate_list(path) == KnownPairs("list.csv", form, (("ISIC_1", "ISIC_2"), ("ISIC_3", "ISIC_4")))


def test_rows_that_name_no_two_images_are_listed(tmp_path: Path) -> None:
    known = read_duplicate_list(written(tmp_path, "image_id_1,image_id_2\nA,A\nB,\nC,D\nE\n"))
    assert known.pairs == (("C", "D"),)
    assert len(known.unusable) == 3
    assert "row 2: expected two different images, found 'A' and 'A'" in known.unusable


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_list_of_files_names_images_whatever_disk_they_lay_on(tmp_path: Path, ends: str) -> None:
    lines = [
        "/home/somebody/ISIC (B)/2016/train/ISIC_0000001.jpg",
        r"C:\Data\2017\ISIC_0000002.JPG",
        "",
        "ISIC_0000003.png",
    ]
    known = read_duplicate_list(written(tmp_path, ends.join(lines), "07 - train_vs_test.txt"))
    assert known.names == ("ISIC_0000001", "ISIC_0000002", "ISIC_0000003")
    assert (known.name, known.pairs, known.unusable) == ("07 - train_vs_test.txt", (), ())


def test_a_head_above_names_and_names_that_come_twice(tmp_path: Path) -> None:
    known = read_duplicate_list(written(tmp_path, "image\nA.jpg\nB.jpg\nA.jpg\n"))
    assert (known.names, known.unusable) == (("A", "B"), ("1 line names an image that another one names",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "image,dx\nA.jpg,nv\n",
        "no images here\nnor here\n",
        b"\x00\x01\x02",
        "a1,a2,b1,b2\n1,2,3,4\n",
        "A.jpg,B.jpg\nC.jpg,D.jpg\n",
    ],
)
def test_anything_else_is_no_list_of_duplicates(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(InvalidInput, match=r"list\.csv is no list of duplicates"):
        read_duplicate_list(written(tmp_path, text))


def test_a_list_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no list of duplicates"):
        read_duplicate_list(tmp_path / "absent.csv")
