"""Power against scipy, against a Poisson mixture, against simulation, and at its limits."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dermdash.analyses.sample_size.error_variance import binomial_variance, hanley_mcneil_variance
from dermdash.analyses.sample_size.mrmc_design import (
    Components,
    MrmcDesign,
    components_of_correlations,
    components_of_pilot,
)
from dermdash.analyses.sample_size.paired_design import (
    ChangeComponents,
    PairedDesign,
    components_of_changes,
    components_of_readings,
)
from dermdash.analyses.sample_size.plan import least_cases, least_readers, make_plan
from dermdash.analyses.sample_size.tests_of_difference import f_power, t_power
from dermdash.analysis.mrmc.effect import Inference
from dermdash.errors import InvalidInput


def van_dyke() -> Components:
    """The example data set of the field (45 abnormal, 69 normal), jackknife: MS(TR), Var, Cov1, Cov2, Cov3."""
    return components_of_pilot(
        ms_tr=0.000551031, error=0.0008022883, cov1=0.0003466137, cov2=0.0003440748, cov3=0.0002390284, cases=114,
        origin="VanDyke",
    )  # fmt: skip


@pytest.mark.parametrize("df2", [1.0, 2.5, 4.0, 15.25967, 80.0, 1000.0])
@pytest.mark.parametrize("noncentrality", [0.01, 1.0, 4.4, 20.0, 60.0])
def test_the_power_of_f_is_scipys_noncentral_f(noncentrality: float, df2: float) -> None:
    """scipy.stats.ncf, tolerance 1e-9; and the sum over Poisson-weighted central F, tolerance 1e-9."""
    critical = stats.f.isf(0.05, 1, df2)
    found = f_power(noncentrality, df2, 0.05)
    assert found == pytest.approx(stats.ncf.sf(critical, 1, df2, noncentrality), abs=1e-9)
    terms = np.arange(400)
    weights = stats.poisson.pmf(terms, noncentrality / 2)
    mixture = (weights * stats.betaprime.sf(critical / df2, 0.5 + terms, df2 / 2)).sum()
    assert found == pytest.approx(mixture, abs=1e-9)


@pytest.mark.parametrize("df", [1.0, 3.0, 9.0, 60.0])
def test_the_power_of_t_is_scipys_noncentral_t(df: float) -> None:
    for shift in (-1.0, 0.0, 1.5, 4.0):
        expected = stats.nct.sf(stats.t.isf(0.025, df), df, shift) if shift else 0.025
        assert t_power(shift, df, 0.025) == pytest.approx(expected, abs=1e-8)


def test_the_two_sided_f_is_both_tails_of_t() -> None:
    for shift in (0.5, 2.0, 3.5):
        both = t_power(shift, 7, 0.025) + t_power(-shift, 7, 0.025)
        assert f_power(shift**2, 7, 0.05) == pytest.approx(both, abs=1e-8)


def test_power_rises_with_the_noncentrality_also_where_the_series_ends() -> None:
    """At 1 degree of freedom: scipy's noncentral F falls back to 0.02 at a noncentrality of 5,000."""
    for df2 in (1.0, 1.5, 4.0):
        powers = [f_power(n, df2, 0.05) for n in (100, 500, 999, 1001, 2000, 5000, 50_000)]
        assert powers == sorted(powers)
        assert powers[3] - powers[2] < 1e-3


@pytest.mark.parametrize("inference", list(Inference))
def test_no_effect_is_found_as_often_as_alpha_says(inference: Inference) -> None:
    design = MrmcDesign(van_dyke(), 0.0, inference=inference)
    assert design.power(7, 150) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize("inference", list(Inference))
def test_more_readers_or_cases_give_more_power(inference: Inference) -> None:
    design = MrmcDesign(van_dyke(), 0.03, inference=inference)
    by_readers = [design.power(r, 200) or 0 for r in (2, 3, 5, 8, 12, 30, 100)]
    by_cases = [design.power(6, c) or 0 for c in (20, 60, 114, 300, 900, 10_000)]
    assert by_readers == sorted(by_readers)
    assert by_cases == sorted(by_cases)


def test_the_degrees_of_freedom_are_those_of_hillis() -> None:
    """With MS(TR) of the pilot and its own numbers of readers and cases, the observed effect's noncentrality is F and
    df2 is METHODS' 15.25967: F = 4.456319 for the difference -0.04380032 (published analysis of VanDyke).
    """
    c = van_dyke()
    apart = c.cov2 - c.cov3
    spread = c.interaction + c.error - c.cov1 + 4 * apart
    assert 5 * 0.04380032**2 / (2 * spread) == pytest.approx(4.456319, rel=1e-5)
    rest = c.interaction + c.error - c.cov1 - apart
    assert rest == pytest.approx(0.000551031, rel=1e-9)
    assert 4 * (spread / rest) ** 2 == pytest.approx(15.25967, rel=1e-5)
    power = MrmcDesign(c, 0.04380032).power(5, 114)
    assert power == pytest.approx(stats.ncf.sf(stats.f.isf(0.05, 1, 15.25967), 1, 15.25967, 4.456319), abs=1e-5)


