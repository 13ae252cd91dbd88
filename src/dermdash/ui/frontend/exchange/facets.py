"""Lists of options with live counts."""

from typing import TypedDict


class OptionPayload(TypedDict):
    """An option of a facet and how many records it would show."""

    id: str
    title: str
    count: int


class FacetPayload(TypedDict):
    """A property to filter by."""

    id: str
    title: str
    options: list[OptionPayload]


class FacetsPayload(TypedDict):
    """All facets, what is chosen of each, and the number of the last choice that the page knows."""

    facets: list[FacetPayload]
    selected: dict[str, list[str]]
    seen: int


class SelectionPayload(TypedDict):
    """What somebody chose; each ``number`` is larger than the one before."""

    number: int
    selected: dict[str, list[str]]
