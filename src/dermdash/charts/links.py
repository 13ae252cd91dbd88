"""Texts of a figure may hold bold or superscript, which plotly draws, but no links: they could come out of a file."""

import re
from typing import Any

import numpy as np

_LINK = re.compile(r"<\s*(/?)\s*a\b", re.IGNORECASE)


def without_links(drawn: Any) -> Any:
    """The same figure, as plotly's plain dictionary, with every link shown as the text it is."""
    if isinstance(drawn, dict):
        return {key: without_links(value) for key, value in drawn.items()}
    if isinstance(drawn, list | tuple):
        return [without_links(value) for value in drawn]
    if isinstance(drawn, np.ndarray):
        return drawn if drawn.dtype.kind in "biufM" else [without_links(value) for value in drawn.tolist()]
    return _LINK.sub(r"&lt;\1a", drawn) if isinstance(drawn, str) else drawn


def has_links(drawn: Any) -> bool:
    """Whether `without_links` would change anything: most figures are shown as they are, and not built again."""
    if isinstance(drawn, dict):
        return any(map(has_links, drawn.values()))
    if isinstance(drawn, list | tuple):
        return any(map(has_links, drawn))
    if isinstance(drawn, np.ndarray):
        return drawn.dtype.kind not in "biufM" and any(map(has_links, drawn.tolist()))
    return isinstance(drawn, str) and _LINK.search(drawn) is not None
