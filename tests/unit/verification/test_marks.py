"""Marks are checked, cover the pixels they enclose, and their overlap is what counting says."""

import math
from typing import Any

import cv2
import numpy as np
import pytest

from dermdash.errors import InvalidInput
from dermdash.picture_frame import PictureFrame
from dermdash.records.fields import STRUCTURES
from dermdash.verification.marks import (
    MOST_MARKS,
    MOST_POINTS,
    Mark,
    MarkShape,
    RegionOverlap,
    mask_of,
    overlap,
    overlap_by_structure,
    parse_marks,
    simplified,
)

WIDTH, HEIGHT = 120, 90


def raw_mark(**changes: Any) -> dict[str, Any]:
    return {"structure": "streaks", "shape": "rectangle", "points": [[10, 20], [40, 50]]} | changes


def parse(*marks: object, frame: PictureFrame | None = None) -> tuple[Mark, ...]:
    return parse_marks(list(marks), width=WIDTH, height=HEIGHT, frame=frame)


def circle(points: int, *, x: float = 60, y: float = 45, radius: float = 30) -> list[list[float]]:
    angles = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return [[x + radius * math.cos(a), y + radius * math.sin(a)] for a in angles]


def crossing_number(mark: Mark) -> np.ndarray:
    """Which pixels' centres lie in an outline that does not cross itself, one by one with OpenCV."""
    outline = np.array(mark.outline, np.float32)
    inside = [
        [cv2.pointPolygonTest(outline, (x + 0.5, y + 0.5), False) > 0 for x in range(WIDTH)] for y in range(HEIGHT)
    ]
    return np.array(inside)


def test_a_mark_keeps_its_structure_shape_and_points_and_survives_storage() -> None:
    (mark,) = parse(raw_mark())
    assert mark == Mark("streaks", MarkShape.RECTANGLE, ((10, 20), (40, 50)))
    assert Mark.from_json(mark.as_json()) == mark


def test_a_rectangle_drawn_from_any_corner_is_the_same() -> None:
    corners = [[[10, 20], [40, 50]], [[40, 50], [10, 20]], [[10, 50], [40, 20]], [[40, 20], [10, 50]]]
    assert len({parse(raw_mark(points=points)) for points in corners}) == 1


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        (None, "Mark 1 is none"),
        (raw_mark(structure="horns"), "Mark 1 names no known structure: choose one of pigment_network"),
        (raw_mark(structure=["streaks"]), "names no known structure"),
        (raw_mark(shape="star"), r"Mark 1 \(streaks\) is neither rectangle, polygon, freehand"),
        (raw_mark(shape=[]), "is neither"),
        (raw_mark(points=None), "has no points"),
        (raw_mark(points=[[1, 2], [3]]), "no pair of numbers"),
        (raw_mark(points=[[1, 2], [math.nan, 3]]), "no pair of numbers"),
        (raw_mark(points=[[1, 2], [True, 3]]), "no pair of numbers"),
        (raw_mark(points=[[1, 2], [10**400, 3]]), "no pair of numbers"),
        (raw_mark(points=[[10, 20]]), "encloses nothing"),
        (raw_mark(points=[[10, 20], [10, 20]]), "encloses nothing"),
        (raw_mark(points=[[10, 20], [10, 60]]), "encloses nothing"),
        (raw_mark(points=[[10, 20], [20, 30], [30, 40]]), "encloses nothing"),
        (raw_mark(points=[[10, 20], [WIDTH + 0.5, 40]]), "outside the image of 120 × 90 pixels"),
        (raw_mark(points=[[-1, 20], [30, 40]]), "outside the image"),
        (raw_mark(shape="polygon", points=[[10, 10], [20, 20], [30, 30]]), "encloses nothing"),
        (raw_mark(shape="polygon", points=[[10, 10], [50, 52], [50, 10], [10, 40]]), "edges 1 and 3 of mark 1"),
        (raw_mark(shape="polygon", points=circle(MOST_POINTS + 1)), "has 1,001 points, and 1,000 are the most"),
        (raw_mark(shape="freehand", points=circle(10_001)), "has 10,001 points, and 1,000 are the most"),
        (raw_mark(shape="freehand", points=[[10, 10], [30, 30], [50, 50], [20, 20]]), "encloses nothing"),
    ],
)
def test_a_mark_that_is_none_is_refused_with_its_name_and_the_way_out(mark: object, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        parse(mark)


def test_marks_that_are_no_list_or_too_many_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no list"):
        parse_marks({"0": raw_mark()}, width=WIDTH, height=HEIGHT)
    with pytest.raises(InvalidInput, match=f"61 marks, and {MOST_MARKS} are the most"):
        parse(*[raw_mark()] * (MOST_MARKS + 1))
    with pytest.raises(InvalidInput, match="10,010 points together"):
        parse(*[raw_mark(shape="polygon", points=circle(910))] * 11)


def test_the_refused_mark_is_named_by_its_number() -> None:
    with pytest.raises(InvalidInput, match=r"Mark 2 \(blue white veil\) reaches outside"):
        parse(raw_mark(), raw_mark(structure="blue_white_veil", points=[[0, 0], [500, 500]]))


def test_a_hand_drawn_line_of_ten_thousand_points_becomes_a_short_one_that_looks_the_same() -> None:
    raw = circle(10_000)
    (mark,) = parse(raw_mark(shape="freehand", points=raw))
    assert len(mark.points) <= MOST_POINTS
    drawn = mask_of([Mark("streaks", MarkShape.FREEHAND, tuple((x, y) for x, y in raw))], WIDTH, HEIGHT)
    assert overlap(drawn, mask_of([mark], WIDTH, HEIGHT)).iou > 0.98


def test_a_rectangle_covers_the_pixels_whose_centres_it_holds() -> None:
    mask = mask_of([Mark("streaks", MarkShape.RECTANGLE, ((10.4, 20.6), (40.5, 50.4)))], WIDTH, HEIGHT)
    ys, xs = np.nonzero(mask)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (10, 39, 21, 49)
    assert mask.sum() == 30 * 29


@pytest.mark.parametrize("seed", range(6))
def test_a_polygon_covers_what_opencv_finds_inside_pixel_by_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * math.pi, 9))
    radii = rng.uniform(12, 40, 9)
    points = [[60 + r * math.cos(a), 45 + r * math.sin(a)] for a, r in zip(angles, radii, strict=True)]
    (mark,) = parse(raw_mark(shape="polygon", points=points))
    mask = mask_of([mark], WIDTH, HEIGHT)
    assert (mask != crossing_number(mark)).sum() <= 1  # a centre may lie on the edge


