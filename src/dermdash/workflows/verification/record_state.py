"""A record on the ladder as an act finds it: its row, cycle, tasks and answers, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dermdash.errors import NotFound
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, decisions, record_rows, review_rules, tasks
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source
from dermdash.verification.review_rule import ReviewRule
from dermdash.verification.standing import Facts


@dataclass(frozen=True, slots=True)
class RecordState:
    """One record with everything that its next step depends on.

    Attributes
    ----------
    record
        Its row, with width, height and taxonomy.
    tasks, answers
        Of the present cycle; answers are the latest of each task, history left out.
    """

    record: dict[str, Any]
    facts: Facts
    tasks: tuple[dict[str, Any], ...]
    answers: dict[str, dict[str, Any]]
    reopened_to: int | None

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
    reopened = decisions.reopenings_of(source, record_id)
    cycle = reopened[-1]["cycle"] if reopened else 1
    reopened_to = reopened[-1]["to_stage"] if reopened else None
    of_cycle = tuple(tasks.tasks_of_record(source, record_id, cycle))
    answers = {row["task_id"]: row for row in annotation_rows.annotations_of_record(source, record_id, cycle)}
    outcome = decisions.latest_outcome(source, record_id, cycle)
    asked = [task for task in of_cycle if task["purpose"] == tasks.REVIEW and not task["withdrawn"]]
    facts = Facts(
        stage=record["verification_stage"],
        claimed=bool(record["stage_claimed"]),
        cycle=cycle,
        initial_done=reopened_to is not None or any(row["purpose"] == tasks.INITIAL for row in answers.values()),
        asked=len(asked),
        answered=sum(task["id"] in answers for task in asked),
        outcome=None if outcome is None else outcome["kind"],
        # A reopening to stage 2 takes back the histology alone: the consensus before it holds.
        consensus=reopened_to == VerificationStage.CONSENSUS
        or any(row["cycle"] == cycle for row in decisions.consensus_of(source, record_id)),
        histology=any(row["cycle"] == cycle for row in decisions.histology_of(source, record_id)),
    )
    return RecordState(record, facts, of_cycle, answers, reopened_to)


def rule_of(act: ActTransaction, dataset_id: str, version: int | None = None) -> tuple[int, ReviewRule]:
    """The review rule of a data set that holds, or the version that a task was made under."""
    if version == 0:
        return 0, ReviewRule()
    number, stored = review_rules.rule_in(act, dataset_id, version)
    return number, ReviewRule.from_json(stored)


def rule_of_cycle(act: ActTransaction, state: RecordState) -> tuple[int, ReviewRule]:
    """The rule that the reviews of this cycle were asked for under; a later version does not change them."""
    versions = [task["rule_version"] for task in state.review_tasks]
    return rule_of(act, state.record["dataset_id"], max(versions) if versions else None)
