"""Which files are masks, and of which image."""

import shutil
from pathlib import Path

from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.mask_names import masks_apart, match_masks


def write(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{folder.name} {number}".encode())
    return folder


def test_masks_are_known_by_the_names_of_every_source_and_photographs_stay_photographs(tmp_path: Path) -> None:
    source = ImageSource.open([write(
        tmp_path / "d", "A.jpg", "A_segmentation.png", "B.jpg", "B_Segmentation.png", "C.jpg", "C_mask.png", "D1.png",
        "D1mask.png", "IMD3.bmp", "IMD3_lesion.bmp", "E.jpg", "E-seg.png", "P1_lesion.jpg", "P1_overview.jpg",
        "unmask.jpg",
        "F_attribute_streaks.png", "F_superpixels.png",
    )])  # fmt: skip
    assert [mask.base for mask in source.masks] == ["A", "B", "F", "C", "D1", "E", "IMD3"]
    assert source.names() == (
        "A", "B", "C", "D1", "E", "F_superpixels", "IMD3", "P1_overview", "unmask", "P1_lesion",
    )  # fmt: skip
    matches = match_masks({name: source.find(name) for name in source.names()}, source.masks)
    assert {name: entry.name for name, entry in matches.found.items()} == {
        "A": "A_segmentation.png", "B": "B_Segmentation.png", "C": "C_mask.png", "D1": "D1mask.png",
        "IMD3": "IMD3_lesion.bmp", "E": "E-seg.png",
    }  # fmt: skip
    (structure,) = matches.problems
    assert "mask of a structure" in structure.detail


def test_in_a_place_of_their_own_masks_need_no_ending_but_an_image_is_never_one(tmp_path: Path) -> None:
    images = ImageSource.open([write(tmp_path / "images", "a.jpg", "b.jpg")])
    apart = ImageSource.open([write(tmp_path / "masks", "a.png", "b_lesion.bmp", "c.png")])
    wanted = {name: images.find(name) for name in images.names()}

    def found(masks: ImageSource) -> dict[str, str]:
        files = [*masks.images, *(mask.entry for mask in masks.masks)]
        return {k: e.name for k, e in match_masks(wanted, masks_apart(files, images.images)).found.items()}

    assert found(apart) == {"a": "a.png", "b": "b_lesion.bmp"}
    assert found(images) == {}
    # The photographs under another path are told from masks by what they show (`prepare_mask`), not by their names.
    both = ImageSource.open([tmp_path / "images", tmp_path / "masks"])
    assert found(both) == {"a": "a.png", "b": "b_lesion.bmp"}


def test_a_mask_lies_beside_its_image_where_several_images_have_one_name(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", "nv/1.jpg", "nv/1_mask.png", "mel/1.jpg", "mel/1_mask.png", "x/2.jpg", "y/2.jpg",
                   "2_mask.png")  # fmt: skip
    source = ImageSource.open([folder])
    wanted = {entry.relative: entry for entry in source.images}
    matches = match_masks(wanted, source.masks)
    assert {name: entry.relative for name, entry in matches.found.items()} == {
        "nv/1.jpg": "nv/1_mask.png", "mel/1.jpg": "mel/1_mask.png",
    }  # fmt: skip
    assert ["2_mask.png may be of several images" in p.detail for p in matches.problems] == [True]


def test_masks_in_folders_like_those_of_the_images_are_matched_by_folder(tmp_path: Path) -> None:
    images = ImageSource.open([write(tmp_path / "i", "nv/1.jpg", "mel/1.jpg")])
    masks = ImageSource.open([write(tmp_path / "m", "nv/1.png", "mel/1.png")])
    found = match_masks({e.relative: e for e in images.images}, masks_apart(masks.images, images.images)).found
    assert {name: entry.relative for name, entry in found.items()} == {"nv/1.jpg": "nv/1.png", "mel/1.jpg": "mel/1.png"}


def test_two_masks_of_one_image_are_used_only_where_they_are_the_same_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", "a.jpg", "a_mask.png", "a_seg.png", "b.jpg", "b_mask.png")
    shutil.copy(folder / "b_mask.png", folder / "b_segmentation.png")
    source = ImageSource.open([folder])
    matches = match_masks({name: source.find(name) for name in source.names()}, source.masks)
    assert list(matches.found) == ["b"]
    assert [(str(p.reason), p.image_id) for p in matches.problems if p.image_id == "a"] == [("ambiguous_mask", "a")]


def test_masks_of_no_image_are_listed_and_masks_of_images_stored_before_are_found(tmp_path: Path) -> None:
    masks = ImageSource.open([write(tmp_path / "m", "a_mask.png", "z_mask.png")])
    matches = match_masks({"A": None}, masks_apart([*masks.images], []))
    assert {name: entry.name for name, entry in matches.found.items()} == {"A": "a_mask.png"}
    assert [(str(p.reason), p.image_id) for p in matches.problems] == [("mask_without_image", "z")]


def test_a_mask_beside_no_image_is_none_where_an_image_that_is_not_imported_has_its_name(tmp_path: Path) -> None:
    images = ImageSource.open([write(tmp_path / "images", "a/1.jpg", "b/1.jpg")])
    apart = ImageSource.open([write(tmp_path / "masks", "1_mask.png")])
    wanted, other = {"1": images.images[0]}, images.images[1:]
    shelves = masks_apart([mask.entry for mask in apart.masks] or apart.images, images.images)
    assert match_masks(wanted, shelves).found
    matches = match_masks(wanted, shelves, others=other)
    assert matches.found == {}
    assert [p.image_id for p in matches.problems] == ["1"]
