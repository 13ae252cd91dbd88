"""Files of a workspace that are missing or damaged: named by a check, brought back by importing again."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from tests.unit.dataset.image_factories import draw_lesion, encode, ham_csv, ham_row, make_jpeg

from dermdash.storage import records
from dermdash.storage import tables as t
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import ImportReport, import_dataset
from dermdash.workflows.workspace.check_workspace import check_workspace

METADATA = ham_csv(*(ham_row(f"ISIC_{i}", lesion_id=f"HAM_{i}") for i in range(3)))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two photographs, one of which is its own thumbnail, a PNG, and a mask of the first."""
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "ISIC_0.jpg").write_bytes(make_jpeg(seed=0, width=300, height=200))
    (folder / "ISIC_1.jpg").write_bytes(make_jpeg(seed=1))
    (folder / "ISIC_2.png").write_bytes(encode(draw_lesion(250, 190), "PNG"))
    mask = Image.new("L", (300, 200))
    mask.paste(255, (100, 50, 200, 150))
    mask.save(folder / "ISIC_0_segmentation.png")
    return folder


def run(workspace: Workspace, *images: Path, **options: object) -> ImportReport:
    given: dict[str, object] = {"adapter": "ham10000", "processes": False, **options}
    return import_dataset(workspace, metadata=METADATA, images=images, **given)  # type: ignore[arg-type]


def file_of(workspace: Workspace, kind: str, number: int = 0) -> Path:
    record = records.get_record(workspace.engine, f"ham10000:ISIC_{number}")
    return workspace.files.path(kind, record["mask_sha256"] if kind == MASKS else record["image_sha256"])


def kinds(workspace: Workspace) -> list[str]:
    return [fault.kind for fault in check_workspace(workspace).faults]


def lose(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.unlink()  # another name of the same file stays as it is
    path.write_bytes(b"")


def change_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.unlink()
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", [lose, empty, change_a_byte])
def test_a_lost_or_damaged_file_is_named_and_importing_again_brings_it_back(
    duckdb_workspace: Workspace, images: Path, harm: Callable[[Path], None]
) -> None:
    run(duckdb_workspace, images)
    for kind in (ORIGINALS, THUMBNAILS, MASKS):
        path = file_of(duckdb_workspace, kind)
        before = path.read_bytes()
        harm(path)
        assert kinds(duckdb_workspace) == ["missing file" if harm is lose else "damaged file"]
        again = run(duckdb_workspace, images)
        assert (again.imported, again.already_present, again.restored, again.masks) == (0, 3, 1, 0)
        assert again.to_json()["restored"] == 1
        assert path.read_bytes() == before
    assert kinds(duckdb_workspace) == []
    assert run(duckdb_workspace, images).restored == 0


def test_every_file_of_a_record_comes_back(workspace: Workspace, images: Path) -> None:
    run(workspace, images)
    # The thumbnail of the second is another name of its original, the third is a PNG.
    paths = [file_of(workspace, kind, number) for number in (1, 2) for kind in (ORIGINALS, THUMBNAILS)]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    assert run(workspace, images).restored == 4
    assert [path.read_bytes() for path in paths] == before
    assert kinds(workspace) == []


def test_a_thumbnail_whose_hash_was_never_kept_is_judged_by_what_it_shows_and_its_hash_kept_when_made_anew(
    duckdb_workspace: Workspace, images: Path
) -> None:
    run(duckdb_workspace, images)
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(sa.update(t.image).values(thumbnail_sha256=None))
    assert kinds(duckdb_workspace) == []
    path = file_of(duckdb_workspace, THUMBNAILS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    assert kinds(duckdb_workspace) == ["damaged file"]
    assert run(duckdb_workspace, images).restored == 1
    assert kinds(duckdb_workspace) == []
    change_a_byte(path)
    assert kinds(duckdb_workspace) == ["damaged file"]


def test_a_file_that_cannot_replace_a_lost_original_is_said_and_nothing_is_put_in_its_place(
    duckdb_workspace: Workspace, images: Path
) -> None:
    run(duckdb_workspace, images)
    path = file_of(duckdb_workspace, ORIGINALS)
    path.unlink()
    (images / "ISIC_0.jpg").write_bytes(make_jpeg(seed=9, width=300, height=200))
    other = run(duckdb_workspace, images)
    assert other.restored == 0
    assert any(image_id == "ISIC_0" and "another picture" in note for image_id, note in other.notes)
    (images / "ISIC_0.jpg").unlink()
    file_of(duckdb_workspace, THUMBNAILS, 2).unlink()
    without = run(duckdb_workspace, images)
    assert any("not among those given" in note for _, note in without.notes)
    assert without.restored == 1  # a thumbnail is made of the stored original
    assert not path.exists()


def test_another_data_set_with_the_same_picture_mends_a_damaged_original_and_notes_of_pictures_are_listed(
    duckdb_workspace: Workspace, images: Path
) -> None:
    run(duckdb_workspace, images)
    path = file_of(duckdb_workspace, ORIGINALS)
    before = path.read_bytes()
    change_a_byte(path)
    (images / "ISIC_1.jpg").write_bytes(encode(draw_lesion()[:, :, 0], "JPEG"))
    second = run(duckdb_workspace, images, dataset_id="second", processes=True)
    assert path.read_bytes() == before
    assert [image_id for image_id, note in second.notes if "no colour" in note] == ["ISIC_1"]
