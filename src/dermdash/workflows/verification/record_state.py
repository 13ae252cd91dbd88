"""A record on the ladder as an act finds it: its row, cycle, tasks and answers, and what follows from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.errors import NotFound
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, decisions, record_rows, review_rules, tasks
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.decisions import DecisionKind
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
    authors
        Who made an initial annotation of it, in whatever cycle: they do not review it.
    """

    record: dict[str, Any]
    facts: Facts
    tasks: tuple[dict[str, Any], ...]
    answers: dict[str, dict[str, Any]]
    reopened_to: int | None
    authors: frozenset[str]

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
    found = load_states(source, [record_id])
    if record_id not in found:
        raise NotFound(f"There is no record {record_id!r} in this workspace.")
    return found[record_id]


def load_states(source: Source, record_ids: Collection[str]) -> dict[str, RecordState]:
    """Read where several records stand, by id; one that is not there is left out."""
    known = record_rows.full_rows(source, record_ids)
    of_tasks = _grouped(tasks.tasks_of_records(source, known))
    answers = _grouped(annotation_rows.annotations_of_records(source, known))
    decided = {kind: _grouped(decisions.of_records(source, kind, known)) for kind in decisions.DecisionKind}
    return {
        key: _state(known[key], of_tasks[key], answers[key], {kind: rows[key] for kind, rows in decided.items()})
        for key in dict.fromkeys(record_ids)  # in this order: who gets which record must not depend on the database
        if key in known
    }


def _grouped(rows: Iterable[dict[str, Any]]) -> Mapping[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["record_id"]].append(row)
    return grouped


def _state(
    record: dict[str, Any], of_tasks: list[dict[str, Any]], annotations: list[dict[str, Any]],
    decided: Mapping[DecisionKind, list[dict[str, Any]]],
) -> RecordState:  # fmt: skip
    cycle, reopened_to = cycle_and_floor(decided[DecisionKind.REOPENING])
    return RecordState(
        record,
        facts_of(record, of_tasks, decided),
        tuple(task for task in of_tasks if task["cycle"] == cycle),
        {row["task_id"]: row for row in annotations if row["cycle"] == cycle},
        reopened_to,
        frozenset(row["account_id"] for row in annotations if row["purpose"] == tasks.INITIAL),
    )


def cycle_and_floor(reopenings: Sequence[Mapping[str, Any]]) -> tuple[int, int | None]:
    """The present cycle of a record, and to which stage its last reopening went."""
    return (reopenings[-1]["cycle"], reopenings[-1]["to_stage"]) if reopenings else (1, None)


def facts_of(
    record: Mapping[str, Any],
    of_tasks: Iterable[Mapping[str, Any]],
    decided: Mapping[DecisionKind, Sequence[Mapping[str, Any]]],
) -> Facts:
    """What has been done for a record, from its row, its tasks of every cycle and all that was decided about it."""
    cycle, reopened_to = cycle_and_floor(decided[DecisionKind.REOPENING])
    present = [task for task in of_tasks if task["cycle"] == cycle]
    asked = [task for task in present if task["purpose"] == tasks.REVIEW and not task["withdrawn"]]
    outcomes = [row for row in decided[DecisionKind.OUTCOME] if row["cycle"] == cycle]
    return Facts(
        stage=record["verification_stage"],
        claimed=bool(record["stage_claimed"]),
        cycle=cycle,
        initial_done=reopened_to is not None
        or any(task["purpose"] == tasks.INITIAL and task["answered"] for task in present),
        asked=len(asked),
        answered=sum(bool(task["answered"]) for task in asked),
        outcome=outcomes[-1]["kind"] if outcomes else None,
        # A reopening to stage 2 takes back the histology alone: the consensus before it holds.
        consensus=reopened_to == VerificationStage.CONSENSUS
        or any(row["cycle"] == cycle for row in decided[DecisionKind.CONSENSUS]),
        histology=any(row["cycle"] == cycle for row in decided[DecisionKind.HISTOLOGY]),
    )


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
