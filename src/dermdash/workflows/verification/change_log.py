"""The change log for people: is it whole, what happened to a record, by whom, on a day, and all of it as a file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.change_chain import ChainState, LogEntry, canonical, read_chain
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import change_log
from dermdash.storage.ladder_rows import Source, one_moment
from dermdash.storage.signing_key import public_key, signature_fits, signing_key
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy
from dermdash.workflows.verification.log_projection import Projection
from dermdash.workflows.verification.private_log import hidden_entries

READERS = (Role.CURATOR, Role.STATISTICIAN, Role.ADMIN)
"""Who may read the log: it says what others did, so reviewers may not."""
COLUMNS = (
    "sequence", "at", "account_id", "act", "dataset_id", "record_id", "field", "old", "new", "reason", "previous",
    "hash",
)  # fmt: skip
CHAIN_COLUMNS = ("previous", "hash")
_SIGNED = ("entries", "hash", "at")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends, signed: written down elsewhere, it shows later whether anything before was changed.

    ``at`` is the moment of the last entry; ``public_key`` and ``signature`` (Ed25519) are hexadecimal.
    """

    entries: int
    hash: str
    at: str | None
    public_key: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "entries": self.entries, "hash": self.hash, "at": self.at, "public_key": self.public_key,
            "signature": self.signature,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """Whether the log is whole.

    Attributes
    ----------
    first_broken
        Number of the first entry that is not as it was written, None where each is.
    problems
        What is wrong, one sentence each.
    unexplained
        How many records, annotations and decisions are not as the log says.
    """

    head: Head
    first_broken: int | None
    problems: tuple[str, ...]
    unexplained: int = 0
    records: int = 0
    compared: Mapping[str, Any] | None = field(default=None)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``whole`` and ``entries`` first."""
        found: dict[str, Any] = {"whole": self.whole, **self.head.as_dict(), "records": self.records}
        if self.compared is not None:
            found["compared_with"] = dict(self.compared)
        if not self.whole:
            found |= {
                "first_broken": self.first_broken, "unexplained": self.unexplained, "problems": list(self.problems),
            }  # fmt: skip
        return found


def verify_log(workspace: Workspace, head: Mapping[str, Any] | None = None) -> LogVerdict:
    """Read the whole log and say whether it is whole, and whether it explains what the records are now.

    Parameters
    ----------
    head
        One that was written down earlier: the log has to hold it still. A log that was cut off at its end, or written
        anew, is found by this alone.
    """
    projection = Projection()
    known = read_head(head) if head is not None else None
    seen: list[str] = []

    def watched(source: Source) -> Iterator[LogEntry]:
        for entry in change_log.entries(source):
            projection.add(entry)
            if known is not None and entry.sequence == known["entries"]:
                seen.append(entry.hash)
            yield entry

    # People go on meanwhile: log and records are compared as of one moment.
    with one_moment(workspace.engine) as source:
        state = read_chain(watched(source))
        records, wrong, unexplained = projection.compare(source) if state.broken is None else (0, 0, [])
    problems: list[str] = []
    if state.broken is not None:
        problems.append(_sentence(state.broken.text))
    elif known is not None:
        problems += _against(known, seen, state)
    problems += unexplained
    return LogVerdict(
        _signed(workspace, state), None if state.broken is None else state.broken.sequence, tuple(problems),
        wrong, records, None if known is None else {n: known[n] for n in _SIGNED},
    )  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _against(known: Mapping[str, Any], seen: list[str], state: ChainState) -> list[str]:
    problems = []
    public, signature = known.get("public_key"), known.get("signature")
    if public and signature and not signature_fits(public, signature, _to_sign(known)):
        problems.append("The head that was written down is not as it was signed: it was changed, or mistyped.")
    if known["entries"] > state.entries:
        problems.append(
            f"The log ends at entry {state.entries:,}, and the head that was written down is of entry "
            f"{known['entries']:,}: the end of the log is missing."
        )
    elif known["entries"] and seen != [known["hash"]]:
        problems.append(
            f"Entry {known['entries']:,} is not the one that the head was written down of: the log up to there was "
            "written anew."
        )
    return problems


def current_head(workspace: Workspace) -> Head:
    """The head of the log as it is, signed: to be written down elsewhere."""
    last = next(change_log.entries(workspace.engine, newest_first=True, limit=1), None)
    if last is None:
        return _signed(workspace, read_chain(()))
    return _signed(workspace, ChainState(last.sequence, last.hash, last.at, None))


def _signed(workspace: Workspace, state: ChainState) -> Head:
    key = signing_key(workspace.home)
    said = {"entries": state.entries, "hash": state.hash, "at": state.at}
    return Head(state.entries, state.hash, state.at, public_key(key), key.sign(_to_sign(said)).hex())


def _to_sign(head: Mapping[str, Any]) -> bytes:
    return canonical({name: head[name] for name in _SIGNED}).encode()


def read_head(head: Mapping[str, Any]) -> dict[str, Any]:
    """Check a head that was written down.

    Raises
    ------
    InvalidInput
        It is none.
    """
    entries, hash_, at = head.get("entries"), head.get("hash"), head.get("at")
    fits = isinstance(entries, int) and not isinstance(entries, bool) and entries >= 0
    if not fits or not isinstance(hash_, str) or len(hash_) != 64 or not isinstance(at, str | None):
        raise InvalidInput("This is no head of a change log: expected what `dermdash verify-log --json` printed.")
    return {"public_key": None, "signature": None, **head}


def load_head(path: Path) -> dict[str, Any]:
    """Read a head from the file that it was written to.

    Raises
    ------
    InvalidInput
        The file cannot be read or holds none.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{path} cannot be read as a head of the change log: expected JSON.") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{path} holds no head of a change log.")
    return read_head(found)


