"""Shares and differences as cells of tables, the same for every section that shows them."""

from dermdash.analysis.two_way import Rate, RateDifference
from dermdash.readings.modality import modality_label
from dermdash.wording import percent_interval

ALL = "all"
SMALL = "few readers or cases"


def modality_text(code: str) -> str:
    """The modality in words."""
    return "All modalities" if code == ALL else modality_label(code)


def rate_text(rate: Rate) -> str:
    """A share with its interval, or why there is none."""
    return percent_interval(rate.value, rate.low, rate.high)


def rate_columns(name: str, rate: Rate) -> dict[str, float | int | str | None]:
    """The numbers of a share under names that start alike."""
    return {
        name: rate.value,
        f"{name}_low": rate.low,
        f"{name}_high": rate.high,
        f"{name}_bootstrap_low": rate.bootstrap_low,
        f"{name}_bootstrap_high": rate.bootstrap_high,
        f"{name}_hits": rate.hits,
        f"{name}_n": rate.total,
        f"{name}_readers": rate.readers,
        f"{name}_cases": rate.cases,
        f"{name}_reason": rate.reason,
    }


def difference_columns(name: str, difference: RateDifference) -> dict[str, float | str | None]:
    """The numbers of a difference under names that start alike."""
    return {
        name: difference.value,
        f"{name}_low": difference.low,
        f"{name}_high": difference.high,
        f"{name}_p": difference.p_value,
        f"{name}_bootstrap_low": difference.bootstrap_low,
        f"{name}_bootstrap_high": difference.bootstrap_high,
        f"{name}_reason": difference.reason,
    }
