"""Work and who has it: the team, giving work to somebody else, absence, notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.storage import annotation_rows, tasks
from dermdash.storage import work as work_rows
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.verification.assign_reviews import NEW_REVIEWS
from dermdash.workflows.verification.board import checked_text, optional_text
from dermdash.workflows.verification.histology import CONTRADICTION
from dermdash.workflows.verification.people import active_accounts
from dermdash.workflows.verification.record_state import load_state
from dermdash.workflows.verification.settle_reviews import BOARD_CASE, settle_reviews

WITHDRAWN, REASSIGNED = "withdrawn", "reassigned"
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know, in a sentence."""

    id: str
    kind: str
    text: str
    detail: Mapping[str, Any]
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Workload:
    """What a member of the team has and does; ``seconds``: the middle of their times of interface in the last week;

    a month has 30 days.
    """

    account_id: str
    name: str
    expertise: str | None
    active: bool
    absent: bool
    open: int
    overdue: int
    oldest_due: datetime | None
    done: int
    done_this_week: int
    done_this_month: int
    seconds: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def team(workspace: Workspace, actor: Account) -> list[Workload]:
    """What everybody has and does: reviewers, and whoever has open tasks without being one any more.

    Raises
    ------
    AccessDenied
        Whoever asks is no curator.
    """
    require(actor, Role.CURATOR)
    engine, moment = workspace.engine, now()
    people, names = active_accounts(workspace), names_of(workspace)
    open_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for task in tasks.open_tasks(engine):
        if task["account_id"] is not None:
            open_of[task["account_id"]].append(task)
    answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in annotation_rows.answers_since(engine):
        answers[row["account_id"]].append(row)
    away = work_rows.absent_on(engine, moment.date())
    reviewers = {account.id for account in people.values() if account.has(Role.REVIEWER)}
    rows = []
    everybody = sorted(reviewers | set(open_of), key=lambda key: ((names.get(key) or key).casefold(), key))
    for account_id in everybody:
        account = people.get(account_id)
        due = [task["due_at"] for task in open_of[account_id] if task["due_at"] is not None]
        recent = [row for row in answers[account_id] if row["recorded_at"] >= moment - _WEEK]
        times = [row["client_ms"] / 1000 for row in recent if row["client_ms"] is not None]
        rows.append(
            Workload(
                account_id, names.get(account_id, account_id), None if account is None else str(account.expertise),
                account_id in reviewers, account_id in away, len(open_of[account_id]),
                sum(day < moment for day in due), min(due, default=None), len(answers[account_id]), len(recent),
                sum(row["recorded_at"] >= moment - _MONTH for row in answers[account_id]),
                median(times) if times else None,
            )
        )  # fmt: skip
    return rows


def withdraw(workspace: Workspace, actor: Account, task_id: str, *, reason: str) -> None:
    """Take an open task back.

    Raises
    ------
    AccessDenied, NotFound, InvalidInput
        No curator; no such task; no reason, or the task is done or withdrawn.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    people = active_accounts(workspace)

    def work(act: ActTransaction) -> None:
        task = _open_task(act, task_id)
        tasks.change_task(act, task_id, kind=tasks.WITHDRAWN, reason=why)
        _tell(act, task["account_id"], WITHDRAWN, {"reason": why})
        if task["purpose"] == tasks.REVIEW:
            settle_reviews(act, people, load_state(act, task["record_id"]))

    in_one_act(workspace.engine, actor.id, work)


def reassign(workspace: Workspace, actor: Account, task_id: str, to: str, *, reason: str) -> str:
    """Give an open task to somebody else, and return the id of their task.

    Raises
    ------
    AccessDenied, NotFound
        No curator; no such task.
    InvalidInput
        No reason; the task is done; or the other person has the record already, annotated it at first, is away, or is
        no reviewer.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    people = active_accounts(workspace)
    return in_one_act(workspace.engine, actor.id, lambda act: _reassign(act, people, task_id, to, why))


