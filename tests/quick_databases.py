"""Databases that cost little, for tests of anything but how a database is made: of one thread, and a copy when new.

DuckDB's other threads have nothing to do on a dozen rows, and cost half of its processor time. A new workspace runs all
migrations, a fifth of a second. A server makes the text of a statement once and keeps it; here nearly every test has an
engine of its own, which would make all of its statements anew: a seventh of the time of storage and workflows. Whoever
forks a parent for its processes imports this there, as the tests' own process does. What a new interpreter opens is
made as ever, and so is what calls `storage.engine` itself.
"""

import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from dermdash.storage import connections, workspace
from dermdash.storage.engine import open_engine
from dermdash.workflows.reader_study.archive import scratch

EMPTY = "TESTS_EMPTY_DATABASE"
"""The variable that names a DuckDB file with the schema alone, set by `copied_databases`; unset, none is copied."""

connections._DUCKDB["threads"] = 1  # type: ignore[assignment]


def _open_engine(url: str, **options: Any) -> sa.Engine:
    parsed, empty = sa.make_url(url), os.environ.get(EMPTY)
    if empty and parsed.get_backend_name() == "duckdb" and not (path := Path(str(parsed.database))).exists():
        _copy_whole(Path(empty), path)
    engine = open_engine(url, **options)
    engine._compiled_cache = _COMPILED.setdefault(engine.dialect.name, _CompiledStatements(capacity=2000))
    return engine


class _CompiledStatements(LRUCache[Any, Any]):
    """Statements of all engines on one kind of database: the key but for the dialect, of which each has one."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_COMPILED: dict[str, _CompiledStatements] = {}


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
scratch.open_engine = _open_engine


def let_go(opened: workspace.Workspace) -> None:
    """Close it, but without bringing DuckDB's file in order: its folder is about to go."""
    if opened.embedded:
        with opened.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA disable_checkpoint_on_shutdown")
    opened.engine.dispose()
