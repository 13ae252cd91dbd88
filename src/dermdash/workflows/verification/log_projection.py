"""Whether the log explains what is stored: every record from its import on, every annotation, every decision.

Beside a digest or a decision stand columns that acts and counts read: they are held to it as well, as whoever changes
the database would change those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.records.acts import Act, TaskPurpose
from dermdash.records.change_chain import LogEntry, batch_digest, digest, record_digest
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, decisions, record_rows
from dermdash.storage.further_columns import DIGESTED
from dermdash.storage.ladder_rows import Source
from dermdash.wording import counted

_LISTED = 20
_COUNTED = ("dx", "unsure", "quality")
"""What stands beside the content of an annotation as columns, which votes are counted by."""
_DECISIONS = {
    Act.CONSENSUS: VerificationStage.CONSENSUS, Act.HISTOLOGY: VerificationStage.HISTOLOGY, Act.REOPENING: None,
}  # fmt: skip
_WHENCE = {True: "claimed by its source alone", False: "reached here"}
_Decision = tuple[str, str, int]
"""Act, record and cycle."""


class Projection:
    """What the log says that records, annotations and decisions are."""

    def __init__(self) -> None:
        self._imports: dict[int, dict[str, Any]] = {}
        self._first: dict[str, dict[str, Any]] = defaultdict(dict)
        self._last: dict[str, dict[str, Any]] = defaultdict(dict)
        self._annotations: dict[str, LogEntry] = {}
        self._decisions: dict[_Decision, dict[str, Any]] = {}
        self._reached: dict[str, int] = {}
        self._initial: dict[str, list[str]] = defaultdict(list)
        self._kept: dict[str, list[str]] = {}
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
            self._annotations[entry.new["annotation"]] = entry
            if entry.act == Act.INITIAL_ANNOTATION:
                self._initial[entry.record_id].append(entry.new["annotation"])
                self._reach(entry.record_id, VerificationStage.INITIAL_ANNOTATION)
        elif entry.act in _DECISIONS:
            said = {**entry.new, "reason": entry.reason, "account_id": entry.account_id}
            if entry.act == Act.HISTOLOGY:
                del said["reason"]  # it repeats the number of the report
            self._decisions[(entry.act, entry.record_id, entry.new["cycle"])] = said
            if entry.act == Act.REOPENING:
                self._lower(entry.record_id, entry.new["stage"])
            else:
                self._reach(entry.record_id, _DECISIONS[Act(entry.act)])

    def _reach(self, record_id: str, stage: int | None) -> None:
        self._reached[record_id] = max(self._reached.get(record_id, 0), stage or 0)

    def _lower(self, record_id: str, stage: int | None) -> None:
        """After a reopening a stage is one of here where an act here gave it: the first one, where it gave a class."""
        self._kept.pop(record_id, None)
        self._reached[record_id] = 0
        if stage == VerificationStage.INITIAL_ANNOTATION:
            self._kept[record_id] = list(self._initial[record_id])
        else:
            self._reach(record_id, stage)

    def _problem(self, text: str) -> None:
        self._problems.append(text)

    def compare(self, source: Source) -> tuple[int, int, list[str]]:
        """How many records there are, how many things are not as the log says, and a sentence for each of the first."""
        batches: dict[int, dict[str, str]] = defaultdict(dict)
        count = 0
        annotations = annotation_rows.every_annotation(source)
        classes = {row["id"]: row["dx"] for row in annotations}
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
            if row["stage_claimed"] != self._claimed(row, classes):
                self._problem(
                    f"Of record {row['id']} it says that its stage was {_WHENCE[bool(row['stage_claimed'])]}, and the "
                    f"log that it was {_WHENCE[not row['stage_claimed']]}: it was changed past the log."
                )
            batches[entry][row["id"]] = record_digest({**row, **self._first.get(row["id"], {})}, DIGESTED)
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
        self._compare_annotations(annotations)
        self._compare_decisions(source)
        wrong, shown = len(self._problems), self._problems[:_LISTED]
        more = [f"... and {wrong - _LISTED:,} more of this kind."] if wrong > _LISTED else []
        return count, wrong, [*shown, *more]

    def _claimed(self, row: Mapping[str, Any], classes: Mapping[str, str | None]) -> bool | None:
        """Whether only the source says that a record has its stage, by the acts in the log."""
        stage, reached = row["verification_stage"], self._reached.get(row["id"], 0)
        if any(classes.get(key) is not None for key in self._kept.get(row["id"], ())):
            reached = max(reached, int(VerificationStage.INITIAL_ANNOTATION))
        return None if stage is None else stage > reached

    def _compare_annotations(self, rows: Sequence[Mapping[str, Any]]) -> None:
        stored = {row["id"]: row for row in rows}
        for key, entry in self._annotations.items():
            row = stored.get(key)
            if row is None:
                self._problem(f"The annotation {key} is in the log and not stored.")
                continue
            content, initial = row["content"], entry.act == Act.INITIAL_ANNOTATION
            if digest(content) != entry.new["digest"] or any(row[n] != content.get(n) for n in _COUNTED):
                self._problem(f"The annotation {key} is not as it was submitted.")
            same = {"account_id": entry.account_id, "record_id": entry.record_id, "cycle": entry.new["cycle"]}
            if (
                any(row[name] != value for name, value in same.items())
                or (row["purpose"] == TaskPurpose.INITIAL) != initial
            ):
                self._problem(f"The annotation {key} is of another person, record, round or purpose than the log says.")
        for key in stored.keys() - self._annotations.keys():
            self._problem(f"No entry says how the annotation {key} came here.")

    def _compare_decisions(self, source: Source) -> None:
        stored = {
            (str(Act.CONSENSUS), r["record_id"], r["cycle"]): _consensus(r) for r in decisions.all_consensus(source)
        }
        stored |= {
            (str(Act.HISTOLOGY), r["record_id"], r["cycle"]): _histology(r) for r in decisions.all_histology(source)
        }
        stored |= {
            (str(Act.REOPENING), r["record_id"], r["cycle"]): _reopening(r) for r in decisions.all_reopenings(source)
        }
        for key in sorted(stored.keys() | self._decisions.keys()):
            act, record_id, cycle = key
            there, said = stored.get(key), self._decisions.get(key)
            what = f"The {act} of record {record_id} (cycle {cycle})"
            if said is None:
                self._problem(f"No entry says how {what[0].lower()}{what[1:]} came here.")
            elif there is None:
                self._problem(f"{what} is in the log and not stored.")
            elif name := next((n for n in {**said, **there} if there.get(n) != said.get(n)), None):
                self._problem(
                    f"{what} is not as the log says: {name} is {there.get(name)!r}, and the log says "
                    f"{said.get(name)!r}."
                )


def _consensus(row: Mapping[str, Any]) -> dict[str, Any]:
    content = row["content"]
    same = {name: row[name] for name in ("dx", "kind", "cycle", "participants", "reason", "account_id")}
    agrees = content.get("dx") == row["dx"]
    return {**same, "values": content.get("values"), "quality": content.get("quality")} | (
        {} if agrees else {"content": content}
    )


def _histology(row: Mapping[str, Any]) -> dict[str, Any]:
    when = row["report_date"]
    same = {name: row[name] for name in ("dx", "cycle", "text", "report_number", "source", "account_id")}
    return {**same, "report_date": None if when is None else when.isoformat()}


def _reopening(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"stage": row["to_stage"], **{name: row[name] for name in ("cycle", "reason", "account_id")}}
