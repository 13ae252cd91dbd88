"""What is stored of a record of a source: fields, details and further columns, the site among ISIC's general ones."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from dermdash.dataset.source_records import SourceRecord
from dermdash.records.details import DETAIL_NAMES, FURTHER
from dermdash.records.sites import general_site, harmonised_site
from dermdash.wording import counted

_SITE, _SOURCE_SITE = "anatomical_site", "source_site"
_LISTED = 50


def stored_values(record: SourceRecord) -> dict[str, Any]:
    """The columns of a record for its fields and details, and its further columns under ``further`` (None: none).

    The site becomes one of ISIC's general sites where its word is known; the word itself is kept as ``source_site``.
    """
    values: dict[str, Any] = {**record.values, **{name: record.details.get(name) for name in DETAIL_NAMES}}
    if values[_SOURCE_SITE] is None:
        values[_SOURCE_SITE] = values.get(_SITE)
    values[_SITE] = harmonised_site(values.get(_SITE) or values[_SOURCE_SITE])
    values[FURTHER] = dict(record.further) or None
    return values


def notes_on_sites(records: Iterable[SourceRecord]) -> tuple[str, ...]:
    """Which words for sites are none of ISIC's general ones, each with its number of records, most frequent first."""
    written = (r.values.get(_SITE) or r.details.get(_SOURCE_SITE) for r in records)
    unknown = Counter(word for word in written if word is not None and general_site(word) is None)
    notes = [
        f"anatomical site {word!r} is no general site of ISIC's and stays as it is ({counted(n, 'record')})"
        for word, n in unknown.most_common(_LISTED)
    ]
    if (more := len(unknown) - _LISTED) > 0:
        notes.append(f"{counted(more, 'more word')} for sites that are no general sites of ISIC's stay as they are")
    return tuple(notes)
