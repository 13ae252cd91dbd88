"""A table in JSON: a list of objects, or an object a line (JSON lines), each a row."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.metadata_table import Line, MetadataTable, build_table


def read_json_table(text: str, *, file_kind: str) -> MetadataTable:
    """Read rows out of JSON; a key that only some rows have is a column, empty in the others.

    Raises
    ------
    InvalidInput
        No JSON (with the line), or JSON that is no list of rows, such as the annotations of COCO.
    """
    rows = list(_rows(text, file_kind))
    heads = list(dict.fromkeys(key for _, row in rows for key in row))
    if not heads:
        raise InvalidInput(f"the {file_kind} is empty: expected one object per image")
    lines = (Line(number, [cell_text(row.get(key)) for key in heads]) for number, row in rows)
    return build_table(heads, lines, file_kind=file_kind, encoding="utf-8")


def cell_text(value: Any) -> str:
    """A value of JSON, Parquet or Excel as the text of a cell; lists and objects as JSON."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _rows(text: str, file_kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if text.lstrip().startswith("["):
        loaded = _loaded(text, file_kind, 1)
        for number, row in enumerate(loaded, start=1):
            yield number, _row(row, number, file_kind)
        return
    # str.splitlines would also part a line at signs that may stand within a JSON text.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            row = _row(_loaded(line, file_kind, number), number, file_kind)
            if number == 1 and {"images", "annotations"} <= set(row):
                raise InvalidInput(
                    f"the {file_kind} is one object with images and annotations (COCO), not a list of rows"
                )
            yield number, row


def _loaded(text: str, file_kind: str, number: int) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InvalidInput(f"line {number} of the {file_kind} is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"line {number + error.lineno - 1} of the {file_kind} is no JSON: {error.msg}. Expected a list of "
            "objects, or an object in each line"
        ) from None
    except ValueError:  # Python reads no number of thousands of digits
        raise InvalidInput(f"line {number} of the {file_kind} has a number of thousands of digits") from None


def _row(value: Any, number: int, file_kind: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"row {number} of the {file_kind} is no object with the cells of a row")
    return value
