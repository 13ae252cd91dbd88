"""The health board of a data set."""

from typing import TypedDict


class CountPayload(TypedDict):
    """A number that leads to what it counts: ``share`` of the longest bar or of the whole, ``href`` of the page."""

    id: str
    label: str
    count: str
    share: float
    color: str | None
    href: str


class CountsPayload(TypedDict):
    """Numbers under one heading: a ``stack`` is one bar of parts, ``bars`` are one each, a ``list`` has none."""

    title: str
    draw: str
    rows: list[CountPayload]
    note: str


class MosaicPayload(TypedDict):
    """A small picture that leads to its record."""

    id: str
    image: str
    label: str
    color: str | None
    href: str


class HealthPayload(TypedDict):
    """How a data set stands, at a glance."""

    label: str
    mosaic: list[MosaicPayload]
    groups: list[CountsPayload]
