from collections import Counter

import numpy as np
import pytest

from dermdash.classifier.splits import mark_lesions, split_by_lesion
from dermdash.errors import InvalidInput


def make_images(seed: int = 0) -> tuple[list[str], list[str]]:
    """Labels and lesion ids of 400 images: 300 nv, 80 mel, 20 df; one to three images per lesion."""
    generator = np.random.default_rng(seed)
    labels, lesions = [], []
    for code, count in (("nv", 300), ("mel", 80), ("df", 20)):
        lesion = 0
        for _ in range(count):
            lesion += int(generator.random() < 0.6)
            labels.append(code)
            lesions.append(f"{code}_{lesion}")
    return labels, lesions


@pytest.mark.parametrize("seed", range(5))
def test_no_lesion_straddles_the_split(seed: int) -> None:
    labels, lesions = make_images(seed)
    held_out = split_by_lesion(labels=labels, lesion_ids=lesions, held_out_fraction=0.2, seed=seed)
    kept = {lesion for lesion, out in zip(lesions, held_out, strict=True) if not out}
    assert kept.isdisjoint(lesion for lesion, out in zip(lesions, held_out, strict=True) if out)


def test_each_class_gives_its_share_of_lesions() -> None:
    labels, lesions = make_images()
    held_out = split_by_lesion(labels=labels, lesion_ids=lesions, held_out_fraction=0.2, seed=1)
    total = Counter(lesion.split("_")[0] for lesion in set(lesions))
    out = Counter(lesion.split("_")[0] for lesion in {x for x, o in zip(lesions, held_out, strict=True) if o})
    assert {code: out[code] for code in total} == {code: round(0.2 * n) for code, n in total.items()}


def test_order_of_images_does_not_change_who_is_held_out_but_the_seed_does() -> None:
    labels, lesions = make_images()
    shuffled = np.random.default_rng(9).permutation(len(labels))

    def out(order: np.ndarray, seed: int) -> set[str]:
        ids = [lesions[i] for i in order]
        marks = split_by_lesion(labels=[labels[i] for i in order], lesion_ids=ids, held_out_fraction=0.2, seed=seed)
        return {lesion for lesion, mark in zip(ids, marks, strict=True) if mark}

    assert out(np.arange(len(labels)), 4) == out(shuffled, 4)
    assert out(shuffled, 4) != out(shuffled, 5)


def test_a_class_of_two_lesions_keeps_one_on_each_side_and_a_single_lesion_is_trained_on() -> None:
    marks = split_by_lesion(labels=["df", "df", "vasc"], lesion_ids=["a", "b", "c"], held_out_fraction=0.1, seed=0)
    assert marks[:2].sum() == 1
    assert not marks[2]


def test_named_lesions_are_marked() -> None:
    assert mark_lesions(["a", "b", "a"], {"a"}).tolist() == [True, False, True]


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1])
def test_fractions_outside_0_to_1_are_refused(fraction: float) -> None:
    with pytest.raises(InvalidInput, match=str(fraction)):
        split_by_lesion(labels=["nv"], lesion_ids=["a"], held_out_fraction=fraction, seed=0)
