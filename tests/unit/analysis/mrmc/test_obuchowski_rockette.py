"""The analysis of variance against its formulas written out with loops, scipy's t tests and DeLong's test."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from tests.mrmc_factory import make_study

from dermdash.analysis.delong import paired_auc_test
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.dbm import dorfman_berbaum_metz, pseudovalue_squares, pseudovalues
from dermdash.analysis.mrmc.effect import EffectTest, Inference
from dermdash.analysis.mrmc.error_covariance import average_covariance
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, measure
from dermdash.analysis.mrmc.obuchowski_rockette import VarianceAnalysis, obuchowski_rockette
from dermdash.errors import InvalidInput

RRRC, FRRC, RRFC = Inference.RRRC, Inference.FRRC, Inference.RRFC


def analysed(
    merit: FigureOfMerit | None = None, method: Covariance = Covariance.JACKKNIFE, **study: object
) -> tuple[np.ndarray, np.ndarray, VarianceAnalysis]:
    measured = measure(make_study(**study), merit or FigureOfMerit())  # type: ignore[arg-type]
    matrix = covariance_of(measured, method)
    found = obuchowski_rockette(measured.values, average_covariance(matrix, measured.usable))
    return measured.values, matrix, found


@pytest.mark.parametrize("modalities", [2, 3])
@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_formulas_of_the_method_written_out(modalities: int, seed: int) -> None:
    """Hillis (2007, 2014) with sums over readers and modalities, one term at a time."""
    t, r = modalities, 4
    theta, matrix, found = analysed(modalities=t, readers=r, seed=seed)
    grand = theta.mean()
    ms_t = r * sum((theta[:, i].mean() - grand) ** 2 for i in range(t)) / (t - 1)
    ms_tr = sum(
        (theta[j, i] - theta[j].mean() - theta[:, i].mean() + grand) ** 2 for j in range(r) for i in range(t)
    ) / ((t - 1) * (r - 1))

    def cov(j: int, i: int, k: int, m: int) -> float:
        return float(matrix[j * t + i, k * t + m])

    variance = np.mean([cov(j, i, j, i) for j in range(r) for i in range(t)])
    cov1 = np.mean([cov(j, i, j, m) for j in range(r) for i in range(t) for m in range(t) if m != i])
    others = [(j, k) for j in range(r) for k in range(r) if j != k]
    cov2 = np.mean([cov(j, i, k, i) for j, k in others for i in range(t)])
    cov3 = np.mean([cov(j, i, k, m) for j, k in others for i in range(t) for m in range(t) if m != i])
    shared = max(cov2 - cov3, 0)
    below = ms_tr + r * shared
    f, df2 = ms_t / below, below**2 / (ms_tr**2 / ((t - 1) * (r - 1)))
    test = found.overall[RRRC]
    assert (test.f, test.df1, test.df2) == (pytest.approx(f), t - 1, pytest.approx(df2))
    assert test.p == pytest.approx(stats.f.sf(f, t - 1, df2))
    chi = (t - 1) * ms_t / (variance - cov1 + (r - 1) * shared)
    assert found.overall[FRRC].f == pytest.approx(chi)
    assert found.overall[FRRC].df2 is None
    assert found.overall[FRRC].p == pytest.approx(stats.chi2.sf(chi, t - 1))
    assert found.overall[RRFC].f == pytest.approx(ms_t / ms_tr)
    assert found.overall[RRFC].df2 == (t - 1) * (r - 1)
    for a, b in combinations(range(t), 2):
        pair = found.pairs[a, b][RRRC]
        se = np.sqrt(2 * below / r)
        half = stats.t.ppf(0.975, df2) * se
        difference = theta[:, a].mean() - theta[:, b].mean()
        assert pair.difference == pytest.approx(difference)
        assert (pair.low, pair.high) == (pytest.approx(difference - half), pytest.approx(difference + half))
        assert pair.p == pytest.approx(2 * stats.t.sf(abs(difference) / se, df2))


def test_a_single_modality_has_the_interval_of_its_own_data() -> None:
    theta, matrix, found = analysed()
    r, t = theta.shape
    for i in range(t):
        own = matrix[i::t, i::t]
        cov2 = (own.sum() - np.trace(own)) / (r * (r - 1))
        square = theta[:, i].var(ddof=1)
        total = square + r * max(cov2, 0)
        df = total**2 / (square**2 / (r - 1))
        half = stats.t.ppf(0.975, df) * np.sqrt(total / r)
        mean = found.means[i][RRRC]
        assert mean.df == pytest.approx(df)
        assert mean.linear is not None
        assert mean.linear[0] == pytest.approx(theta[:, i].mean() - half)
        assert mean.linear[1] == pytest.approx(min(1, theta[:, i].mean() + half))
        fixed = found.means[i][FRRC]
        assert fixed.se == pytest.approx(np.sqrt(own.mean()))
        sampled = stats.ttest_1samp(theta[:, i], 0).confidence_interval()
        sampled_mean = found.means[i][RRFC]
        assert sampled_mean.linear is not None
        assert sampled_mean.linear[0] == pytest.approx(sampled.low)


def test_fixed_cases_are_the_paired_t_test_of_scipy() -> None:
    theta, _, found = analysed(readers=6)
    expected = stats.ttest_rel(theta[:, 0], theta[:, 1])
    test = found.overall[RRFC]
    assert test.p == pytest.approx(expected.pvalue)
    assert test.f == pytest.approx(expected.statistic**2)
    assert (test.low, test.high) == pytest.approx(tuple(expected.confidence_interval()))


def test_fixed_readers_are_the_variance_of_the_difference_of_means() -> None:
    """For two modalities the pooled formula is the quadratic form of the whole covariance matrix."""
    theta, matrix, found = analysed(seed=3)
    r = len(theta)
    weights = np.tile([1 / r, -1 / r], r)
    assert found.components.cov2 > found.components.cov3
    assert found.overall[FRRC].se == pytest.approx(np.sqrt(weights @ matrix @ weights))


def test_one_reader_is_the_test_of_delong() -> None:
    study = make_study(readers=1, cases=50, diseased=22)
    found = analyse_mrmc(study, MrmcOptions(covariance=Covariance.DELONG))
    expected = paired_auc_test(study.truth, study.ratings[0, 0], study.ratings[0, 1])
    test = found.overall[FRRC]
    assert test.difference == pytest.approx(expected.difference)
    assert (test.low, test.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert test.p == pytest.approx(expected.p_value)
    assert found.headline is FRRC
    for kind in (RRRC, RRFC):
        assert found.overall[kind].p is None
        assert "one reader" in (found.overall[kind].reason or "")
    assert found.dbm is None


@pytest.mark.parametrize("modalities", [2, 3])
@pytest.mark.parametrize(
    "merit",
    [
        FigureOfMerit(),
        FigureOfMerit(Figure.SENSITIVITY, threshold=3),
        FigureOfMerit(Figure.ACCURACY, threshold=3),
        FigureOfMerit(Figure.WEIGHTED_ACCURACY, threshold=3, weight=0.4),
        FigureOfMerit(Figure.PARTIAL_AUC),
    ],
    ids=lambda m: m.figure.value,
)
def test_pseudovalues_give_the_same_analysis(merit: FigureOfMerit, modalities: int) -> None:
    """Hillis, Berbaum & Metz (2008): with the jackknife F, degrees of freedom and p of both methods are equal."""
    study = make_study(modalities=modalities, readers=5, seed=7, cases=50, diseased=22)
    found = analyse_mrmc(study, MrmcOptions(merit=merit))
    assert found.dbm is not None
    for kind in (RRRC, RRFC):
        dbm, other = found.dbm[kind], found.overall[kind]
        assert dbm.f == pytest.approx(other.f, rel=1e-9)
        assert dbm.df2 == pytest.approx(other.df2, rel=1e-9)
        assert dbm.p == pytest.approx(other.p, rel=1e-8)
    components = found.components
    assert components is not None
    if components.cov2 >= components.cov3:  # type: ignore[operator]
        assert found.dbm[FRRC].f == pytest.approx(found.overall[FRRC].f / (modalities - 1), rel=1e-9)


def test_mean_squares_of_pseudovalues_are_those_of_a_linear_model() -> None:
    """statsmodels' analysis of variance of the saturated three-way layout."""
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    values = pseudovalues(measure(make_study(readers=3, cases=8, diseased=4), FigureOfMerit()))
    r, t, c = np.indices(values.shape)
    frame = pd.DataFrame({"y": values.ravel(), "r": r.ravel(), "t": t.ravel(), "c": c.ravel()})
    table = anova_lm(ols("y ~ C(t) * C(r) + C(t) * C(c) + C(r) * C(c)", frame).fit())
    mean = table["mean_sq"]
    found = pseudovalue_squares(values)
    assert found.t == pytest.approx(mean["C(t)"])
    assert found.tr == pytest.approx(mean["C(t):C(r)"])
    assert found.tc == pytest.approx(mean["C(t):C(c)"])
    assert found.trc == pytest.approx(mean["Residual"])


