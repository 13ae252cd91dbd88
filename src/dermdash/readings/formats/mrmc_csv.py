"""Multi-reader multi-case data as CSV: reader, modality (or treatment), case, truth, rating."""

from pathlib import Path

import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats.clusters import clusters_of
from dermdash.readings.formats.mrmc_cells import (
    MRMC_COLUMNS,
    check_names,
    check_one_cluster,
    check_one_rating,
    check_one_truth,
    ratings_of,
    truths_of,
)
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import MetadataTable, read_table
from dermdash.records.safe_csv import unescape_cell

MODALITY_NAMES = ("modality", "treatment")
RATING_NAMES = ("rating", "score")


def read_mrmc_csv(source: Path | bytes | MetadataTable, *, names: NamesRead | None = None) -> pd.DataFrame:
    """Read such a file; ``names`` says what spellings are called.

    Of further columns only those that say which cases belong together (`clusters`) are looked at.

    Returns
    -------
    DataFrame
        ``reader``, ``modality``, ``case`` (text), ``truth`` (0 or 1) and ``rating`` (finite), one row per rating; with
        ``cluster`` (text or None) where the file says it.

    Raises
    ------
    MissingColumns
        A column is absent.
    InvalidInput
        No row, an empty name, a rating or truth that is none, two truths or clusters for a case, or two ratings
        of a reader for a case and modality; the row is named.
    """
    name = source.name if isinstance(source, Path) else "the file"
    table = source if isinstance(source, MetadataTable) else read_table(source, file_kind="file of ratings")
    columns = {
        "reader": "reader",
        "modality": _one_of(table, MODALITY_NAMES, name),
        "case": "case",
        "truth": "truth",
        "rating": _one_of(table, RATING_NAMES, name),
    }
    if missing := [wanted for wanted, column in columns.items() if column not in table.columns]:
        raise MissingColumns(
            f"{name} lacks the columns {', '.join(missing)}: expected reader, modality (or treatment), case, truth, "
            f"rating. Found: {', '.join(table.columns)}"
        )
    if not table.body:
        raise InvalidInput(f"{name} has no row below its header")
    rows: list[int] = []
    cells: dict[str, list[str]] = {wanted: [] for wanted in columns}
    every: list[dict[str, str]] = []
    for row in table:
        if row.cells is None:
            raise InvalidInput(f"{name}: {row.problem}")
        rows.append(row.number)
        every.append(row.cells)
        for wanted, column in columns.items():
            cells[wanted].append(row.cells[column])
    frame = pd.DataFrame({n: [unescape_cell(c.strip()) for c in cells[n]] for n in ("reader", "modality", "case")})
    frame = frame.astype(object).assign(row=rows, cluster=pd.Series(clusters_of(every), dtype=object))
    for column in ("reader", "modality", "case", "cluster"):
        frame[column] = (names or NamesRead()).column(column, frame[column])
    frame["truth"] = truths_of(cells["truth"], rows, source=name)
    frame["rating"] = ratings_of(cells["rating"], rows, source=name)
    check_names(frame, source=name)
    check_one_truth(frame, source=name)
    check_one_cluster(frame, source=name)
    check_one_rating(frame, source=name)
    return frame[[*MRMC_COLUMNS, *(("cluster",) if frame["cluster"].notna().any() else ())]]


def _one_of(table: MetadataTable, names: tuple[str, ...], source: str) -> str:
    found = [name for name in names if name in table.columns]
    if len(found) > 1:
        raise InvalidInput(f"{source} has the columns {' and '.join(found)}, which mean the same: keep one")
    return found[0] if found else names[0]
