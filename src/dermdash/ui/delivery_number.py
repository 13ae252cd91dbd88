"""The number a component's browser gives to what it sends, checked before anything is compared with it."""

_LARGEST = 2**53 - 1
"""The largest whole number that JavaScript counts with."""


def delivery_number(value: object) -> int | None:
    """The number, None where it is not a whole number that a browser of ours can have counted to.

    JSON as Python reads it may hold NaN, which differs from itself: a page that runs again until the number is the one
    it has seen would run for ever.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        return None
    return value
