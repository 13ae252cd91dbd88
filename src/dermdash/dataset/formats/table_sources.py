"""All that is read as a table: tables, COCO and Croissant files, arrays of MedMNIST, images in folders by class."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from dermdash.dataset.formats.coco_annotations import read_annotations
from dermdash.dataset.formats.drawn_lesions import ABOUT, PROBLEM, DrawnLesions
from dermdash.dataset.formats.folder_splits import class_folder, split_of
from dermdash.dataset.formats.medmnist_arrays import label_rows
from dermdash.dataset.formats.shard_rows import read_shards
from dermdash.dataset.formats.source_files import SourceFile, SourceListing
from dermdash.dataset.formats.yolo_labels import YAML_SUFFIXES, read_labels, why_no_table
from dermdash.dataset.outlines import LesionOutline
from dermdash.errors import InvalidInput
from dermdash.records.metadata_table import MetadataTable, Row
from dermdash.records.table_files import read_table_file


class Shape(StrEnum):
    """What a table was before it was one."""

    TABLE = "table"
    COCO = "coco"
    ARRAYS = "arrays"
    FOLDERS = "folders"
    CROISSANT = "croissant"
    YOLO = "yolo"
    SHARDS = "shards"


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of a source, what it is called, and what it was; ``lacks`` are absent files that it speaks of,
    ``outlines`` the lesions that it draws, by the file that its row names."""

    name: str
    table: MetadataTable
    shape: Shape = Shape.TABLE
    lacks: tuple[str, ...] = ()
    outlines: Mapping[str, LesionOutline] = field(default_factory=dict, repr=False)

    @property
    def columns(self) -> frozenset[str]:
        """The names of its columns, in small letters."""
        return frozenset(self.table.columns)


def outlines_of(tables: Iterable[FoundTable]) -> dict[str, LesionOutline]:
    """The lesions that tables draw, by file; as of rows that name one file, that of the first counts."""
    found: dict[str, LesionOutline] = {}
    said: set[str] = set()
    for table in tables:
        found |= {file: outline for file, outline in table.outlines.items() if file not in said}
        if _FILE in table.columns:
            at = table.table.columns.index(_FILE)
            said |= {row.values[at].strip() for row in table.table if row.values is not None}
    return found


def tables_of(listing: SourceListing, *, encoding: str | None = None) -> tuple[list[FoundTable], list[tuple[str, str]]]:
    """All that is a table among the files of a source; the others are named with the reason.

    Where there is one file only, why it cannot be read is raised as it is. ``encoding``: of text; None: found out.
    """
    several = (
        (read_labels(listing.tables, listing.images), Shape.YOLO),
        (read_shards(listing.shards, listing.images, listing.tables), Shape.SHARDS),
    )
    read = [(files, shape) for files, shape in several if files is not None]
    used = {name for files, _ in read for name in files.used}
    rest = [file for file in listing.tables if file.name not in used]
    found, passed = _open_tables(rest, encoding=encoding, alone=not read)
    return [*found, *(drawn_table(files.name, files.drawn, shape) for files, shape in read)], passed


def _open_tables(
    files: Iterable[SourceFile], *, encoding: str | None, alone: bool = True
) -> tuple[list[FoundTable], list[tuple[str, str]]]:
    everything = list(files)
    found: list[FoundTable] = []
    passed: list[tuple[str, str]] = []
    spoken_of: set[str] = set()
    for file in everything:
        try:
            table = _open(file, everything, encoding=encoding)
        except InvalidInput as error:
            if alone and len(everything) == 1:
                raise
            passed.append((file.name, str(error)))
            continue
        if table.shape is Shape.CROISSANT:
            spoken_of |= _files_of(file)
        found.append(table)
    # A table that a Croissant file describes has been read with it.
    return [t for t in found if t.shape is Shape.CROISSANT or PurePosixPath(t.name).name not in spoken_of], passed


def open_table(source: Path | bytes, file_kind: str, *, encoding: str | None = None) -> FoundTable:
    """Read one file, or bytes of which nobody knows the name, as a table."""
    if isinstance(source, Path):
        return _open(SourceFile(source.name, source), (), file_kind, encoding)
    if source.startswith(b"PK") and b".npy" in source[:200]:
        return _open(SourceFile(f"{file_kind}.npz", None, source), ())
    ending = ".json" if source.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else ""
    return _open(SourceFile(file_kind + ending, None, source), (), encoding=encoding)


def _open(
    file: SourceFile, all_files: Sequence[SourceFile], file_kind: str = "", encoding: str | None = None
) -> FoundTable:
    if file.suffix in YAML_SUFFIXES:
        raise InvalidInput(why_no_table(file))
    if file.suffix == ".npz":
        return FoundTable(file.name, _table(label_rows(file)), Shape.ARRAYS)
    if file.suffix in (".json", ".jsonl"):
        return _open_json(file, all_files, encoding)
    return FoundTable(file.name, read_table_file(file.source, file_kind=file_kind or file.short, encoding=encoding))


def folders_table(images: Iterable[str]) -> FoundTable | None:
    """Images in folders as a table of path, name, class and split; None where not every image lies in a folder."""
    rows = []
    for path in images:
        folders = PurePosixPath(path).parts[:-1]
        if not folders:
            return None
        rows.append(
            {
                "file_name": path,
                "name": PurePosixPath(path).name,
                "class": class_folder(folders),
                "split": split_of(folders),
            }
        )
    return FoundTable("folders", _table(rows), Shape.FOLDERS) if rows else None


