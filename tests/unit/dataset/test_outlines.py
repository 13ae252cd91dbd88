import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from dermdash.dataset.formats.coco_annotations import read_annotations
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.outlines import LesionOutline, filled, ring_of, runs_of
from dermdash.dataset.segmentation import prepared_mask
from dermdash.errors import UnfitMask, UnreadableImage, UnsafeUpload
from dermdash.workflows.dataset.import_source import prepare_import

W, H = 60, 40


def outline(*rings: list[float], size: tuple[int, int] | None = (W, H), shares: bool = False) -> LesionOutline:
    return LesionOutline(
        "a", "a.json: outline of a", size, tuple(np.array(r).reshape(-1, 2) for r in rings), (), shares
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_pixel_is_inside_where_its_centre_is(seed: int) -> None:
    """Against OpenCV's test of single points, on stars that lie partly outside of the picture."""
    draw = np.random.default_rng(seed)
    angle = np.sort(draw.uniform(0, 2 * np.pi, 15))
    radius = draw.uniform(5, 35, 15)
    ring = np.stack([30 + radius * np.cos(angle), 20 + radius * np.sin(angle)], axis=1)
    inside = filled(ring, W, H)
    contour = ring.astype(np.float32).reshape(-1, 1, 2)
    for y in range(H):
        for x in range(W):
            distance = cv2.pointPolygonTest(contour, (x + 0.5, y + 0.5), True)
            if abs(distance) > 1e-3:
                assert inside[y, x] == (distance > 0), (x, y)


def test_a_box_of_whole_numbers_holds_its_pixels_and_no_more() -> None:
    inside = outline([10, 5, 20, 5, 20, 8, 10, 8]).drawn((W, H))
    assert inside[5:8, 10:20].all()
    assert inside.sum() == 30


def test_several_rings_join_and_shares_are_of_the_image() -> None:
    two = outline([0, 0, 4, 0, 4, 4, 0, 4], [2, 2, 6, 2, 6, 6, 2, 6]).drawn(None)
    assert two.sum() == 16 + 16 - 4
    half = outline([0, 0, 0.5, 0, 0.5, 1, 0, 1], size=None, shares=True)
    assert half.drawn((W, H)).sum() == W * H / 2
    with pytest.raises(UnfitMask, match="size of the image is not known"):
        half.drawn(None)


def test_an_outline_for_a_picture_of_another_size_does_not_fit() -> None:
    with pytest.raises(UnfitMask, match="drawn on 60 x 40 pixels, the image has 30 x 20"):
        prepared_mask(outline([0, 0, 9, 0, 9, 9]), limits=ImageLimits(), size=(30, 20))
    with pytest.raises(UnreadableImage, match="holds no pixel"):
        prepared_mask(outline([-9, -9, -5, -9, -5, -5]), limits=ImageLimits(), size=(W, H))


def test_an_outline_that_would_take_minutes_is_not_drawn() -> None:
    zigzag = np.stack([np.arange(40_000) % 7, np.arange(40_000) % 2 * 10_000], axis=1).astype(float)
    with pytest.raises(UnsafeUpload, match="too intricate"):
        filled(zigzag, 10, 10_000)


def packed(runs: list[int]) -> str:
    """Runs as COCO's text, written from its description: differences to the run before the last, 5 bits a letter."""
    letters = ""
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        while True:
            part = value & 31
            value >>= 5
            more = value != (-1 if part & 16 else 0)
            letters += chr(48 + part + (32 if more else 0))
            if not more:
                break
    return letters


def test_many_small_parts_are_drawn_on_a_large_picture_in_no_time() -> None:
    rings = tuple(np.array([[x, 7.0], [x + 2, 7.0], [x + 2, 9.0], [x, 9.0]]) for x in range(0, 6000, 4))
    begun = time.process_time()
    assert LesionOutline("a", "", (6000, 4000), rings).drawn(None).sum() == 4 * len(rings)
    assert time.process_time() - begun < 2


def test_many_large_parts_are_refused_before_they_take_minutes() -> None:
    whole = np.array([[0.0, 0.0], [4000.0, 0.0], [4000.0, 4000.0], [0.0, 4000.0]])
    runs = np.array([0, 16_000_000])
    for outline in (
        LesionOutline("a", "", (4000, 4000), (whole,) * 2, (runs,) * 400),
        LesionOutline("a", "", (4000, 4000), (whole,) * 3, (runs,) * 311),
    ):
        with pytest.raises(UnsafeUpload, match="too intricate to be drawn"):
            outline.drawn(None)


def test_runs_of_pixels_go_down_the_columns_as_numbers_and_as_text() -> None:
    expected = np.zeros((H, W), bool)
    expected[5:9, 3:40] = True
    expected[20, 10] = True
    flat = expected.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat.astype(int))) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    for written in (runs, packed(runs)):
        found = runs_of(written, W * H)
        assert found is not None
        assert found.tolist() == runs
        drawn = LesionOutline("a", "", (W, H), (), (found,)).drawn((W, H))
        assert np.array_equal(drawn, expected)
    # As pycocotools writes a picture of 3 x 3 with its middle set: runs 4, 1, 4.
    assert runs_of("414", 9).tolist() == [4, 1, 4]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "counts", [[1, 2], [2401], [-1, 2401], [True, 2399], "~~~", "o", "", "oooooooooooooo", None, 3]
)
def test_runs_that_do_not_make_up_the_picture_are_none(counts: object) -> None:
    assert runs_of(counts, 2400) is None


