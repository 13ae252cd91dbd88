"""A workspace: the database and the files that belong together, opened once per process."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from dermdash.errors import DermdashError
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.settings import Settings
from dermdash.storage.engine import checkpoint, open_engine
from dermdash.storage.object_store import MODELS, ObjectStore
from dermdash.storage.place_of_objects import open_objects
from dermdash.storage.private_files import close_to_others, keep_files_private

DATABASE_FILE = "dermdash.duckdb"
UNFINISHED_RESTORE = "restore-unfinished"
"""A file that lies in a workspace while a restore changes its content: half of it would look like an empty one."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The open workspace that every workflow receives as its first argument."""

    home: Path
    engine: sa.Engine
    files: ObjectStore
    settings: Settings

    @property
    def embedded(self) -> bool:
        """Whether the database runs inside this process (DuckDB) and not as a server."""
        return self.engine.dialect.name == "duckdb"

    def checkpoint(self, model_id: str) -> Path:
        """A file of this machine with the checkpoint of a model; nothing lies there where the workspace has none."""
        return self.files.local(checkpoint_name(model_id))

    def close(self) -> None:
        """Give the database back, so that another process may open it; its file alone is then whole."""
        checkpoint(self.engine)
        self.engine.dispose()


def open_workspace(settings: Settings) -> Workspace:
    """Open (and create or migrate when needed) the workspace the settings name.

    Raises
    ------
    OutOfReach
        Another process holds its DuckDB file, or the database cannot be reached.
    DermdashError
        The folder cannot be created, or a restore into it was not finished.
    """
    home = settings.home.resolve()
    refuse_unfinished_restore(home)
    files = open_objects(settings, home)
    keep_files_private()
    try:
        home.mkdir(parents=True, exist_ok=True)
        close_to_others(home)
    except OSError as error:
        raise DermdashError(f"The workspace folder {home} cannot be created: {error.strerror}") from error
    TAXONOMIES.use_workspace(home)
    engine = open_engine(
        settings.resolved_database_url, checkpoints=home / MODELS, connections=settings.database_connections
    )
    return Workspace(home, engine, files, settings)


def checkpoint_name(model_id: str) -> str:
    """The name of a model's checkpoint among the objects."""
    return f"{MODELS}/{model_id}.safetensors"


def refuse_unfinished_restore(home: Path) -> None:
    """Raise a DermdashError where a restore is going on or was killed in the middle."""
    mark = home / UNFINISHED_RESTORE
    if mark.exists():
        backup = ""
        with suppress(OSError, ValueError):
            backup = mark.read_text("utf-8")
        raise DermdashError(
            f"A backup is being restored into the workspace {home}, or its restore was not finished: wait, or run "
            f"`dermdash restore {backup or 'BACKUP'} --into {home}` again. What was there before lies in its folder "
            "backups."
        )
