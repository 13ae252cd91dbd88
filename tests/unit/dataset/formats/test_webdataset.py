import json
from pathlib import Path

import pytest
from tests.unit.dataset.formats.source_samples import make_tar

from dermdash.dataset.source_records import SourceTable
from dermdash.errors import InvalidInput
from dermdash.workflows.dataset.import_source import PreparedImport, prepare_import

JPEG = b"\xff\xd8\xff\xd9"


def prepared(folder: Path, shards: dict[str, dict[str, bytes]], **files: str) -> PreparedImport:
    for name, members in shards.items():
        (folder / name).write_bytes(make_tar(members))
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    return prepare_import([folder])


def said(table: SourceTable) -> list[tuple[str, str]]:
    return [(record.image_path, record.source_label) for record in table.records]


def test_the_same_key_in_two_shards_is_two_samples(tmp_path: Path) -> None:
    labels = {"a": b"nevus", "b": b"melanoma"}
    found = prepared(tmp_path, {f"{n}.tar": {"0001.jpg": JPEG, "0001.cls": label} for n, label in labels.items()})
    assert said(found.table) == [("a/0001.jpg", "nevus"), ("b/0001.jpg", "melanoma")]
    assert {r.image_id for r in found.table.records} == {"a_0001", "b_0001"}
    assert found.plan is not None
    of_row = {(record.source_label, entry.path.name) for record, entry in found.plan.work}
    assert of_row == {("nevus", "a.tar"), ("melanoma", "b.tar")}


def test_shards_may_be_named_one_by_one(tmp_path: Path) -> None:
    prepared(tmp_path, {f"{n}.tar": {"0001.jpg": JPEG, "0001.cls": b"nevus"} for n in "ab"})
    found = prepare_import([tmp_path / "a.tar", tmp_path / "b.tar"])
    assert found.plan is not None
    assert len(found.plan.work) == 2


def test_json_gives_columns_and_never_another_image(tmp_path: Path) -> None:
    content = {"file_name": "2.jpg", "Label": "melanoma", "age": 61, "device": {"name": "x"}, "patient_id": "P1"}
    found = prepared(tmp_path, {"a.tar": {"1.jpg": JPEG, "1.json": json.dumps(content).encode(), "2.jpg": JPEG}})
    first, second = found.table.records
    assert (first.image_path, first.source_label) == ("a/1.jpg", "melanoma")
    assert (first.patient_id, first.values["age_at_exam"]) == ("P1", 61)
    assert first.further == {"json file_name": "2.jpg", "device": '{"name": "x"}'}
    assert (second.image_path, second.source_label) == ("a/2.jpg", "")


def test_a_text_is_the_class_only_where_nothing_else_says_one(tmp_path: Path) -> None:
    found = prepared(tmp_path, {"a.tar": {"1.jpg": JPEG, "1.txt": b"nevus\n"}})
    assert said(found.table) == [("a/1.jpg", "nevus")]
    found = prepared(tmp_path, {"a.tar": {"1.jpg": JPEG, "1.cls": b"melanoma", "1.txt": b"no nevus"}})
    assert said(found.table) == [("a/1.jpg", "melanoma")]
    assert found.table.records[0].further == {"text": "no nevus"}
    found = prepared(
        tmp_path, {"a.tar": {"1.jpg": JPEG, "1.json": b'{"label": "nevus"}', "2.jpg": JPEG, "2.txt": b"itches"}}
    )
    assert said(found.table) == [("a/1.jpg", "nevus"), ("a/2.jpg", "")]


def test_numbers_are_names_only_where_a_file_says_so(tmp_path: Path) -> None:
    shard = {"a.tar": {"1.jpg": JPEG, "1.cls": b"1", "2.jpg": JPEG, "2.cls": b"5"}}
    found = prepared(tmp_path, shard)
    assert said(found.table) == [("a/1.jpg", "1"), ("a/2.jpg", "5")]
    assert all(r.dx is None for r in found.table.records)
    assert any("their numbers are the labels" in note for note in found.table.notes)
    found = prepared(tmp_path, shard, classnames="nevus\nmelanoma\n")
    assert said(found.table) == [("a/1.jpg", "melanoma")]
    assert "class 5 is none of the 2 that classnames.txt names" in found.table.exclusions[0].detail


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ({"1.json": b"{"}, "is no JSON"),
        ({"1.json": b"[1]"}, "holds no object"),
        ({"1.cls": b"x" * 300}, "longer than any name"),
        ({"1.cls": b"\x00\x01"}, "not text"),
    ],
)
def test_what_cannot_be_read_leaves_its_image_out(tmp_path: Path, member: dict[str, bytes], why: str) -> None:
    found = prepared(tmp_path, {"a.tar": {"1.jpg": JPEG, **member, "2.jpg": JPEG, "2.cls": b"nevus"}})
    assert said(found.table) == [("a/2.jpg", "nevus")]
    assert why in found.table.exclusions[0].detail


def test_a_class_without_an_image_is_a_row_that_is_left_out(tmp_path: Path) -> None:
    found = prepared(tmp_path, {"a.tar": {"1.jpg": JPEG, "1.cls": b"nevus", "9.cls": b"nevus"}})
    assert (found.summary.rows, found.summary.excluded) == (2, {"no_image_file": 1})


def test_a_mask_of_a_sample_is_no_image_of_it(tmp_path: Path) -> None:
    found = prepared(tmp_path, {"a.tar": {"s.jpg": JPEG, "s.seg.png": JPEG, "s.cls": b"nevus"}})
    assert said(found.table) == [("a/s.jpg", "nevus")]
    assert found.plan is not None
    assert [mask.location for mask in found.plan.masks.values()] == ["a.tar:s.seg.png"]  # type: ignore[union-attr]


def test_half_a_shard_says_so_and_brings_what_is_whole(tmp_path: Path) -> None:
    whole = make_tar({"1.jpg": JPEG, "1.cls": b"nevus", "2.jpg": JPEG * 300, "2.cls": b"nevus"})
    (tmp_path / "a.tar").write_bytes(whole[:2800])
    found = prepare_import([tmp_path])
    assert said(found.table) == [("a/1.jpg", "nevus")]
    assert any("cut off within '2.jpg'" in why and "first 2 files" in why for _, why in found.summary.not_used)


def test_a_tar_file_with_a_table_is_an_archive_like_any_other(tmp_path: Path) -> None:
    table = b"lesion_id,image_id,dx,dx_type,age,sex,localization\nL,x,nv,histo,40,male,back\n"
    files = {"HAM10000_metadata.csv": table, "part_1/x.jpg": JPEG, "README.txt": b"Read me."}
    found = prepared(tmp_path, {"ham.tar": files})
    assert (found.summary.format, found.summary.with_record) == ("ham10000", 1)


def test_images_alone_and_a_compressed_archive_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no table"):
        prepared(tmp_path, {"a.tar": {"1.jpg": JPEG}})
    (tmp_path / "b.tar.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(InvalidInput, match="is an archive of a kind that is not opened"):
        prepare_import([tmp_path / "b.tar.gz"])


def test_two_sets_of_shards_each_have_their_own_names(tmp_path: Path) -> None:
    for place, names in (("one", "nevus\nmelanoma\n"), ("two", "melanoma\nnevus\n")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "classnames.txt").write_text(names)
        (tmp_path / place / "a.tar").write_bytes(make_tar({"1.jpg": JPEG, "1.cls": b"0"}))
    assert said(prepare_import([tmp_path]).table) == [("one/a/1.jpg", "nevus"), ("two/a/1.jpg", "melanoma")]
