"""Item response models against simulated truth, brute-force integration and independent optimisation."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import norm

from dermdash.analyses.item_response.figures import person_item_map_figure
from dermdash.analyses.item_response.fit import (
    INTERCEPT_SD,
    SLOPE_SD,
    Answers,
    ItemFit,
    ability_grid,
    fit_items,
    log_prior,
    reader_posterior,
)
from dermdash.analyses.item_response.model import chance_of_right, fit_item_response
from dermdash.analyses.item_response.standard_errors import _complete, _each, _moved_abilities, uncertainty
from dermdash.errors import InvalidInput


def simulated(readers: int, cases: int, *, seed: int = 0, missing: float = 0.0, slope: float | None = None):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    ability, difficulty = rng.normal(size=readers), rng.normal(-0.3, 1, cases)
    slopes = np.exp(rng.normal(0.1, 0.35, cases)) if slope is None else np.full(cases, slope)
    right = rng.random((readers, cases)) < 1 / (1 + np.exp(-slopes * (ability[:, None] - difficulty)))
    table = np.where(rng.random((readers, cases)) < missing, np.nan, right.astype(float))
    return table, ability, difficulty, slopes


def answers_of(table: np.ndarray) -> Answers:
    return Answers(table == 1, table == 0)


def brute_log_likelihood(table: np.ndarray, log_slope: np.ndarray, intercept: np.ndarray) -> float:
    """Each reader's probability integrated over the normal density by adaptive quadrature."""
    total = 0.0
    for row in table:
        seen = ~np.isnan(row)

        def density(theta: float, row: np.ndarray = row, seen: np.ndarray = seen) -> float:
            chance = 1 / (1 + np.exp(-(np.exp(log_slope[seen]) * theta + intercept[seen])))
            return float(np.prod(np.where(row[seen] == 1, chance, 1 - chance)) * norm.pdf(theta))

        total += np.log(quad(density, -8, 8, epsabs=1e-14, epsrel=1e-10)[0])
    return total


def test_the_grid_integrates_the_likelihood_like_adaptive_quadrature() -> None:
    table, *_ = simulated(12, 9, seed=2, missing=0.2)
    answers, rng = answers_of(table), np.random.default_rng(1)
    log_slope, intercept = rng.normal(0, 0.4, 9), rng.normal(0, 1, 9)
    found = reader_posterior(answers, log_slope, intercept, *ability_grid(answers))[1].sum()
    assert found == pytest.approx(brute_log_likelihood(table, log_slope, intercept), abs=1e-6)


def test_the_grid_is_fine_enough_for_many_answers() -> None:
    """600 answers per reader against a grid four times as fine."""
    table, _, difficulty, slopes = simulated(5, 600, seed=3)
    answers = answers_of(table)
    nodes, log_weight = ability_grid(answers)
    fine = np.linspace(nodes[0], nodes[-1], 4 * len(nodes) - 3)
    weight = -(fine**2) / 2 - np.log(np.exp(-(fine**2) / 2).sum())
    coarse_mean = reader_posterior(answers, np.log(slopes), -slopes * difficulty, nodes, log_weight)
    fine_mean = reader_posterior(answers, np.log(slopes), -slopes * difficulty, fine, weight)
    assert coarse_mean[0] @ nodes == pytest.approx(fine_mean[0] @ fine, abs=1e-5)
    assert coarse_mean[1] == pytest.approx(fine_mean[1], abs=1e-5)


