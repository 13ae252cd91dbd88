"""Two modalities that were not read by the same readers: nested in modalities, or some under both and some under one.

The difference of the two means varies by the readers (as in a t test) and by the cases they share (as in the
Obuchowski-Rockette model); both parts are estimated for themselves (Obuchowski, Acad Radiol 1995; Hillis, Stat Med
2014). With the same readers under both, all formulas become those of `obuchowski_rockette`.
"""

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.mrmc.effect import EffectTest, Inference, difference_test, no_effect, satterthwaite
from dermdash.analysis.mrmc.error_covariance import ErrorCovariance
from dermdash.analysis.mrmc.own_readers import between_groups, too_few_readers


def compare_unbalanced(
    values: FloatArray, usable: BoolArray, errors: ErrorCovariance, *, confidence: float = 0.95
) -> dict[Inference, EffectTest]:
    """Test the difference of two modalities.

    Parameters
    ----------
    values, usable
        (readers, 2): figures of merit, and where they exist.
    errors
        Average covariances of these two modalities.

    Notes
    -----
    With a and b readers, of whom both read under both modalities n:

    - fixed cases: V = S_a / a + S_b / b - 2 n S_ab / (a b), S between readers. With n = 0 df as of `between_groups`,
      otherwise of Derrick et al. (J Mod Appl Stat Methods 2017) for partly paired samples; below `FEWEST_READERS` of a
      modality nothing, unless both have the same readers;
    - random readers and cases: V + max(Cov2_a + Cov2_b - 2 Cov3, 0), df by Satterthwaite as of Hillis (2007);
    - fixed readers: Var_a / a + Var_b / b - 2 n Cov1 / (a b) + (1 - 1/a) Cov2_a + (1 - 1/b) Cov2_b
      - 2 (1 - n / (a b)) Cov3, normal.
    """
    in_a, in_b = usable[:, 0], usable[:, 1]
    first, second = values[in_a, 0], values[in_b, 1]
    a, b, both = len(first), len(second), in_a & in_b
    if a == 0 or b == 0:
        return dict.fromkeys(Inference, no_effect("no reader has a figure of merit under one of these modalities"))
    difference = float(first.mean() - second.mean())
    n = int(both.sum())
    same, other = np.nan_to_num(errors.same_reader), np.nan_to_num(errors.other_reader)
    fixed = float(
        same[0, 0] / a + same[1, 1] / b - 2 * n * same[0, 1] / (a * b)
        + (1 - 1 / a) * other[0, 0] + (1 - 1 / b) * other[1, 1] - 2 * (1 - n / (a * b)) * other[0, 1]
    )  # fmt: skip
    found = {Inference.FRRC: difference_test(difference, fixed, None, confidence=confidence)}
    if a < 2 or b < 2:
        alone = no_effect("a modality with one reader: what holds for other readers needs at least two", difference)
        return {Inference.RRRC: alone, **found, Inference.RRFC: alone}
    if not n == a == b and (reason := too_few_readers(min(a, b))):
        few = no_effect(reason, difference)
        return {Inference.RRRC: few, **found, Inference.RRFC: few}
    of_readers, df = _between_readers(values, first, second, both)
    of_cases = max(float(other[0, 0] + other[1, 1] - 2 * other[0, 1]), 0.0)
    total = of_readers + of_cases
    return {
        Inference.RRRC: difference_test(difference, total, satterthwaite(total, of_readers, df), confidence=confidence),
        **found,
        Inference.RRFC: difference_test(difference, of_readers, df, confidence=confidence),
    }


def _between_readers(values: FloatArray, first: FloatArray, second: FloatArray, both: BoolArray) -> tuple[float, float]:
    """Variance of the difference of means between readers, and its degrees of freedom."""
    a, b, n = len(first), len(second), int(both.sum())
    if n == 0:
        return between_groups([float(first.var(ddof=1)) / a, float(second.var(ddof=1)) / b], [a, b])
    if n == a == b:
        return float((values[:, 0] - values[:, 1])[both].var(ddof=1)) / n, float(n - 1)
    part_a, part_b = float(first.var(ddof=1)) / a, float(second.var(ddof=1)) / b
    # One reader alone shows no covariance; leaving it out makes the variance rather too large.
    shared = float(np.cov(values[both, 0], values[both, 1])[0, 1]) if n > 1 else 0.0
    variance = max(part_a + part_b - 2 * n * shared / (a * b), 0.0)
    weights = part_a**2 / (a - 1) + part_b**2 / (b - 1)
    welch = (part_a + part_b) ** 2 / weights if weights > 0 else float(a + b - 2)
    unpaired = (a - n) + (b - n)
    return variance, (n - 1) + (welch - n + 1) / (unpaired + 2 * n) * unpaired
