"""A record on the ladder as an act finds it: its row, cycle, tasks and answers, and what follows from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from dermdash.errors import NotFound
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, decisions, record_rows, review_rules, tasks
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source
from dermdash.verification.review_rule import DEFAULT_RULE, ReviewRule
from dermdash.verification.standing import Facts

_DECISIONS = ("review_outcome", "consensus", "histology")
_rules: WeakKeyDictionary[Any, dict[tuple[str, int], ReviewRule]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class RecordState:
    """One record with everything that its next step depends on.

    Attributes
    ----------
    record
        Its row, with width, height and taxonomy.
    tasks, answers
        Of the present cycle; answers are the latest of each task, history left out.
    authors
        Who made an initial annotation, in whatever cycle: they do not review it.
    """

    record: dict[str, Any]
    facts: Facts
    tasks: tuple[dict[str, Any], ...]
    answers: dict[str, dict[str, Any]]
    authors: frozenset[str]

    def with_answer(self, row: dict[str, Any]) -> RecordState:
        """The same record after an annotation of it was stored."""
        answers = {**self.answers, row["task_id"]: row}
        initial = row["purpose"] == tasks.INITIAL
        changed = replace(self, answers=answers, authors=self.authors | ({row["account_id"]} if initial else set()))
        done = self.facts.initial_done or initial
        return replace(changed, facts=replace(self.facts, answered=len(changed.reviews), initial_done=done))

    @property
    def id(self) -> str:
        """Of the record."""
        return str(self.record["id"])

    @property
    def taxonomy(self) -> Taxonomy:
        """Of the record's data set."""
        return get_taxonomy(self.record["taxonomy"])

    @property
    def review_tasks(self) -> list[dict[str, Any]]:
        """Reviews of this cycle that were not withdrawn."""
        return [task for task in self.tasks if task["purpose"] == tasks.REVIEW and not task["withdrawn"]]

    @property
    def reviews(self) -> list[dict[str, Any]]:
        """The answers of these that are there, in the order of recording."""
        found = [self.answers[task["id"]] for task in self.review_tasks if task["id"] in self.answers]
        return sorted(found, key=lambda row: row["sequence"])


def load_state(source: Source, record_id: str) -> RecordState:
    """Read where a record stands.

    Raises
    ------
    NotFound
        There is no such record.
    """
    record = record_rows.record_row(source, record_id)
    if record is None:
        raise NotFound(f"There is no record {record_id!r} in this workspace.")
    marks = decisions.marks_of(source, record_id)
    of_tasks = tasks.tasks_of_record(source, record_id)
    return _state(record, of_tasks, annotation_rows.annotations_of_record(source, record_id), marks)


def load_states(source: Source, record_ids: Collection[str]) -> dict[str, RecordState]:
    """Read where several records stand, by id in this order; one that is not there is left out."""
    known = record_rows.full_rows(source, record_ids)
    of_tasks = _grouped(tasks.tasks_of_records(source, known))
    answers = _grouped(annotation_rows.annotations_of_records(source, known))
    marks = _grouped(decisions.marks_of_records(source, known))
    return {
        key: _state(known[key], of_tasks[key], answers[key], marks[key])
        for key in dict.fromkeys(record_ids)  # who gets which record must not depend on the database
        if key in known
    }


def _grouped(rows: Iterable[dict[str, Any]]) -> Mapping[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["record_id"]].append(row)
    return grouped


def _state(
    record: dict[str, Any],
    of_tasks: Sequence[dict[str, Any]],
    annotations: Sequence[dict[str, Any]],
    marks: Sequence[Mapping[str, Any]],
) -> RecordState:
    facts = facts_of(record, of_tasks, marks)
    return RecordState(
        record,
        facts,
        tuple(task for task in of_tasks if task["cycle"] == facts.cycle),
        {row["task_id"]: row for row in annotations if row["cycle"] == facts.cycle},
        frozenset(row["account_id"] for row in annotations if row["purpose"] == tasks.INITIAL),
    )


def facts_of(
    record: Mapping[str, Any], of_tasks: Iterable[Mapping[str, Any]], marks: Sequence[Mapping[str, Any]]
) -> Facts:
    """What has been done for a record, from its row, its tasks of every cycle and the marks of all decisions."""
    reopened = [mark for mark in marks if mark["kind"] == "reopening"]
    cycle = reopened[-1]["cycle"] if reopened else 1
    said = reopened[-1]["said"] if reopened else None
    reopened_to = None if said is None else int(said)
    now = {kind: [m for m in marks if m["kind"] == kind and m["cycle"] == cycle] for kind in _DECISIONS}
    present = [task for task in of_tasks if task["cycle"] == cycle]
    asked = [task for task in present if task["purpose"] == tasks.REVIEW and not task["withdrawn"]]
    return Facts(
        stage=record["verification_stage"],
        claimed=bool(record["stage_claimed"]),
        cycle=cycle,
        initial_done=reopened_to is not None
        or any(task["purpose"] == tasks.INITIAL and task["answered"] for task in present),
        asked=len(asked),
        answered=sum(bool(task["answered"]) for task in asked),
        outcome=now["review_outcome"][-1]["said"] if now["review_outcome"] else None,
        # A reopening to stage 2 takes back the histology alone: the consensus before it holds.
        consensus=reopened_to == VerificationStage.CONSENSUS or bool(now["consensus"]),
        histology=bool(now["histology"]),
    )


def rule_of(act: ActTransaction, dataset_id: str, version: int | None = None) -> tuple[int, ReviewRule]:
    """The review rule of a data set that holds, or the version that a task was made under."""
    if version == 0:
        return 0, DEFAULT_RULE
    # A version never changes, so it may be remembered.
    known = _rules.setdefault(act.connection.engine, {})
    if version is not None and (dataset_id, version) in known:
        return version, known[dataset_id, version]
    number, stored = review_rules.rule_in(act, dataset_id, version)
    rule = ReviewRule.from_json(stored)
    if number:
        known[dataset_id, number] = rule
    return number, rule


def rule_of_cycle(act: ActTransaction, state: RecordState) -> tuple[int, ReviewRule]:
    """The rule that the reviews of this cycle were asked for under; a later version does not change them."""
    versions = [task["rule_version"] for task in state.review_tasks]
    return rule_of(act, state.record["dataset_id"], max(versions) if versions else None)
