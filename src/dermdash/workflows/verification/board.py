"""The board: cases that the rule does not decide, what everybody said of them, discussion, and the consensus in words.

A curator sees all cases. A reviewer sees those that they answered themselves, once all have answered: until then
nobody sees what another said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.storage import annotation_rows, decisions, record_rows, tasks
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.engine import now
from dermdash.storage.ladder_rows import Source
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation import parse_values
from dermdash.verification.outcome import OutcomeKind, Why
from dermdash.verification.review_rule import LEAST_VOTES
from dermdash.wording import moment
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.verification.record_state import RecordState, load_state, rule_of_cycle
from dermdash.workflows.verification.settle_reviews import BOARD, accept_consensus

LONGEST_TEXT = 4000
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LEASE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What one person said: the answer that counts, and how often they had changed it before."""

    account_id: str
    name: str
    dx: str | None
    unsure: bool
    content: Mapping[str, Any]
    recorded_at: datetime
    earlier: int


@dataclass(frozen=True, slots=True)
class BoardComment:
    """What somebody said about a case."""

    id: str
    account_id: str
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCase:
    """A case as the board sees it.

    Attributes
    ----------
    record
        The row of the record.
    why
        Why the rule did not decide.
    initial
        The initial annotation of the cycle, None where there is none here.
    consensus
        Its row, once there is one.
    held_by, held_until
        Who is formulating the consensus at the moment, where somebody else is.
    """

    record: Mapping[str, Any]
    cycle: int
    why: Why
    agreement: float
    answers: tuple[CaseAnswer, ...]
    initial: CaseAnswer | None
    comments: tuple[BoardComment, ...]
    consensus: Mapping[str, Any] | None
    held_by: str | None = None
    held_until: datetime | None = None


