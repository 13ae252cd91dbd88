"""Readers who did not all read under both modalities: the two-sample t test, the quadratic form, and known limits."""

import numpy as np
import pytest
from scipy import stats
from tests.mrmc_factory import make_study

from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.error_covariance import average_covariance
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, measure
from dermdash.analysis.mrmc.unbalanced import compare_unbalanced

RRRC, FRRC, RRFC = Inference.RRRC, Inference.FRRC, Inference.RRFC


def nested(first: int = 5, second: int = 6) -> MrmcData:
    """The first readers read under the first modality, the others under the second."""
    study = make_study(readers=first + second, cases=60, diseased=25)
    study.ratings[:first, 1] = np.nan
    study.ratings[first:, 0] = np.nan
    return study


def test_readers_nested_in_modalities() -> None:
    """Hillis (2014) with a variance of each modality's readers: S_a/a + S_b/b + 2 max(Cov2 - Cov3, 0), written out."""
    study = nested()
    found = analyse_mrmc(study)
    assert found.design is Design.READERS_IN_MODALITY
    first, second = found.values[:5, 0], found.values[5:, 1]
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert found.overall[RRFC].p == pytest.approx(expected.pvalue)
    assert found.overall[RRFC].df2 == pytest.approx(expected.df)
    errors = average_covariance(
        covariance_of(measure(study, FigureOfMerit()), found.covariance), ~np.isnan(found.values)
    )
    shared = errors.other_reader[0, 0] + errors.other_reader[1, 1] - 2 * errors.other_reader[0, 1]
    of_readers = first.var(ddof=1) / 5 + second.var(ddof=1) / 6
    total = of_readers + max(shared, 0)
    assert found.overall[RRRC].se == pytest.approx(np.sqrt(total))
    assert found.overall[RRRC].df2 == pytest.approx(total**2 / (of_readers**2 / expected.df))
    assert found.components is None


def test_few_readers_of_a_modality_have_values_and_no_test_for_other_readers() -> None:
    for sizes in ((4, 9), (9, 4)):
        found = analyse_mrmc(nested(*sizes)).overall
        for kind in (RRRC, RRFC):
            assert found[kind].p is None
            assert found[kind].low is None
            assert found[kind].difference is not None
            assert "4 readers in a group" in (found[kind].reason or "")
        assert found[FRRC].p is not None


def test_few_readers_of_a_modality_are_too_few_where_some_read_under_both_as_well() -> None:
    """8 of 10 readers read under one modality alone: the test of 10 beside 2 rejected in 10 % of null studies."""
    study = make_study(readers=10, cases=60, diseased=25)
    study.ratings[2:, 1] = np.nan
    found = analyse_mrmc(study)
    assert found.design is Design.MIXED
    assert found.overall[RRRC].p is None
    assert "2 readers in a group" in (found.overall[RRRC].reason or "")


def test_of_uneven_modalities_the_fewer_readers_decide_the_degrees_of_freedom() -> None:
    assert analyse_mrmc(nested(5, 9)).overall[RRFC].df2 == pytest.approx(4)


@pytest.mark.parametrize("method", [Covariance.JACKKNIFE, Covariance.DELONG, Covariance.UNBIASED])
def test_fixed_readers_are_the_quadratic_form_of_the_covariances(method: Covariance) -> None:
    for study in (nested(), mixed()):
        found = analyse_mrmc(study, MrmcOptions(covariance=method))
        usable = ~np.isnan(found.values)
        weights = np.where(usable, np.array([1, -1]) / usable.sum(axis=0), 0).ravel()
        matrix = np.nan_to_num(covariance_of(measure(study, FigureOfMerit()), method))
        assert found.overall[FRRC].se == pytest.approx(np.sqrt(weights @ matrix @ weights))


def mixed() -> MrmcData:
    """Six readers, of whom the first read only under the first modality and the last only under the second."""
    study = make_study(readers=6, seed=5)
    study.ratings[0, 1] = np.nan
    study.ratings[5, 0] = np.nan
    return study


def test_partly_paired_readers_lie_between_paired_and_unpaired() -> None:
    found = analyse_mrmc(mixed())
    assert found.design is Design.MIXED
    test = found.overall[RRFC]
    a, b = found.values[:5, 0], found.values[1:, 1]
    shared = np.cov(found.values[1:5, 0], found.values[1:5, 1])[0, 1]
    variance = a.var(ddof=1) / 5 + b.var(ddof=1) / 5 - 2 * 4 * shared / 25
    welch = stats.ttest_ind(a, b, equal_var=False).df
    # Derrick et al. (2017): (n - 1) + (gamma - n + 1) / (n_a + n_b + 2 n) * (n_a + n_b), one unpaired on each side.
    df = 3 + (welch - 3) / 10 * 2
    assert test.se == pytest.approx(np.sqrt(variance))
    assert test.df2 == pytest.approx(df)