def test_the_sign_of_the_difference_does_not_matter() -> None:
    assert MrmcDesign(van_dyke(), 0.04).power(6, 150) == MrmcDesign(van_dyke(), -0.04).power(6, 150)


def test_the_power_of_random_readers_and_cases_agrees_with_simulation() -> None:
    """3,000 studies of 6 readers x 60 cases drawn case by case and analysed by Obuchowski-Rockette with the jackknife
    covariance of means: within 3 Monte Carlo standard errors of the formula, and 0.01 for its approximation.
    """
    from tests.simulated_mrmc import rejections, simulated_components

    parts = {"c": 0.3, "tc": 0.2, "rc": 0.3, "e": 1.0, "tr": 0.01}
    formula = MrmcDesign(simulated_components(parts, cases=60), 0.25).power(6, 60)
    assert formula is not None
    found = rejections(parts, difference=0.25, readers=6, cases=60, studies=3000, seed=1)
    assert abs(found - formula) < 3 * math.sqrt(formula * (1 - formula) / 3000) + 0.01


def test_the_power_of_the_paired_t_agrees_with_simulation() -> None:
    """4,000 studies of 12 readers x 20 cases, changes drawn as -1, 0, 1: within 3 Monte Carlo standard errors and 0.01
    for the distribution of changes, which is not normal.
    """
    rng = np.random.default_rng(1)
    components = components_of_changes(changed=0.3, difference=0.08, between_readers_sd=0.05, origin="a test")
    formula = PairedDesign(components, 0.08).power(12, 20)
    assert formula is not None
    true = 0.08 + 0.05 * rng.standard_normal((4000, 12, 1))
    draw = rng.random((4000, 12, 20))
    gained, spoiled = (0.3 + true) / 2, (0.3 - true) / 2
    change = np.where(draw < gained, 1, np.where(draw < gained + spoiled, -1, 0)).mean(axis=2)
    p = stats.ttest_1samp(change, 0, axis=1).pvalue
    assert abs((p < 0.05).mean() - formula) < 3 * math.sqrt(formula * (1 - formula) / 4000) + 0.01


def test_random_cases_cost_power() -> None:
    components = ChangeComponents(0.0025, 0.25, "a test", between_cases=0.05)
    fixed, drawn = (PairedDesign(components, 0.1, random_cases=flag).power(15, 30) for flag in (False, True))
    assert fixed is not None
    assert drawn is not None
    assert drawn < fixed


def test_dividing_alpha_costs_power_and_modalities_divide_the_cases() -> None:
    components = ChangeComponents(0.0025, 0.25, "a test")
    one = PairedDesign(components, 0.1).power(15, 30) or 0
    assert (PairedDesign(components, 0.1, tests=4).power(15, 30) or 1) < one
    assert PairedDesign(components, 0.1, modalities=4).power(15, 120) == pytest.approx(one)


def test_non_inferiority_is_a_one_sided_t_against_the_margin() -> None:
    design = MrmcDesign(van_dyke(), 0.0, alpha=0.025, margin=0.05)
    superior = MrmcDesign(van_dyke(), 0.05)
    # A two-sided test of a difference as large as the margin has the other tail more, which is next to nothing here.
    assert design.power(8, 150) == pytest.approx(superior.power(8, 150), abs=1e-4)
    assert (MrmcDesign(van_dyke(), -0.02, alpha=0.025, margin=0.05).power(8, 150) or 1) < (design.power(8, 150) or 0)


def test_a_pilot_gives_back_the_components_it_was_drawn_from() -> None:
    """Method of moments on 60 readers x 80 cases: SD between readers 0.1, between cases 0.2, within 0.5; 15 %."""
    rng = np.random.default_rng(4)
    reader, case = 0.1 * rng.standard_normal((60, 1)), 0.2 * rng.standard_normal((1, 80))
    change = 0.05 + reader + case + rng.normal(0, math.sqrt(0.21), (60, 80))
    frame = pd.DataFrame(
        {"reader": np.repeat(np.arange(60), 80), "case": np.tile(np.arange(80), 60), "change": change.ravel()}
    )
    found = components_of_readings(frame, "a pilot")
    assert found.within == pytest.approx(0.25, rel=0.05)
    assert math.sqrt(found.between_readers) == pytest.approx(0.1, rel=0.2)
    assert math.sqrt(found.between_cases) == pytest.approx(0.2, rel=0.15)
    shuffled = components_of_readings(frame.sample(frac=1, random_state=1), "a pilot")
    assert shuffled.within == pytest.approx(found.within)


def test_the_area_under_the_curve_varies_as_hanley_and_mcneil_say() -> None:
    """Their example of two readings of CT: area 0.893, 51 diseased and 58 healthy; SE printed as 0.032."""
    assert math.sqrt(hanley_mcneil_variance(0.893, 51, 58)) == pytest.approx(0.032, abs=6e-4)
    # An area of a half without any structure: (n1 + n0 + 1) / (12 n1 n0), the variance of the rank sum test.
    assert hanley_mcneil_variance(0.5, 30, 40) == pytest.approx(71 / (12 * 30 * 40), rel=1e-12)


