"""Databases that cost little, for tests of anything but how a database is made: of one thread, and a copy when new.

DuckDB's other threads have nothing to do on a dozen rows, and cost half of its processor time. A new workspace runs all
migrations, a fifth of a second. Whoever forks a parent for its processes imports this there, as the tests' own process
does. What a new interpreter opens is made as ever, and so is what calls `storage.engine` itself.
"""

import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from dermdash.storage import connections, workspace
from dermdash.storage.engine import open_engine

EMPTY = "TESTS_EMPTY_DATABASE"
"""The variable that names a DuckDB file with the schema alone, set by `copied_databases`; unset, none is copied."""

connections._DUCKDB["threads"] = 1  # type: ignore[assignment]


def _open_engine(url: str, **options: Any) -> sa.Engine:
    parsed, empty = sa.make_url(url), os.environ.get(EMPTY)
    if empty and parsed.get_backend_name() == "duckdb" and not (path := Path(str(parsed.database))).exists():
        _copy_whole(Path(empty), path)
    return open_engine(url, **options)


def _copy_whole(source: Path, path: Path) -> None:
    """Nothing where the disk is full or another process was first: what follows is what a test is about."""
    beside = path.with_name(uuid4().hex)
    try:
        shutil.copyfile(source, beside)
        os.link(beside, path)
    except OSError:
        pass
    finally:
        beside.unlink(missing_ok=True)


workspace.open_engine = _open_engine
