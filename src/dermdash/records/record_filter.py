"""Which records a page shows: one filter, the same for gallery, table, counts, download and command, and in the URL.

`FILTERS` declares what one can filter by. A field of a record that says so is among them; address, page, command and
conditions of the database are made from the list.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.errors import InvalidInput
from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import LISTED, Block, DetailGroup, FieldSpec, Filter, Kind, fields_of
from dermdash.records.record_columns import QUALITY, column_title, table_head
from dermdash.records.record_flags import flag_in_words
from dermdash.records.split_parts import PART_OF
from dermdash.records.taxonomy import CLINICAL_GROUPS, DiagnosticClass, diagnosis_name
from dermdash.records.verification_stage import dx_type_words
from dermdash.wording import PERCENT_SIGN

UNKNOWN = "unknown"
"""How a missing value is called in a filter."""
ACQUISITION = "acquisition"
"""The filter by what the acquisition gate decided; where nothing of it is chosen, rejected records are left out."""
MOST_CHOSEN = 50
LONGEST_TEXT = 200


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


COMPLETENESS_BANDS: dict[str, tuple[float, float]] = {
    "complete": (1.0, 1.01),
    "75-99 %": (0.75, 1.0),
    "50-74 %": (0.5, 0.75),
    "below 50 %": (0.0, 0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSpec:
    """One thing to filter by.

    Attributes
    ----------
    name
        In the address and on the command line; a range has ``NAME_min`` and ``NAME_max``.
    column
        Of the record table; ``quality``: the one that the quality source of the filter names.
    kind
        Of the values in the column.
    bands
        Options that are parts of a number: name to lowest and highest.
    by_count
        Options stand by how many records have them, else by what they are.
    words
        An option in words; None: its own words, with a capital letter.
    first_characters
        Options are the first so many characters of the values: the years of dates; 0: the whole of them.
    of_class
        Options are what this says of the class that stands in the column, in the taxonomy of its data set.
    optional
        Shown only where a record says anything of it, and counted apart from the others, as it may have any number of
        options.
    membership
        Options are what a record belongs to, any number of them, and stand in tables beside it
        (`storage/memberships.py`), so that no column of the record is read.
    of_models
        It says what models say: not for who reviews, whose answers must not lean on that.
    nothing
        What the option of records without a value says.
    minimum, maximum, unit
        Of a range.
    """

    name: str
    title: str
    column: str
    shape: Filter = Filter.OPTIONS
    kind: Kind = Kind.TEXT
    bands: Mapping[str, tuple[float, float]] | None = None
    by_count: bool = True
    words: Callable[[str], str] | None = None
    first_characters: int = 0
    of_class: Callable[[DiagnosticClass], str] | None = None
    optional: bool = False
    membership: bool = False
    of_models: bool = False
    nothing: str = "Not recorded"
    minimum: float = 0
    maximum: float = 0
    unit: str = ""

    @property
    def low(self) -> str:
        """Parameter of the lowest number of a range."""
        return f"{self.name}_min"

    @property
    def high(self) -> str:
        """Parameter of the highest number of a range."""
        return f"{self.name}_max"

    @property
    def parameters(self) -> tuple[str, ...]:
        """What it is called in the address and on the command line."""
        return (self.name,) if self.shape is Filter.OPTIONS else (self.low, self.high)

    def option_in_words(self, option: str) -> str:
        """An option as people read it."""
        if option == UNKNOWN:
            return self.nothing
        if self.words is not None:
            return self.words(option)
        text = option.replace("_", " ")
        return text[:1].upper() + text[1:]

    def value_of(self, option: str) -> object:
        """What stands in the column for an option; None for text that no such column holds."""
        if self.kind is Kind.BOOLEAN:
            return {"true": True, "false": False}.get(option)
        if self.kind is Kind.INTEGER and self.bands is None:
            return int(option) if option.isdecimal() and len(option) < 10 else None
        return option

    def number_of(self, text: str) -> float | None:
        """A bound as it stands in an address; None for what is none."""
        try:
            number = float(text)
        except ValueError:
            return None
        if not math.isfinite(number) or not self.minimum <= number <= self.maximum:
            return None
        if self.kind is Kind.INTEGER:
            return int(number) if text.isdecimal() else None
        return number


def filter_of_field(spec: FieldSpec) -> FilterSpec:
    """The filter that a field declares."""
    assert spec.filter is not None
    years = spec.filter is Filter.YEARS
    given = spec.words is not None or spec.kind is Kind.BOOLEAN
    return FilterSpec(
        name=spec.parameter or spec.name,
        title=f"{spec.title}: year" if years else spec.title,
        column=spec.name,
        shape=Filter.OPTIONS if years else spec.filter,
        kind=spec.kind,
        by_count=not (spec.is_number or years),
        first_characters=4 if years else 0,
        optional=isinstance(spec.block, DetailGroup),
        # What stands there verbatim is not written with a capital.
        words=str if spec.words is str else (lambda option: _field_option(spec, option)) if given else None,
        minimum=spec.minimum or 0,
        maximum=spec.maximum or 0,
        unit=spec.unit,
    )


def _field_option(spec: FieldSpec, option: str) -> str:
    text = value_in_words(spec, option == "true" if spec.kind is Kind.BOOLEAN else option)
    return text[:1].upper() + text[1:]


def _of_fields(*blocks: Block) -> tuple[FilterSpec, ...]:
    return tuple(filter_of_field(spec) for spec in fields_of(*blocks) if spec.filter is not None)


AGREEMENT_BANDS: dict[str, tuple[float, float]] = {
    "all": (1.0, 1.01),
    "two thirds": (0.66, 1.0),
    "less": (0.0, 0.66),
}
_AGREEMENT_WORDS = {"all": "All agreed", "two thirds": "Two thirds or more", "less": "Less than two thirds"}
FINDING = "finding"
FLAG = "flag"
"""The filter by what asks for a look (`records/record_flags.py`)."""
_CLAIMED_WORDS = {"true": "Claimed by the source", "false": "Reached here"}
SPLIT = "split"
_QUALITY_WORDS = {"1": "1 · unusable", "5": "5 · reference"}
FILTERS: tuple[FilterSpec, ...] = (
    FilterSpec(name="dataset_id", title=column_title("dataset_id"), column="dataset_id"),
    *_of_fields(Block.DIAGNOSTIC),
    FilterSpec(
        name="claimed", title=column_title("stage_claimed"), column="stage_claimed", kind=Kind.BOOLEAN,
        words=lambda claimed: _CLAIMED_WORDS.get(claimed, claimed),
    ),
    FilterSpec(
        name="agreement", title=column_title("agreement"), column="agreement", kind=Kind.NUMBER,
        bands=AGREEMENT_BANDS, by_count=False, words=lambda band: _AGREEMENT_WORDS.get(band, band),
    ),
    FilterSpec(
        name="reviewers", title=column_title("n_reviewers"), column="n_reviewers", kind=Kind.INTEGER, by_count=False
    ),
    FilterSpec(
        name="quality", title=QUALITY.title, column="quality", kind=Kind.INTEGER, by_count=False,
        words=lambda score: _QUALITY_WORDS.get(score, score),
    ),
    FilterSpec(name="dx", title=column_title("dx"), column="dx", words=diagnosis_name),
    FilterSpec(
        name="malignancy", title="Malignant or benign", column="dx", of_class=lambda c: c.clinical_group,
        words=lambda group: CLINICAL_GROUPS.get(group, group), by_count=False,
    ),
    FilterSpec(
        name="source_label", title=column_title("source_label"), column="source_label", words=str, optional=True
    ),
    FilterSpec(
        name="dx_type", title=column_title("dx_type"), column="dx_type", words=dx_type_words
    ),
    FilterSpec(
        name=SPLIT, title="Split", column="", words=lambda option: option.replace(PART_OF, " \N{MIDDLE DOT} ", 1),
        by_count=False, optional=True, membership=True, nothing="In no split",
    ),
    FilterSpec(
        name=FINDING, title="Open finding", column="", by_count=False, optional=True, membership=True,
        nothing="In no open finding",
    ),
    FilterSpec(
        name=FLAG, title="Worth a look", column="", by_count=False, optional=True, membership=True,
        words=flag_in_words, of_models=True,
    ),
    *_of_fields(*(block for block in Block if block is not Block.DIAGNOSTIC)),
    FilterSpec(
        name="completeness", title=column_title("completeness"), column="completeness", kind=Kind.NUMBER,
        bands=COMPLETENESS_BANDS, by_count=False,
        words=lambda band: (band[:1].upper() + band[1:]).replace(" %", PERCENT_SIGN),
    ),
    FilterSpec(name=ACQUISITION, title=column_title(ACQUISITION), column=ACQUISITION, by_count=False, optional=True),
    *(filter_of_field(spec) for spec in DETAILS if spec.filter is not None),
)  # fmt: skip
FACETS: dict[str, FilterSpec] = {f.name: f for f in FILTERS if f.shape is Filter.OPTIONS}
RANGES: dict[str, FilterSpec] = {f.name: f for f in FILTERS if f.shape is Filter.RANGE}
TEXT, QUALITY_SOURCE, RECORD_SET = "text", "quality_source", "record_set"
PARAMETERS: tuple[str, ...] = (*(p for f in FILTERS for p in f.parameters), TEXT, QUALITY_SOURCE, RECORD_SET)
SORT_KEYS: dict[str, str] = {
    "image_id": column_title("image_id"),
    "dx": column_title("dx"),
    **{spec.name: spec.table_head for spec in LISTED if spec.is_number},
    "quality": table_head("quality"),
    "completeness": table_head("completeness"),
    "lesion_id": table_head("lesion_id"),
}
_BOUNDS: dict[str, FilterSpec] = {p: f for f in RANGES.values() for p in f.parameters}


@dataclass(frozen=True, slots=True, init=False)
class RecordFilter:
    """A set of records: ``RecordFilter(dx=("mel", "nv"), age_min=40, text="ISIC_00")``.

    ``options`` holds what is chosen of each list of options, as text that survives a URL unchanged; a list of which
    nothing is chosen lets everything through. ``bounds`` holds the numbers of ranges by parameter. ``record_set``: only
    the records that were chosen one by one and kept under this id, as on the map. ``settled``: only
    records whose label came about here by consensus or histology, and ``unseen_by``: none of a lesion or file that this
    account has open work on. No address says either, they are for whom others are hidden. Records that the acquisition
    gate rejected pass only where its filter asks for them, or ``rejected_too``.
    """

    options: tuple[tuple[str, tuple[str, ...]], ...]
    bounds: tuple[tuple[str, float], ...]
    text: str
    quality_source: QualitySource
    record_set: str
    settled: bool
    unseen_by: str
    rejected_too: bool

    def __init__(
        self,
        *,
        text: str = "",
        quality_source: QualitySource = QualitySource.BEST,
        record_set: str = "",
        settled: bool = False,
        unseen_by: str = "",
        rejected_too: bool = False,
        **chosen: Sequence[str] | float | None,
    ) -> None:
        if unknown := [name for name in chosen if name not in FACETS and name not in _BOUNDS]:
            raise InvalidInput(f"records have no filter {unknown[0]!r}: choose {', '.join(PARAMETERS)}")
        options = {n: tuple(chosen[n]) for n in FACETS if chosen.get(n)}  # type: ignore[arg-type]
        bounds = {n: chosen[n] for n in _BOUNDS if chosen.get(n) is not None}
        object.__setattr__(self, "options", tuple(options.items()))
        object.__setattr__(self, "bounds", tuple(bounds.items()))
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "quality_source", quality_source)
        object.__setattr__(self, "record_set", record_set)
        object.__setattr__(self, "settled", settled)
        object.__setattr__(self, "unseen_by", unseen_by)
        object.__setattr__(self, "rejected_too", rejected_too)

    def chosen(self, facet: str) -> tuple[str, ...]:
        """What is chosen of a list of options."""
        return dict(self.options).get(facet, ())

    def bound(self, parameter: str) -> float | None:
        """The number of one end of a range, None where it is open."""
        return dict(self.bounds).get(parameter)

    def to_query(self) -> dict[str, list[str]]:
        """The parts that differ from the empty filter, as URL query parameters."""
        query = {facet: list(chosen) for facet, chosen in self.options}
        query |= {name: [f"{value:g}"] for name, value in self.bounds}
        if self.text:
            query[TEXT] = [self.text]
        if self.quality_source is not QualitySource.BEST:
            query[QUALITY_SOURCE] = [str(self.quality_source)]
        if self.record_set:
            query[RECORD_SET] = [self.record_set]
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]]) -> "RecordFilter":
        """Read a URL; what does not parse is dropped, so a mangled link still opens."""
        found, _ = _read(query)
        return found

    @classmethod
    def from_words(cls, words: Sequence[str]) -> "RecordFilter":
        """Read ``name=value`` of a command line, the names of the address; a name again adds an option.

        Raises
        ------
        InvalidInput
            A word that says nothing; what is possible is named.
        """
        query: dict[str, list[str]] = {}
        for word in words:
            name, sign, value = word.partition("=")
            if not sign or name not in PARAMETERS:
                raise InvalidInput(f"{word!r} is no filter: expected NAME=VALUE with one of {', '.join(PARAMETERS)}")
            query.setdefault(name, []).append(value)
        found, dropped = _read(query)
        if dropped:
            raise InvalidInput(f"{dropped[0]}={query[dropped[0]][0]} is not possible: {_expected(dropped[0])}")
        return found

    def with_options(self, facet: str, chosen: Sequence[str]) -> "RecordFilter":
        """The same filter with other options of one list."""
        options = dict(self.options) | {facet: tuple(chosen)}
        return RecordFilter(
            text=self.text, quality_source=self.quality_source, record_set=self.record_set, settled=self.settled,
            unseen_by=self.unseen_by, rejected_too=self.rejected_too, **options, **dict(self.bounds),
        )  # fmt: skip

    @property
    def hides_rejected(self) -> bool:
        """Whether records that the acquisition gate rejected are left out."""
        return not self.rejected_too and not self.chosen(ACQUISITION)

    def with_rejected(self) -> "RecordFilter":
        """The same filter, records that the acquisition gate rejected among the others."""
        return RecordFilter(
            text=self.text, quality_source=self.quality_source, record_set=self.record_set, settled=self.settled,
            unseen_by=self.unseen_by, rejected_too=True, **dict(self.options), **dict(self.bounds),
        )  # fmt: skip

    def without(self, facet: str) -> "RecordFilter":
        """The same filter with one list of options open: the counts beside its options use it."""
        opened = self.with_options(facet, ())
        return opened.with_rejected() if facet == ACQUISITION else opened


def _read(query: Mapping[str, Sequence[str]]) -> tuple[RecordFilter, list[str]]:
    """The filter of an address, and the parameters whose values say nothing."""
    values: dict[str, object] = {}
    dropped: list[str] = []
    for name in PARAMETERS:
        given = [text[:LONGEST_TEXT] for text in query.get(name, ())][:MOST_CHOSEN]
        if not given:
            continue
        if name in FACETS:
            values[name] = tuple(dict.fromkeys(given))
        elif name in _BOUNDS:
            values[name] = _BOUNDS[name].number_of(given[0])
        elif name in (TEXT, RECORD_SET):
            values[name] = given[0]
        elif given[0] in set(QualitySource):
            values[name] = QualitySource(given[0])
        if values.get(name) is None:
            values.pop(name, None)
            dropped.append(name)
    return RecordFilter(**values), dropped  # type: ignore[arg-type]


def _expected(parameter: str) -> str:
    if parameter in _BOUNDS:
        spec = _BOUNDS[parameter]
        return f"expected a {'whole ' if spec.kind is Kind.INTEGER else ''}number {spec.minimum:g} to {spec.maximum:g}"
    return f"expected {', '.join(QualitySource)}"
