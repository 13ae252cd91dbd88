import numpy as np
import pytest

from dermdash.analysis import roc
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.errors import InvalidInput


def drawn_cases(bootstrap: GroupedBootstrap, groups: np.ndarray) -> list[np.ndarray]:
    """The cases of each draw written out, a group drawn twice with all its cases twice."""
    labels = np.unique(groups)
    everyone = []
    for chunk in bootstrap.group_counts():
        for counts in chunk:
            parts = [np.flatnonzero(groups == g) for g, c in zip(labels, counts, strict=True) for _ in range(int(c))]
            everyone.append(np.concatenate(parts))
    return everyone


def test_sums_shares_areas_and_precisions_are_those_of_the_drawn_cases() -> None:
    rng = np.random.default_rng(0)
    n = 80
    groups = rng.integers(0, 30, n)
    target = rng.random(n) < 0.35
    score = np.round(rng.normal(target, 1), 1)
    bootstrap = GroupedBootstrap(groups, 40, seed=3)
    areas, precisions = bootstrap.areas(target, score), bootstrap.precisions(target, score)
    shares = bootstrap.shares(score > 0.5, target)
    sums = bootstrap.sums(np.column_stack([score, np.ones(n)]))
    for i, at in enumerate(drawn_cases(bootstrap, groups)):
        assert areas[i] == pytest.approx(roc.area(target[at], score[at]), abs=1e-9)
        assert precisions[i] == pytest.approx(roc.average_precision(target[at], score[at]), abs=1e-6)
        assert shares[i] == pytest.approx((score[at] > 0.5)[target[at]].mean())
        assert sums[i] == pytest.approx([score[at].sum(), len(at)])


def test_groups_are_drawn_whole_and_as_many_as_there_are() -> None:
    groups = np.repeat(np.arange(20), 3)
    bootstrap = GroupedBootstrap(groups, 50, seed=1)
    counts = np.concatenate(list(bootstrap.group_counts()))
    assert counts.shape == (50, 20)
    assert (counts.sum(axis=1) == 20).all()
    cases = np.concatenate(list(bootstrap.case_counts()))
    np.testing.assert_array_equal(cases[:, ::3], counts)


def test_equal_seeds_give_equal_draws_and_other_seeds_others() -> None:
    groups = np.arange(50)
    one, same, other = (GroupedBootstrap(groups, 30, seed=s).sums(np.arange(50.0)[:, None]) for s in (4, 4, 5))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_draws_too_many_to_keep_are_made_again_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.arange(60)
    monkeypatch.setattr("dermdash.analysis.bootstrap._CHUNK_CELLS", 600)
    kept = GroupedBootstrap(groups, 35, seed=2)
    first = kept.sums(np.arange(60.0)[:, None])
    monkeypatch.setattr("dermdash.analysis.bootstrap._KEPT_CELLS", 0)
    made_again = GroupedBootstrap(groups, 35, seed=2)
    np.testing.assert_array_equal(made_again.sums(np.arange(60.0)[:, None]), first)
    np.testing.assert_array_equal(made_again.sums(np.arange(60.0)[:, None]), first)


def test_an_interval_needs_draws_that_vary_and_that_know_the_figure() -> None:
    bootstrap = GroupedBootstrap(np.arange(10), 100, seed=1)
    assert bootstrap.interval(np.ones(100)) is None
    assert bootstrap.interval(np.r_[np.full(60, np.nan), np.arange(40.0)]) is None
    assert bootstrap.interval(np.arange(100.0)) == pytest.approx((2.475, 96.525))
    assert GroupedBootstrap(np.arange(10), 0, seed=1).interval(np.empty(0)) is None


def test_intervals_over_patients_cover_and_intervals_over_images_do_not() -> None:
    """Twelve images per patient that mostly share their fate: 150 repeated studies, the true share is 70 %."""
    rng = np.random.default_rng(11)
    patients, images = 40, 12
    groups = np.repeat(np.arange(patients), images)
    covered = {"patients": 0, "images": 0}
    for study in range(150):
        share = rng.beta(0.7 * 2, 0.3 * 2, patients)
        hits = rng.random((patients, images)) < share[:, None]
        for name, unit in (("patients", groups), ("images", np.arange(patients * images))):
            bootstrap = GroupedBootstrap(unit, 400, seed=study)
            low, high = bootstrap.interval(bootstrap.shares(hits.ravel())) or (0.0, 0.0)
            covered[name] += low <= 0.7 <= high
    assert covered["patients"] / 150 > 0.88
    assert covered["images"] / 150 < 0.7


def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidInput):
        GroupedBootstrap(np.arange(3), -1, seed=1)
    with pytest.raises(InvalidInput):
        GroupedBootstrap(np.arange(3), 10, seed=1, confidence=1.0)
