"""Marginal maximum a posteriori estimation of the logistic item response models, by EM over a grid of abilities.

The probability that reader i answers case j right is logistic(a_j (theta_i - b_j)), with ability theta_i ~ N(0, 1),
difficulty b_j and discrimination a_j > 0 (Birnbaum 1968; EM: Bock and Aitkin, Psychometrika 46, 443, 1981). Worked in
slope and intercept, logit = a theta + d with d = -a b. With one parameter all cases share one a, which is the Rasch
model with abilities of standard deviation a.

Weak priors keep everything finite: log a ~ N(0, 0.5) and a (b - c) ~ N(0, 2.5) (standard deviations). The centre c of
the difficulties is estimated, not assumed: a prior around 0 from each of many cases would outweigh a few readers, and
pull the scale to where half of all answers are right.
"""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray

SLOPE_SD, INTERCEPT_SD = 0.5, 2.5
GRID_END = 6.0
_SLOPE_LIMITS = (-4.0, 3.0)


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Estimated items.

    ``log_slope`` (items,) is log a, the same for all in the model of one parameter; ``intercept`` (items,) is d.
    ``log_posterior`` is the marginal log likelihood plus the log priors (without constants), at the best centre of the
    difficulties.
    """

    log_slope: FloatArray
    intercept: FloatArray
    shared: bool
    log_likelihood: float
    log_posterior: float
    iterations: int
    converged: bool
    largest_change: float


@dataclass(frozen=True, slots=True)
class Answers:
    """``right`` and ``wrong``: bool (readers, items); neither where the reader did not read the case."""

    right: BoolArray
    wrong: BoolArray

    @property
    def seen(self) -> BoolArray:
        """Where there is an answer."""
        return self.right | self.wrong


def ability_grid(answers: Answers) -> tuple[FloatArray, FloatArray]:
    """Equally spaced abilities from -6 to 6 and the logarithm of their normal weights.

    The trapezoid rule is exact to many digits as long as the step is no wider than the narrowest posterior, whose
    standard deviation is about 1 / sqrt(1 + n / 2) after n answers with slopes of 1.5; Gauss-Hermite nodes are wider
    apart in the middle, where posteriors of many answers lie.
    """
    most = int(answers.seen.sum(axis=1).max())
    step = float(np.clip(1 / np.sqrt(1 + most / 2), 0.03, 0.2))
    nodes = np.linspace(-GRID_END, GRID_END, 2 * int(np.ceil(GRID_END / step)) + 1)
    log_weight = -(nodes**2) / 2
    return nodes, log_weight - np.log(np.exp(log_weight).sum())


def fit_items(answers: Answers, *, shared: bool, tolerance: float = 1e-5, maximum_iterations: int = 500) -> ItemFit:
    """Estimate the items.

    Parameters
    ----------
    answers
        At least one answer per reader and item.
    shared
        One slope for all items (one parameter) or one each (two parameters).
    tolerance
        Converged when no log slope or intercept changes by more in an iteration.

    Returns
    -------
    ItemFit
        ``converged`` False when the iterations ended first.
    """
    share = (answers.right.sum(axis=0) + 0.5) / (answers.seen.sum(axis=0) + 1)
    start = np.stack([np.zeros(len(share)), np.log(share / (1 - share))])
    cycle = _Cycle(answers, shared)
    found, iterations, change = _accelerated(cycle, start, tolerance, maximum_iterations)
    posterior = cycle.log_posterior(found)
    prior = log_prior(found[0], found[1], shared=shared)
    return ItemFit(found[0], found[1], shared, posterior - prior, posterior, iterations, change < tolerance, change)


class _Cycle:
    """One iteration of EM: parameters are (2, items), log slopes above intercepts."""

    def __init__(self, answers: Answers, shared: bool) -> None:
        self.answers, self.shared = answers, shared
        self.nodes, self.log_weight = ability_grid(answers)
        self.right, self.seen = answers.right.astype(float), answers.seen.astype(float)

    def __call__(self, parameters: FloatArray) -> tuple[FloatArray, float]:
        """The next parameters, and the log posterior of those given."""
        slope, intercept = parameters
        posterior, likelihood = reader_posterior(self.answers, slope, intercept, self.nodes, self.log_weight)
        hits, tries = self.right.T @ posterior, self.seen.T @ posterior
        maximise = _maximise_shared if self.shared else _maximise_own
        better = np.stack(maximise(slope, intercept, hits, tries, self.nodes))
        # What the readers' abilities are above 0 on average belongs to the cases (parameter expansion: Liu, Rubin and
        # Wu, Biometrika 1998); without it the place of the scale would move by small steps only.
        better[1] += np.exp(better[0]) * float((posterior @ self.nodes).mean())
        return better, float(likelihood.sum()) + log_prior(slope, intercept, shared=self.shared)

    def log_posterior(self, parameters: FloatArray) -> float:
        """Marginal log likelihood plus log priors."""
        likelihood = reader_posterior(self.answers, parameters[0], parameters[1], self.nodes, self.log_weight)[1]
        return float(likelihood.sum()) + log_prior(parameters[0], parameters[1], shared=self.shared)


def _accelerated(
    cycle: _Cycle, start: FloatArray, tolerance: float, maximum_iterations: int
) -> tuple[FloatArray, int, float]:
    """Iterate EM with the extrapolation SQUAREM (Varadhan and Roland, Scand J Stat 35, 335, 2008).

    With many items EM alone needs hundreds of iterations to find the scale of the abilities. An extrapolated point is
    kept only where the log posterior is not lower than before.
    """
    point, iterations, change = start, 0, np.inf
    while iterations < maximum_iterations:
        first, _ = cycle(point)
        second, reached = cycle(first)
        iterations += 2
        change = float(np.abs(second - first).max())
        if change < tolerance:
            return second, iterations, change
        step, bend = first - point, second - 2 * first + point
        length = -max(1.0, float(np.sqrt((step**2).sum() / max(float((bend**2).sum()), 1e-300))))
        ahead = point - 2 * length * step + length**2 * bend
        ahead[0] = np.clip(ahead[0], *_SLOPE_LIMITS)
        settled, height = cycle(ahead)
        iterations += 1
        point = settled if np.isfinite(height) and height >= reached - 1e-9 else second
    return point, iterations, change


def prior_centre(log_slope: FloatArray, intercept: FloatArray) -> float:
    """The ability -c at which the priors of the cases are centred: the one they fit best, sum a d / sum a^2."""
    slope = np.exp(log_slope)
    return float((slope * intercept).sum() / (slope**2).sum())


def log_prior(log_slope: FloatArray, intercept: FloatArray, *, shared: bool) -> float:
    """Log density of the priors at the best centre, without their constants."""
    slopes = log_slope[:1] if shared else log_slope
    apart = intercept - np.exp(log_slope) * prior_centre(log_slope, intercept)
    return float(-((slopes / SLOPE_SD) ** 2).sum() / 2 - ((apart / INTERCEPT_SD) ** 2).sum() / 2)


def reader_posterior(
    answers: Answers, log_slope: FloatArray, intercept: FloatArray, nodes: FloatArray, log_weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Posterior of each reader over the grid (readers, nodes), and the marginal log likelihood of each (readers,)."""
    logit = np.exp(log_slope)[:, None] * nodes + intercept[:, None]
    # log of logistic, stable at both ends
    log_right = -np.logaddexp(0, -logit)
    joint = answers.right @ log_right + answers.wrong @ (log_right - logit) + log_weight
    top = joint.max(axis=1, keepdims=True)
    density = np.exp(joint - top)
    total = density.sum(axis=1, keepdims=True)
    return density / total, (top + np.log(total))[:, 0]


