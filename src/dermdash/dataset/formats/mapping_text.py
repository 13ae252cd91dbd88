"""A mapping written as YAML (`mapping_file` reads it), with what is to be known of each column beside it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout
from dermdash.dataset.formats.mapping import TableMapping

_PLAIN = re.compile(r"[^\W_][\w./()%+-]*(?: [\w./()%+-]+)*")
_UNUSUAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_COLUMN_TEXTS, _COLUMN_FLAGS = ("unit", "order", "separator"), ("inverted", "keep", "weighted", "agree")
_STANDARD = Layout(tables=())
_FLAGS = ("lesion_of_patient", "codes_only", "strict_confirmation", "unconfirmed", "unlabelled", "unclassified")


def mapping_yaml(
    mapping: TableMapping, *, head: Sequence[str] = (), beside: Mapping[tuple[str, str], str] | None = None
) -> str:
    """The mapping as a file that `parse_mapping` reads as the same mapping.

    Parameters
    ----------
    head
        Lines of a comment at the top.
    beside
        By kind of table and column, a comment; of the table itself where the column is empty.
    """
    lines = [f"# {_one_line(line)}" for line in head]
    for name in ("dataset", "name", "taxonomy", "source", "licence"):
        if value := getattr(mapping, name):
            lines.append(f"{name}: {_word(value)}")
    layout = mapping.layout
    for name in _FLAGS:
        if (flag := getattr(layout, name)) is not getattr(_STANDARD, name):
            lines.append(f"{name}: {_flag(flag)}")
    lines += _words("constants", {name: _cell(value) for name, value in layout.constants.items()})
    lines += _words("splits", layout.splits)
    if len(layout.tables) == 1 and _stands_alone(layout.tables[0]):
        lines += _table(layout.tables[0], beside or {})
    else:
        lines.append("tables:")
        for table in layout.tables:
            own = [f"kind: {_word(table.kind)}"]
            own += [f"key: {_word(table.key)}"] if table.key else []
            own += [f"of: {_word(str(table.of))}"] if table.of != ColumnRole.IMAGE_ID else []
            own += [f"names_images: {_flag(table.names_images)}"] if table.names_images is bool(table.key) else []
            own += _table(table, beside or {})
            if said := (beside or {}).get((table.kind, "")):
                lines.append(f"# {_one_line(said)}")
            lines += [("- " if at == 0 else "  ") + line for at, line in enumerate(own)]
    return "\n".join(lines) + "\n"


def _stands_alone(table: TableLayout) -> bool:
    return table.kind == "table" and not table.key and table.of == ColumnRole.IMAGE_ID and table.names_images


def _table(table: TableLayout, beside: Mapping[tuple[str, str], str]) -> Iterator[str]:
    images = tuple(c.name for c in table.columns if c.to in (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH))
    usual = (*images, *(p.column for p in table.pictures)) or ((table.key,) if table.key else ())
    if table.needs != usual:
        yield f"needs: {_list(table.needs)}"
    if table.columns:
        yield "columns:"
        for column in table.columns:
            yield from (f"  {line}" for line in _column(column, beside.get((table.kind, column.name), "")))
    if table.one_hot is not None:
        yield "one_hot:"
        yield from (f"  {line}" for line in _words("classes", table.one_hot.classes))
        for name in ("none_is", "mark"):
            if value := getattr(table.one_hot, name):
                yield f"  {name}: {_word(value)}"
    if table.pictures:
        yield "pictures:"
        for picture in table.pictures:
            said = beside.get((table.kind, picture.column), "")
            yield f"- column: {_word(picture.column)}" + (f"  # {_one_line(said)}" if said else "")
            yield from (f"  {line}" for line in _words("constants", picture.constants))
            if picture.columns:
                yield "  columns:"
                for column in picture.columns:
                    yield from (f"    {line}" for line in _column(column, ""))
    if table.ignored:
        yield f"ignored: {_list(table.ignored)}"


def _column(column: SourceColumn, comment: str) -> Iterator[str]:
    said = f"  # {_one_line(comment)}" if comment else ""
    if not (column.values or any(getattr(column, name) for name in (*_COLUMN_TEXTS, *_COLUMN_FLAGS))):
        yield f"{_word(column.name)}: {_word(column.to)}{said}"
        return
    yield f"{_word(column.name)}:{said}"
    yield f"  to: {_word(column.to)}"
    for name in _COLUMN_TEXTS:
        if value := getattr(column, name):
            yield f"  {name}: {_word(value)}"
    for name in _COLUMN_FLAGS:
        if getattr(column, name):
            yield f"  {name}: true"
    yield from (f"  {line}" for line in _words("values", column.values))


def _words(name: str, words: Mapping[str, str]) -> Iterator[str]:
    if words:
        yield f"{name}:"
        yield from (f"  {_word(word)}: {_word(meaning)}" for word, meaning in words.items())


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_word, words))}]"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return _flag(value) if isinstance(value, bool) else str(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _word(text: str) -> str:
    """A text as YAML reads it again as that text."""
    if _PLAIN.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNUSUAL.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _one_line(text: str) -> str:
    return _UNUSUAL.sub("", " ".join(text.split()))
