"""Published lists of images that show the same lesion or are the same picture: evidence, not truth.

HAM10000 has some of pairs with ``image_id_1, image_id_2`` or ``from_img, to_img`` (Corrected-Skin-Image-Datasets), ISIC
2020 one with ``image_name_1, image_name_2``. Lists that were made to remove duplicates from the ISIC challenges name a
file a line, as it lay on somebody's disk, and not what it is a duplicate of.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dermdash.errors import InvalidInput
from dermdash.records.csv_table import IMAGE_SUFFIXES, MetadataTable, clean_image_id
from dermdash.records.table_files import read_table_file
from dermdash.records.text_file import read_text
from dermdash.wording import counted

_KINDS = {
    ("image_name_1", "image_name_2"): "isic2020", ("image_id_1", "image_id_2"): "ham10000",
    ("from_img", "to_img"): "ham10000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """A list of pairs: the name of its file, the format whose images it is about, and the pairs of image ids.

    ``names`` are image ids that a list calls duplicates without saying of what. ``unusable`` are rows that name no two
    different images, in words.
    """

    name: str
    format: str
    pairs: tuple[tuple[str, str], ...]
    unusable: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_duplicate_list(file: Path | bytes, *, name: str = "") -> KnownPairs:
    """Read a list of duplicates: a table with two columns of images, or a file with one image a line.

    Parameters
    ----------
    file
        Its path, or what it holds, called ``name``.

    Raises
    ------
    InvalidInput
        There is no such file, or it is no such list; the message says what was expected.
    """
    called = name or (file.name if isinstance(file, Path) else "the list")
    try:
        names = _names_of(file, called)
        if names is not None:
            return names
        table = read_table_file(file, name=called, file_kind="list of duplicates")
    except InvalidInput as error:
        raise InvalidInput(f"{called} is no list of duplicates: {error}") from error
    known = pairs_of(called, table)
    if known is not None:
        return known
    heads = _heads_of_pairs(table.columns)
    if heads is None:
        raise InvalidInput(
            f"{called} is no list of duplicates: expected two columns of images such as image_id_1 and image_id_2, "
            f"or one image file a line; its columns are {', '.join(table.columns)}"
        )
    return _read(called, "", table, *heads)


def _names_of(file: Path | bytes, called: str) -> KnownPairs | None:
    """The images of a file that has one a line, with or without the folders they lay in; None for any other file."""
    try:
        lines = [line.strip() for line in read_text(file, file_kind="list of duplicates").splitlines() if line.strip()]
    except InvalidInput:
        return None  # a spreadsheet, or what the reader of tables has better words for
    files = [PurePosixPath(line.strip('"').replace("\\", "/")).name for line in lines]
    named = [PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES for name in files]
    if not files or not all(named[1:]) or not (named[0] or len(named) > 1):
        return None
    if any("," in name or "\t" in name or ";" in name for name in files):
        return None
    usable = files if named[0] else files[1:]  # a column of names may have a head
    ids = dict.fromkeys(clean_image_id(name) for name in usable)
    twice = len(usable) - len(ids)
    unusable = (f"{counted(twice, 'line names', 'lines name')} an image that another one names",) if twice else ()
    return KnownPairs(called, "", (), unusable, tuple(ids))


def _heads_of_pairs(columns: tuple[str, ...]) -> tuple[str, str] | None:
    """The one pair of columns called alike but for 1 and 2 at the end, or for from and to."""
    ends = [(name, f"{name[:-1]}2") for name in columns if name.endswith("1")]
    ends += [(name, re.sub(r"(?<![^_])from(?![^_])", "to", name)) for name in columns]
    found = [(one, other) for one, other in ends if one != other and other in columns]
    return found[0] if len(found) == 1 else None


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
