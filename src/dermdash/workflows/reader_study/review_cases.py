"""Looking through the drawn cases before the freeze: exchange one, lock the list, open it, begin again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.errors import DermdashError, InvalidInput
from dermdash.reader_study.case_exchange import checked_reason, replacement
from dermdash.reader_study.protocol import Protocol
from dermdash.storage import case_exchanges
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.reader_study.draw_cases import DrawnCases, as_drawn, base_draw, drawn


def exchange_case(workspace: Workspace, actor: Account, protocol: Protocol, record_id: str, reason: str) -> str:
    """Let the next draw of its class and stratum take the place of a case, and return its record id.

    Logged with account, time, reason and seed; it holds for every draw that gives this list, until the review is begun
    again, and is stored with the study that is frozen with it.

    Raises
    ------
    AccessDenied
        Whoever asks may not run studies.
    InvalidInput
        No reason; the list is locked; the record is no case of the draw; nothing is left to take its place; somebody
        else has done something to the list in the meantime.
    """
    require_right(actor, Right.RUN_STUDIES)
    said = checked_reason(reason)
    now = drawn(workspace, protocol)
    _check_open(now.lock)
    old, new = replacement(now.selection, record_id, gone=[row["old_record_id"] for row in now.exchanges])
    values = {
        "draw_sha256": now.digest, "kind": case_exchanges.EXCHANGED, "old_record_id": old.record_id,
        "new_record_id": new.record_id, "truth_dx": old.truth_dx, "stratum": old.stratum, "seed": protocol.seed,
        "reason": said, "account_id": actor.id,
    }  # fmt: skip
    _save(workspace, values, after=len(now.acts))
    return new.record_id


def lock_list(workspace: Workspace, actor: Account, protocol: Protocol, *, seen: str) -> None:
    """Say that the list is as it should be: no case of it is exchanged until somebody opens it again.

    ``seen``: digest of the selection that was looked at; another one is not locked.

    Raises
    ------
    AccessDenied
        Whoever asks may not run studies.
    InvalidInput
        The list is another one by now, or locked already.
    """
    _turn_lock(workspace, actor, protocol, case_exchanges.LOCKED, seen)


def open_list(workspace: Workspace, actor: Account, protocol: Protocol, *, seen: str) -> None:
    """Let cases of a locked list be exchanged again; raises as `lock_list`."""
    _turn_lock(workspace, actor, protocol, case_exchanges.OPENED, seen)


def _turn_lock(workspace: Workspace, actor: Account, protocol: Protocol, kind: str, seen: str) -> None:
    require_right(actor, Right.RUN_STUDIES)
    now = drawn(workspace, protocol)
    check_list_seen(now, seen)
    if (now.lock is not None) == (kind == case_exchanges.LOCKED):
        raise InvalidInput(f"the list is {'locked' if now.lock else 'open'} already")
    values = {
        "draw_sha256": now.digest, "kind": kind, "seed": protocol.seed, "reason": "", "account_id": actor.id,
    }  # fmt: skip
    _save(workspace, values, after=len(now.acts))


def check_list_seen(now: DrawnCases, seen: str) -> None:
    """Raise InvalidInput where the list is another one than that which somebody looked at."""
    if now.selection.digest != seen:
        raise InvalidInput(
            "the list of cases is another one by now: records, findings or identities were changed, or a case was "
            "exchanged elsewhere. Look at it again"
        )


@dataclass(frozen=True, slots=True)
class EarlierLists:
    """What was done to lists that the same seed drew from other classes, filters or records, and holds for none now."""

    exchanges: int
    locked: bool


def earlier_lists(workspace: Workspace, protocol: Protocol, now: DrawnCases) -> EarlierLists:
    """What does not hold any more since the list is another one."""
    acts = case_exchanges.acts_of_other_draws(workspace.engine, protocol.seed, now.digest)
    kinds = [row["kind"] for row in acts]
    return EarlierLists(kinds.count(case_exchanges.EXCHANGED), case_exchanges.LOCKED in kinds)


def _check_open(lock: Mapping[str, Any] | None) -> None:
    if lock is not None:
        raise InvalidInput("the list of cases is locked: open it again before a case is exchanged")


def begin_review_again(workspace: Workspace, actor: Account, protocol: Protocol) -> int:
    """Take all exchanges of the draw back, and its lock; return how many there were. What was done stays in the log.

    Raises
    ------
    AccessDenied, InvalidInput
        As `exchange_case`.
    """
    require_right(actor, Right.RUN_STUDIES)
    # The exchanges may not fit the records any more: that is what this leads out of.
    base = base_draw(workspace, protocol)
    held = as_drawn(workspace, base)
    if held.exchanges:
        values = {
            "draw_sha256": base.digest, "kind": case_exchanges.BEGUN_AGAIN, "seed": protocol.seed,
            "reason": "", "account_id": actor.id,
        }  # fmt: skip
        _save(workspace, values, after=len(held.acts))
    return len(held.exchanges)


def exchanges_in_the_way(workspace: Workspace, protocol: Protocol) -> bool:
    """Whether there would be a list without the exchanges that people made, which fit the records no more."""
    try:
        base = base_draw(workspace, protocol)
    except DermdashError:
        return False
    return bool(as_drawn(workspace, base).exchanges)


def _save(workspace: Workspace, values: Mapping[str, Any], *, after: int) -> None:
    if not case_exchanges.save_exchange(workspace.engine, values=values, after=after):
        raise InvalidInput("somebody else changed this list of cases in the meantime: look at it again")
