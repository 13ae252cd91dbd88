"""The change for other readers and cases: against the MRMC analysis, loops over its definition, and null studies."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.null_studies import QUICK, Readings, exchangeable_readings, rejections

from dermdash.analyses.benefit.populations import MINIMUM_CASES, MINIMUM_READERS, PopulationTests, population_tests
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.result import MrmcResult


def pairs_of(made: Readings) -> pd.DataFrame:
    return pd.DataFrame({"reader": made.reader, "case": made.case, "unaided": made.before, "aided": made.after})


def analysed(pairs: pd.DataFrame, **options: float) -> PopulationTests:
    found = population_tests(pairs, **options)
    assert found is not None
    return found


def by_mrmc(pairs: pd.DataFrame, figure: Figure = Figure.ACCURACY, truth: np.ndarray | None = None) -> MrmcResult:
    """Obuchowski-Rockette of the MRMC page: right and wrong as ratings of cases that all have the condition."""
    readers, cases = sorted(pairs["reader"].unique()), sorted(pairs["case"].unique())
    ratings = np.full((len(readers), 2, len(cases)), np.nan)
    side = np.ones(len(cases), bool) if truth is None else truth
    for row in pairs.itertuples():
        j, k = readers.index(row.reader), cases.index(row.case)
        right = np.array([row.aided, row.unaided])
        ratings[j, :, k] = right if side[k] else 1 - right
    data = MrmcData(ratings, side, tuple(map(str, readers)), ("aided", "unaided"), tuple(map(str, cases)))
    return analyse_mrmc(data, MrmcOptions(FigureOfMerit(figure, threshold=0.5), covariance=Covariance.UNBIASED))


def covariance_by_loops(first: pd.DataFrame, second: pd.DataFrame) -> float:
    """Product of two readers' mean changes minus the mean product of changes of two different units."""
    apart = [
        a.change * b.change for a in first.itertuples() for b in second.itertuples() if a.unit != b.unit
    ]  # fmt: skip
    return float(first["change"].mean() * second["change"].mean() - np.mean(apart))


@pytest.mark.parametrize("kinds", [1, 3])
def test_it_is_obuchowski_rockette_of_the_share_of_right_answers(kinds: int) -> None:
    """Difference and standard errors of `analyse_mrmc`, to 1e-12, where all read every case and where they do not."""
    pairs = pairs_of(exchangeable_readings(6, 30, np.random.default_rng(3), kinds=kinds, gain=0.2))
    found, mrmc = analysed(pairs), by_mrmc(pairs)
    assert found.design is mrmc.design is (Design.FACTORIAL if kinds == 1 else Design.INCOMPLETE)
    for kind, test in found.tests.items():
        assert test.difference == pytest.approx(mrmc.overall[kind].difference, abs=1e-12)
        assert test.se == pytest.approx(mrmc.overall[kind].se, rel=1e-12)


def test_degrees_of_freedom_are_those_of_hillis_with_the_cases_part_estimated_too() -> None:
    pairs = pairs_of(exchangeable_readings(6, 30, np.random.default_rng(3), gain=0.2))
    found = analysed(pairs)
    own = (pairs["aided"] - pairs["unaided"]).groupby(pairs["reader"]).mean()
    readers = own.var() / 6
    hillis = by_mrmc(pairs).overall[Inference.RRRC].df2
    assert found.both.se**4 / (readers**2 / 5) == pytest.approx(hillis, rel=1e-12)
    expected = found.both.se**4 / (readers**2 / 5 + (found.both.se**2 - readers) ** 2 / 29)
    assert found.both.df2 == pytest.approx(min(expected, 29), rel=1e-12)
    expected = min(expected, 29)
    reach = stats.t.ppf(0.975, expected) * found.both.se
    ends = found.both.difference - reach, found.both.difference + reach
    assert (found.both.low, found.both.high) == pytest.approx(ends)
    assert found.both.p == pytest.approx(2 * stats.t.sf(abs(found.both.difference) / found.both.se, expected))


def test_for_these_readers_it_is_the_t_test_over_cases() -> None:
    """scipy's one-sample t test of the cases' mean changes, where every reader read every case."""
    pairs = pairs_of(exchangeable_readings(5, 24, np.random.default_rng(8), gain=0.3, of_case=0.8))
    change = (pairs["aided"] - pairs["unaided"]).groupby(pairs["case"]).mean()
    test = analysed(pairs).tests[Inference.FRRC]
    assert test.p == pytest.approx(stats.ttest_1samp(change, 0).pvalue, rel=1e-9)


def test_without_a_shared_case_it_is_the_paired_t_test_of_the_readers() -> None:
    pairs = pairs_of(exchangeable_readings(5, 12, np.random.default_rng(4), own_cases=True, gain=0.2))
    found = analysed(pairs)
    means = pairs.groupby("reader")[["aided", "unaided"]].mean()
    assert found.design is Design.CASES_IN_READER
    assert found.both.p == pytest.approx(stats.ttest_rel(means["aided"], means["unaided"]).pvalue, rel=1e-9)


