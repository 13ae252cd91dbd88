"""Read a management rubric from CSV."""

from dataclasses import replace
from pathlib import Path

from dermdash.analyses.benefit.rubric import COLUMNS, Rubric, make_rubric
from dermdash.errors import InvalidInput
from dermdash.records.csv_table import read_table, require_columns
from dermdash.records.safe_csv import unescape_cell

_KIND = "rubric file"


def read_rubric(source: Path | bytes) -> Rubric:
    """Read a CSV with ``truth``, ``management`` and ``judgement`` (appropriate, undertreatment, overtreatment).

    Raises
    ------
    MissingColumns
        A column is absent.
    InvalidInput
        A row cannot be used; row and value are named.
    """
    table = read_table(source, file_kind=_KIND)
    require_columns(table, COLUMNS, file_kind=_KIND)
    rows = []
    for row in table:
        if row.cells is None:
            raise InvalidInput(f"the {_KIND}, row {row.number}: {row.problem}")
        rows.append({name: unescape_cell(row.cells[name].strip()) for name in COLUMNS} | {"row": row.number})
    return replace(make_rubric(rows, source=f"the {_KIND}"), notes=table.notes)
