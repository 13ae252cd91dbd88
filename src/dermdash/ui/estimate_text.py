"""Numbers with their intervals as people read them in tables."""

from dermdash.analysis.estimates import Estimate
from dermdash.wording import percent

NONE = "not estimable"


def share_text(estimate: Estimate) -> str:
    """A share in percent with its interval: "91.0 % (84.3 to 95.1)"."""
    if estimate.value is None:
        return NONE
    text = percent(estimate.value, 1)
    interval = estimate.interval
    return text if interval is None else f"{text} ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})"


def auc_text(estimate: Estimate) -> str:
    """An area with its interval: "0.912 (0.874 to 0.941)"."""
    if estimate.value is None:
        return NONE
    interval = estimate.interval
    return f"{estimate.value:.3f}" + ("" if interval is None else f" ({interval[0]:.3f} to {interval[1]:.3f})")


def interval_text(estimate: Estimate, *, scale: float = 100, decimals: int = 1) -> str:
    """The interval alone: "84.3 to 95.1"; the reason where there is no estimate, empty without an interval."""
    if estimate.value is None:
        return estimate.reason or ""
    if estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f"{scale * low:.{decimals}f} to {scale * high:.{decimals}f}"


def threshold_text(threshold: float | None) -> str:
    """A threshold in percent, to as many places as small ones need: "4.29 %", "0.03 %", "0.0012 %"."""
    if threshold is None:
        return NONE
    value = 100 * threshold
    decimals = 2 if value >= 0.1 or value == 0 else 4
    return percent(threshold, decimals)


def signed(value: float | None, *, scale: float = 100, decimals: int = 1, unit: str = "") -> str:
    """A difference with its sign and a true minus: "+1.3 points", "−0.012"."""
    if value is None:
        return NONE
    return f"{scale * value:+.{decimals}f}{unit}".replace("-", "\N{MINUS SIGN}")


def signed_interval(low: float | None, high: float | None, *, scale: float = 100, decimals: int = 1) -> str:
    """The interval of a difference: "−0.4 to +3.1"."""
    if low is None or high is None:
        return "not computed"
    return f"{signed(low, scale=scale, decimals=decimals)} to {signed(high, scale=scale, decimals=decimals)}"


def p_text(p: float | None) -> str:
    """A p value as it is printed."""
    if p is None:
        return "not computed"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
