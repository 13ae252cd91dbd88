"""Planted pairs of one lesion are found; what merely shares a ruler, a rim or nothing is not."""

from typing import Any

import cv2
import numpy as np
import pytest
from tests.unit.dataset.lesion_pairs import Pixels, add_ruler_and_rim, paint, photograph_again

from dermdash.dataset import geometric_match
from dermdash.dataset.descriptor_index import Vocabulary
from dermdash.dataset.geometric_match import GeometricMatch, match_images
from dermdash.dataset.local_descriptors import LocalDescriptors, describe_image, working_grey
from dermdash.dataset.same_lesion import (
    THRESHOLD,
    PairEvidence,
    PairVerdict,
    compare_images,
    implied_pairs,
    nearest_by_features,
    review_budget,
    weigh,
)


def compare(one: Pixels, other: Pixels) -> PairEvidence | None:
    return compare_images(describe_image(one), describe_image(other), working_grey(one), working_grey(other))


@pytest.mark.parametrize(("turn", "zoom"), [(0, 1.0), (50, 1.25), (-140, 0.8), (90, 1.6)])
def test_a_lesion_photographed_again_is_found_with_its_motion(turn: float, zoom: float) -> None:
    lesion = paint(1)
    evidence = compare(lesion, photograph_again(lesion, turn=turn, zoom=zoom))
    assert evidence is not None
    assert evidence.verdict in (PairVerdict.SAME_LESION, PairVerdict.SAME_IMAGE)
    assert evidence.score > 0.95
    assert evidence.match.zoom == pytest.approx(zoom, rel=0.05)
    # OpenCV turns counter-clockwise, image coordinates count the other way.
    assert (evidence.match.rotation + turn + 180) % 360 - 180 == pytest.approx(0, abs=3)


def test_the_order_of_the_images_does_not_matter_much() -> None:
    lesion = paint(1)
    again = photograph_again(lesion)
    there, back = compare(lesion, again), compare(again, lesion)
    assert there is not None
    assert back is not None
    assert there.verdict == back.verdict
    assert there.match.zoom * back.match.zoom == pytest.approx(1, rel=0.05)