def test_pseudovalues_refuse_missing_cells() -> None:
    study = make_study()
    study.ratings[0, 0, 0] = np.nan
    with pytest.raises(InvalidInput, match="every reader's rating of every case"):
        dorfman_berbaum_metz(measure(study, FigureOfMerit()))


def test_permuting_readers_or_cases_changes_nothing() -> None:
    study = make_study(readers=5)
    rng = np.random.default_rng(1)
    readers, cases = rng.permutation(5), rng.permutation(30)
    moved = type(study)(
        study.ratings[readers][:, :, cases],
        study.truth[cases],
        tuple(study.readers[j] for j in readers),
        study.modalities,
        tuple(study.cases[k] for k in cases),
    )
    for method in Covariance:
        first = analyse_mrmc(study, MrmcOptions(covariance=method)).overall
        second = analyse_mrmc(moved, MrmcOptions(covariance=method)).overall
        for kind in Inference:
            assert second[kind].p == pytest.approx(first[kind].p, rel=1e-9)
            assert second[kind].low == pytest.approx(first[kind].low)


def test_swapping_modalities_turns_the_sign() -> None:
    study = make_study()
    one = analyse_mrmc(study).overall
    other = analyse_mrmc(study.of_modalities(["m1", "m0"])).overall
    for kind in Inference:
        assert other[kind].difference == pytest.approx(-one[kind].difference)
        assert other[kind].high == pytest.approx(-one[kind].low)
        assert other[kind].f == pytest.approx(one[kind].f)
        assert other[kind].p == pytest.approx(one[kind].p)


