"""A record on the ladder as an act finds it: its row, cycle, tasks and answers, and what follows from them."""

from __future__ import annotations

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
    reopened = [mark for mark in marks if mark["kind"] == "reopening"]
    cycle = reopened[-1]["cycle"] if reopened else 1
    said = reopened[-1]["said"] if reopened else None
    reopened_to = None if said is None else int(said)
    now = {kind: [m for m in marks if m["kind"] == kind and m["cycle"] == cycle] for kind in _DECISIONS}
    of_cycle = tuple(tasks.tasks_of_record(source, record_id, cycle))
    every = annotation_rows.annotations_of_record(source, record_id)
    answers = {row["task_id"]: row for row in every if row["cycle"] == cycle}
    asked = [task for task in of_cycle if task["purpose"] == tasks.REVIEW and not task["withdrawn"]]
    facts = Facts(
        stage=record["verification_stage"],
        claimed=bool(record["stage_claimed"]),
        cycle=cycle,
        initial_done=reopened_to is not None or any(row["purpose"] == tasks.INITIAL for row in answers.values()),
        asked=len(asked),
        answered=sum(task["id"] in answers for task in asked),
        outcome=now["review_outcome"][-1]["said"] if now["review_outcome"] else None,
        # A reopening to stage 2 takes back the histology alone: the consensus before it holds.
        consensus=reopened_to == VerificationStage.CONSENSUS or bool(now["consensus"]),
        histology=bool(now["histology"]),
    )
    authors = frozenset(row["account_id"] for row in every if row["purpose"] == tasks.INITIAL)
    return RecordState(record, facts, of_cycle, answers, authors)


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