@pytest.mark.parametrize(
    "numbers", [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, "x"], [1, 2, 3, 4, 5, float("nan")]]
)
def test_what_is_no_ring_is_none(numbers: list[object]) -> None:
    assert ring_of(numbers) is None


def coco(*annotations: dict[str, object], **image: object) -> dict[str, object]:
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "width": W, "height": H, **image}],
        "annotations": [{"id": i, "image_id": 1, **a} for i, a in enumerate(annotations, start=1)],
        "categories": [{"id": 1, "name": "melanoma"}, {"id": 2, "name": "lesion"}, {"id": 3, "name": "hair"}],
    }


BOX = [[10, 5, 20, 5, 20, 8, 10, 8]]
OTHER = [[30, 5, 40, 5, 40, 8, 30, 8]]


def test_annotations_of_one_lesion_join_and_the_word_lesion_is_no_second_diagnosis() -> None:
    found = read_annotations(
        "c.json",
        coco(
            {"category_id": 1, "segmentation": BOX, "bbox": [10, 5, 10, 3]}, {"category_id": 2, "segmentation": OTHER}
        ),
    )
    assert found.rows[0]["category"] == "melanoma"
    assert found.rows[0]["boxes"] == "melanoma 10 5 10 3"
    assert found.outlines["a.jpg"].drawn((W, H)).sum() == 60


def test_an_outline_of_hair_is_no_mask_of_a_lesion() -> None:
    found = read_annotations("c.json", coco({"category_id": 3, "segmentation": BOX}))
    assert found.outlines == {}
    assert "'hair' is no diagnosis" in found.notes[0]


@pytest.mark.parametrize(
    "drawing",
    [
        [[1, 2]],
        [[1, 2, 3, 4, 5, 6], "x"],
        {"size": [H, W], "counts": [3]},
        {"size": [1, 1], "counts": [1]},
        {"counts": "4"},
        [[10**400, 1, 1, 1, 2, 2]],
        {"size": [10**20, 1], "counts": [10**20]},
    ],
)
def test_an_outline_that_cannot_be_read_is_noted_and_the_image_keeps_its_diagnosis(drawing: object) -> None:
    found = read_annotations("c.json", coco({"category_id": 1, "segmentation": drawing}))
    assert found.outlines == {}
    assert found.rows[0]["category"] == "melanoma"
    assert "(annotation 1) cannot be read" in found.notes[0]


@pytest.mark.parametrize("far", [10**400, float("nan"), float("inf"), -(10**9)])
def test_a_box_that_reaches_beyond_any_picture_is_none(far: float) -> None:
    found = read_annotations("c.json", coco({"category_id": 1, "bbox": [far, 5, 10, 3]}))
    assert (found.rows[0]["category"], found.rows[0]["boxes"]) == ("melanoma", "")


def test_what_the_file_does_not_name_is_no_label() -> None:
    found = read_annotations("c.json", coco({"category_id": 9}, {"category_id": [1]}))
    assert "category 9, which the file does not name" in str(list(found.rows[0].values()))
    assert read_annotations("c.json", {"images": ["x"], "annotations": 3, "categories": [1]}).outlines == {}


def test_of_a_file_that_is_named_twice_the_outline_is_that_of_its_first_row() -> None:
    content = coco({"category_id": 1, "segmentation": BOX}, {"category_id": 1, "segmentation": OTHER})
    content["images"] = [{"id": n, "file_name": "a.jpg", "width": W, "height": H} for n in (1, 2)]
    content["annotations"][1]["image_id"] = 2  # type: ignore[index]
    assert np.flatnonzero(read_annotations("c.json", content).outlines["a.jpg"].drawn((W, H)).any(axis=0))[0] == 10
    content["annotations"][0]["segmentation"] = []  # type: ignore[index]
    assert read_annotations("c.json", content).outlines == {}


def test_of_two_annotation_files_the_outline_goes_with_the_row_that_counts(tmp_path: Path) -> None:
    for name, drawing in (("1.json", BOX), ("2.json", OTHER)):
        (tmp_path / name).write_text(json.dumps(coco({"category_id": 1, "segmentation": drawing})))
    (tmp_path / "a.jpg").write_bytes(b"x")
    plan = prepare_import([tmp_path]).plan
    assert plan is not None
    (mask,) = plan.masks.values()
    assert mask.location == "1.json: outline of a.jpg"