@pytest.mark.parametrize("shared", [True, False])
def test_the_maximum_is_the_one_scipy_finds(shared: bool) -> None:
    """Nelder-Mead knows nothing of EM, gradients or our grid: the objective is integrated by 61 Gauss-Hermite nodes."""
    table, *_ = simulated(40, 4, seed=5, missing=0.1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)

    def objective(parameters: np.ndarray) -> float:
        slope, intercept = (np.full(4, parameters[0]), parameters[1:]) if shared else (parameters[:4], parameters[4:])
        logit = np.exp(slope)[:, None] * nodes + intercept[:, None]
        chance = 1 / (1 + np.exp(-logit))
        each = np.where(np.isnan(table)[:, :, None], 1.0, np.where((table == 1)[:, :, None], chance, 1 - chance)).prod(
            axis=1
        )
        likelihood = np.log(each @ weights / weights.sum()).sum()
        a = np.exp(slope)
        best = minimize_scalar(lambda c: ((intercept - a * c) ** 2).sum()).fun
        prior = ((parameters[:1] if shared else slope) ** 2).sum() / SLOPE_SD**2 + best / INTERCEPT_SD**2
        return float(-(likelihood - prior / 2))

    fit = fit_items(answers_of(table), shared=shared, tolerance=1e-7)
    ours = np.concatenate([fit.log_slope[:1] if shared else fit.log_slope, fit.intercept])
    best = minimize(
        objective, np.zeros(len(ours)), method="Powell", options={"xtol": 1e-8, "ftol": 1e-14, "maxiter": 200}
    )
    assert fit.converged
    assert ours == pytest.approx(best.x, abs=2e-3)
    assert objective(ours) == pytest.approx(best.fun, abs=1e-6)
    assert fit.log_posterior == pytest.approx(-objective(ours), abs=1e-6)