def test_a_motion_that_only_one_direction_finds_is_found_whichever_image_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A blurred, magnified image asks a sharp one in vain where the sharp one would have found it."""
    lesion, again = describe_image(paint(1)), describe_image(photograph_again(paint(1)))
    match = geometric_match._match

    def from_the_first_alone(one: LocalDescriptors, *rest: Any) -> GeometricMatch | None:
        return match(one, *rest) if one is lesion else None

    monkeypatch.setattr(geometric_match, "_match", from_the_first_alone)
    there, back = match_images(lesion, again), match_images(again, lesion)
    assert there is not None
    assert back is not None
    assert back.inliers == there.inliers
    assert back.zoom == pytest.approx(1 / there.zoom)


@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.7])
def test_a_first_look_in_fewer_dimensions_changes_no_match_and_spares_most_others(zoom: float) -> None:
    lesions = [describe_image(add_ruler_and_rim(paint(seed))) for seed in range(6)]
    again = [describe_image(add_ruler_and_rim(photograph_again(paint(seed), zoom=zoom))) for seed in range(6)]
    axes = Vocabulary.learn(lesions, sum(map(len, lesions)))
    few = {id(image): axes.project(image.vectors) for image in [*lesions, *again]}
    spared = 0
    for i, one in enumerate(lesions):
        for j, other in enumerate(again):
            projected = few[id(one)], few[id(other)]
            known, quick = match_images(one, other), match_images(one, other, projected=projected)
            assert (known is None) == (quick is None) or i != j
            assert known is None or quick is None or known.inliers == quick.inliers
            spared += not geometric_match._promising(one, other, projected[0] @ projected[1].T)
    assert spared > 6  # of 30 pairs of different lesions, under one ruler and rim


def test_matches_are_mutual_and_pass_the_ratio_test_of_either_image() -> None:
    """Against the definition, point by point."""
    similarity = (np.random.default_rng(5).random((60, 40)) ** 0.05).astype(np.float32)
    first, second, in_first, in_second = geometric_match._mutual_matches(similarity)
    expected = []
    for i in range(60):
        j = int(similarity[i].argmax())
        if similarity[:, j].argmax() != i:
            continue
        distance = 2 - 2 * similarity[i, j]
        rest = [2 - 2 * float(np.delete(line, at).max()) for line, at in ((similarity[i], j), (similarity[:, j], i))]
        expected.append((i, j, *(bool(distance < 0.85**2 * other) for other in rest)))
    assert list(zip(first, second, in_first, in_second, strict=True)) == expected
    assert {one[2] for one in expected} == {one[3] for one in expected} == {True, False}


def test_the_same_pair_always_gets_the_same_score() -> None:
    lesion = paint(2)
    again = photograph_again(lesion)
    first, second = compare(lesion, again), compare(lesion, again)
    assert first is not None
    assert second is not None
    assert first.score == second.score
    assert (first.match.transform == second.match.transform).all()


def test_the_same_file_is_the_same_image() -> None:
    evidence = compare(paint(3), paint(3))
    assert evidence is not None
    assert evidence.verdict is PairVerdict.SAME_IMAGE
    assert np.allclose(evidence.match.transform, [[1, 0, 0], [0, 1, 0]], atol=1e-3)


def test_a_brighter_copy_is_the_same_image() -> None:
    pixels = paint(3)
    brighter = np.clip(pixels * 1.1 + 4, 0, 255).astype(np.uint8)
    evidence = compare(pixels, brighter)
    assert evidence is not None
    assert evidence.verdict is PairVerdict.SAME_IMAGE


@pytest.mark.parametrize("seed", range(4))
def test_different_lesions_under_the_same_ruler_and_rim_are_not_found(seed: int) -> None:
    evidence = compare(add_ruler_and_rim(paint(10 + seed)), add_ruler_and_rim(paint(20 + seed, "bkl")))
    assert evidence is None or evidence.score < THRESHOLD


@pytest.mark.parametrize("seed", range(4))
def test_unrelated_lesions_are_not_found(seed: int) -> None:
    evidence = compare(paint(30 + seed), paint(40 + seed, "mel"))
    assert evidence is None or evidence.score < THRESHOLD


def test_a_mirrored_lesion_is_not_explained() -> None:
    """No camera mirrors: what matches a mirror image is chance."""
    lesion = paint(1)
    evidence = compare(lesion, np.ascontiguousarray(lesion[:, ::-1]))
    assert evidence is None or evidence.score < 0.95


@pytest.mark.parametrize("pixels", [np.zeros((1, 1, 3), np.uint8), np.full((200, 200, 3), 128, np.uint8)])
def test_an_image_without_structure_matches_nothing(pixels: Pixels) -> None:
    assert compare(pixels, pixels) is None
    assert match_images(describe_image(pixels), describe_image(paint(1))) is None


def test_matches_on_one_line_are_a_ruler_and_no_lesion() -> None:
    """Two pictures that agree in nothing but the marks along an edge, however many they are."""
    along = np.linspace(10, 190, 40, dtype=np.float32)
    grey = np.random.default_rng(2).integers(0, 255, (200, 200)).astype(np.uint8)
    straight = np.column_stack([along, 12 + 3 * (np.arange(40) % 2)]).astype(np.float32)
    round_about = np.column_stack([along, 100 + 60 * np.sin(along)]).astype(np.float32)
    scores = [
        weigh(GeometricMatch(60, 40, 40, np.eye(2, 3), points, points), grey, grey).score
        for points in (straight, round_about)
    ]
    assert scores == [0.0, pytest.approx(1.0, abs=1e-3)]


def test_stored_details_are_plain_finite_numbers() -> None:
    lesion = paint(1)
    again = photograph_again(lesion)
    evidence = compare(lesion, again)
    assert evidence is not None
    details = evidence.details(describe_image(lesion), describe_image(again))
    assert len(details["points"][0]) == len(details["points"][1]) > 10
    assert np.isfinite(details["transform"]).all()
    # The stored transform takes shares of the first image to shares of the second.
    first, second = (np.array(points) for points in details["points"])
    matrix = np.array(details["transform"])
    assert np.abs(first @ matrix[:, :2].T + matrix[:, 2] - second).max() < 0.05


def test_pairs_follow_from_pairs() -> None:
    assert implied_pairs([(0, 1), (1, 4), (2, 3)], 6) == [(0, 4)]
    assert implied_pairs([], 3) == []
    assert implied_pairs([(i, i + 1) for i in range(40)], 41) == []


def test_nearest_by_features_asks_only_for_those_that_ask() -> None:
    angles = np.array([0.0, 0.1, 1.0, 1.1])
    features = np.column_stack([np.cos(angles), np.sin(angles)])
    features = np.vstack([features, [[np.nan, 1.0]], [[0.0, 0.0]]])
    asking = np.array([True, False, False, True, True, True])
    assert nearest_by_features(features, asking, 1).tolist() == [[0, 1], [2, 3]]
    assert nearest_by_features(features[:1], asking[:1], 1).tolist() == []


def test_the_budget_is_one_pair_for_twenty_images() -> None:
    assert (review_budget(5984), review_budget(10), review_budget(0)) == (300, 50, 50)


def disc(seed: int) -> Pixels:
    """A dark disc on light skin, with a pattern of its own that is no part of the disc's shape."""
    noise = np.random.default_rng(seed).normal(0, 1, (200, 200)).astype(np.float32)
    pattern = cv2.GaussianBlur(noise, (0, 0), 2.0) * 60
    y, x = np.mgrid[:200, :200]
    shade = 190.0 - 110.0 / (1 + np.exp((np.hypot(x - 100, y - 100) - 50) / 4))
    return np.repeat(np.clip(shade + pattern, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_two_dark_discs_lie_well_over_one_another_and_their_fine_structure_does_not() -> None:
    here = GeometricMatch(9, 7, 13, np.eye(2, 3), np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32))
    one, other = working_grey(disc(1)), working_grey(disc(2))
    apart, same = weigh(here, one, other), weigh(here, one, np.clip(0.8 * one + 20, 0, 255).astype(np.uint8))
    assert apart.alignment > 0.5
    assert apart.texture < 0.3
    assert same.texture > 0.9
    assert same.score > apart.score
