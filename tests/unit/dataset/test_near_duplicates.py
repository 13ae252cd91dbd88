"""Near duplicates: found however a picture was copied, other lesions are not, and equal pictures make no n squared."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.dataset.lesion_pairs import paint, photograph_again

from dermdash.dataset.hash_buckets import near_hashes
from dermdash.dataset.image_looks import FORMS, SIDE, form_matrix, in_form, look_at, square_grey
from dermdash.dataset.near_duplicates import DuplicateCandidate, NearDuplicate, align, find_candidates
from dermdash.dataset.off_topic import unlike_the_others
from dermdash.dataset.perceptual_hash import hamming_distances
from dermdash.dataset.synthetic.other_pictures import OTHER_PICTURES, paint_other

Pixels = NDArray[np.uint8]


def small(pixels: Pixels) -> Pixels:
    side = 224 / max(pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, None, fx=side, fy=side, interpolation=cv2.INTER_AREA), np.uint8)


def compressed(pixels: Pixels, quality: int = 70) -> Pixels:
    data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def compare(one: Pixels, other: Pixels) -> NearDuplicate | None:
    looks = [look_at(one), look_at(other)]
    forms, parts = np.stack([x.forms for x in looks]), np.stack([x.parts for x in looks])
    for candidate in find_candidates(forms, parts).pairs:
        pair = (one, other)
        return align(pair[candidate.first], pair[candidate.second], candidate)
    return None


@pytest.fixture(scope="module")
def lesion() -> Pixels:
    return small(paint(0))


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        (lambda p: compressed(p), "re_encoded"),
        (lambda p: compressed(cv2.resize(p, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)), "re_encoded"),
        (lambda p: compressed(p[: int(p.shape[0] * 0.86), int(p.shape[1] * 0.14) :]), "cropped"),
        (lambda p: compressed(p[:, ::-1]), "mirrored"),
        (lambda p: compressed(np.rot90(p)), "turned"),
    ],
)
def test_a_copy_is_found_and_named(lesion: Pixels, how: object, verdict: str) -> None:
    match = compare(lesion, how(lesion))  # type: ignore[operator]
    assert match is not None
    assert match.score > 0.95
    assert match.verdict == verdict


def test_other_lesions_and_another_photograph_are_none(lesion: Pixels) -> None:
    for other in (small(paint(1)), small(photograph_again(paint(0)))):
        match = compare(lesion, other)
        assert match is None or match.score < 0.9


def test_hashes_of_forms_are_those_of_the_turned_pictures(lesion: Pixels) -> None:
    looks = look_at(lesion)
    for form in range(len(FORMS)):
        turned = look_at(np.ascontiguousarray(in_form(lesion, form)))
        assert hamming_distances(looks.forms[form], turned.forms[0]) <= 4
        x, y = 0.2, 0.7
        there = form_matrix(form) @ [x, y, 1]
        picture = square_grey(lesion)
        place = in_form(picture, form)[int(there[1] * SIDE), int(there[0] * SIDE)]
        around = picture[int(y * SIDE) - 2 : int(y * SIDE) + 3, int(x * SIDE) - 2 : int(x * SIDE) + 3]
        assert around.min() <= place <= around.max()


def test_a_thousand_equal_pictures_make_999_pairs(lesion: Pixels) -> None:
    looks = look_at(lesion)
    forms, parts = np.tile(looks.forms, (1000, 1)), np.tile(looks.parts, (1000, 1))
    assert len(find_candidates(forms, parts).pairs) == 999


def test_pairs_of_hashes_within_seven_bits_are_all_found() -> None:
    rng = np.random.default_rng(5)
    queries = rng.integers(0, 2**63, 300, dtype=np.uint64)
    entries = queries.copy()
    for i in range(len(entries)):
        for bit in rng.permutation(64)[: i % 8]:
            entries[i] ^= np.uint64(1) << np.uint64(bit)
    found = near_hashes(queries, entries, most=7)
    assert set(zip(found.query.tolist(), found.entry.tolist(), strict=True)) >= {(i, i) for i in range(300)}
    assert (found.distance == hamming_distances(queries[found.query], entries[found.entry])).all()


def test_nothing_and_one_image_make_no_pairs(lesion: Pixels) -> None:
    looks = look_at(lesion)
    assert find_candidates(looks.forms[None], looks.parts[None]).pairs == []
    assert find_candidates(np.zeros((0, 8), np.uint64), np.zeros((0, 81), np.uint64)).pairs == []


def test_flat_pictures_are_never_taken_for_one_another() -> None:
    flat = np.full((224, 224, 3), 170, np.uint8)
    assert align(flat, flat + 3, DuplicateCandidate(0, 1, 0, 0, 0)) is None


def test_pictures_of_another_kind_lie_farther_than_lesions() -> None:
    lesions = [look_at(small(paint(seed))).cues for seed in range(3)]
    rng = np.random.default_rng(6)
    usual = np.stack([lesions[i % 3] * rng.normal(1, 0.05, 16).astype(np.float32) for i in range(60)])
    others = [look_at(paint_other(name, rng=rng, size=(168, 224))).cues for name in OTHER_PICTURES]
    result = unlike_the_others(np.vstack([usual, np.stack(others)]))
    assert result is not None
    assert result.score[-4:].min() > result.score[:60].max()
    assert unlike_the_others(usual[:5]) is None