@pytest.mark.parametrize("missing", [0.1, 0.75])
@pytest.mark.parametrize("shared", [True, False])
def test_standard_errors_are_the_inverse_of_the_numerical_hessian(shared: bool, missing: float) -> None:
    """Readers of nearly all and of few cases, which are added up in different ways."""
    table, *_ = simulated(90, 5, seed=7, missing=missing)
    answers = answers_of(table[~np.isnan(table).all(axis=1)])
    fit = fit_items(answers, shared=shared, tolerance=1e-9)
    grid = ability_grid(answers)

    def log_posterior(x: np.ndarray) -> float:
        slope, intercept = (np.full(5, x[0]), x[1:]) if shared else (x[:5], x[5:])
        return float(reader_posterior(answers, slope, intercept, *grid)[1].sum()) + log_prior(
            slope, intercept, shared=shared
        )

    x = np.concatenate([fit.log_slope[:1] if shared else fit.log_slope, fit.intercept])
    n, h = len(x), 1e-4
    hessian = np.empty((n, n))
    unit = np.eye(n) * h
    for i in range(n):
        for j in range(n):
            corners = [log_posterior(x + s * unit[i] + t * unit[j]) * s * t for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = sum(corners) / (4 * h * h)
    expected = np.linalg.inv(-hessian)
    found = uncertainty(answers, fit).items
    for j in range(5):
        slope, intercept = (0, 1 + j) if shared else (j, 5 + j)
        assert found[j, 0, 0] == pytest.approx(expected[slope, slope], rel=1e-3)
        assert found[j, 0, 1] == pytest.approx(expected[slope, intercept], rel=1e-3, abs=1e-5)
        assert found[j, 1, 1] == pytest.approx(expected[intercept, intercept], rel=1e-3)


def test_intervals_of_abilities_hold_how_readers_stand_to_one_another() -> None:
    """5 readers of 200 cases: with the cases taken as known 12 % missed the distance from the mean of the readers."""
    rng = np.random.default_rng(2020)
    missed = []
    for _ in range(25):
        ability, difficulty = rng.normal(size=5), rng.normal(-0.5, 1, 200)
        found = fit_item_response(rng.random((5, 200)) < 1 / (1 + np.exp(difficulty - ability[:, None])), model="one")
        own = np.array([r.ability for r in found.readers])
        reach = np.array([r.high - r.ability for r in found.readers])
        missed.append(np.abs((own - own.mean()) - (ability - ability.mean())) > reach)
    assert np.mean(missed) <= 0.05


def test_what_the_items_add_to_abilities_is_what_they_move_when_items_move() -> None:
    """The covariance of posterior and scores against the shift of posterior means by small steps of an intercept."""
    table, *_ = simulated(12, 6, seed=4)
    answers = answers_of(table)
    fit = fit_items(answers, shared=False)
    grid = ability_grid(answers)

    def means(log_slope: np.ndarray, intercept: np.ndarray) -> np.ndarray:
        return reader_posterior(answers, log_slope, intercept, *grid)[0] @ grid[0]

    h = 1e-5
    moved = np.empty((len(answers.right), 12))
    for j in range(12):
        step = np.eye(12)[j] * h
        up, down = (means(fit.log_slope + s * step[:6], fit.intercept + s * step[6:]) for s in (1, -1))
        moved[:, j] = (up - down) / (2 * h)
    posterior = reader_posterior(answers, fit.log_slope, fit.intercept, *grid)[0]
    _, chance, along = _complete(answers, fit, posterior, grid[0])
    assert _moved_abilities(answers, posterior, grid[0], chance, along) == pytest.approx(moved, abs=1e-6)


def test_the_information_of_each_item_by_itself_comes_near_that_of_all_together() -> None:
    """Used beyond 1,500 items: at most a fifth narrower, because what others leave unknown is left out."""
    table, *_ = simulated(150, 60, seed=9)
    answers = answers_of(table)
    for shared in (True, False):
        fit = fit_items(answers, shared=shared)
        nodes, log_weight = ability_grid(answers)
        posterior = reader_posterior(answers, fit.log_slope, fit.intercept, nodes, log_weight)[0]
        alone = _each(answers, fit, posterior, *_complete(answers, fit, posterior, nodes))
        together = uncertainty(answers, fit).items
        ratio = np.sqrt(alone[:, 1, 1] / together[:, 1, 1])
        assert 0.8 < ratio.min() <= ratio.max() < 1.05
        assert 0.8 < np.sqrt(alone[0, 0, 0] / together[0, 0, 0]) < 1.05


def test_simulated_parameters_come_back_without_bias() -> None:
    """400 readers and 60 cases, a tenth missing; bounds are three times what sampling error allows."""
    table, ability, difficulty, slopes = simulated(400, 60, seed=11, missing=0.1)
    found = fit_item_response(table)
    assert (found.parameters, found.converged) == (2, True)
    b, a = (np.array([getattr(c, name) for c in found.cases]) for name in ("difficulty", "discrimination"))
    theta = np.array([r.ability for r in found.readers])
    assert np.corrcoef(b, difficulty)[0, 1] > 0.97
    assert np.corrcoef(np.log(a), np.log(slopes))[0, 1] > 0.8
    assert np.corrcoef(theta, ability)[0, 1] > 0.93
    assert abs((b - difficulty).mean()) < 0.15
    assert abs(np.log(a / slopes).mean()) < 0.15
    covered = np.mean(
        [c.difficulty_low <= t <= c.difficulty_high for c, t in zip(found.cases, difficulty, strict=True)]
    )
    assert covered > 0.85
    assert np.mean([r.low <= t <= r.high for r, t in zip(found.readers, ability, strict=True)]) > 0.92
    assert 0.8 < (found.reliability or 0) < 1


@pytest.mark.parametrize("model", ["one", "two"])
def test_many_easy_cases_do_not_move_the_scale_of_few_readers(model: str) -> None:
    """12 readers, 200 cases that most answer right: abilities keep mean 0, and intervals hold the difficulties."""
    ability_means, covered = [], []
    for seed in range(6):
        rng = np.random.default_rng([41, seed])
        ability, difficulty = rng.normal(size=12), rng.normal(-1.2, 1, 200)
        table = (rng.random((12, 200)) < 1 / (1 + np.exp(-1.2 * (ability[:, None] - difficulty)))).astype(float)
        found = fit_item_response(table, model=model)  # type: ignore[arg-type]
        ability_means.append(np.mean([r.ability for r in found.readers]))
        covered += [c.difficulty_low <= t <= c.difficulty_high for c, t in zip(found.cases, difficulty, strict=True)]
    # A prior of the intercepts around 0 would put the mean ability at about 0.7 and cover two thirds.
    assert np.abs(ability_means).max() < 0.01
    assert np.mean(covered) > 0.9


def test_few_answers_get_one_discrimination_for_all_cases() -> None:
    table, _, difficulty, _ = simulated(14, 40, seed=3, slope=1.4)
    found = fit_item_response(table)
    assert found.parameters == 1
    assert "chosen because half of the cases have 14 answers" in found.choice
    assert len({c.discrimination for c in found.cases}) == 1
    assert np.corrcoef([c.difficulty for c in found.cases], difficulty)[0, 1] > 0.7
    assert "lean on the prior" in fit_item_response(table, model="two").choice


def test_perfect_readers_and_cases_are_finite_and_marked() -> None:
    table, *_ = simulated(20, 15, seed=4)
    table[0], table[:, 0], table[:, 1] = 1, 1, 0
    table[0, 1] = np.nan
    for model in ("one", "two"):
        found = fit_item_response(table, model=model)  # type: ignore[arg-type]
        assert [c.extreme for c in found.cases[:3]] == [True, True, False]
        assert found.readers[0].extreme
        assert found.readers[0].ability == max(r.ability for r in found.readers)
        assert found.cases[0].difficulty == min(c.difficulty for c in found.cases)
        json.dumps(found.as_dict(), allow_nan=False)


def test_the_order_of_readers_and_cases_does_not_matter() -> None:
    table, *_ = simulated(30, 12, seed=6, missing=0.2)
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(30), rng.permutation(12)
    first, other = fit_item_response(table), fit_item_response(table[rows][:, columns])
    assert [other.cases[int(np.flatnonzero(columns == j)[0])].difficulty for j in range(12)] == pytest.approx(
        [c.difficulty for c in first.cases], abs=1e-3
    )


def test_a_duplicated_reader_gets_the_same_ability() -> None:
    table, *_ = simulated(20, 12, seed=8)
    found = fit_item_response(np.vstack([table, table[:1]]))
    assert found.readers[0].ability == pytest.approx(found.readers[-1].ability)


def test_swapping_right_and_wrong_turns_the_scale_around() -> None:
    table, *_ = simulated(25, 10, seed=8)
    there, back = fit_item_response(table), fit_item_response(1 - table)
    assert [r.ability for r in back.readers] == pytest.approx([-r.ability for r in there.readers], abs=1e-3)
    # What was hard is easy: wrong answers fall with ability where right ones rise.
    assert [c.difficulty for c in back.cases] == pytest.approx([-c.difficulty for c in there.cases], abs=2e-3)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.ones((4, 5)), "every answer is right"),
        (np.zeros((4, 5)), "every answer is wrong"),
        (np.eye(2), "2 readers and 2 cases: at least 3"),
        (np.full((4, 5), np.nan), "0 readers and 0 cases"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_reason(table: np.ndarray, words: str) -> None:
    found = fit_item_response(table)
    assert words in str(found.reason)
    assert (found.cases, found.readers, found.converged) == ((), (), False)
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_fit_that_did_not_converge_gives_no_estimates() -> None:
    table, *_ = simulated(60, 30, seed=1)
    found = fit_item_response(table, model="two", maximum_iterations=2)
    assert found.cases == ()
    assert "iterations, so none are given" in str(found.reason)


def test_readers_and_cases_without_an_answer_are_left_out() -> None:
    table, *_ = simulated(12, 8, seed=2)
    table[3], table[:, 5] = np.nan, np.nan
    found = fit_item_response(table, readers=[f"r{i}" for i in range(12)], cases=[f"c{j}" for j in range(8)])
    assert "r3" not in {r.reader for r in found.readers}
    assert "c5" not in {c.case for c in found.cases}
    assert found.answers == 11 * 7


def test_what_is_neither_right_nor_wrong_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"reader 2 to case 1 is 0\.5"):
        fit_item_response([[1, 0], [0.5, 1]])
    with pytest.raises(InvalidInput, match="readers x cases"):
        fit_item_response([1, 0, 1])
    with pytest.raises(InvalidInput, match="auto, one, two"):
        fit_item_response(np.eye(4), model="three")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="named"):
        fit_item_response(np.eye(4), readers=["a"])


def test_half_of_the_readers_as_able_as_a_case_is_hard_are_right() -> None:
    case = fit_item_response(simulated(20, 8, seed=1)[0]).cases[0]
    assert chance_of_right(case, np.array([case.difficulty]))[0] == pytest.approx(0.5)
    assert isinstance(fit_items(answers_of(simulated(20, 8)[0]), shared=True), ItemFit)


def test_each_case_on_the_map_is_a_point_that_names_it_unless_points_would_touch() -> None:
    fit = fit_item_response(simulated(20, 8, seed=1)[0], cases=[f"c{j}" for j in range(8)])
    points = person_item_map_figure(fit.readers, fit.cases).data[1]
    assert list(points.customdata) == [case.case for case in fit.cases]
    assert max(points.y) < 0
    crowd = [replace(fit.cases[0], case=f"c{j}") for j in range(15)]
    assert person_item_map_figure(fit.readers, crowd).data[1].type == "bar"
