"""What the records of a map hold, column by column in the order of the map: nothing is looked up record by record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dermdash.storage import statistics_counts
from dermdash.storage.workspace import Workspace

_ORDERS = 2
"""In which statements return records: that of the records and that of what a model said of them."""


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """Of each record the place of what it holds among ``values``, in as few bytes as that takes; None: nothing."""

    codes: NDArray[np.unsignedinteger[Any]]
    values: tuple[Any, ...]

    def numbers(self) -> NDArray[np.float64]:
        """The same as numbers, NaN where there is none."""
        values = np.array([np.nan if value is None else value for value in self.values], np.float64)
        return values[self.codes]


class MapColumns:
    """Columns of the records of a map; each is read once and kept as long as the map, which is of one moment."""

    def __init__(self, workspace: Workspace, model_id: str, ids: Iterable[str]) -> None:
        self._engine, self._model_id = workspace.engine, model_id
        self._ids = pa.array(ids, pa.string())
        self._orders: tuple[tuple[pa.ChunkedArray, NDArray[np.intp]], ...] = ()
        self._known: dict[str, CodedColumn] = {}
        self._probabilities: NDArray[np.float64] | None = None

    def coded(self, column: str) -> CodedColumn:
        """What a column of the records holds, ``quality`` among them (`statistics_counts.column_values`)."""
        if column not in self._known:
            self._known[column] = self._coded(statistics_counts.column_values(self._engine, column))
        return self._known[column]

    def probabilities(self) -> NDArray[np.float64]:
        """The probability of malignancy that the model of the map says; NaN where it says none."""
        if self._probabilities is None:
            read = statistics_counts.malignancy_probabilities(self._engine, self._model_id)
            said = np.append(read["value"].to_numpy(), np.nan)
            self._probabilities = said[self._rows(read["id"])]
        return self._probabilities

    def _coded(self, read: pa.Table) -> CodedColumn:
        encoded = read["value"].combine_chunks().dictionary_encode(null_encoding="encode")
        values = (*encoded.dictionary.to_pylist(), None)
        codes = np.append(encoded.indices.to_numpy(), len(values) - 1).astype(np.min_scalar_type(len(values) - 1))
        return CodedColumn(codes[self._rows(read["id"])], values)

    def _rows(self, ids: pa.ChunkedArray) -> NDArray[np.intp]:
        """Of each record of the map its row among these; -1: it is not there.

        A database that nobody writes to returns its rows in one order: which row is whose is then known already.
        """
        for order, rows in self._orders:
            if order.equals(ids):
                return rows
        found = pc.index_in(self._ids, value_set=ids.combine_chunks())
        rows = np.asarray(found.fill_null(-1).to_numpy(), np.intp)
        self._orders = ((ids, rows), *self._orders)[:_ORDERS]
        return rows
