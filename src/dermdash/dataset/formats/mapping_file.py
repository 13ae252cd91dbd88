"""A mapping as a YAML file, for people to write and edit; docs/formats.md shows one.

One table has its ``columns`` at the top; several stand in ``tables``, joined by ``key``. A column is one word, where
its cells go, or entries (``to``, ``values``, ``unit`` ...). Whatever is not known is refused with its line and what was
probably meant, so that a slip of the pen does not leave a column out in silence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.dataset.formats.cells import is_date, reader_of, scale_of, target_spec
from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.formats.layout import TARGETS, ColumnRole, Layout, OneHot, Picture, SourceColumn, TableLayout
from dermdash.dataset.formats.mapping import TableMapping, meanings_of, units_of, with_words_kept
from dermdash.dataset.formats.yaml_entry import YamlEntry, near, read_yaml
from dermdash.errors import InvalidInput
from dermdash.records.cell_dates import ORDERS
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy

MOST_BYTES = 512 * 1024
SUFFIX = ".yaml"
_IMAGES = (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH)
_TEXTS = ("dataset", "name", "taxonomy", "source", "licence")
_FLAGS = ("lesion_of_patient", "codes_only", "strict_confirmation", "unconfirmed", "unlabelled", "unclassified")
_TABLE = ("columns", "one_hot", "pictures", "ignored", "needs")
_JOINED = ("kind", "key", "of", "names_images", *_TABLE)
_TOP = (*_TEXTS, *_FLAGS, "constants", "splits", "tables", *_TABLE)
_COLUMN = ("to", "values", "unit", "order", "inverted", "keep", "separator", "weighted", "agree")


def parse_mapping(text: str, *, file: str, whole: bool = True) -> TableMapping:
    """Read a mapping; all of it or nothing.

    ``whole``: it has to name images; one that somebody is still working on may not.

    Raises
    ------
    InvalidInput
        No YAML; an entry, target, unit, taxonomy or meaning that is not known; no column that names the images. The
        message names file, line and entry, and what was probably meant.
    """
    top = read_yaml(text, file=file, most_bytes=MOST_BYTES, what="mapping")
    entries = top.entries(_TOP)
    texts = {name: entries[name].text().strip() for name in _TEXTS if name in entries}
    taxonomy = None
    if texts.get("taxonomy"):
        if texts["taxonomy"] not in TAXONOMIES:
            known = ", ".join(TAXONOMIES)
            name = texts["taxonomy"]
            raise entries["taxonomy"].refuse(f"unknown taxonomy {name!r}{near(name, TAXONOMIES)}; known are {known}")
        taxonomy = TAXONOMIES[texts["taxonomy"]]
    if "tables" in entries:
        if both := [name for name in _TABLE if name in entries]:
            raise entries[both[0]].refuse("stands in one of the tables, where there are tables")
        tables = [_table(e, e.entries(_JOINED), taxonomy, whole) for e in entries["tables"].items()]
        if whole:
            _check_joins(entries["tables"], tables)
    else:
        tables = [_table(top, entries, taxonomy, whole)]
    if not any(t.names_images for t in tables) and whole:
        raise top.refuse("no table names the images: send a column to image_id or image_path")
    layout = Layout(
        tables=tuple(tables),
        constants=_constants(entries["constants"]) if "constants" in entries else {},
        splits=entries["splits"].words() if "splits" in entries else {},
        **{name: entries[name].flag() for name in _FLAGS if name in entries},
    )
    return TableMapping(layout=layout, **texts)


def _check_joins(place: YamlEntry, tables: Sequence[TableLayout]) -> None:
    """That every table can be told from the others, and that those joined have something to be joined by."""
    for entry, table in zip(place.items(), tables, strict=True):
        others = [t for t in tables if t is not table]
        if any(t.kind == table.kind for t in others):
            raise entry.refuse(f"two tables are called {table.kind!r}: give each a `kind` of its own")
        if table is tables[0] or not others:
            continue
        said = {str(c.to) for t in others for c in t.columns}
        wanted = {str(table.of), *(_IMAGES if table.of == ColumnRole.IMAGE_ID else ())}
        if not said & wanted:
            raise entry.refuse(f"is joined by {table.of}, but no column of another table goes there")
        if not table.key and not any(c.to == table.of for c in table.columns):
            raise entry.refuse(f"needs a key: the column with the {table.of} by which its rows belong to others")


def _table(
    place: YamlEntry, entries: Mapping[str, YamlEntry], taxonomy: Taxonomy | None, whole: bool = True
) -> TableLayout:
    columns = _columns(entries.get("columns"), taxonomy)
    pictures = tuple(_picture(e, taxonomy) for e in entries["pictures"].items()) if "pictures" in entries else ()
    images = [c.name for c in columns if c.to in _IMAGES] + [p.column for p in pictures]
    key = entries["key"].text() if "key" in entries else ""
    names_images = entries["names_images"].flag() if "names_images" in entries else not key
    if names_images and not images and whole:
        raise place.refuse("no column names the images: send one to image_id or image_path")
    if not names_images and not key and whole:
        raise place.refuse("a table that names no image needs a key: the column by which its rows belong to others")
    of = entries["of"].text() if "of" in entries else str(ColumnRole.IMAGE_ID)
    if of not in TARGETS:
        raise entries["of"].refuse(f"{of!r} is no target{near(of, TARGETS)}")
    return TableLayout(
        kind=entries["kind"].text() if "kind" in entries else "table",
        needs=entries["needs"].texts() if "needs" in entries else tuple(images or [key] * bool(key)),
        columns=columns,
        one_hot=_one_hot(entries["one_hot"]) if "one_hot" in entries else None,
        pictures=pictures,
        ignored=entries["ignored"].texts() if "ignored" in entries else (),
        key=key,
        of=of,
        names_images=names_images,
    )


def _columns(place: YamlEntry | None, taxonomy: Taxonomy | None) -> tuple[SourceColumn, ...]:
    if place is None:
        return ()
    found: dict[str, str] = {}
    columns = []
    for name, entry in place.entries().items():
        if (other := found.setdefault(name.lower(), name)) != name:
            raise entry.refuse(f"is the column {other!r}: capitals do not matter")
        columns.append(_column(name, entry, taxonomy))
    return tuple(columns)


def _column(name: str, place: YamlEntry, taxonomy: Taxonomy | None) -> SourceColumn:
    if place.is_text:
        return with_words_kept(SourceColumn(name=name, to=_target(place)))
    entries = place.entries(_COLUMN)
    to = _target(entries["to"]) if "to" in entries else ""
    if not to and set(entries) - {"to", "keep"}:
        raise place.refuse("has no target: say in `to` where its cells go")
    unit = entries["unit"].text().strip() if "unit" in entries else ""
    units = units_of(to)
    if unit and unit not in units:
        why = f"{to} has no unit" if not units else f"unknown unit {unit!r}: expected one of {', '.join(units)}"
        raise entries["unit"].refuse(why)
    column = SourceColumn(
        name=name,
        to=to,
        values=_values(entries["values"], to, taxonomy) if "values" in entries else {},
        unit="" if units and unit == units[0] else unit,
        separator=entries["separator"].text() if "separator" in entries else "",
        order=_order(entries["order"], to) if "order" in entries else "",
        **{name: entries[name].flag() for name in ("inverted", "keep", "weighted", "agree") if name in entries},
    )
    if column.inverted and scale_of(target_spec(to)) is None:
        raise entries["inverted"].refuse(f"{to} is no scale with a lowest and a highest number")
    return with_words_kept(column)


def _order(place: YamlEntry, to: str) -> str:
    order = place.text().strip().lower()
    if not is_date(SourceColumn(name="", to=to)):
        raise place.refuse(f"{to} holds no dates")
    if order not in ORDERS:
        raise place.refuse(f"unknown order {order!r}{near(order, ORDERS)}: expected one of {', '.join(ORDERS)}")
    return order


def _target(place: YamlEntry) -> str:
    to = place.text().strip()
    if to and to not in TARGETS:
        raise place.refuse(f"unknown target {to!r}{near(to, TARGETS)}; known are {', '.join(sorted(TARGETS))}")
    return to


def _values(place: YamlEntry, to: str, taxonomy: Taxonomy | None) -> dict[str, str]:
    found: dict[str, str] = {}
    lower: dict[str, str] = {}
    for word, entry in place.entries().items():
        if (other := lower.setdefault(word.lower(), word)) != word:
            raise entry.refuse(f"is the word {other!r}: capitals do not matter")
        meaning = entry.text().strip()
        if meaning and (why := refused_meaning(to, meaning, taxonomy)):
            raise entry.refuse(why)
        found[word] = meaning
    return found


def refused_meaning(to: str, meaning: str, taxonomy: Taxonomy | None) -> str:
    """Why a word cannot be what cells for this target mean; empty where it can."""
    if to in (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY):
        if taxonomy is None or class_of(meaning, taxonomy) is not None:
            return ""
        codes = taxonomy.codes
        hint = near(meaning, codes)
        return f"{meaning!r} has no class in {taxonomy.name}{hint}: expected one of {', '.join(codes)}, or leave it out"
    cell = reader_of(SourceColumn(name="", to=to))(meaning) if to else None
    if cell is None or (cell.value is not None and not cell.remark) or (target_spec(to) is None and not cell.remark):
        return ""
    known = meanings_of(to)
    said = f": expected one of {', '.join(known)}" if known else f": it {cell.remark}" if cell.remark else ""
    return f"{meaning!r} is no value of {to}{near(meaning, known)}{said}"


def _one_hot(place: YamlEntry) -> OneHot:
    entries = place.entries(("classes", "none_is", "mark"))
    classes = entries["classes"].words() if "classes" in entries else {}
    if len(classes) < 2:
        raise place.refuse("expected in `classes` at least two columns, and the diagnosis that each stands for")
    return OneHot(classes=classes, **{n: entries[n].text() for n in ("none_is", "mark") if n in entries})


def _picture(place: YamlEntry, taxonomy: Taxonomy | None) -> Picture:
    entries = place.entries(("column", "constants", "columns"))
    if "column" not in entries:
        raise place.refuse("expected in `column` the column with the path of the image")
    constants = _constants(entries["constants"]) if "constants" in entries else {}
    columns = _columns(entries.get("columns"), taxonomy)
    return Picture(column=entries["column"].text(), constants=constants, columns=columns)


def _constants(place: YamlEntry) -> dict[str, Any]:
    """What is the same for all images, each as its field holds it."""
    found: dict[str, Any] = {}
    for name, entry in place.entries().items():
        spec = target_spec(name)
        if spec is None:
            fields = sorted(t for t in TARGETS if target_spec(t) is not None)
            raise entry.refuse(f"{name!r} is no field{near(name, fields)}; known are {', '.join(fields)}")
        cell = reader_of(SourceColumn(name=name, to=name))(entry.text())
        if cell.value is None or cell.remark:
            known = meanings_of(name)
            said = f": expected one of {', '.join(known)}" if known else ""
            raise entry.refuse(f"{entry.text()!r} is no value of {name}{near(entry.text(), known)}{said}")
        found[name] = cell.value
    return found


def read_mapping_bytes(data: bytes, *, file: str, whole: bool = True) -> TableMapping:
    """A mapping from the bytes of a file."""
    try:
        return parse_mapping(data.decode("utf-8-sig"), file=file, whole=whole)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8 at byte {error.start}") from None
