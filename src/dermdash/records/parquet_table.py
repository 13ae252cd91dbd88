"""A table in Parquet, as Hugging Face and pandas write it."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.json_table import cell_text
from dermdash.records.metadata_table import MOST_CELLS, Line, MetadataTable, build_table

_ROWS_AT_ONCE = 256
"""A text that all rows share stands in the file once, and in each row that is read."""
MOST_TEXT = 1 << 30


def read_parquet_table(data: bytes, *, file_kind: str) -> MetadataTable:
    """Read a Parquet file; columns of bytes (pictures) are left out and named, of a picture with its path that stays.

    Raises
    ------
    InvalidInput
        A damaged file, or one of too many cells.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(io.BytesIO(data))
        fields = list(source.schema_arrow)
        if source.metadata.num_rows * len(fields) > MOST_CELLS:
            raise InvalidInput(f"the {file_kind} has more than {MOST_CELLS:,} cells: split it into several files")
        pictures = [f.name for f in fields if pa.types.is_binary(f.type) or pa.types.is_large_binary(f.type)]
        heads = [f.name for f in fields if f.name not in pictures]
        remarks = [f"Column {name!r} holds bytes and was not read as text." for name in pictures]

        def lines() -> Iterator[Line]:
            number, letters = 1, 0
            for batch in source.iter_batches(_ROWS_AT_ONCE, columns=heads):
                columns = [column.to_pylist() for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    number += 1
                    texts = [_text(cell) for cell in cells]
                    letters += sum(map(len, texts))
                    if letters > MOST_TEXT:
                        raise InvalidInput(f"the {file_kind} has more text than a table needs: split it")
                    yield Line(number, texts)

        return build_table(heads, lines(), file_kind=file_kind, remarks=remarks)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"the {file_kind} is no complete Parquet file: {error}") from error


def _text(value: Any) -> str:
    if isinstance(value, dict) and "path" in value:
        return cell_text(value["path"])
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != value.time().min else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else cell_text(value)
