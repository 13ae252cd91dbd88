"""Who gets what: the queue of initial annotations, reviews of distinct people, one more where the rule asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from dermdash.errors import NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import record_rows, tasks, work
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.verification.assignment import AssignedReviews, ReviewNeed, assign
from dermdash.verification.review_rule import ReviewRule
from dermdash.verification.standing import Step
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.people import EXPERIENCED, active_accounts, candidates
from dermdash.workflows.verification.record_state import RecordState, load_state, rule_of

NEW_REVIEWS = "new_reviews"
"""Kind of the notice that says so."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Assigned:
    """What came of assigning.

    Attributes
    ----------
    queued
        Records that wait for their initial annotation now and did not before.
    reviews
        New reviews by account id.
    unmet
        Records for which people are missing, and how many.
    unexperienced
        Records that got reviewers and nobody with experience among them.
    left_out
        Records for which nothing was done, counted by reason.
    """

    queued: int = 0
    reviews: dict[str, int] = field(default_factory=dict)
    unmet: dict[str, int] = field(default_factory=dict)
    unexperienced: tuple[str, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def assign_work(
    workspace: Workspace,
    actor: Account,
    *,
    records: RecordFilter | None = None,
    record_ids: Collection[str] | None = None,
    claimed: bool = False,
    initial: bool = False,
) -> Assigned:
    """Bring records on their way: those without a stage into the queue, the others to reviewers.

    What is there already stays: the same call again fills only what is missing.

    Parameters
    ----------
    records, record_ids
        Which ones: a filter, or ids; all where neither is given.
    claimed
        Also records whose stage only the source says. Without ``initial`` what the source says is taken for the
        initial annotation, and they are reviewed.
    initial
        Records with a claimed stage are annotated anew from the beginning.

    Raises
    ------
    AccessDenied
        Whoever asks is no curator.
    NotFound
        An id of no record.
    """
    require(actor, Role.CURATOR)
    people = active_accounts(workspace)
    if record_ids is not None:
        found = record_rows.record_rows(workspace.engine, record_ids)
        if missing := sorted(set(record_ids) - found.keys()):
            raise NotFound(f"There is no record {missing[0]!r} in this workspace.")
        wanted = sorted(found)
    else:
        wanted = [row["id"] for row in record_rows.filtered_rows(workspace.engine, records or RecordFilter())]
    total = Assigned()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        done = in_one_act(
            workspace.engine,
            actor.id,
            lambda act, part=part: _assign_part(act, people, part, claimed=claimed, initial=initial),  # type: ignore[misc]
        )
        total = _sum(total, done)
    _notify(workspace, actor, total)
    return total


def _assign_part(
    act: ActTransaction, people: Mapping[str, Account], record_ids: Sequence[str], *, claimed: bool, initial: bool
) -> Assigned:
    left_out: dict[str, int] = {}
    queue: list[RecordState] = []
    wanting: list[RecordState] = []
    for record_id in record_ids:
        state = load_state(act, record_id)
        step, facts = state.facts.step, state.facts
        reason = ""
        if step is Step.INITIAL and any(
            task["purpose"] == tasks.INITIAL and not task["withdrawn"] for task in state.tasks
        ):
            reason = "is in the queue already"
        elif step is Step.INITIAL and facts.stage is None:
            queue.append(state)
        elif step is Step.INITIAL and not claimed:
            reason = "has a stage that its source claims"
        elif (step is Step.INITIAL and initial) or (step is Step.INITIAL and state.record["dx"] is None):
            queue.append(state)
        elif step in (Step.INITIAL, Step.REVIEWERS, Step.REVIEWS):
            wanting.append(state)
        else:
            reason = step.words
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
    for state in queue:
        queue_record(act, state)
    made = fill_places(act, people, wanting)
    full = sum(
        1 for state in wanting if state.id not in made.unmet and all(state.id != record for record, _ in made.pairs)
    )
    if full:
        left_out["has its reviewers"] = full
    reviews: dict[str, int] = {}
    for _, account_id in made.pairs:
        reviews[account_id] = reviews.get(account_id, 0) + 1
    return Assigned(len(queue), reviews, made.unmet, made.unexperienced, left_out)


def queue_record(act: ActTransaction, state: RecordState) -> None:
    """Put a record into the queue of initial annotations."""
    version, rule = rule_of(act, state.record["dataset_id"])
    place = 1 + sum(task["purpose"] == tasks.INITIAL for task in state.tasks)
    tasks.add_tasks(act, [_task(act, state, rule, version, purpose=tasks.INITIAL, place=place, account_id=None)])


def _task(
    act: ActTransaction, state: RecordState, rule: ReviewRule, version: int, *, purpose: str, place: int,
    account_id: str | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "record_id": state.id,
        "dataset_id": state.record["dataset_id"],
        "stage": 1 if purpose == tasks.INITIAL else 2,
        "cycle": state.facts.cycle,
        "purpose": purpose,
        "place": place,
        "account_id": account_id,
        "rule_version": version,
        # By day: within one the random ids are the order, which no label and no row of a file shines through.
        "due_at": (act.moment + timedelta(days=rule.due_days)).replace(hour=23, minute=59, second=59, microsecond=0),
    }


def fill_places(
    act: ActTransaction, people: Mapping[str, Account], states: Iterable[RecordState], *, extra: int = 0
) -> AssignedReviews:
    """Ask as many people as the rule wants for each record, and ``extra`` more than have it now.

    Nobody who made the initial annotation of a record, had it to review in this cycle or is named as its examiner.
    """
    by_id = {state.id: state for state in states}
    if not by_id:
        return AssignedReviews(())
    rules = {dataset: rule_of(act, dataset) for dataset in {s.record["dataset_id"] for s in by_id.values()}}
    named = {account.name.casefold(): account.id for account in people.values()}
    needs = []
    for state in by_id.values():
        _, rule = rules[state.record["dataset_id"]]
        asked = {task["account_id"] for task in state.tasks if task["purpose"] == tasks.REVIEW}
        have = {task["account_id"] for task in state.review_tasks}
        # As the source names them, by id or by name.
        examiner = state.record["examiner_id"]
        source = {str(examiner), named.get(str(examiner).casefold(), "")} if examiner else set()
        wanted = len(have) + extra if extra else rule.reviewers
        if len(have) < wanted:
            skilled = any(people[name].expertise in EXPERIENCED for name in have if name in people)
            needs.append(ReviewNeed(state.id, wanted - len(have), frozenset(asked | state.authors | source), skilled))
    made = assign(needs, candidates(act, people))
    rows = []
    places = {s.id: sum(task["purpose"] == tasks.REVIEW for task in s.tasks) for s in by_id.values()}
    for record_id, account_id in made.pairs:
        places[record_id] += 1
        state = by_id[record_id]
        version, rule = rules[state.record["dataset_id"]]
        rows.append(
            _task(act, state, rule, version, purpose=tasks.REVIEW, place=places[record_id], account_id=account_id)
        )
    if rows:
        tasks.add_tasks(act, rows)
    return made


def _sum(one: Assigned, other: Assigned) -> Assigned:
    def added(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        return {name: a.get(name, 0) + b.get(name, 0) for name in (*a, *b)}

    return Assigned(
        one.queued + other.queued,
        added(one.reviews, other.reviews),
        added(one.unmet, other.unmet),
        (*one.unexperienced, *other.unexperienced),
        added(one.left_out, other.left_out),
    )


def _notify(workspace: Workspace, actor: Account, made: Assigned) -> None:
    notices = [(account_id, NEW_REVIEWS, {"n": n}) for account_id, n in made.reviews.items() if account_id != actor.id]
    if notices:
        in_one_act(workspace.engine, actor.id, lambda act: work.add_notices(act, notices))
