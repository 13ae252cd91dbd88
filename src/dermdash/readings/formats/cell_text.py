"""Names in a log that would make a page or a report unreadable: endless ones, and such that reorder or hide text."""

import re
from collections.abc import Iterable

import pandas as pd

from dermdash.errors import InvalidInput

LONGEST = 300
"""Characters of a name: of a reader, a case, a modality, a diagnosis."""
# Control characters, and those that turn the direction of the text after them.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def check_text(frame: pd.DataFrame, columns: Iterable[str], *, source: str) -> None:
    """Raise InvalidInput for the first text too long or with control characters; a column ``row`` names its line."""
    for name in columns:
        if name not in frame:
            continue
        for text in frame[name].dropna().unique():
            if not isinstance(text, str):
                continue
            if len(text) > LONGEST:
                problem = f"has {len(text):,} characters, more than the {LONGEST} a name may have"
            elif _UNREADABLE.search(text):
                problem = "holds a control character (a line break, a tab, or one that turns the direction of text)"
            else:
                continue
            first = frame[frame[name] == text].iloc[0]
            where = f", row {first['row']}" if "row" in frame else ""
            raise InvalidInput(f"{source}{where}: {name} {text[:40]!r} {problem}")