def test_images_of_one_lesion_are_no_independent_cases() -> None:
    """Variance from loops over all pairs of answers to different lesions."""
    pairs = pairs_of(exchangeable_readings(6, 36, np.random.default_rng(5), kinds=2, gain=0.1))
    pairs["unit"] = "lesion " + (pairs["case"] // 2).astype(str)
    pairs["change"] = pairs["aided"] - pairs["unaided"]
    of = dict(list(pairs.groupby("reader")))
    shared = np.mean([covariance_by_loops(of[a], of[b]) for a, b in combinations(of, 2)])
    own = np.mean([covariance_by_loops(part, part) for part in of.values()])
    changes = pairs.groupby("reader")["change"].mean()
    found = analysed(pairs)
    assert found.units == 18
    assert found.both.se**2 == pytest.approx(changes.var() / 6 + max(shared, 0))
    assert found.tests[Inference.FRRC].se ** 2 == pytest.approx(own / 6 + 5 / 6 * max(shared, 0))
    alone = analysed(pairs.drop(columns="unit"))
    assert alone.units == pairs["case"].nunique()
    assert alone.both.se != found.both.se


def test_a_mean_over_malignant_and_benign_cases_is_the_balanced_accuracy() -> None:
    pairs = pairs_of(exchangeable_readings(6, 40, np.random.default_rng(6), gain=0.2))
    malignant = np.arange(40) < 14
    pairs["stratum"] = malignant[pairs["case"]].astype(int)
    found, mrmc = analysed(pairs), by_mrmc(pairs, Figure.WEIGHTED_ACCURACY, malignant)
    assert found.both.difference == pytest.approx(mrmc.overall[Inference.RRRC].difference, abs=1e-12)
    assert found.both.se == pytest.approx(mrmc.overall[Inference.RRRC].se, rel=1e-12)


def test_the_order_of_readers_cases_and_rows_changes_nothing() -> None:
    pairs = pairs_of(exchangeable_readings(5, 20, np.random.default_rng(7), gain=0.2))
    turned = pairs.sample(frac=1, random_state=1).assign(
        reader=lambda f: 9 - f["reader"], case=lambda f: 50 - f["case"]
    )
    assert analysed(turned).both.p == pytest.approx(analysed(pairs).both.p, rel=1e-9)


@pytest.mark.parametrize(
    ("readers", "cases", "said"), [(MINIMUM_READERS - 1, 30, "reader"), (8, MINIMUM_CASES - 1, "equal ones")]
)
def test_below_the_smallest_size_there_is_a_sentence_and_no_p(readers: int, cases: int, said: str) -> None:
    found = analysed(pairs_of(exchangeable_readings(readers, cases, np.random.default_rng(1))))
    for test in found.tests.values():
        assert (test.p, test.low, test.se) == (None, None, None)
        assert test.difference is not None
        assert said in str(test.reason)
        assert "fewer than" in str(test.reason)


def test_readers_who_all_change_alike_show_no_difference_between_readers() -> None:
    pairs = pairs_of(exchangeable_readings(1, 20, np.random.default_rng(2)))
    alike = pd.concat([pairs.assign(reader=r) for r in range(MINIMUM_READERS)])
    found = analysed(alike)
    assert found.both.p is None
    assert "same amount" in str(found.both.reason)


@pytest.mark.parametrize(
    ("readers", "cases", "options"),
    [
        (MINIMUM_READERS, MINIMUM_CASES, {}),
        (30, MINIMUM_CASES, {}),
        (MINIMUM_READERS, 28, {"kinds": 4}),
        (MINIMUM_READERS, 28, {"of_case": 0.0}),
        (MINIMUM_READERS, MINIMUM_CASES, {"own_cases": True}),
    ],
)
def test_it_holds_its_level_at_the_smallest_sizes(readers: int, cases: int, options: dict) -> None:
    """Readers and cases are drawn anew in every study, and nothing changes on average over both."""

    def p(rng: np.random.Generator) -> float | None:
        return analysed(pairs_of(exchangeable_readings(readers, cases, rng, **options))).both.p

    found = rejections(p, QUICK)
    assert found.shown > 0.8 * QUICK
    assert found.holds


def test_the_paired_t_test_does_not_hold_its_level_for_other_cases() -> None:
    """Why the other one is there: with 30 readers of 20 cases that differ, every third null study is significant."""

    def p(rng: np.random.Generator) -> float | None:
        pairs = pairs_of(exchangeable_readings(30, 20, rng))
        means = pairs.groupby("reader")[["aided", "unaided"]].mean()
        return float(stats.ttest_rel(means["aided"], means["unaided"]).pvalue)

    assert not rejections(p, 100).holds


def test_a_negative_covariance_is_taken_as_nothing_and_told() -> None:
    """Two halves of the readers who change on the same cases in opposite directions."""
    rng = np.random.default_rng(9)
    pairs = pairs_of(exchangeable_readings(6, 30, rng, of_case=0.0))
    helped = (pairs["case"] % 2 == pairs["reader"] % 2) & (rng.random(len(pairs)) < 0.9)
    pairs["unaided"], pairs["aided"] = (~helped).astype(float), helped.astype(float)
    found = analysed(pairs)
    own = (pairs["aided"] - pairs["unaided"]).groupby(pairs["reader"]).mean()
    assert found.as_dict()["case_covariance"] < 0
    assert found.both.se**2 == pytest.approx(own.var() / 6)
