"""Which records a page shows: one filter, the same for gallery, table, counts and download, and in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

UNKNOWN = "unknown"
"""How a missing value is called in a filter."""


class QualitySource(StrEnum):
    """Which quality a filter and a tile speak of."""

    BEST = "best"
    HUMAN = "human"
    ESTIMATED = "estimated"

    @property
    def label(self) -> str:
        """The source in words."""
        return {
            "best": "Human score, else estimate",
            "human": "Human score",
            "estimated": "Estimated technical quality",
        }[self.value]


SORT_KEYS: dict[str, str] = {
    "image_id": "Image id",
    "dx": "Diagnosis",
    "age_at_exam": "Age",
    "verification_stage": "Verification stage",
    "quality": "Quality",
    "completeness": "Completeness",
    "lesion_id": "Lesion id",
}
FACETS = (
    "dataset_id",
    "verification_stage",
    "quality",
    "dx",
    "dx_type",
    "sex",
    "anatomical_site",
    "completeness",
)
COMPLETENESS_BANDS: dict[str, tuple[float, float]] = {
    "complete": (1.0, 1.01),
    "75-99 %": (0.75, 1.0),
    "50-74 %": (0.5, 0.75),
    "below 50 %": (0.0, 0.5),
}


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """A set of records. An empty tuple means "any"; values are text so that they survive a URL unchanged."""

    dataset_id: tuple[str, ...] = ()
    verification_stage: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    dx: tuple[str, ...] = ()
    dx_type: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    anatomical_site: tuple[str, ...] = ()
    completeness: tuple[str, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    text: str = ""
    quality_source: QualitySource = QualitySource.BEST

    def to_query(self) -> dict[str, list[str]]:
        """The parts that differ from the empty filter, as URL query parameters."""
        query: dict[str, list[str]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value in ((), None, "") or value is QualitySource.BEST:
                continue
            query[field.name] = list(value) if isinstance(value, tuple) else [str(value)]
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, list[str]]) -> "RecordFilter":
        """Read a URL; what does not parse is dropped, so a mangled link still opens."""
        values: dict[str, object] = {}
        for field in fields(cls):
            given = [text[:200] for text in query.get(field.name, ())][:50]
            if not given:
                continue
            if field.name in FACETS:
                values[field.name] = tuple(dict.fromkeys(given))
            elif field.name in ("age_min", "age_max"):
                if given[0].isdecimal() and int(given[0]) <= 120:
                    values[field.name] = int(given[0])
            elif field.name == "text":
                values["text"] = given[0]
            elif given[0] in set(QualitySource):
                values["quality_source"] = QualitySource(given[0])
        return cls(**values)  # type: ignore[arg-type]

    def without(self, facet: str) -> "RecordFilter":
        """The same filter with one facet open: the counts beside that facet's options use it."""
        return replace(self, **{facet: ()})  # type: ignore[arg-type]