def list_entries(
    workspace: Workspace,
    actor: Account,
    *,
    record_id: str | None = None,
    account_id: str | None = None,
    day: str | None = None,
    dataset_id: str | None = None,
    acts: Collection[str] = (),
    limit: int | None = 500,
) -> list[LogEntry]:
    """Entries that fit all that is named, the latest first: of a record, a person, a day (UTC).

    Raises
    ------
    AccessDenied
        Whoever asks may not know what others did.
    """
    require(actor, *READERS)
    return list(
        change_log.entries(
            workspace.engine, record_id=record_id, account_id=account_id, day=day, dataset_id=dataset_id, acts=acts,
            newest_first=True, limit=limit,
        )
    )  # fmt: skip


def count_entries(workspace: Workspace, actor: Account, **chosen: Any) -> int:
    """How many entries fit; ``chosen`` as in `list_entries`."""
    require(actor, *READERS)
    return change_log.count_entries(workspace.engine, **chosen)


def log_csv(workspace: Workspace, actor: Account, *, privacy: Privacy = AS_IT_IS, **chosen: Any) -> bytes:
    """The log as CSV in its order, old and new values as JSON; ``chosen`` as in `list_entries`.

    With pseudonyms it goes without the hashes of its chain, which hold for what the log says itself.
    """
    import pandas as pd

    found = list_entries(workspace, actor, **{"limit": None, **chosen})
    rows = [
        entry.as_dict() | {"old": canonical(entry.old), "new": canonical(entry.new)}
        for entry in reversed(hidden_entries(workspace, found, privacy))
    ]
    columns = [name for name in COLUMNS if not (privacy.names and name in CHAIN_COLUMNS)]
    return to_safe_csv(pd.DataFrame(rows, columns=columns))


def log_json_lines(workspace: Workspace, actor: Account, **chosen: Any) -> bytes:
    """The log as one line of canonical JSON for each entry, in its order: anybody can follow the chain in it.

    The hash of an entry is the SHA-256 of ``previous`` followed by its line without ``hash``.
    """
    entries = reversed(list_entries(workspace, actor, **{"limit": None, **chosen}))
    return "".join(f"{canonical(entry.as_dict())}\n" for entry in entries).encode()