def test_the_variance_of_a_share_is_binomial() -> None:
    assert binomial_variance(0.8, 50) == pytest.approx(stats.binom.var(50, 0.8) / 50**2)


def test_the_least_numbers_reach_the_power_and_one_less_does_not() -> None:
    design = MrmcDesign(van_dyke(), 0.03)
    cases = least_cases(design, 8, 0.8).needed
    assert cases is not None
    assert (design.power(8, cases) or 0) >= 0.8 > (design.power(8, cases - 1) or 0)
    readers = least_readers(design, 400, 0.8).needed
    assert readers is not None
    assert (design.power(readers, 400) or 0) >= 0.8 > (design.power(readers - 1, 400) or 0)


def test_what_no_number_reaches_says_so() -> None:
    few_readers = least_cases(MrmcDesign(van_dyke(), 0.01), 3, 0.8)
    assert few_readers.needed is None
    assert "any number of cases" in str(few_readers.reason)
    few_cases = least_readers(MrmcDesign(van_dyke(), 0.02), 60, 0.8)
    assert few_cases.needed is None
    assert "more cases" in str(few_cases.reason)
    assert "does not exist" in str(least_cases(MrmcDesign(van_dyke(), 0.1), 1, 0.8).reason)


def test_one_reader_has_power_only_for_himself() -> None:
    assert MrmcDesign(van_dyke(), 0.05).power(1, 100) is None
    assert MrmcDesign(van_dyke(), 0.05, inference=Inference.RRFC).power(1, 100) is None
    alone = MrmcDesign(van_dyke(), 0.05, inference=Inference.FRRC).power(1, 114)
    c = van_dyke()
    se = math.sqrt(2 * (c.error - c.cov1))
    expected = stats.norm.sf(1.959964 - 0.05 / se) + stats.norm.cdf(-1.959964 - 0.05 / se)
    assert alone == pytest.approx(expected, abs=1e-6)


def test_a_plan_holds_the_study_that_was_asked_about() -> None:
    plan = make_plan(MrmcDesign(van_dyke(), 0.05), readers=7, cases=140)
    assert plan.at == MrmcDesign(van_dyke(), 0.05).power(7, 140)
    assert plan.grid[plan.grid_readers.index(7)][plan.grid_cases.index(140)] == plan.at
    assert [curve.power for curve in plan.curves] == [0.7, 0.8, 0.9]
    found = plan.as_dict()
    assert {"readers": 7, "cases": 140, "power": plan.at} == found["asked"]


def test_correlations_and_components_are_two_ways_to_say_the_same() -> None:
    found = components_of_correlations(
        error=0.0008, r1=0.4, r2=0.35, r3=0.3, between_readers_sd=0.05, same_reader_correlation=0.9, cases=100,
        origin="a test",
    )  # fmt: skip
    assert found.cov1 == pytest.approx(0.00032)
    assert found.interaction == pytest.approx(0.00025)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MrmcDesign(van_dyke(), 1.5), "between -1 and 1"),
        (lambda: MrmcDesign(van_dyke(), 0.1, alpha=0.7), "alpha"),
        (lambda: MrmcDesign(van_dyke(), -0.1, margin=0.05), "cannot be shown"),
        (lambda: Components(0.0, 0.001, 0.0009, 0.0009, 0.0, 100, ""), "do not go together"),
        (lambda: Components(0.0, -0.001, 0.0, 0.0, 0.0, 100, ""), "above 0"),
        (lambda: Components(float("nan"), 0.001, 0.0, 0.0, 0.0, 100, ""), "no finite number"),
        (lambda: components_of_changes(changed=0.05, difference=0.1, between_readers_sd=0.1, origin=""), "at least"),
        (lambda: components_of_changes(changed=0.2, difference=0.1, between_readers_sd=0.6, origin=""), "0 to 0.436"),
        (lambda: hanley_mcneil_variance(1.0, 10, 10), "above 0 and below 1"),
        (lambda: hanley_mcneil_variance(0.8, 0, 10), "at least one of each"),
        (lambda: make_plan(MrmcDesign(van_dyke(), 0.1), target=1.2), "power aimed at"),
        (lambda: make_plan(MrmcDesign(van_dyke(), 0.1), readers=0), "0 readers"),
    ],
)
def test_what_cannot_be_planned_is_named(make: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a", "1", 1), ("a", "2", 0)], "too few"),
        ([("a", "1", 1), ("b", "1", 0)], "too few"),
        ([(r, c, 0) for r in "ab" for c in "12"], "changed by the same"),
    ],
)
def test_a_pilot_that_shows_no_variance_is_refused(rows: list[tuple[str, str, int]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        components_of_readings(pd.DataFrame(rows, columns=["reader", "case", "change"]), "the pilot")
