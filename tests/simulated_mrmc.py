"""Studies drawn case by case from known variance components, and how often their difference is found."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dermdash.analyses.sample_size.mrmc_design import Components
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.reader_groups import ReaderFigures, group_contrast

Parts = dict[str, float]
"""Variances of a reading: case (c), modality x case (tc), reader x case (rc), rest (e); and modality x reader (tr)."""


def simulated_components(parts: Parts, *, cases: int) -> Components:
    """The components of a mean over cases, which is the figure of merit of these studies."""
    c, tc, rc, e = (parts[name] / cases for name in ("c", "tc", "rc", "e"))
    return Components(parts["tr"], c + tc + rc + e, c + rc, c + tc, c, cases, "simulation")


def rejections(parts: Parts, *, difference: float, readers: int, cases: int, studies: int, seed: int) -> float:
    """Share of studies whose RRRC test (Obuchowski-Rockette, Hillis' df2, jackknife covariances) has p < 0.05."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(studies):
        data = _study(rng, parts, difference, readers, cases)
        found += _p_value(data) < 0.05
    return found / studies


def _study(rng: np.random.Generator, parts: Parts, difference: float, readers: int, cases: int) -> NDArray[np.float64]:
    def noise(name: str, *shape: int) -> NDArray[np.float64]:
        return np.sqrt(parts[name]) * rng.standard_normal(shape)

    return (
        np.array([0.0, difference])[:, None, None]
        + noise("tr", 2, readers, 1)
        + noise("c", 1, 1, cases)
        + noise("tc", 2, 1, cases)
        + noise("rc", 1, readers, cases)
        + noise("e", 2, readers, cases)
    )


def _p_value(data: NDArray[np.float64]) -> float:
    _, readers, cases = data.shape
    theta = data.mean(axis=2)
    # The jackknife covariance of means is the covariance over cases divided by their number.
    covariance = np.cov(data.reshape(2 * readers, cases)) / cases
    blocks = covariance.reshape(2, readers, 2, readers)
    same, other = np.eye(readers, dtype=bool), ~np.eye(readers, dtype=bool)
    cov2 = np.mean([blocks[i, :, i][other].mean() for i in (0, 1)])
    cov3 = blocks[0, :, 1][other].mean()
    assert blocks[0, :, 1][same].size == readers
    mean_t, mean_r = theta.mean(axis=1), theta.mean(axis=0)
    ms_t = readers * ((mean_t - theta.mean()) ** 2).sum()
    residual = theta - mean_t[:, None] - mean_r[None, :] + theta.mean()
    ms_tr = (residual**2).sum() / (readers - 1)
    spread = ms_tr + readers * max(cov2 - cov3, 0.0)
    df2 = (readers - 1) * (spread / ms_tr) ** 2
    return float(stats.f.sf(ms_t / spread, 1, df2))


def components_of_arms(parts: Parts, *, cases: int) -> Components:
    """Of studies with readers of their own in each arm, who differ by ``r``: (c), (tc) and the rest (e) as above."""
    c, tc, e = (parts[name] / cases for name in ("c", "tc", "e"))
    return Components(parts["r"], c + tc + e, c, c + tc, c, cases, "simulation")


def rejections_of_arms(
    parts: Parts,
    *,
    difference: float,
    sizes: tuple[int, int],
    cases: int,
    studies: int,
    seed: int,
    of_each: int | None = None,
) -> float:
    """Share of such studies whose comparison of arms, as it is shown, has p < 0.05.

    ``of_each``: cases that one reader reads, those least read first; None: all.
    """
    rng = np.random.default_rng(seed)
    arm = np.repeat([0, 1], sizes)
    readers, found = len(arm), 0
    sd = {name: variance**0.5 for name, variance in parts.items()}
    every = (np.ones(cases, bool),)
    for _ in range(studies):
        read = np.ones((readers, cases), bool) if of_each is None else parts_of_cases(sizes, cases, of_each, rng)
        data = difference * arm[:, None] + sd["r"] * rng.standard_normal((readers, 1))
        data = data + sd["c"] * rng.standard_normal(cases) + (sd["tc"] * rng.standard_normal((2, cases)))[arm]
        data = data + sd["e"] * rng.standard_normal((readers, cases))
        values, covariance = _means(data, read)
        figures = ReaderFigures(
            tuple(map(str, range(readers))), values, covariance, read, every, np.arange(cases), Covariance.JACKKNIFE,
        )  # fmt: skip
        p = group_contrast(figures, (arm == 1, arm == 0), (1.0, -1.0)).p
        found += p is not None and p < 0.05
    return found / studies


def parts_of_cases(sizes: tuple[int, int], cases: int, of_each: int, rng: np.random.Generator) -> np.ndarray:
    """Who reads which: so many cases of each reader, the least read first, ties by chance, as in a study."""
    read = np.zeros((sum(sizes), cases), bool)
    for reader in rng.permutation(sum(sizes)):
        read[reader, np.lexsort((rng.random(cases), read.sum(axis=0)))[:of_each]] = True
    return read


def overlaps(read: np.ndarray, sizes: tuple[int, int]) -> tuple[float, float]:
    """Cases that two readers of one arm, and of two, have in common, for one that chance alone would give them."""
    shared = read.astype(float) @ read.T
    arm = np.repeat([0, 1], sizes)
    alike = (arm[:, None] == arm) & ~np.eye(len(arm), dtype=bool)
    by_chance = read[0].sum() ** 2 / read.shape[1]
    return float(shared[alike].mean() / by_chance), float(shared[arm[:, None] != arm].mean() / by_chance)


def _means(data: np.ndarray, read: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the cases of each reader, and how two of them vary together by the cases that both have read."""
    n = read.sum(axis=1)
    values = np.where(read, data, 0.0).sum(axis=1) / n
    residual = np.where(read, data - values[:, None], 0.0)
    return values, residual @ residual.T / np.outer(n - 1, n)
