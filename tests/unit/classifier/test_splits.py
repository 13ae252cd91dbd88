from collections import Counter

import numpy as np
import pytest

from dermdash.classifier.splits import folds_by_lesion, mark_lesions, parts_by_group, split_by_lesion
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


def make_patients(seed: int, images: int = 3000, patients: int = 700) -> tuple[list[str], list[str]]:
    """Labels and patients: one of seven classes per image, frequent and rare, patients of one to dozens of images."""
    generator = np.random.default_rng(seed)
    often = np.array([0.67, 0.11, 0.11, 0.05, 0.03, 0.015, 0.015])
    labels = generator.choice(["nv", "mel", "bkl", "bcc", "akiec", "vasc", "df"], size=images, p=often)
    groups = (patients * generator.random(images) ** 1.7).astype(int)
    return labels.tolist(), [f"p{g}" for g in groups]


@pytest.mark.parametrize("shares", [[0.7, 0.15, 0.15], [0.8, 0.2], [0.2] * 5, [0.1] * 10])
def test_parts_share_no_group_and_have_their_share_of_every_class(shares: list[float]) -> None:
    for seed in range(5):
        labels, groups = make_patients(seed)
        parts = parts_by_group(labels=labels, groups=groups, shares=shares, seed=seed)
        assert len(set(zip(groups, parts, strict=True))) == len(set(groups))
        for code, n in Counter(labels).items():
            in_parts = np.bincount(parts[np.array(labels) == code], minlength=len(shares))
            assert np.abs(in_parts - n * np.array(shares)).max() <= max(2, 0.01 * n)


def test_groups_of_one_image_are_split_to_the_image() -> None:
    labels = ["nv"] * 1000 + ["mel"] * 100 + ["df"] * 20
    parts = parts_by_group(labels=labels, groups=[str(i) for i in range(1120)], shares=[0.7, 0.15, 0.15], seed=3)
    assert np.bincount(parts[:1000]).tolist() == [700, 150, 150]
    assert np.bincount(parts[1000:1100]).tolist() == [70, 15, 15]
    assert np.bincount(parts[1100:]).tolist() == [14, 3, 3]


def test_the_order_of_images_does_not_change_their_part_but_the_seed_does() -> None:
    labels, groups = make_patients(1)
    shuffled = np.random.default_rng(9).permutation(len(labels))

    def part_of(order: np.ndarray, seed: int) -> dict[str, int]:
        own = [groups[i] for i in order]
        parts = parts_by_group(labels=[labels[i] for i in order], groups=own, shares=[0.7, 0.15, 0.15], seed=seed)
        return dict(zip(own, parts.tolist(), strict=True))

    assert part_of(np.arange(len(labels)), 4) == part_of(shuffled, 4)
    assert part_of(shuffled, 4) != part_of(shuffled, 5)


def test_a_class_of_as_many_groups_as_parts_is_in_each_and_a_single_one_in_the_largest() -> None:
    labels = ["nv"] * 20 + ["df"] * 3 + ["vasc"] * 2
    groups = [str(i) for i in range(20)] + ["a", "b", "c", "d", "d"]
    for seed in range(10):
        parts = parts_by_group(labels=labels, groups=groups, shares=[0.7, 0.15, 0.15], seed=seed)
        assert sorted(parts[20:23]) == [0, 1, 2]
        assert parts[23:].tolist() == [0, 0]


def test_no_part_is_empty_where_every_group_has_a_class_of_its_own() -> None:
    parts = parts_by_group(labels=["nv", "mel", "df"], groups=["a", "b", "c"], shares=[0.7, 0.15, 0.15], seed=0)
    assert sorted(parts) == [0, 1, 2]


@pytest.mark.parametrize("shares", [[0.7, 0.2], [1.0], [0.5, 0.6, -0.1], []])
def test_shares_that_are_none_are_refused(shares: list[float]) -> None:
    with pytest.raises(InvalidInput, match="sum to 1"):
        parts_by_group(labels=["nv"] * 9, groups=[str(i) for i in range(9)], shares=shares, seed=0)


def test_fewer_groups_than_parts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="3 parts need as many groups; there are 2"):
        parts_by_group(labels=["nv"] * 4, groups=["a", "a", "b", "b"], shares=[0.5, 0.25, 0.25], seed=0)
