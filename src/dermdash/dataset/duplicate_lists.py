"""Published lists of pairs of images that show the same lesion or are the same picture: evidence, not truth.

HAM10000 has one with ``image_id_1, image_id_2``, ISIC 2020 one with ``image_name_1, image_name_2``.
"""

from dataclasses import dataclass

from dermdash.records.csv_table import MetadataTable, clean_image_id

_KINDS = {("image_name_1", "image_name_2"): "isic2020", ("image_id_1", "image_id_2"): "ham10000"}


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """A list of pairs: the name of its file, the format whose images it is about, and the pairs of image ids.

    ``unusable`` are rows that do not name two different images, in words.
    """

    name: str
    format: str
    pairs: tuple[tuple[str, str], ...]
    unusable: tuple[str, ...] = ()


def pairs_of(name: str, table: MetadataTable) -> KnownPairs | None:
    """The pairs of a table that is such a list, each once, the smaller id first; None where it is none."""
    for columns, form in _KINDS.items():
        if set(columns) <= set(table.columns):
            return _read(name, form, table, *columns)
    return None


def _read(name: str, form: str, table: MetadataTable, first: str, second: str) -> KnownPairs:
    pairs: dict[tuple[str, str], None] = {}
    unusable: list[str] = []
    for row in table:
        if row.cells is None:
            unusable.append(row.problem)
            continue
        a, b = clean_image_id(row.cells[first]), clean_image_id(row.cells[second])
        if not a or not b or a == b:
            unusable.append(f"row {row.number}: expected two different images, found {a!r} and {b!r}")
        else:
            pairs[min(a, b), max(a, b)] = None
    return KnownPairs(name, form, tuple(pairs), tuple(unusable))
