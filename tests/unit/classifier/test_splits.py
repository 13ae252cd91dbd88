from collections import Counter

import numpy as np
import pytest

from dermdash.classifier.splits import folds_by_lesion, mark_lesions, split_by_lesion
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


@pytest.mark.parametrize("seed", range(5))
def test_every_image_is_in_one_fold_and_no_lesion_in_two(seed: int) -> None:
    labels, lesions = make_images(seed)
    folds = folds_by_lesion(labels=labels, lesion_ids=lesions, folds=5, seed=seed)
    assert len(folds) == len(labels)
    assert set(folds.tolist()) == {1, 2, 3, 4, 5}
    of_lesion: dict[str, set[int]] = {}
    for lesion, fold in zip(lesions, folds.tolist(), strict=True):
        of_lesion.setdefault(lesion, set()).add(fold)
    assert all(len(found) == 1 for found in of_lesion.values())


@pytest.mark.parametrize("seed", range(5))
def test_every_fold_has_its_share_of_every_class(seed: int) -> None:
    labels, lesions = make_images(seed)
    folds = folds_by_lesion(labels=labels, lesion_ids=lesions, folds=4, seed=seed)
    total = Counter(labels)
    largest = max(Counter(lesions).values())
    for fold in range(1, 5):
        here = Counter(label for label, f in zip(labels, folds, strict=True) if f == fold)
        for code, count in total.items():
            assert abs(here[code] - count / 4) <= largest


def test_patients_with_lesions_of_several_classes_stay_whole_and_the_classes_balanced() -> None:
    generator = np.random.default_rng(2)
    labels = generator.choice(["nv", "mel", "bcc"], size=600, p=[0.8, 0.15, 0.05]).tolist()
    patients = [f"P{i}" for i in generator.integers(0, 150, size=600)]
    folds = folds_by_lesion(labels=labels, lesion_ids=patients, folds=5, seed=0)
    assert all(len({f for p, f in zip(patients, folds, strict=True) if p == name}) == 1 for name in set(patients))
    for code, count in Counter(labels).items():
        here = [sum(1 for x, f in zip(labels, folds, strict=True) if x == code and f == fold) for fold in range(1, 6)]
        assert max(here) - min(here) <= max(3, 0.15 * count)


def test_folds_do_not_depend_on_the_order_of_images_but_on_the_seed() -> None:
    labels, lesions = make_images()
    shuffled = np.random.default_rng(9).permutation(len(labels))

    def fold_of(order: np.ndarray, seed: int) -> dict[str, int]:
        ids = [lesions[i] for i in order]
        found = folds_by_lesion(labels=[labels[i] for i in order], lesion_ids=ids, folds=3, seed=seed)
        return dict(zip(ids, found.tolist(), strict=True))

    assert fold_of(np.arange(len(labels)), 4) == fold_of(shuffled, 4)
    assert fold_of(shuffled, 4) != fold_of(shuffled, 5)


@pytest.mark.parametrize(("folds", "words"), [(1, "at least 2"), (4, "as many lesions")])
def test_folds_that_cannot_be_made_are_refused(folds: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        folds_by_lesion(labels=["nv", "nv", "mel"], lesion_ids=["a", "b", "c"], folds=folds, seed=0)
