"""Numbers in words, the same in every table, summary and figure."""

from collections.abc import Mapping

MINUS = "\N{MINUS SIGN}"
NOT_COMPUTED = "not computed"


def percent(share: float | None, digits: int = 1) -> str:
    """A share (0..1) as percent."""
    return NOT_COMPUTED if share is None else f"{100 * share:z.{digits}f} %".replace("-", MINUS)


def percent_interval(share: float | None, low: float | None, high: float | None, digits: int = 1) -> str:
    """A share with its interval: "63.6 % (61.0 to 66.2)"."""
    if share is None or low is None or high is None:
        return percent(share, digits)
    return f"{percent(share, digits)} ({100 * low:z.{digits}f} to {100 * high:z.{digits}f})".replace("-", MINUS)


def points(difference: float | None, low: float | None = None, high: float | None = None) -> str:
    """A difference of shares in percentage points: "+13.3 points (11.5 to 15.2)"."""
    if difference is None:
        return NOT_COMPUTED
    text = f"{100 * difference:+z.1f} points"
    if low is not None and high is not None:
        text += f" ({100 * low:z.1f} to {100 * high:z.1f})"
    return text.replace("-", MINUS)


def number(value: float | None, digits: int = 3) -> str:
    """A plain number."""
    return NOT_COMPUTED if value is None else f"{value:z.{digits}f}".replace("-", MINUS)


def number_interval(value: float | None, low: float | None, high: float | None, digits: int = 3) -> str:
    """A number with its interval: "0.934 (0.909 to 0.958)"."""
    if value is None or low is None or high is None:
        return number(value, digits)
    return f"{value:z.{digits}f} ({low:z.{digits}f} to {high:z.{digits}f})".replace("-", MINUS)


def p_value(p: float | None) -> str:
    """A p value as papers print it."""
    if p is None:
        return NOT_COMPUTED
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_relation(p: float | None) -> str:
    """A p value to stand after the letter: "< 0.001" or "= 0.040"."""
    text = p_value(p)
    return text if text.startswith("<") or p is None else f"= {text}"


def readings_left_out(excluded: Mapping[str, int]) -> str:
    """Readings left out in one sentence, by reason."""
    if not excluded:
        return "No reading was left out."
    return "Readings left out: " + "; ".join(f"{n:,} {why.replace('_', ' ')}" for why, n in excluded.items()) + "."


def counted(n: int, one: str, many: str) -> str:
    """A number with its noun: "1 reader", "5,984 readings"."""
    return f"{n:,} {one if n == 1 else many}"
