"""The ladder of a data set at a glance: how many records stand where, and what they wait for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from dermdash.errors import NotFound
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import decisions, record_rows, tasks
from dermdash.storage.ladder_rows import one_moment
from dermdash.storage.workspace import Workspace
from dermdash.verification.standing import Step
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.record_state import facts_of


@dataclass(frozen=True, slots=True)
class StageCount:
    """Records at a stage (None: at no stage): reached by acts here, and claimed by their source."""

    stage: int | None
    here: int
    claimed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderOverview:
    """Where the records of a data set stand.

    Attributes
    ----------
    stages
        From no stage to the highest.
    untouched
        Records with a stage that their source claims, for which nothing was done here.
    to_queue, queued
        Records without an initial annotation that are not in the queue, and that are.
    waiting
        Records by the step that they wait at.
    answers_missing
        Answers that are expected of those under review.
    without_histology
        Malignant labels, claimed ones included, without histology.
    """

    records: int
    stages: tuple[StageCount, ...]
    untouched: int
    to_queue: int
    queued: int
    waiting: Mapping[Step, int]
    answers_missing: int
    without_histology: int


def ladder_overview(workspace: Workspace, actor: Account, dataset_id: str) -> LadderOverview:
    """Count the records of a data set by stage and by what they wait for.

    Raises
    ------
    AccessDenied
        Whoever asks is no curator.
    NotFound
        There is no such data set.
    """
    require(actor, Role.CURATOR)
    with one_moment(workspace.engine) as source:
        dataset = record_rows.dataset_row(source, dataset_id)
        if dataset is None:
            raise NotFound(f"There is no data set {dataset_id!r}.")
        rows = record_rows.standing_rows(source, dataset_id)
        of_tasks = defaultdict(list)
        for task in tasks.tasks_of_dataset(source, dataset_id):
            of_tasks[task["record_id"]].append(task)
        marks = defaultdict(list)
        for mark in decisions.marks_of_dataset(source, dataset_id):
            marks[mark["record_id"]].append(mark)
    malignant = set(get_taxonomy(dataset["taxonomy"]).codes_needing_histology)
    stages: Counter[tuple[int | None, bool]] = Counter()
    waiting: Counter[Step] = Counter()
    untouched = to_queue = queued = missing = without_histology = 0
    for row in rows:
        mine = of_tasks.get(row["id"], [])
        facts = facts_of(row, mine, marks.get(row["id"], ()))
        stages[facts.stage, facts.claimed] += 1
        without_histology += row["dx"] in malignant and (facts.stage or 0) < 3
        step = facts.step
        if step is not Step.INITIAL:
            waiting[step] += 1
            missing += facts.asked - facts.answered if step is Step.REVIEWS else 0
        elif any(t["purpose"] == tasks.INITIAL and t["cycle"] == facts.cycle and not t["withdrawn"] for t in mine):
            queued += 1
        elif facts.stage is not None:
            untouched += 1
        else:
            to_queue += 1
    return LadderOverview(
        records=len(rows),
        stages=tuple(StageCount(s, stages[s, False], stages[s, True]) for s in (None, 1, 2, 3)),
        untouched=untouched,
        to_queue=to_queue,
        queued=queued,
        waiting=dict(waiting),
        answers_missing=missing,
        without_histology=without_histology,
    )
