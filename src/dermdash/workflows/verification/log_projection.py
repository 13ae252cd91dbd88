"""Whether the log explains what is stored: every record from its import on, every annotation, every decision."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from dermdash.records.acts import Act
from dermdash.records.change_chain import LogEntry, batch_digest, digest, record_digest
from dermdash.records.fields import FIELD_NAMES
from dermdash.storage import annotation_rows, decisions, record_rows
from dermdash.storage.ladder_rows import Source
from dermdash.wording import counted

_LISTED = 20


class Projection:
    """What the log says that records, annotations and decisions are."""

    def __init__(self) -> None:
        self._imports: dict[int, dict[str, Any]] = {}
        self._first: dict[str, dict[str, Any]] = defaultdict(dict)
        self._last: dict[str, dict[str, Any]] = defaultdict(dict)
        self._annotations: dict[str, str] = {}
        self._decisions: dict[tuple[str, str, int], Any] = {}
        self._problems: list[str] = []

    def add(self, entry: LogEntry) -> None:
        """Take the next entry in."""
        if entry.record_id is None:
            if entry.act == Act.IMPORT and isinstance(entry.new, dict):
                self._imports[entry.sequence] = entry.new
            return
        if entry.field is not None:
            last = self._last[entry.record_id]
            if entry.field in last and last[entry.field] != entry.old:
                self._problem(
                    f"Entry {entry.sequence} says that {entry.field} of record {entry.record_id} was {entry.old!r}, "
                    f"and the entry before it says {last[entry.field]!r}."
                )
            self._first[entry.record_id].setdefault(entry.field, entry.old)
            last[entry.field] = entry.new
        elif entry.act in (Act.INITIAL_ANNOTATION, Act.REVIEW):
            self._annotations[entry.new["annotation"]] = entry.new["digest"]
        elif entry.act in (Act.CONSENSUS, Act.HISTOLOGY):
            self._decisions[(entry.act, entry.record_id, entry.new["cycle"])] = entry.new["dx"]

    def _problem(self, text: str) -> None:
        self._problems.append(text)

    def compare(self, source: Source) -> tuple[int, list[str]]:
        """How many records there are, and a sentence for each thing that is not as the log says.

        Of what is wrong in one way some are named and all counted.
        """
        batches: dict[int, dict[str, str]] = defaultdict(dict)
        count = 0
        for row in record_rows.every_row(source):
            count += 1
            entry = row["import_entry"]
            if entry not in self._imports:
                self._problem(f"No entry says how record {row['id']} came here.")
                continue
            for name, value in self._last.get(row["id"], {}).items():
                if row[name] != value:
                    self._problem(
                        f"{name} of record {row['id']} is {row[name]!r}, and the log says {value!r}: it was changed "
                        "past the log."
                    )
            batches[entry][row["id"]] = record_digest({**row, **self._first.get(row["id"], {})}, FIELD_NAMES)
        for sequence, said in self._imports.items():
            there = batches.get(sequence, {})
            if len(there) != said["records"]:
                self._problem(
                    f"Entry {sequence} brought {counted(said['records'], 'record')}, and {len(there):,} of them are "
                    "there."
                )
            elif batch_digest(there) != said["digest"]:
                self._problem(
                    f"A record that entry {sequence} brought is not as it came, and no entry says who changed it."
                )
        self._compare_annotations(source)
        self._compare_decisions(source)
        more = len(self._problems) - _LISTED
        shown = self._problems[:_LISTED]
        return count, [*shown, f"... and {more:,} more of this kind."] if more > 0 else shown

    def _compare_annotations(self, source: Source) -> None:
        stored = {row["id"]: digest(row["content"]) for row in annotation_rows.every_annotation(source)}
        for key, said in self._annotations.items():
            if key not in stored:
                self._problem(f"The annotation {key} is in the log and not stored.")
            elif stored[key] != said:
                self._problem(f"The annotation {key} is not as it was submitted.")
        for key in stored.keys() - self._annotations.keys():
            self._problem(f"No entry says how the annotation {key} came here.")

    def _compare_decisions(self, source: Source) -> None:
        stored = {(str(Act.CONSENSUS), r["record_id"], r["cycle"]): r["dx"] for r in decisions.all_consensus(source)}
        stored |= {(str(Act.HISTOLOGY), r["record_id"], r["cycle"]): r["dx"] for r in decisions.all_histology(source)}
        for key in stored.keys() | self._decisions.keys():
            if stored.get(key) != self._decisions.get(key):
                act, record_id, cycle = key
                self._problem(
                    f"The {act} of record {record_id} (cycle {cycle}) is {stored.get(key)!r}, and the log says "
                    f"{self._decisions.get(key)!r}."
                )
