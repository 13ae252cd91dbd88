"""The records that something is made of, as a filter that is kept with it: in a protocol, in a training, in a model.

It is kept in the form of an address, ``{"verification_stage": ["3"]}``, each list sorted, so that equal choices are
equal text; empty: every record of the data set. The data set is named beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.record_filter import FACETS, PARAMETERS, RANGES, QualitySource, RecordFilter

KeptFilter = Mapping[str, Sequence[str]]
OFFERED = ("verification_stage", "claimed", "quality", "agreement", "reviewers", "split", "finding")
"""What a form asks for where records are chosen; a command takes every filter."""
_DATASET = "dataset_id"


def kept_filter(record_filter: RecordFilter) -> dict[str, list[str]]:
    """The filter as it is kept.

    Raises
    ------
    InvalidInput
        It chooses data sets, which are named beside it.
    """
    _refuse_dataset(record_filter)
    return {name: sorted(values) for name, values in sorted(record_filter.to_query().items())}


def read_kept(kept: KeptFilter) -> RecordFilter:
    """The filter to choose records with.

    Raises
    ------
    InvalidInput
        This version has no such filter, so that it cannot say which records are meant.
    """
    return RecordFilter.from_words([f"{name}={value}" for name, values in kept.items() for value in values])


def check_kept(kept: Any) -> dict[str, list[str]]:
    """What is kept, sorted; which filters there are depends on the version, so names are not checked.

    Raises
    ------
    InvalidInput
        It has not the form of a filter.
    """
    whole = isinstance(kept, Mapping) and all(
        isinstance(name, str) and not isinstance(values, str) and isinstance(values, Sequence) and values
        for name, values in kept.items()
    )
    if not whole or not all(isinstance(value, str) for values in kept.values() for value in values):
        raise InvalidInput("a filter of records is kept as lists of texts by name, none of them empty")
    if _DATASET in kept:
        raise InvalidInput(_NAMED_BESIDE)
    return {name: sorted(kept[name]) for name in sorted(kept)}


def within_dataset(record_filter: RecordFilter, dataset_id: str) -> RecordFilter:
    """The same filter for the records of one data set.

    Raises
    ------
    InvalidInput
        It chooses data sets itself.
    """
    _refuse_dataset(record_filter)
    return record_filter.with_options(_DATASET, (dataset_id,))


def chooses(record_filter: RecordFilter) -> bool:
    """Whether it may leave anything out."""
    return bool(record_filter.to_query())


_NAMED_BESIDE = "the data set is named by itself: leave dataset_id out of the filter"


def _refuse_dataset(record_filter: RecordFilter) -> None:
    if record_filter.chosen(_DATASET):
        raise InvalidInput(_NAMED_BESIDE)


def filter_in_words(
    record_filter: RecordFilter,
    dataset_names: Mapping[str, str] | None = None,
    *,
    escaped: Callable[[str], str] = str,
) -> str:
    """What the filter lets through, data sets by name; empty where it lets everything through.

    ``escaped``: how text of others is made harmless where the words are shown.
    """
    names = dataset_names or {}

    def words(facet: str, option: str) -> str:
        return escaped(names.get(option, option) if facet == _DATASET else FACETS[facet].option_in_words(option))

    parts = [
        f"{FACETS[facet].title}: " + " or ".join(words(facet, option) for option in chosen)
        for facet, chosen in record_filter.options
    ]
    for spec in RANGES.values():
        low, high = record_filter.bound(spec.low), record_filter.bound(spec.high)
        if low is not None or high is not None:
            low, high = spec.minimum if low is None else low, spec.maximum if high is None else high
            parts.append(f"{spec.title}: {low:g} to {high:g}")
    if record_filter.text:
        parts.append(f"Id contains: {escaped(record_filter.text)}")
    if record_filter.record_set:
        parts.append(f"Set of chosen records: {escaped(record_filter.record_set)}")
    if record_filter.quality_source is not QualitySource.BEST:
        parts.append(f"Quality: {record_filter.quality_source.label}")
    return " \N{MIDDLE DOT} ".join(parts)


def kept_in_words(kept: KeptFilter, *, escaped: Callable[[str], str] = str) -> str:
    """What is kept, in words: as it stands there where this version does not know it; empty for every record."""
    known = set(PARAMETERS)
    parts = [filter_in_words(RecordFilter.from_query({n: v for n, v in kept.items() if n in known}), escaped=escaped)]
    parts += [
        f"{escaped(name)}: {' or '.join(map(escaped, values))}" for name, values in kept.items() if name not in known
    ]
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)