def list_cases(workspace: Workspace, actor: Account, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Cases that wait for the board, oldest first: record_id, image_id, why, agreement, n_reviewers, decided_at, ...

    A reviewer gets those that they have answered, each with their own ``task_id``; whoever still has work on a record
    does not get it.

    Raises
    ------
    AccessDenied
        They are neither curator nor reviewer.
    """
    require(actor, Role.CURATOR, Role.REVIEWER)
    waiting = decisions.open_cases(workspace.engine, dataset_id)
    busy = {task["record_id"] for task in tasks.open_tasks(workspace.engine, actor.id) if _unblinds(actor, task)}
    mine = {
        (row["record_id"], row["cycle"]): row["task_id"]
        for row in annotation_rows.list_annotations(workspace.engine, account_id=actor.id, purposes=[tasks.REVIEW])
    }
    return [
        {**row, "task_id": mine.get((row["record_id"], row["cycle"]))}
        for row in waiting
        if row["record_id"] not in busy and (actor.has(Role.CURATOR) or (row["record_id"], row["cycle"]) in mine)
    ]


def _unblinds(actor: Account, task: Mapping[str, Any]) -> bool:
    """Whether what others said must stay hidden from somebody because of this open task of theirs.

    A hidden repeat, too; only a curator, who may be the one who has to decide, is not kept from the board by it.
    """
    return task["purpose"] != tasks.REPEAT or not actor.has(Role.CURATOR)


def see_case(workspace: Workspace, actor: Account, record_id: str) -> BoardCase:
    """Return a case with what everybody said.

    Raises
    ------
    AccessDenied
        They may not know what others said, or not yet.
    NotFound
        There is no such record.
    InvalidInput
        The record is not before the board.
    """
    require(actor, Role.CURATOR, Role.REVIEWER)
    return _case(workspace.engine, actor, record_id, names_of(workspace))


def hold_case(workspace: Workspace, actor: Account, record_id: str) -> BoardCase:
    """Return a case to formulate its consensus, and keep it for this curator; `held_by` says where somebody else does.

    Raises as `see_case`.
    """
    require(actor, Role.CURATOR)
    names = names_of(workspace)

    def work(act: ActTransaction) -> BoardCase:
        tasks.take_lease(act, f"record:{record_id}", minutes=_LEASE_MINUTES)
        return _case(act, actor, record_id, names)

    return in_one_act(workspace.engine, actor.id, work)


def _case(source: Source, actor: Account, record_id: str, names: Mapping[str, str]) -> BoardCase:
    state = load_state(source, record_id)
    outcome = decisions.latest_outcome(source, record_id, state.facts.cycle)
    own = any(row["account_id"] == actor.id for row in state.reviews)
    busy = any(
        task["account_id"] == actor.id and not task["withdrawn"] and not task["answered"] and _unblinds(actor, task)
        for task in tasks.tasks_of_record(source, record_id)
    )
    complete = outcome is not None and outcome["kind"] in (OutcomeKind.BOARD, OutcomeKind.AGREED)
    if busy or not (actor.has(Role.CURATOR) or (own and complete)):
        raise AccessDenied(
            "What others say of a record is shown to those who have answered it themselves, once everybody has."
        )
    if outcome is None or outcome["kind"] != OutcomeKind.BOARD:
        raise InvalidInput(f"This record is not before the board: it {state.facts.step.words}.")
    every = annotation_rows.annotations_of_record(source, record_id, state.facts.cycle)
    versions = {row["task_id"]: row["version"] for row in every}

    def answer(row: Mapping[str, Any]) -> CaseAnswer:
        return CaseAnswer(
            row["account_id"], names.get(row["account_id"], row["account_id"]), row["dx"], bool(row["unsure"]),
            row["content"], row["recorded_at"], versions[row["task_id"]] - 1,
        )  # fmt: skip

    initial = [row for row in state.answers.values() if row["purpose"] == tasks.INITIAL]
    lease = tasks.lease_of(source, f"record:{record_id}")
    if lease is not None and (lease["account_id"] == actor.id or lease["expires_at"] <= now()):
        lease = None
    consensus = [row for row in decisions.consensus_of(source, record_id) if row["cycle"] == state.facts.cycle]
    return BoardCase(
        record=state.record,
        cycle=state.facts.cycle,
        why=Why(outcome["why"]),
        agreement=outcome["agreement"],
        answers=tuple(answer(row) for row in state.reviews),
        initial=answer(initial[-1]) if initial else None,
        comments=tuple(
            BoardComment(
                row["id"], row["account_id"], names.get(row["account_id"], row["account_id"]), row["text"],
                row["created_at"],
            )
            for row in decisions.comments_of(source, record_id)
            if row["cycle"] == state.facts.cycle
        ),
        consensus=consensus[0] if consensus else None,
        held_by=names.get(lease["account_id"], lease["account_id"]) if lease is not None else None,
        held_until=lease["expires_at"] if lease is not None else None,
    )  # fmt: skip


def picture_secret(workspace: Workspace, dataset_id: str) -> str:
    """What the pictures of a data set are made with, as its annotators get them."""
    return in_one_act(workspace.engine, "", lambda act: record_rows.picture_key(act, dataset_id))


def comment(workspace: Workspace, actor: Account, record_id: str, text: str, *, comment_id: str | None = None) -> str:
    """Say something about a case, and return the id of the comment; the same id again is stored once.

    Raises
    ------
    AccessDenied, InvalidInput, NotFound
        As `see_case`; or there is no text.
    """
    require(actor, Role.CURATOR, Role.REVIEWER)
    said = checked_text(text, "comment")
    key = comment_id or str(uuid4())
    names = names_of(workspace)

    def work(act: ActTransaction) -> str:
        if (there := decisions.get_comment(act, key)) is not None:
            if there["account_id"] != actor.id:
                raise InvalidInput("This comment has the number of another one: send it again.")
            return key
        case = _case(act, actor, record_id, names)
        decisions.add_comment(act, {"id": key, "record_id": record_id, "cycle": case.cycle, "text": said})
        return key

    return in_one_act(workspace.engine, actor.id, work)


def formulate(
    workspace: Workspace,
    actor: Account,
    record_id: str,
    *,
    dx: str,
    participants: Sequence[str],
    reason: str,
    values: Mapping[str, Any] | None = None,
    quality: int | None = None,
) -> dict[str, Any]:
    """Store the consensus that the board has come to, and give the record its label; return its row.

    Parameters
    ----------
    participants
        Ids of the accounts that took part: two at least.
    values
        Fields by name that the board agreed on; those not named stay as they are.

    Raises
    ------
    AccessDenied
        Whoever formulates is no curator.
    InvalidInput
        The record is not before the board, somebody else formulates at this moment, or something is missing.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    names = names_of(workspace)
    took_part = list(dict.fromkeys(participants))
    if unknown := [name for name in took_part if name not in names]:
        raise InvalidInput(f"There is no account {unknown[0]!r}: choose the participants again.")
    if len(took_part) < LEAST_VOTES:
        raise InvalidInput("One person alone is no board: name everybody who took part, two at least.")
    fields = parse_values(values)
    if quality is not None and quality not in range(1, 6):
        raise InvalidInput("The image quality is no whole number from 1 to 5: choose it again.")

    def work(act: ActTransaction) -> dict[str, Any]:
        state = load_state(act, record_id)
        refuse_unless_before_the_board(state)
        if dx not in state.taxonomy:
            raise InvalidInput(
                f"{dx!r} is no class of {state.taxonomy.title}: choose one of {', '.join(state.taxonomy.codes)}."
            )
        lease = tasks.lease_of(act, f"record:{record_id}")
        if lease is not None and lease["account_id"] != actor.id and lease["expires_at"] > act.moment:
            raise InvalidInput(
                f"{names.get(lease['account_id'], lease['account_id'])} is formulating the consensus of this record "
                f"until {moment(lease['expires_at'])}: talk to them, or wait. Nothing was stored."
            )
        version, _ = rule_of_cycle(act, state)
        made = accept_consensus(
            act, state, kind=BOARD, dx=dx, values=fields, quality=quality, participants=took_part, reason=why,
            rule_version=version,
        )  # fmt: skip
        tasks.end_lease(act, f"record:{record_id}")
        withdraw_open(act, state, "the board has decided")
        return made

    return in_one_act(workspace.engine, actor.id, work)


def refuse_unless_before_the_board(state: RecordState) -> None:
    """Raise InvalidInput where a record does not wait for the board."""
    if state.facts.consensus:
        raise InvalidInput("There is a consensus on this record already: reopen it to decide again.")
    if state.facts.histology or state.facts.outcome != OutcomeKind.BOARD:
        raise InvalidInput(f"This record is not before the board: it {state.facts.step.words}.")


def withdraw_open(act: ActTransaction, state: RecordState, reason: str) -> int:
    """Withdraw what is still open of a record's cycle, hidden repeats left; return how many."""
    unanswered = [
        task
        for task in state.tasks
        if not task["withdrawn"] and task["id"] not in state.answers and task["purpose"] != tasks.REPEAT
    ]
    for task in unanswered:
        tasks.change_task(act, task["id"], kind=tasks.WITHDRAWN, reason=reason)
    return len(unanswered)


def checked_text(text: str, what: str, *, most: int = LONGEST_TEXT) -> str:
    """Text that somebody has to give.

    Raises
    ------
    InvalidInput
        There is none, or as `optional_text`.
    """
    said = optional_text(text, what, most=most)
    if not said:
        raise InvalidInput(f"The {what} is missing: write it in a few words.")
    return said


def optional_text(text: str, what: str, *, most: int = LONGEST_TEXT) -> str:
    """Text that somebody may give, without blanks around it; nothing of it is cut off.

    Raises
    ------
    InvalidInput
        It is too long, or holds what can neither be shown nor be stored.
    """
    said = text.strip()
    if len(said) > most:
        raise InvalidInput(f"The {what} is too long: {most:,} characters are the most.")
    if _UNSTORABLE.search(said):
        raise InvalidInput(f"The {what} holds characters that cannot be shown: remove or retype them.")
    return said
