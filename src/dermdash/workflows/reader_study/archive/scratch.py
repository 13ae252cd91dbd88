"""A study alone in a workspace that is thrown away again: where an archive is tried, checked and computed anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dermdash.settings import Settings
from dermdash.storage.engine import open_engine
from dermdash.storage.object_store import FolderStore
from dermdash.storage.study_rows import Row, insert_rows
from dermdash.storage.workspace import Workspace


@contextmanager
def scratch_workspace(rows: Mapping[str, Sequence[Row]], settings: Settings) -> Iterator[Workspace]:
    """A workspace with these rows and without images; nothing of it is left.

    It takes no other's place: taxonomies stay those of the workspace that is open, or of dermdash alone.
    """
    with tempfile.TemporaryDirectory(prefix="dermdash-study-") as folder:
        home = Path(folder)
        engine = open_engine(f"duckdb:///{home / 'study.duckdb'}")
        try:
            insert_rows(engine, rows)
            yield Workspace(home, engine, FolderStore(home), settings)
        finally:
            engine.dispose()