def _probabilities(slope: FloatArray, intercept: FloatArray, nodes: FloatArray) -> FloatArray:
    probabilities: FloatArray = 1 / (1 + np.exp(-np.clip(np.exp(slope)[:, None] * nodes + intercept[:, None], -35, 35)))
    return probabilities


def _gradients(
    slope: FloatArray, intercept: FloatArray, hits: FloatArray, tries: FloatArray, nodes: FloatArray
) -> tuple[FloatArray, ...]:
    """Expected gradient and information of each item by log slope and intercept, priors left out."""
    chance = _probabilities(slope, intercept, nodes)
    rest = hits - tries * chance
    spread = tries * chance * (1 - chance)
    along = np.exp(slope)[:, None] * nodes
    return (
        (rest * along).sum(axis=1),
        rest.sum(axis=1),
        (spread * along**2).sum(axis=1),
        (spread * along).sum(axis=1),
        spread.sum(axis=1),
    )


def _maximise_own(
    slope: FloatArray, intercept: FloatArray, hits: FloatArray, tries: FloatArray, nodes: FloatArray, steps: int = 3
) -> tuple[FloatArray, FloatArray]:
    """A few Fisher scoring steps of every item at once; the next iteration of EM takes up what is left."""
    centre = prior_centre(slope, intercept)
    for _ in range(steps):
        by_slope, by_intercept, ss, si, ii = _gradients(slope, intercept, hits, tries, nodes)
        there = np.exp(slope) * centre
        apart = (intercept - there) / INTERCEPT_SD**2
        by_slope = by_slope - slope / SLOPE_SD**2 + apart * there
        by_intercept = by_intercept - apart
        ss, si = ss + 1 / SLOPE_SD**2 + (there / INTERCEPT_SD) ** 2, si - there / INTERCEPT_SD**2
        ii = ii + 1 / INTERCEPT_SD**2
        determinant = ss * ii - si**2
        slope = np.clip(slope + np.clip((ii * by_slope - si * by_intercept) / determinant, -1, 1), *_SLOPE_LIMITS)
        intercept = intercept + np.clip((ss * by_intercept - si * by_slope) / determinant, -1.5, 1.5)
    return slope, intercept


def _maximise_shared(
    slope: FloatArray, intercept: FloatArray, hits: FloatArray, tries: FloatArray, nodes: FloatArray, steps: int = 3
) -> tuple[FloatArray, FloatArray]:
    """The same with one slope: the intercepts are eliminated from the scoring equations."""
    centre = intercept.mean()
    for _ in range(steps):
        by_slope, by_intercept, ss, si, ii = _gradients(slope, intercept, hits, tries, nodes)
        by_intercept = by_intercept - (intercept - centre) / INTERCEPT_SD**2
        ii = ii + 1 / INTERCEPT_SD**2
        total = by_slope.sum() - slope[0] / SLOPE_SD**2 - (si * by_intercept / ii).sum()
        rise = float(np.clip(total / (ss.sum() + 1 / SLOPE_SD**2 - (si**2 / ii).sum()), -1, 1))
        intercept = intercept + np.clip((by_intercept - si * rise) / ii, -1.5, 1.5)
        slope = np.clip(slope + rise, *_SLOPE_LIMITS)
    return slope, intercept
