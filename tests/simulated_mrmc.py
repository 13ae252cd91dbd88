"""Studies drawn case by case from known variance components, and how often their difference is found."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dermdash.analyses.sample_size.mrmc_design import Components

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