def drawn_table(name: str, drawn: DrawnLesions, shape: Shape) -> FoundTable:
    """What annotations say as a table, which has its columns also where no row can be used."""
    table = replace(_table(drawn.rows, always=_COLUMNS[shape]), remarks=tuple(drawn.notes))
    return FoundTable(name, table, shape, outlines=drawn.outlines)


_FILE = "file_name"
_COLUMNS = {
    Shape.COCO: (_FILE, "category"),
    Shape.YOLO: (_FILE, "class", "split"),
    Shape.SHARDS: (_FILE,),
}


def _table(rows: Iterable[Mapping[str, Any]], *, always: Sequence[str] = ()) -> MetadataTable:
    """A table of objects; one with a `PROBLEM` is a row that cannot be used."""
    listed = list(rows)
    said = [row for row in listed if PROBLEM not in row]
    written = {name.strip().lower(): name.strip() for row in reversed(said) for name in row}
    columns = tuple(dict.fromkeys([*always, *(name.strip().lower() for row in said for name in row)]))
    heads = tuple(written.get(column, column) for column in columns)
    body = []
    for number, row in enumerate(listed, start=1):
        if PROBLEM in row:
            problem = f"row {number}: {row[PROBLEM]}"
            fault = "an image without a usable annotation"
            body.append(Row(number, columns, None, problem, fault=fault, about=row[ABOUT]))
            continue
        cells = {name.strip().lower(): _text(value) for name, value in row.items()}
        body.append(Row(number, columns, tuple(cells.get(column, "") for column in columns)))
    return MetadataTable(columns, tuple(body), heads=heads)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _open_json(file: SourceFile, all_files: Sequence[SourceFile], encoding: str | None) -> FoundTable:
    content = _object(file)
    if content is None:
        return FoundTable(file.name, read_table_file(file.source, file_kind=file.short, encoding=encoding))
    if isinstance(content.get("images"), list) and isinstance(content.get("categories"), list):
        return drawn_table(file.name, read_annotations(file.name, content), Shape.COCO)
    if "recordSet" in content or "cr:recordSet" in content:
        return _open_croissant(file.name, content, all_files)
    return FoundTable(file.name, read_table_file(file.source, file_kind=file.short, encoding=encoding))


def _object(file: SourceFile) -> dict[str, Any] | None:
    """The one object of a JSON file; None for a list, for lines of objects, and for what is no JSON."""
    try:
        content = json.loads(file.read())
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _files_of(file: SourceFile) -> set[str]:
    content = _object(file) or {}
    return {PurePosixPath(str(d.get("contentUrl", ""))).name for d in _listed(content, "distribution")}


def _open_croissant(name: str, content: Mapping[str, Any], all_files: Sequence[SourceFile]) -> FoundTable:
    """The table that a Croissant file describes, its columns by the names of the fields (Croissant 1.0 and 1.1)."""
    urls = {str(d.get("@id") or d.get("name")): str(d.get("contentUrl", "")) for d in _listed(content, "distribution")}
    lacks: list[str] = []
    for records in _listed(content, "recordSet"):
        fields = _listed(records, "field")
        inline = _listed(records, "data")
        if inline:
            return FoundTable(name, _table([{_short(k): v for k, v in row.items()} for row in inline]), Shape.CROISSANT)
        columns, source = _croissant_columns(fields)
        if not columns or source is None:
            continue
        wanted = PurePosixPath(urls.get(source, source)).name
        file = next((f for f in all_files if f.short == wanted), None)
        if file is None:
            lacks.append(wanted)
            continue
        table = read_table_file(file.source, file_kind=file.short)
        return FoundTable(f"{name}: {file.name}", _renamed(table, columns), Shape.CROISSANT)
    if lacks:
        return FoundTable(name, MetadataTable((), ()), Shape.CROISSANT, tuple(lacks))
    raise InvalidInput(f"{name} describes no table: expected a recordSet whose fields are columns of a file")


def _croissant_columns(fields: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], str | None]:
    """The column of each field (in small letters), and the file that the first of them is in."""
    columns: dict[str, str] = {}
    file = None
    for entry in fields:
        source = entry.get("source") or {}
        column = (source.get("extract") or {}).get("column")
        where = source.get("fileObject") or source.get("fileSet") or source.get("distribution")
        if column and where and "fileObject" in source:
            file = file or (str(where.get("@id")) if isinstance(where, dict) else str(where))
            columns[str(column).strip().lower()] = _short(entry.get("name") or entry.get("@id") or column).lower()
    return columns, file


def _renamed(table: MetadataTable, names: Mapping[str, str]) -> MetadataTable:
    new = tuple(names.get(column, column) for column in table.columns)
    if len(set(new)) < len(new):
        return table
    rows = tuple(replace(row, columns=new) for row in table)
    return replace(table, columns=new, heads=new, body=rows)


def _listed(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = content.get(key) or content.get(f"cr:{key}") or ()
    listed = value if isinstance(value, list | tuple) else [value]
    return [item for item in listed if isinstance(item, dict)]


def _short(name: object) -> str:
    return re.split(r"[/#]", str(name))[-1]