def test_a_hand_drawn_line_that_crosses_itself_covers_all_it_encloses() -> None:
    eight = [[20, 20], [60, 60], [60, 20], [20, 60]]
    (mark,) = parse(raw_mark(shape="freehand", points=eight))
    left, right = mask_of([mark], WIDTH, HEIGHT)[:, :40].sum(), mask_of([mark], WIDTH, HEIGHT)[:, 40:].sum()
    assert left == pytest.approx(400, abs=25)
    assert right == pytest.approx(400, abs=25)
    twice_round = [*circle(40), *circle(40, radius=25)]
    (wound,) = parse(raw_mark(shape="freehand", points=twice_round))
    assert mask_of([wound], WIDTH, HEIGHT).sum() == pytest.approx(math.pi * 30**2, rel=0.02)


def test_two_marks_of_one_structure_count_once_where_they_overlap() -> None:
    a, b = parse(raw_mark(), raw_mark(points=[[20, 30], [60, 60]]))
    assert mask_of([a, b], WIDTH, HEIGHT).sum() == 30 * 30 + 40 * 30 - 20 * 20


def test_overlap_is_iou_and_dice_of_counted_pixels() -> None:
    a, b = parse(raw_mark(points=[[0, 0], [20, 10]]), raw_mark(points=[[10, 0], [30, 10]]))
    both = overlap(mask_of([a], WIDTH, HEIGHT), mask_of([b], WIDTH, HEIGHT))
    assert both == RegionOverlap(iou=100 / 300, dice=200 / 400)
    assert overlap(mask_of([a], WIDTH, HEIGHT), mask_of([a], WIDTH, HEIGHT)) == RegionOverlap(1, 1)
    nothing = mask_of([], WIDTH, HEIGHT)
    assert overlap(nothing, nothing) == RegionOverlap(None, None)
    assert overlap(nothing, mask_of([a], WIDTH, HEIGHT)) == RegionOverlap(0, 0)
    with pytest.raises(ValueError, match="two images"):
        overlap(nothing, nothing[1:])


def test_two_peoples_marks_are_compared_structure_by_structure() -> None:
    mine = parse(raw_mark(), raw_mark(structure="globules"))
    theirs = parse(raw_mark(structure="scale"), raw_mark(structure="globules"))
    found = overlap_by_structure(mine, theirs, WIDTH, HEIGHT)
    assert list(found) == [s for s in STRUCTURES if s in ("globules", "streaks", "scale")]
    assert [o.iou for o in found.values()] == [1, 0, 0]


def test_a_simplified_line_stays_within_the_tolerance_and_keeps_its_ends() -> None:
    line = [(float(x), 5 * math.sin(x / 9)) for x in range(300)]
    few = simplified(line, 0.5)
    assert (few[0], few[-1]) == (line[0], line[-1])
    assert len(few) < 60
    xs, ys = zip(*few, strict=True)
    assert max(abs(np.interp(x, xs, ys) - y) for x, y in line) <= 0.6
    assert simplified(line[:2], 0.5) == tuple(line[:2])


FRAME = PictureFrame(
    width=240, height=180, left=3, top=2, shown_width=120, shown_height=90, picture_width=126, picture_height=95
)


@pytest.mark.parametrize(
    ("in_picture", "in_image"),
    [((3, 2), (0, 0)), ((123, 92), (240, 180)), ((63, 47), (120, 90)), ((0, 0), (0, 0)), ((126, 95), (240, 180))],
)
def test_points_of_the_picture_are_points_of_the_image_and_its_margin_is_its_edge(
    in_picture: tuple[float, float], in_image: tuple[float, float]
) -> None:
    assert FRAME.to_image(in_picture) == in_image


def test_a_point_outside_the_picture_stays_outside() -> None:
    with pytest.raises(InvalidInput, match="outside the image of 240 × 180"):
        parse_marks([raw_mark(points=[[10, 10], [127, 40]])], width=240, height=180, frame=FRAME)


def test_a_point_comes_back_where_it_was_drawn() -> None:
    x, y = FRAME.to_picture(FRAME.to_image((77.5, 31.25)))
    assert (x, y) == pytest.approx((77.5, 31.25))
    (mark,) = parse_marks([raw_mark(points=[[13, 12], [33, 52]])], width=240, height=180, frame=FRAME)
    assert mark.points == ((20, 20), (60, 100))