def test_an_order_preserving_change_of_ratings_changes_nothing() -> None:
    study = make_study()
    bent = type(study)(np.exp(study.ratings), study.truth, study.readers, study.modalities, study.cases)
    for kind, test in analyse_mrmc(study).overall.items():
        assert analyse_mrmc(bent).overall[kind] == test


def test_a_duplicated_reader_adds_no_knowledge_about_cases() -> None:
    """Two copies of one reader: fixed readers give what one reader gives."""
    study = make_study(readers=1)
    twice = type(study)(np.repeat(study.ratings, 2, axis=0), study.truth, ("a", "b"), study.modalities, study.cases)
    one, both = (analyse_mrmc(s).overall[FRRC] for s in (study, twice))
    assert both.difference == pytest.approx(one.difference)
    assert both.se == pytest.approx(one.se)
    assert both.p == pytest.approx(one.p)


def test_equal_modalities_have_no_difference_and_no_false_certainty() -> None:
    study = make_study()
    same = type(study)(
        np.repeat(study.ratings[:, :1], 2, axis=1), study.truth, study.readers, study.modalities, study.cases
    )
    found = analyse_mrmc(same)
    for test in found.overall.values():
        assert test.difference == 0
        assert (test.low, test.high, test.f, test.p) == (None, None, None, None)
        assert "do not differ" in (test.reason or "")


def test_readers_who_all_gain_the_same_leave_only_the_cases_to_vary() -> None:
    """MS(TR) = 0: the readers' part has no degrees of freedom to count, and the test is normal."""
    theta = np.array([[0.7, 0.8], [0.75, 0.85], [0.8, 0.9]])
    same = np.array([[0.002, 0.001], [0.001, 0.002]])
    other = np.array([[0.001, 0.0004], [0.0004, 0.001]])
    from dermdash.analysis.mrmc.error_covariance import ErrorCovariance

    test = obuchowski_rockette(theta, ErrorCovariance(same, other)).overall[RRRC]
    assert test.df2 is None
    assert test.se == pytest.approx(np.sqrt(2 * 0.0006))
    assert test.p == pytest.approx(2 * stats.norm.sf(0.1 / np.sqrt(0.0012)))


def test_a_negative_difference_of_covariances_counts_as_none() -> None:
    from dermdash.analysis.mrmc.error_covariance import ErrorCovariance

    theta = np.array([[0.7, 0.8], [0.75, 0.9], [0.8, 0.85]])
    errors = ErrorCovariance(np.array([[0.002, 0.001], [0.001, 0.002]]), np.array([[0.0003, 0.0005], [0.0005, 0.0003]]))
    found = obuchowski_rockette(theta, errors)
    expected: EffectTest = found.overall[RRFC]
    assert found.overall[RRRC].f == pytest.approx(expected.f)
    assert found.overall[RRRC].df2 == pytest.approx(expected.df2)
