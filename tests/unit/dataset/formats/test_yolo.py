from pathlib import Path

import pytest

from dermdash.dataset.formats.drawn_lesions import PROBLEM, AnnotationFiles
from dermdash.dataset.formats.source_files import SourceFile
from dermdash.dataset.formats.yolo_labels import read_labels
from dermdash.errors import InvalidInput
from dermdash.workflows.dataset.import_source import prepare_import

NAMES = "names:\n  0: nevus\n  1: melanoma\n"
BOX = "1 0.5 0.5 0.2 0.4\n"
RING = "1 0 0 0.5 0 0.5 1 0 1\n"


def read(files: dict[str, str], images: tuple[str, ...]) -> AnnotationFiles:
    found = read_labels([SourceFile(name, None, text.encode()) for name, text in files.items()], images)
    assert found is not None
    return found


def rows(found: AnnotationFiles) -> list[tuple[object, ...]]:
    """File, class and split of a row, or why it cannot be used."""
    return [tuple(row[n] for n in ("file_name", "class", "split")) if "class" in row else (row[PROBLEM],)
            for row in found.drawn.rows]  # fmt: skip


@pytest.mark.parametrize(
    ("image", "label", "split"),
    [
        ("images/train/a.jpg", "labels/train/a.txt", "train"),
        ("valid/images/a.jpg", "valid/labels/a.txt", "valid"),
        ("images/a.png", "Labels/a.txt", ""),
        ("set/a.jpg", "set/a.txt", ""),
    ],
)
def test_a_label_lies_in_the_folder_labels_or_beside_its_image(image: str, label: str, split: str) -> None:
    assert rows(read({"data.yaml": NAMES, label: BOX}, (image,))) == [(image, "melanoma", split)]


def test_data_yaml_says_which_folder_is_which_part() -> None:
    found = read(
        {"data.yaml": "path: ../x\nval: images/fold_2\n" + NAMES, "labels/fold_2/a.txt": BOX}, ("images/fold_2/a.jpg",)
    )
    assert rows(found) == [("images/fold_2/a.jpg", "melanoma", "val")]


def test_images_without_a_label_file_or_with_an_empty_one_come_in_without_a_diagnosis() -> None:
    found = read(
        {"data.yaml": NAMES, "labels/a.txt": BOX, "labels/b.txt": "\n"},
        ("images/a.jpg", "images/b.jpg", "images/c.jpg"),
    )
    assert [row[1] for row in rows(found)] == ["melanoma", "", ""]


def test_outlines_are_lesions_and_boxes_stay_text() -> None:
    found = read({"data.yaml": NAMES, "labels/a.txt": BOX + RING}, ("images/a.jpg",))
    assert found.drawn.rows[0]["boxes"] == "melanoma 0.5 0.5 0.2 0.4"
    assert found.drawn.outlines["images/a.jpg"].drawn((60, 40)).sum() == 30 * 40


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("7 0.5 0.5 0.2 0.4", "labels/a.txt line 1: class 7 is none of the 2 that data.yaml names"),
        (BOX + "1 0.5 0.5", "labels/a.txt line 2 is no class number with a box or an outline"),
        ("1 300 200 50 40", "is no class number with a box"),
        ("melanoma 0.5 0.5 0.2 0.4", "is no class number with a box"),
        ("0 0.5 0.5 0.2 0.4\n" + BOX, "images/a.jpg is annotated as nevus and as melanoma"),
        ("1 nan 0.5 0.2 0.4", "is no class number"),
        ("inf 0.5 0.5 0.2 0.4", "is no class number"),
        ("-1 0.5 0.5 0.2 0.4", "is no class number"),
    ],
)
def test_a_label_that_cannot_be_believed_leaves_its_image_out(text: str, why: str) -> None:
    ((problem,),) = rows(read({"data.yaml": NAMES, "labels/a.txt": text}, ("images/a.jpg",)))
    assert why in str(problem)


@pytest.mark.parametrize(
    ("yaml", "why"),
    [
        ("", "its classes are not known"),
        ("names: []\n", "names no classes"),
        ("train: images\n", "names no classes"),
        ("nc: [1]\nnames: [nevus]\nx: *y\n", "refers to another place"),
        ("names: {a: nevus}\n", "expected numbers of classes, found 'a'"),
        ("names: &a [*a]\n", "refers to another place"),
    ],
)
def test_without_names_of_classes_their_numbers_are_the_labels_and_that_is_said(yaml: str, why: str) -> None:
    found = read({"data.yaml": yaml, "labels/a.txt": BOX}, ("images/a.jpg",))
    assert rows(found) == [("images/a.jpg", "1", "")]
    assert any(why in note for note in found.drawn.notes), found.drawn.notes
    assert any("their numbers are the labels" in note for note in found.drawn.notes)