def test_the_same_readers_under_both_give_the_usual_analysis() -> None:
    study = make_study(readers=5, cases=50, diseased=22)
    measured = measure(study, FigureOfMerit())
    for method in Covariance:
        matrix = covariance_of(measured, method)
        errors = average_covariance(matrix, measured.usable)
        found = compare_unbalanced(measured.values, measured.usable, errors)
        usual = analyse_mrmc(study, MrmcOptions(covariance=method)).overall
        for kind in Inference:
            assert found[kind].se == pytest.approx(usual[kind].se)
            assert found[kind].df2 == pytest.approx(usual[kind].df2)
            assert found[kind].p == pytest.approx(usual[kind].p)


def test_cases_nested_in_readers_leave_no_covariance_between_readers() -> None:
    """Every reader has cases of their own: the analysis is the paired t test of the readers (Hillis 2014)."""
    study = make_study(readers=4, cases=48, diseased=24)
    for j in range(4):
        study.ratings[j][:, np.arange(48) % 4 != j] = np.nan
    found = analyse_mrmc(study)
    assert found.design is Design.CASES_IN_READER
    expected = stats.ttest_rel(found.values[:, 0], found.values[:, 1])
    assert found.overall[RRRC].p == pytest.approx(expected.pvalue)
    assert found.overall[RRRC].df2 == pytest.approx(3)
    assert found.components is not None
    assert found.components.cov2 == pytest.approx(0, abs=1e-15)


def test_cases_nested_in_modalities_leave_no_covariance_between_them() -> None:
    study = make_study(readers=4, cases=48, diseased=24)
    study.ratings[:, 0, ::2] = np.nan
    study.ratings[:, 1, 1::2] = np.nan
    found = analyse_mrmc(study)
    assert found.design is Design.CASES_IN_MODALITY
    assert found.components is not None
    assert found.components.cov1 == pytest.approx(0, abs=1e-15)
    assert found.components.cov3 == pytest.approx(0, abs=1e-15)
    square = (found.values[:, 0] - found.values[:, 1]).var(ddof=1) / 2
    total = square + 4 * max(found.components.cov2 or 0, 0)
    assert found.overall[RRRC].se == pytest.approx(np.sqrt(2 * total / 4))


def test_a_few_missing_cells_hardly_change_the_result() -> None:
    study = make_study(cases=80, diseased=35)
    whole = analyse_mrmc(study, MrmcOptions(covariance=Covariance.UNBIASED)).overall[RRRC]
    study.ratings[0, 0, 3] = study.ratings[2, 1, 70] = np.nan
    found = analyse_mrmc(study)
    assert found.design is Design.INCOMPLETE
    assert found.covariance is Covariance.UNBIASED
    assert found.overall[RRRC].difference == pytest.approx(whole.difference, abs=0.01)
    assert found.overall[RRRC].se == pytest.approx(whole.se, rel=0.1)


def test_only_complete_cases_can_be_asked_for() -> None:
    study = make_study(cases=40, diseased=20)
    study.ratings[0, 0, 3] = study.ratings[2, 1, 30] = np.nan
    found = analyse_mrmc(study, MrmcOptions(complete_cases=True))
    assert found.design is Design.FACTORIAL
    assert len(found.data.cases) == 38
    assert found.excluded == {"of a case that not every reader read under every modality": 2 * 8 - 2}


def test_three_modalities_not_read_by_the_same_readers_are_compared_in_pairs() -> None:
    study = make_study(readers=8, modalities=3)
    study.ratings[0, 2] = np.nan
    found = analyse_mrmc(study)
    assert found.overall[RRRC].p is None
    assert "compared in pairs" in (found.overall[RRRC].reason or "")
    assert len(found.pairs) == 3
    for pair in found.pairs:
        test = pair.tests[RRRC]
        assert test.p is not None
        assert test.p_holm is not None
        assert test.p_holm >= test.p


def test_one_reader_under_a_modality_speaks_for_nobody_else() -> None:
    study = make_study(readers=4)
    study.ratings[1:, 0] = np.nan
    found = analyse_mrmc(study)
    assert found.overall[RRRC].p is None
    assert "one reader" in (found.overall[RRRC].reason or "")
    assert found.overall[FRRC].p is not None
