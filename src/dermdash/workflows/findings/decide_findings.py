"""Decide about findings, one or many at once, take that back, and ask people to decide. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence

from dermdash.dataset.finding_kinds import KINDS, Concerns, FindingKind
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import finding_acts
from dermdash.storage.finding_list import every_finding, existing_ids
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import OPERATOR, Account
from dermdash.workflows.accounts.people import Person, list_people
from dermdash.workflows.accounts.rights import Right, may, require_right

_LONGEST_NOTE = 2000
MOST_AT_ONCE = 2000
"""Findings in one act: it holds the lock of all acts, and each of them has entries in the change log."""


def shared_decisions(kinds: Sequence[FindingKind]) -> list[str]:
    """Keys of the decisions that all of these kinds have, in the order of the first."""
    if not kinds:
        return []
    return [d.key for d in kinds[0].decisions if all(kind.decision(d.key) is not None for kind in kinds)]


def decide_findings(
    workspace: Workspace, finding_ids: Sequence[str], decision: str, *, actor: Account, note: str = ""
) -> int:
    """Record one decision about each finding in one act; return how many.

    Two findings about the same pair (one photograph twice is one lesion under two ids, too) get it together.

    Raises
    ------
    AccessDenied
        They may not decide.
    InvalidInput
        No findings, more than `MOST_AT_ONCE`, or a decision that one of their kinds does not have.
    NotFound
        One is not there any more.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    wanted = list(dict.fromkeys(finding_ids))
    if not wanted:
        raise InvalidInput("no finding is chosen: choose at least one")
    if len(wanted) > MOST_AT_ONCE:
        raise InvalidInput(
            f"{counted(len(wanted), 'finding')} are too many for one act: choose at most {MOST_AT_ONCE:,}, by kind or "
            "verdict"
        )
    kind_of = existing_ids(workspace.engine, wanted)
    if absent := [key for key in wanted if key not in kind_of]:
        raise NotFound(f"There is no finding {absent[0]!r}; reload the page to see those there are.")
    kinds = [KINDS[key] for key in dict.fromkeys(kind_of.values())]
    allowed = shared_decisions(kinds)
    if decision not in allowed:
        what = f"choose {', '.join(allowed)}" if allowed else "these kinds have no decision in common: choose one kind"
        raise InvalidInput(f"{decision!r} is no decision about {', '.join(kind.title for kind in kinds)}: {what}")
    every = [*wanted, *_about_the_same_pair(workspace, wanted, kind_of)]
    finding_acts.decide_several(
        workspace.engine, dict.fromkeys(every, decision), account_id=actor.id, note=note.strip()[:_LONGEST_NOTE]
    )
    return len(wanted)


def _about_the_same_pair(workspace: Workspace, ids: Sequence[str], kind_of: dict[str, str]) -> list[str]:
    pair_kinds = [kind.key for kind in KINDS.values() if kind.concerns is Concerns.PAIR]
    if not any(kind in pair_kinds for kind in kind_of.values()):
        return []
    rows = every_finding(workspace.engine, pair_kinds)
    pairs = {frozenset(row["records"]) for row in rows if row["id"] in ids}
    return [row["id"] for row in rows if frozenset(row["records"]) in pairs and row["id"] not in ids]


def last_act(workspace: Workspace, account_id: str) -> int:
    """How many findings the account's last act decided about that `undo` would take back; 0: there is none."""
    last = finding_acts.last_act(workspace.engine, account_id)
    return 0 if last is None else len(last[1])


def undo(workspace: Workspace, *, actor: Account) -> int:
    """Take back the actor's last act, of one finding or of many, by new rows; return how many findings it was.

    Each is as it was before that act. A finding about which somebody decided anew since keeps what was said then.

    Raises
    ------
    AccessDenied
        They may not decide.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    last = finding_acts.last_act(workspace.engine, actor.id)
    if last is None:
        return 0
    act_id, before = last
    finding_acts.decide_several(workspace.engine, before, account_id=actor.id, undoes=act_id)
    return len(before)


def deciders(workspace: Workspace) -> list[Person]:
    """Who may be asked to decide: people whose account is open and may."""
    return [p for p in list_people(workspace, OPERATOR) if p.active and may(p.account, Right.DECIDE_FINDINGS)]


def assign_findings(workspace: Workspace, finding_ids: Sequence[str], to: str | None, *, actor: Account) -> int:
    """Ask a person to decide about these findings (None: nobody any more); return how many.

    Raises
    ------
    AccessDenied
        They may not decide.
    InvalidInput
        No findings, or nobody of that id who may decide.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    wanted = list(dict.fromkeys(finding_ids))
    if not wanted:
        raise InvalidInput("no finding is chosen: choose at least one")
    if to is not None and to not in {person.account.id for person in deciders(workspace)}:
        raise InvalidInput("that person has no open account that may decide about findings: choose another one")
    finding_acts.assign(workspace.engine, wanted, account_id=to, assigned_by=actor.id)
    return len(wanted)