def test_classes_txt_names_the_classes_and_a_wrong_number_of_them_is_said() -> None:
    found = read({"labels/classes.txt": "nevus\nmelanoma\n", "labels/a.txt": BOX}, ("images/a.jpg",))
    assert rows(found)[0][1] == "melanoma"
    said = read({"data.yaml": "nc: 3\n" + NAMES, "labels/a.txt": BOX}, ("images/a.jpg",)).drawn.notes
    assert said == ["data.yaml says nc: 3 and names 2 classes"]


def test_texts_that_are_no_labels_make_no_yolo() -> None:
    for files in ({"labels/readme.txt": "Read me."}, {"a.txt": BOX}, {}, {"labels/a.txt": "image_id,dx\n"}):
        assert read_labels([SourceFile(n, None, t.encode()) for n, t in files.items()], ("images/a.jpg",)) is None


def test_labels_alone_are_counted_and_a_mapping_says_what_their_numbers_mean(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text(BOX)
    summary = prepare_import([tmp_path]).summary
    assert (summary.format, summary.rows, summary.with_label, summary.with_class) == ("yolo", 1, 1, 0)
    with pytest.raises(InvalidInput, match=r"this is not COCO, but .*YOLO \(yolo\)"):
        prepare_import([tmp_path], asked="coco")


def test_classification_folders_of_yolo_are_folders_per_class_and_the_split_is_no_class(tmp_path: Path) -> None:
    for name in ("train/nevus/a.jpg", "val/melanoma/b.jpg", "melanoma/test/c.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"\xff\xd8\xff\xd9")
    prepared = prepare_import([tmp_path])
    said = {(r.image_id, r.source_label, r.details.get("source_split")) for r in prepared.table.records}
    assert prepared.summary.format == "folder-per-class"
    assert said == {("a", "nevus", "train"), ("b", "melanoma", "val"), ("c", "melanoma", "test")}


def test_where_no_label_can_be_used_and_where_there_is_none_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "images").mkdir()
    (tmp_path / "data.yaml").write_text(NAMES)
    (tmp_path / "images" / "a.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    (tmp_path / "labels" / "a.txt").write_text("1 300 200 50 40\n")
    summary = prepare_import([tmp_path]).summary
    assert (summary.format, summary.rows, summary.excluded) == ("yolo", 1, {"invalid_row": 1})
    plan = prepare_import([tmp_path]).plan
    assert plan is not None
    assert [e.image_id for e in plan.excluded_rows] == ["a"]
    assert plan.excluded_files == (), "the picture has a row"
    (tmp_path / "labels" / "a.txt").unlink()
    (tmp_path / "README.txt").write_text("Exported from somewhere.\n")
    with pytest.raises(InvalidInput, match=r"names the classes of a YOLO data set, and no label files lie beside it"):
        prepare_import([tmp_path])


def test_labels_of_one_folder_are_not_about_the_images_of_another(tmp_path: Path) -> None:
    for number, place in enumerate(("one", "two")):
        for name in ("data.yaml", "images/1.jpg", "labels/1.txt"):
            (tmp_path / place / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place / name).write_text(
                {"data.yaml": NAMES, "labels/1.txt": f"{number} .5 .5 .2 .2"}.get(name, place)
            )
    prepared = prepare_import([tmp_path / "one", tmp_path / "two"])
    assert prepared.plan is not None
    assert [(record.source_label, entry.path.parts[-3]) for record, entry in prepared.plan.work] == [
        ("nevus", "one"), ("melanoma", "two"),
    ]  # fmt: skip
    assert (prepared.summary.rows, prepared.summary.with_label) == (2, 2)


def test_a_number_means_what_the_nearest_file_above_its_label_says() -> None:
    files = {
        "data.yaml": NAMES, "a/data.yaml": "names: [melanoma, nevus]\n", "b/classes.txt": "x\n",
        "c/labels/classes.txt": "x\n",
        **{f"{place}labels/1.txt": BOX for place in ("", "a/", "b/", "c/")},
    }  # fmt: skip
    images = tuple(f"{place}images/1.jpg" for place in ("", "a/", "b/", "c/"))
    found = read(files, images)
    assert [row[1] for row in rows(found)] == ["melanoma", "nevus", "melanoma", "melanoma"]
    assert "b/classes.txt, c/labels/classes.txt: other classes than those that are used" in found.drawn.notes
    del files["data.yaml"]
    files["c/labels/classes.txt"] = "nevus\nnaevus\n"
    said = rows(read(files, images[1:3]))
    assert (said[0][1], "class 1 is none of the 1 that b/classes.txt names" in str(said[2])) == ("nevus", True)


def test_a_label_of_two_images_is_given_to_neither() -> None:
    images = ("images/a.jpg", "images/a.png", "images/b.jpg", "images/b.png")
    found = rows(read({"data.yaml": NAMES, "labels/a.txt": BOX}, images))
    assert found[:2] == [("labels/a.txt may be about any of images/a.jpg, images/a.png",)] * 2
    assert found[2:] == [("images/b.jpg", "", ""), ("images/b.png", "", "")]
