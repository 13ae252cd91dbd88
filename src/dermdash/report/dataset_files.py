"""The statistics of a data set as files: each table as CSV and LaTeX, each figure as CSV, SVG and PNG."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from dermdash.analyses.dataset_statistics.figures import DrawnFigure
from dermdash.analyses.section import ResultTable
from dermdash.records.safe_csv import to_safe_csv
from dermdash.report.latex_table import latex_table

_MOMENT = (2020, 1, 1, 0, 0, 0)
"""Of every entry of an archive: the same statistics make the same bytes."""


def table_files(table: ResultTable) -> dict[str, bytes]:
    """File name to content of one table."""
    return {f"{table.name}.csv": to_safe_csv(table.numbers), f"{table.name}.tex": latex_table(table)}


def figure_files(drawn: DrawnFigure) -> dict[str, bytes]:
    """File name to content of one figure."""
    name = drawn.figure.name
    return {
        f"{name}.csv": to_safe_csv(drawn.numbers),
        f"{name}.svg": drawn.drawing.svg(),
        f"{name}.png": drawn.drawing.png(),
    }


def dataset_files(tables: Sequence[ResultTable], figures: Sequence[DrawnFigure]) -> dict[str, bytes]:
    """File name to content of all."""
    files: dict[str, bytes] = {}
    for table in tables:
        files |= table_files(table)
    for drawn in figures:
        files |= figure_files(drawn)
    return files


def archive_of(files: dict[str, bytes]) -> bytes:
    """The files as one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
