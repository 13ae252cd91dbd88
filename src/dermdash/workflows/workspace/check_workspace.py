"""Looks whether a workspace is whole: tables readable, files what they should be, the log of readings in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from dermdash.dataset.thumbnail_check import fault_of_thumbnail
from dermdash.errors import FileMissing
from dermdash.progress import StageProgress
from dermdash.records.change_chain import read_chain
from dermdash.records.split_parts import split_digest
from dermdash.storage import change_log, consistency, splits
from dermdash.storage.kept_flags import stale_flags
from dermdash.storage.object_store import (
    LOCKED,
    MANIFESTS,
    MASKS,
    MODELS,
    ORIGINALS,
    READING_LOGS,
    THUMBNAILS,
    ObjectStore,
    object_name,
)
from dermdash.storage.snapshot import row_counts, unreadable_tables
from dermdash.storage.workspace import Workspace, checkpoint_name
from dermdash.wording import counted
from dermdash.workflows.dataset.kept_splits import kept_split
from dermdash.workflows.workspace.backup_folder import OWN_HASH, files_of, folder_of, sha256_of

_LISTED = 200
"""Of one kind; what exceeds it is counted."""
_KEPT_WORDS = {
    "model_dx": "stands another answer of the model in use than its predictions say",
    "breaks_rule": "it is kept otherwise than the open findings say whether a rule is broken",
}
_RESTORE = "Restore a backup that has it (`dermdash restore`)"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be; ``text`` is one line that names the cause and the way out."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckedWorkspace:
    """What was looked at and found.

    ``faults`` want something to be done, ``notes`` do not; of each kind some 200 are listed, ``counts`` has all.
    """

    home: Path
    tables: dict[str, int]
    files: int
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "workspace": str(self.home),
            "sound": self.sound,
            "tables": self.tables,
            "readings": self.tables.get("reading", 0),
            "files": self.files,
            "faults": [{"kind": fault.kind, "text": fault.text} for fault in self.faults],
            "notes": [{"kind": note.kind, "text": note.text} for note in self.notes],
            "counts": self.counts,
        }


def check_workspace(workspace: Workspace, *, progress: StageProgress | None = None) -> CheckedWorkspace:
    """Check a workspace, which may be in use meanwhile; nothing is changed."""
    say = progress or (lambda words, share: None)
    say("Tables", 0.0)
    unreadable = unreadable_tables(workspace.engine)
    if unreadable:  # nothing else can be said of such a database
        faults = [
            Fault("table", f"The table {name} cannot be read ({why}). {_RESTORE}, into a new folder first.")
            for name, why in unreadable.items()
        ]
        return _result(workspace, {}, 0, faults, [])
    say("References and readings", 0.1)
    faults = list(chain(_rows(workspace), _texts(workspace), _splits(workspace)))
    # Rows before files: an import that goes on stores a file before the row that names it.
    named = consistency.files_named(workspace.engine)
    found = {one.name for one in files_of(workspace.home, workspace.files)}
    faults += _files(workspace, named, found, say)
    say("Done", 1.0)
    return _result(workspace, row_counts(workspace.engine), len(found), faults, list(_surplus(named, found)))


def _result(
    workspace: Workspace, tables: dict[str, int], files: int, faults: list[Fault], notes: list[Fault]
) -> CheckedWorkspace:
    counts: dict[str, int] = {}
    listed: dict[bool, list[Fault]] = {True: [], False: []}
    for fault, is_fault in chain(((f, True) for f in faults), ((n, False) for n in notes)):
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
        if counts[fault.kind] <= _LISTED:
            listed[is_fault].append(fault)
    for kind, count in counts.items():
        if count > _LISTED:
            more = Fault(kind, f"... and {count - _LISTED:,} more of this kind ({kind}).")
            listed[any(f.kind == kind for f in faults)].append(more)
    return CheckedWorkspace(workspace.home, tables, files, tuple(listed[True]), tuple(listed[False]), counts)


def _rows(workspace: Workspace) -> Iterator[Fault]:
    engine = workspace.engine
    for column, table, example, rows in consistency.lost_references(engine):
        words = f"{counted(rows, 'row')} of {column} point to a {table} that is not there, as {example!r}"
        yield Fault("reference", f"{words}. {_RESTORE}, and compare.")
    for table, columns, values in consistency.doubled_keys(engine):
        words = f"{counted(values, 'value')} of {' and '.join(columns)} occur more than once in the table {table}"
        yield Fault("key", f"{words}. {_RESTORE}; leave the doubled rows out of any analysis until then.")
    for column, rows in stale_flags(engine):
        yield Fault(
            "flag", f"Beside {counted(rows, 'record')} {_KEPT_WORDS[column]}. Start the app: it puts that right."
        )
    for reading_id, words in consistency.misplaced_readings(engine):
        yield Fault("reading", f"The reading {reading_id} {words}. Leave it out of analyses, or {_RESTORE.lower()}.")
    for annotation_id, words in consistency.misplaced_annotations(engine):
        yield Fault("annotation", f"The annotation {annotation_id} {words}. {_RESTORE}, and compare.")
    state = read_chain(change_log.entries(engine))
    if state.broken is not None:
        yield Fault("change log", f"In the change log {state.broken.text}. {_RESTORE}, and compare.")
    for reader_id, words in consistency.gaps(engine):
        yield Fault("gap", f"Of reader {reader_id}, {words}. Something was lost: {_RESTORE.lower()}, and compare.")


def _texts(workspace: Workspace) -> Iterator[Fault]:
    for kind, of, text, digest in consistency.agreed_and_frozen(workspace.engine):
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            became = {"protocol": "frozen", "consent": "agreed to"}[kind]
            yield Fault(
                kind,
                f"The {kind} of {of} is not the one that was {became}: its sha256 differs. {_RESTORE}, and compare the "
                "texts.",
            )


def _splits(workspace: Workspace) -> Iterator[Fault]:
    for split in splits.list_splits(workspace.engine):
        if why := kept_split(split).broken:
            yield Fault("split", f"The split {split['name']!r} cannot be read: {why}. {_RESTORE}, or make another one.")
        if split_digest(splits.parts_of_records(workspace.engine, split["id"])) != split["digest"]:
            yield Fault(
                "split",
                f"The records of the split {split['name']!r} are not those that were stored: its digest differs. "
                f"{_RESTORE}, and compare the parts.",
            )


def _expected(
    named: dict[str, dict[str, tuple[str, str]]], thumbnails: Mapping[str, str]
) -> Iterator[tuple[str, str | None, str, str]]:
    """Each file the database names: its name, its sha256 where it is known, what it is, and another way to get it."""
    again = "or import the data set again"
    for sha256, (what, name) in named["images"].items():
        yield object_name(ORIGINALS, sha256), sha256, f"{what} {name[:12]}…", again
        yield object_name(THUMBNAILS, sha256), thumbnails.get(sha256), f"thumbnail of image {name[:12]}…", again
    for sha256, (what, name) in named["locked"].items():
        yield object_name(LOCKED, sha256), sha256, f"covered version of {what} {name[:12]}…", "or do without it"
    for sha256, (what, name) in named["masks"].items():
        yield object_name(MASKS, sha256), sha256, f"{what} {name}", again
    for model_id, (what, sha256) in named["models"].items():
        yield checkpoint_name(model_id), sha256, f"{what} {model_id}", "or add the model again"
    for sha256, (what, name) in named["reading_logs"].items():
        yield object_name(READING_LOGS, sha256), sha256, f"{what} {name!r}", "or import the log again"
    for sha256, (what, name) in named["manifests"].items():
        yield object_name(MANIFESTS, sha256), sha256, f"{what} {name}", "or tag the data set anew"


def _files(
    workspace: Workspace, named: dict[str, dict[str, tuple[str, str]]], found: Set[str], say: StageProgress
) -> Iterator[Fault]:
    expected = list(_expected(named, consistency.thumbnail_hashes(workspace.engine)))
    for i, (name, digest, what, otherwise) in enumerate(expected):
        say(counted(len(expected), "file"), 0.2 + 0.8 * i / len(expected))
        if name not in found and not workspace.files.has(name):  # it may have come since the folder was listed
            yield Fault("missing file", f"{name} ({what}) is missing. {_RESTORE}, {otherwise}.")
            continue
        fault = _fault_of(workspace.files, name, digest)
        if fault is not None:
            yield Fault("damaged file", f"{name} ({what}) {fault}. {_RESTORE}, {otherwise}.")


def _fault_of(files: ObjectStore, name: str, digest: str | None) -> str | None:
    try:
        with files.opened(name) as path:
            if digest is not None:
                return None if sha256_of(path) == digest else "is damaged: its sha256 is another one"
            # A thumbnail of an earlier version, which kept no hash of it.
            return fault_of_thumbnail(path.read_bytes(), None)
    except FileMissing:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _surplus(named: dict[str, dict[str, tuple[str, str]]], found: Set[str]) -> Iterator[Fault]:
    expected = {name for name, *_ in _expected(named, {})}
    for name in sorted(found):
        if folder_of(name) in (*OWN_HASH, THUMBNAILS, MODELS) and name not in expected:
            yield Fault(
                "surplus file", f"{name} belongs to nothing in the database, as after an import that was stopped."
            )
