"""The change log as a chain: what an entry holds, the hash that ties it to the one before, and whether all is whole.

Each entry holds the hash of the one before it, and its own hash is taken over that and everything else it says. To
change, leave out, add or move an entry, all that follow have to be made anew, and the hash of the last one (the head)
is then another: who wrote the head down elsewhere sees it.

Source: the linked time stamps of Haber and Stornetta, J Cryptology 3, 99 (1991).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""
LABEL_COLUMNS = ("dx", "dx_type")
"""Columns of a record beside its fields that acts change."""
_KEYS = ("id", "dataset_id", "image_id", "lesion_id", "patient_id", "image_sha256", "source_label")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of the change log.

    Attributes
    ----------
    sequence
        From 1 without gaps; the order of entries, whatever a clock said.
    at
        Moment in UTC by the server's clock, ISO 8601 with microseconds.
    account_id
        Who; empty where nobody was known.
    act
        Value of `dermdash.records.acts.Act`.
    record_id, field
        What was changed; no record for an import, no field for an act that changed none.
    old, new
        Values as JSON knows them.
    previous, hash
        Of the entry before, and of this one (64 hex digits).
    """

    sequence: int
    at: str
    account_id: str
    act: str
    dataset_id: str | None
    record_id: str | None
    field: str | None
    old: Any
    new: Any
    reason: str
    previous: str
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @property
    def own_hash(self) -> str:
        """The hash that an entry of this content has."""
        return entry_hash(self.as_dict())


def canonical(value: Any) -> str:
    """JSON in one form only: keys in order, no blanks, text as it is, no NaN.

    Raises
    ------
    ValueError
        Something that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 over the hash of the entry before and the canonical JSON of all that this one says, its hash left out."""
    said = canonical({name: value for name, value in entry.items() if name != "hash"})
    return hashlib.sha256(f"{entry['previous']}{said}".encode()).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value: what an entry says of content that it does not show."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def record_digest(row: Mapping[str, Any], fields: Iterable[str]) -> str:
    """Digest of what is stored of a record: its names, label and fields, those that are empty left out.

    A field that a later version adds is empty in an older record and changes nothing.
    """
    return digest({name: row[name] for name in digested_names(fields) if row.get(name) is not None})


def digested_names(fields: Iterable[str]) -> tuple[str, ...]:
    """What the digest of a record is taken over: its names, its label, and these fields."""
    return (*_KEYS, *LABEL_COLUMNS, *fields)


def batch_digest(digests: Mapping[str, str]) -> str:
    """Digest of several records: over record id and digest of each, in the order of the ids."""
    return digest(sorted(digests.items()))


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """The first entry that is not as it was written; ``text`` names what is wrong with it."""

    sequence: int
    text: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """What was read of a chain: so many whole entries, the hash of the last one, and what is broken after them."""

    entries: int
    hash: str
    at: str | None
    broken: BrokenChain | None


def read_chain(entries: Iterable[LogEntry]) -> ChainState:
    """Follow a chain from its first entry and stop at the first that does not fit.

    Parameters
    ----------
    entries
        In the order of their sequence.
    """
    last, previous, at = 0, GENESIS, None
    for entry in entries:
        problem = None
        if entry.sequence != last + 1:
            problem = f"entry {last + 1} is missing: entry {entry.sequence} comes next"
        elif entry.previous != previous:
            problem = f"entry {entry.sequence} does not follow the one before it: it names another hash as previous"
        elif entry.own_hash != entry.hash:
            problem = f"entry {entry.sequence} was changed: its hash is not that of what it says"
        if problem is not None:
            return ChainState(last, previous, at, BrokenChain(last + 1, problem))
        last, previous, at = entry.sequence, entry.hash, entry.at
    return ChainState(last, previous, at, None)
