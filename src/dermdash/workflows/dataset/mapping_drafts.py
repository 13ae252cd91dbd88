"""Mappings that somebody is working on: kept on the server, so that a reload or a lost connection takes nothing away.

Each sitting (a page that is open) writes a draft of its own, by account and tables: two tabs never overwrite one
another. They hold names of columns and words with their meanings, as saved mappings do.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dermdash.dataset.formats.mapped_source import fit_of_tables
from dermdash.dataset.formats.mapping import MAPPINGS, TableMapping
from dermdash.dataset.formats.mapping_file import SUFFIX, read_mapping_bytes
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.errors import DermdashError
from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import whole_file
from dermdash.workflows.dataset.saved_mappings import FITS

MOST_OF_TABLES, MOST_OF_ACCOUNT = 5, 50
"""Drafts that are kept of one account for the same tables, and in all; the oldest go first."""
_NAME = re.compile(r"[0-9a-f]{12}\.[0-9a-f]{12}\.(\d{14})-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """A mapping that was not finished: its id, when it was begun, and as it was left."""

    id: str
    begun_at: datetime
    mapping: TableMapping


def new_draft(account: str, tables: Iterable[Sequence[str]]) -> str:
    """The id of a draft of that account for tables with these columns; nothing is written yet."""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    return f"{_prefix(account, tables)}.{now}-{secrets.token_hex(3)}"


def keep_draft(home: Path, draft: str, mapping: TableMapping) -> None:
    """Write a draft as it stands; the oldest of the account give way.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        It cannot be written.
    """
    path = _path(home, draft)
    keep_files_private()
    with whole_file(path) as passing:
        passing.write_text(mapping_yaml(mapping), "utf-8")
    account, tables, _ = draft.split(".")
    _thin_out(path.parent, f"{account}.{tables}.", MOST_OF_TABLES)
    _thin_out(path.parent, f"{account}.", MOST_OF_ACCOUNT)


def list_drafts(home: Path, account: str, tables: Sequence[Sequence[str]]) -> list[MappingDraft]:
    """Drafts of that account that tables with these columns fit, the one begun last first.

    Also of fewer or more tables: one may have been added since. Unreadable ones are no drafts.
    """
    found = []
    own = _prefix(account, tables)
    for path in (home / MAPPINGS / "drafts").glob(f"{own.partition('.')[0]}.*{SUFFIX}"):
        if (name := _NAME.fullmatch(path.stem)) is None:
            continue
        with suppress(DermdashError, OSError):
            mapping = read_mapping_bytes(path.read_bytes(), file=path.name, whole=False)
            if not path.stem.startswith(f"{own}.") and fit_of_tables(mapping, tables) < FITS:
                continue
            begun = datetime.strptime(name[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            found.append(MappingDraft(path.stem, begun, mapping))
    return sorted(found, key=lambda d: (d.begun_at, d.id), reverse=True)


def count_drafts(home: Path, account: str) -> int:
    """How many drafts the account has, for any tables."""
    prefix = _prefix(account, ()).partition(".")[0]
    return sum(1 for _ in (home / MAPPINGS / "drafts").glob(f"{prefix}.*{SUFFIX}"))


def discard_draft(home: Path, draft: str) -> None:
    """Take a draft away, as when it was saved under a name."""
    _path(home, draft).unlink(missing_ok=True)


def _prefix(account: str, tables: Iterable[Sequence[str]]) -> str:
    columns = sorted(sorted(names) for names in tables)
    return ".".join(hashlib.sha256(repr(part).encode()).hexdigest()[:12] for part in (account, columns))


def _path(home: Path, draft: str) -> Path:
    if _NAME.fullmatch(draft) is None:
        raise ValueError(f"no draft is called {draft!r}")
    return home / MAPPINGS / "drafts" / f"{draft}{SUFFIX}"


def _thin_out(folder: Path, prefix: str, most: int) -> None:
    drafts = sorted(folder.glob(f"{prefix}*{SUFFIX}"), key=lambda p: p.stem.rpartition(".")[2], reverse=True)
    for path in drafts[most:]:
        path.unlink(missing_ok=True)
