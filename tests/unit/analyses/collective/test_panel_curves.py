"""Curves of panels and their intervals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.null_studies import panel_misses, panel_votes, rejections

from dermdash.analyses.collective.malignancy_panels import SIDES, VoteRule, malignancy_panels
from dermdash.analyses.collective.mixed_panels import mixed_panels
from dermdash.analyses.collective.model_panels import model_panels
from dermdash.analyses.collective.panel_curves import gains, panel_curve
from dermdash.analyses.collective.votes import Votes, largest_panel, votes_of
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analysis.paired_accuracy import two_way_bootstrap
from dermdash.errors import InvalidInput

CLASSES = ("mel", "nv", "bkl")


def make_votes(
    *, readers: int = 7, cases: int = 40, right: float = 0.6, missing: float = 0.0, seed: int = 0, groups: int = 1
) -> Votes:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, cases)
    ease = np.clip(right + rng.normal(0, 0.15, cases), 0.05, 0.95)
    chosen = np.where(rng.random((readers, cases)) < ease, truth, (truth + rng.integers(1, 3, (readers, cases))) % 3)
    chosen[rng.random((readers, cases)) < missing] = -1
    return Votes(
        tuple(f"r{i:02}" for i in range(readers)),
        tuple(f"c{i:03}" for i in range(cases)),
        chosen,
        truth,
        CLASSES,
        tuple(f"g{i}" for i in range(groups)),
        np.arange(readers) % groups,
    )


def permuted(votes: Votes, order: np.ndarray) -> Votes:
    return Votes(
        tuple(np.array(votes.readers)[order]), votes.cases, votes.chosen[order], votes.truth, votes.classes,
        votes.strata, votes.stratum[order],
    )  # fmt: skip


def test_one_reader_is_the_mean_accuracy_with_the_two_way_bootstrap() -> None:
    """Against the two-way bootstrap of the paired analysis. Its variance between readers is smaller by 1/8, so that the
    standard errors may differ by 6 %, and by 3 % more through 4,000 replicates.
    """
    votes = make_votes(readers=8, cases=60)
    right = (votes.chosen == votes.truth).astype(float)
    panels = panel_curve(votes, label="all", seed=1, replicates=4000)
    assert panels is not None
    assert panels.curve.points[0].accuracy == pytest.approx(right.mean())
    other = two_way_bootstrap(right, replicates=4000, rng=np.random.default_rng(2))
    assert panels.replicates[:, 0].std() == pytest.approx(other.std(), rel=0.09)


def test_intervals_cover_the_truth_of_a_large_population() -> None:
    """Samples of 12 readers and 60 cases from a population of 400 x 600: nominal 95 %; 60 samples, so that at least
    51 must cover (binomial 0.1 % quantile of 95 % is 51).
    """
    population = make_votes(readers=400, cases=600, seed=5)
    truth = panel_curve(population, label="", seed=1, limit=5, replicates=0)
    assert truth is not None
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(60):
        r, c = rng.choice(400, 12, replace=False), rng.choice(600, 60, replace=False)
        sample = Votes(
            tuple(f"r{i:03}" for i in r), tuple(f"c{i:03}" for i in c), population.chosen[np.ix_(r, c)],
            population.truth[c], CLASSES, ("all",), np.zeros(12, dtype=np.int64),
        )  # fmt: skip
        found = panel_curve(sample, label="", seed=1, limit=5, replicates=400)
        assert found is not None
        point = found.curve.points[4]
        assert point.low is not None
        assert point.high is not None
        covered += point.low <= truth.curve.points[4].accuracy <= point.high
    assert covered >= 51


def test_permuting_readers_changes_no_accuracy() -> None:
    votes = make_votes(missing=0.2)
    order = np.random.default_rng(3).permutation(len(votes.readers))
    first = panel_curve(votes, label="", seed=1, replicates=50)
    second = panel_curve(permuted(votes, order), label="", seed=1, replicates=50)
    assert first is not None
    assert second is not None
    for a, b in zip(first.curve.points, second.curve.points, strict=True):
        assert a.accuracy == pytest.approx(b.accuracy, abs=1e-12)


def test_equal_seeds_give_equal_intervals() -> None:
    votes = make_votes()
    first, second = (panel_curve(votes, label="", seed=9, replicates=100) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.curve == second.curve


def test_swapping_before_and_after_changes_the_sign() -> None:
    before, after = make_votes(right=0.5, seed=1), make_votes(right=0.8, seed=1)
    curves = [panel_curve(v, label="", seed=1, replicates=200) for v in (before, after)]
    assert curves[0] is not None
    assert curves[1] is not None
    there, back = gains(curves[1], curves[0]), gains(curves[0], curves[1])
    for a, b in zip(there, back, strict=True):
        assert a.difference == pytest.approx(-b.difference)
        assert a.low == pytest.approx(-float(b.high or 0))


def test_a_duplicated_reader_adds_no_information_about_one_reader() -> None:
    """Every reader twice: the accuracy of one reader stays."""
    votes = make_votes()
    twice = Votes(
        (*votes.readers, *(f"{r}b" for r in votes.readers)), votes.cases, np.vstack([votes.chosen, votes.chosen]),
        votes.truth, votes.classes, votes.strata, np.concatenate([votes.stratum, votes.stratum]),
    )  # fmt: skip
    single, double = (panel_curve(v, label="", seed=1, replicates=0) for v in (votes, twice))
    assert single is not None
    assert double is not None
    assert single.curve.points[0].accuracy == pytest.approx(double.curve.points[0].accuracy)


def test_perfect_readers_have_no_interval_but_a_reason() -> None:
    votes = make_votes()
    perfect = Votes(
        votes.readers, votes.cases, np.tile(votes.truth, (7, 1)), votes.truth, CLASSES, votes.strata, votes.stratum
    )
    panels = panel_curve(perfect, label="", seed=1, replicates=100)
    assert panels is not None
    assert {p.accuracy for p in panels.curve.points} == {1.0}
    assert {p.low for p in panels.curve.points} == {None}
    assert all(p.reason for p in panels.curve.points)


@pytest.mark.parametrize(("readers", "cases"), [(1, 10), (5, 1), (1, 1)])
def test_one_reader_or_one_case_still_has_an_accuracy(readers: int, cases: int) -> None:
    votes = make_votes(readers=readers, cases=cases)
    panels = panel_curve(votes, label="", seed=1, replicates=100)
    assert panels is not None
    for point in panels.curve.points:
        assert 0 <= point.accuracy <= 1
        assert (point.low is None) == (point.reason is not None)
        assert point.covers_readers == (point.size < readers)


def test_no_vote_gives_no_curve() -> None:
    empty = votes_of(
        pd.DataFrame({"reader": [], "case": [], "dx": [], "truth_dx": []}), answer="dx", truth="truth_dx",
        classes=CLASSES,
    )  # fmt: skip
    assert panel_curve(empty, label="", seed=1) is None


def test_cases_with_too_few_readers_are_counted_and_left_out() -> None:
    votes = make_votes(readers=6, cases=50, missing=0.4, seed=2)
    panels = panel_curve(votes, label="", seed=1, limit=4, replicates=20)
    assert panels is not None
    enough = int((votes.readers_per_case.sum(axis=1) >= 4).sum())
    assert (panels.curve.cases, panels.curve.cases_left_out) == (enough, 50 - enough)


def test_the_largest_panel_is_one_that_half_of_the_cases_can_seat() -> None:
    assert largest_panel(np.array([2, 4, 6, 8]), 25) == 6
    assert largest_panel(np.array([3, 3, 3]), 2) == 2
    assert largest_panel(np.array([], dtype=np.int64), 25) == 0


def test_mixes_go_from_the_one_kind_to_the_other() -> None:
    votes = make_votes(readers=8, groups=2, cases=50)
    mixed = mixed_panels(votes, column="kind", size=3, seed=1, replicates=100)
    assert mixed is not None
    assert [p.members for p in mixed.mixes] == [(0, 3), (1, 2), (2, 1), (3, 0)]
    for stratum, point in ((0, mixed.mixes[3]), (1, mixed.mixes[0])):
        of = votes.stratum == stratum
        alone = Votes(
            tuple(np.array(votes.readers)[of]), votes.cases, votes.chosen[of], votes.truth, CLASSES, ("all",),
            np.zeros(4, dtype=np.int64),
        )  # fmt: skip
        panels = panel_curve(alone, label="", seed=1, limit=3, replicates=0)
        assert panels is not None
        assert point.accuracy == pytest.approx(panels.curve.points[2].accuracy)


def opinions(votes: Votes, right: np.ndarray, *, probabilities: bool = True) -> ModelOpinions:
    said = np.where(right, votes.truth, (votes.truth + 1) % 3)
    named = {case: CLASSES[k] for case, k in zip(votes.cases, said, strict=True)}
    return ModelOpinions(
        "Model",
        named,
        {case: {c: 0.8 if c == named[case] else 0.1 for c in CLASSES} for case in votes.cases} if probabilities else {},
        {},
        "a test",
    )


def test_the_number_of_readers_that_equal_the_model_is_read_off_the_curve() -> None:
    votes = make_votes(readers=9, cases=60)
    right = np.random.default_rng(4).random(60) < 0.68
    found = model_panels(votes, opinions(votes, right), seed=1, replicates=300)
    assert found is not None
    assert found.accuracy.accuracy == pytest.approx(right.mean())
    reached = [p.size for p in found.readers_alone.points if p.accuracy >= right.mean()]
    assert found.equal.size == (reached[0] if reached else None)
    assert found.equal.low is None or found.equal.low <= (found.equal.size or 10)
    assert found.averaged is not None


def test_a_perfect_model_is_never_equalled_and_its_vote_helps() -> None:
    votes = make_votes(readers=5, cases=60)
    found = model_panels(votes, opinions(votes, np.ones(60, dtype=bool), probabilities=False), seed=1, replicates=100)
    assert found is not None
    assert found.equal.size is None
    assert found.equal.high is None
    assert found.averaged is None
    assert all(g.difference > 0 for g in found.voting_gain)


def test_a_model_without_a_common_case_gives_no_panels() -> None:
    votes = make_votes()
    assert model_panels(votes, ModelOpinions("Model", {"elsewhere": "nv"}, {}, {}, "a test"), seed=1) is None


def test_any_vote_raises_sensitivity_and_lowers_specificity() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 60)
    chosen = np.where(rng.random((6, 60)) < 0.75, truth, 1 - truth)
    votes = Votes(
        tuple("abcdef"), tuple(f"c{i}" for i in range(60)), chosen, truth, SIDES, ("all",), np.zeros(6, dtype=np.int64)
    )
    found = malignancy_panels(votes, seed=1, replicates=100)
    assert found is not None
    anyone = found.of(VoteRule.ANY)
    assert [p.sensitivity.value for p in anyone] == sorted(p.sensitivity.value or 0 for p in anyone)
    assert [p.specificity.value for p in anyone] == sorted((p.specificity.value or 0 for p in anyone), reverse=True)
    # All six: any vote of all readers, counted directly.
    malignant = truth == 1
    assert anyone[-1].sensitivity.value == pytest.approx((chosen[:, malignant] == 1).any(axis=0).mean())
    assert anyone[-1].specificity.value == pytest.approx((chosen[:, ~malignant] == 0).all(axis=0).mean())


def test_one_class_of_cases_says_so_for_the_other() -> None:
    votes = Votes(
        ("a", "b"), ("c1", "c2", "c3"), np.array([[1, 1, 0], [1, 0, 0]]), np.ones(3, dtype=np.int64), SIDES, ("all",),
        np.zeros(2, dtype=np.int64),
    )  # fmt: skip
    found = malignancy_panels(votes, seed=1, replicates=50)
    assert found is not None
    assert {p.specificity.value for p in found.panels} == {None}
    assert {p.specificity.reason for p in found.panels} == {"no such case"}


def test_an_answer_that_is_no_class_is_named() -> None:
    frame = pd.DataFrame({"reader": ["a"], "case": ["1"], "dx": ["wart"], "truth_dx": ["nv"]})
    with pytest.raises(InvalidInput, match="dx is 'wart'"):
        votes_of(frame, answer="dx", truth="truth_dx", classes=CLASSES)


def test_images_of_a_lesion_are_drawn_and_counted_together() -> None:
    """Every case twice under one unit has the interval of the cases alone, not a narrower one."""
    votes = panel_votes(30, 20, np.random.default_rng(4))
    twice = replace(
        votes,
        cases=tuple(f"{c}{half}" for half in "ab" for c in votes.cases),
        chosen=np.tile(votes.chosen, 2),
        truth=np.tile(votes.truth, 2),
        units=np.tile(np.arange(20), 2),
    )
    single, double, alone = (
        panel_curve(v, label="", seed=1, limit=3, replicates=300) for v in (votes, twice, replace(twice, units=None))
    )
    assert single is not None
    assert double is not None
    assert alone is not None
    for one, two, narrow in zip(single.curve.points, double.curve.points, alone.curve.points, strict=True):
        assert (one.low, one.high) == pytest.approx((two.low, two.high))
        assert float(narrow.high or 0) - float(narrow.low or 0) < 0.9 * (float(two.high or 0) - float(two.low or 0))


def test_few_cases_or_one_reader_have_no_interval_and_the_reason_says_so() -> None:
    rng = np.random.default_rng(4)
    few = panel_curve(panel_votes(6, 6, rng), label="", seed=1, replicates=50)
    one = panel_curve(panel_votes(1, 30, rng), label="", seed=1, replicates=50)
    assert few is not None
    assert one is not None
    assert {(p.low, p.reason) for p in few.curve.points} == {(None, "no interval: 6 cases of the 7 that it needs")}
    # All readers of a case: the interval speaks of cases only, and needs no other reader.
    assert one.curve.points[0].low is not None
    assert not one.curve.points[0].covers_readers


@pytest.mark.slow
def test_intervals_of_panels_hold_the_truth_with_few_readers() -> None:
    """Percentiles of 3 readers of 60 cases missed in 10 to 15 % of studies."""
    assert rejections(panel_misses(3, 60, 1, replicates=100), 200).holds
    assert rejections(panel_misses(20, 7, 3, replicates=100), 100).holds