def reassign_all(workspace: Workspace, actor: Account, account_id: str, *, reason: str) -> tuple[int, int]:
    """Share all open tasks of somebody among the others; return how many were given away and how many found nobody.

    Hidden repeats are withdrawn: they mean only this person.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    people = active_accounts(workspace)

    def work(act: ActTransaction) -> tuple[int, int]:
        given = left = 0
        away = work_rows.absent_on(act, act.moment.date())
        for task in tasks.open_tasks(act, account_id):
            if task["purpose"] == tasks.REPEAT:
                tasks.change_task(act, task["id"], kind=tasks.WITHDRAWN, reason=why)
                continue
            load = tasks.open_counts(act)
            others = sorted(
                (p.id for p in people.values() if p.has(Role.REVIEWER) and p.id != account_id and p.id not in away),
                key=lambda name: (load.get(name, 0), name),
            )
            for name in others:
                if _why_not(act, people, task, name) is None:
                    _reassign(act, people, task["id"], name, why)
                    given += 1
                    break
            else:
                left += 1
        return given, left

    return in_one_act(workspace.engine, actor.id, work)


def _reassign(act: ActTransaction, people: Mapping[str, Account], task_id: str, to: str, why: str) -> str:
    task = _open_task(act, task_id)
    if refusal := _why_not(act, people, task, to):
        raise InvalidInput(refusal)
    tasks.change_task(act, task_id, kind=tasks.WITHDRAWN, reason=why)
    _tell(act, task["account_id"], REASSIGNED, {"reason": why})
    mine = [t for t in tasks.tasks_of_record(act, task["record_id"], task["cycle"]) if t["purpose"] == task["purpose"]]
    had = next((t for t in mine if t["account_id"] == to), None)
    if had is not None:
        tasks.change_task(act, had["id"], kind=tasks.REINSTATED, reason=why)
        new_id = str(had["id"])
    else:
        kept = ("record_id", "dataset_id", "stage", "cycle", "purpose", "rule_version", "due_at")
        place = 1 + max(t["place"] for t in mine)
        (made,) = tasks.add_tasks(act, [{name: task[name] for name in kept} | {"place": place, "account_id": to}])
        new_id = str(made["id"])
    _tell(act, to, NEW_REVIEWS, {"n": 1})
    return new_id


def _why_not(act: ActTransaction, people: Mapping[str, Account], task: Mapping[str, Any], to: str) -> str | None:
    """Why somebody cannot have a task, in a sentence."""
    account = people.get(to)
    if account is None or not account.has(Role.REVIEWER):
        return "There is no active reviewer of that name: choose somebody else."
    if to in work_rows.absent_on(act, act.moment.date()):
        return f"{account.name} is away today: choose somebody else."
    if task["purpose"] == tasks.REPEAT:
        return "A repeat means the person who answered at first: withdraw it instead."
    state = load_state(act, task["record_id"])
    if task["purpose"] == tasks.REVIEW and to in state.authors:
        return f"The initial annotation of this record is by {account.name}: nobody reviews their own."
    for other in tasks.tasks_of_record(act, task["record_id"], task["cycle"]):
        if other["account_id"] == to and other["purpose"] == task["purpose"] and not other["withdrawn"]:
            return f"{account.name} has this record already."
    return None


def _open_task(act: ActTransaction, task_id: str) -> dict[str, Any]:
    task = tasks.get_task(act, task_id)
    if task is None:
        raise NotFound("There is no such task; reload the page to see those there are.")
    if task["answered"]:
        raise InvalidInput("This task is done: what was answered stays.")
    if task["withdrawn"]:
        raise InvalidInput("This task was withdrawn already.")
    return task


def _tell(act: ActTransaction, account_id: str | None, kind: str, detail: Mapping[str, Any]) -> None:
    if account_id is not None and account_id != act.account_id:
        work_rows.add_notices(act, [(account_id, kind, detail)])


def set_absence(
    workspace: Workspace, actor: Account, account_id: str, *, first_day: date, last_day: date, note: str = ""
) -> str:
    """Enter that somebody is away, both days included, and return the id; they get no new work meanwhile.

    Raises
    ------
    AccessDenied
        It is about somebody else, and whoever enters it is no curator.
    InvalidInput
        The last day is before the first, or more than two years away.
    """
    _about(actor, account_id)
    if last_day < first_day:
        raise InvalidInput("The last day of an absence is before its first: correct the days.")
    if last_day - first_day > timedelta(days=731):
        raise InvalidInput("An absence of more than two years: close the account instead.")
    values = {
        "account_id": account_id,
        "first_day": first_day,
        "last_day": last_day,
        "note": optional_text(note, "note", most=200),
    }
    return in_one_act(workspace.engine, actor.id, lambda act: work_rows.add_absence(act, values))


def end_absence(workspace: Workspace, actor: Account, absence_id: str) -> None:
    """Take an absence back.

    Raises
    ------
    NotFound
        There is none of that id.
    """

    def work(act: ActTransaction) -> None:
        row = next((a for a in work_rows.absences(act) if a["id"] == absence_id), None)
        if row is None:
            raise NotFound("There is no such absence; reload the page to see those there are.")
        _about(actor, row["account_id"])
        same = {name: row[name] for name in ("account_id", "first_day", "last_day")}
        work_rows.add_absence(act, {**same, "cancels": absence_id})

    in_one_act(workspace.engine, actor.id, work)


def list_absences(workspace: Workspace, actor: Account, account_id: str | None = None) -> list[dict[str, Any]]:
    """Absences of one person, or of all: id, account_id, first_day, last_day, note."""
    if account_id is None:
        require(actor, Role.CURATOR)
    else:
        _about(actor, account_id)
    return work_rows.absences(workspace.engine, account_id)


def _about(actor: Account, account_id: str) -> None:
    if actor.id != account_id and not actor.has(Role.CURATOR):
        raise AccessDenied("Only curators enter the absence of others.")


def list_notices(workspace: Workspace, actor: Account, *, unread: bool = False) -> list[Notice]:
    """Notices of this person, the latest first; those that name a record to curators only while they are one."""
    return [
        Notice(
            row["id"], row["kind"], _in_words(row["kind"], row["detail"]), row["detail"], row["created_at"],
            row["read_at"] is not None,
        )
        for row in work_rows.notices_of(workspace.engine, actor.id, unread=unread)
        if row["kind"] not in (BOARD_CASE, CONTRADICTION) or actor.has(Role.CURATOR)
    ]  # fmt: skip


def _in_words(kind: str, detail: Mapping[str, Any]) -> str:
    if kind == NEW_REVIEWS:
        return f"You have {counted(int(detail['n']), 'new review')}."
    if kind == WITHDRAWN:
        return f"A task of yours was withdrawn: {detail['reason']}."
    if kind == REASSIGNED:
        return f"A task of yours was given to somebody else: {detail['reason']}."
    if kind == BOARD_CASE:
        return f"A record waits for the board: {detail['record']}."
    if kind == CONTRADICTION:
        return (
            f"The histology of {detail['record']} ({detail['histology']}) contradicts its consensus "
            f"({detail['consensus']})."
        )
    return kind.replace("_", " ")


def mark_read(workspace: Workspace, actor: Account, notice_ids: Sequence[str]) -> None:
    """Remember that this person has read notices; those of others are left."""
    in_one_act(workspace.engine, actor.id, lambda act: work_rows.mark_read(act, notice_ids))
