"""What a degree of confidence is called: in the source's own words, where it has any."""

from collections.abc import Sequence


def confidence_in_words(level: str | float, words: Sequence[str]) -> str:
    """The word of a level (1: the least sure); "Confidence 2" where the source has no words for its levels."""
    number = float(level)
    if number.is_integer() and 1 <= number <= len(words):
        return words[int(number) - 1]
    return f"Confidence {number:g}"
