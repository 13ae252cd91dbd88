"""Decide about findings, one or many at once, take that back, and ask people to decide. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dermdash.dataset.finding_kind import Concerns, FindingKind
from dermdash.dataset.finding_kinds import KINDS
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import finding_acts
from dermdash.storage.finding_list import every_finding, existing_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account
from dermdash.workflows.accounts.people import Person, list_people
from dermdash.workflows.accounts.rights import Right, may, require_right
from dermdash.workflows.page_tasks import Report, no_report

_LONGEST_NOTE = 2000
_AT_ONCE = 1000
"""Findings in one transaction of an act: it holds the lock of all acts, and each has entries in the change log."""


def shared_decisions(kinds: Sequence[FindingKind]) -> list[str]:
    """Keys of the decisions that all of these kinds have, in the order of the first."""
    if not kinds:
        return []
    return [d.key for d in kinds[0].decisions if all(kind.decision(d.key) is not None for kind in kinds)]


def decide_findings(
    workspace: Workspace,
    finding_ids: Sequence[str],
    decision: str,
    *,
    actor: Account,
    note: str = "",
    report: Report = no_report,
) -> int:
    """Record one decision about each finding in one act; return how many.

    Two findings about the same pair (one photograph twice is one lesion under two ids, too) get it together. Of more
    than a thousand so many are stored at a time: ``report`` may raise between them, and what is stored then stays, to
    be taken back as one.

    Raises
    ------
    AccessDenied
        They may not decide.
    InvalidInput
        No findings, or a decision that one of their kinds does not have.
    NotFound
        One is not there any more.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    wanted = list(dict.fromkeys(finding_ids))
    if not wanted:
        raise InvalidInput("no finding is chosen: choose at least one")
    kind_of = existing_ids(workspace.engine, wanted)
    if absent := [key for key in wanted if key not in kind_of]:
        raise NotFound(f"There is no finding {absent[0]!r}; reload the page to see those there are.")
    kinds = [KINDS[key] for key in dict.fromkeys(kind_of.values())]
    allowed = shared_decisions(kinds)
    if decision not in allowed:
        what = f"choose {', '.join(allowed)}" if allowed else "these kinds have no decision in common: choose one kind"
        raise InvalidInput(f"{decision!r} is no decision about {', '.join(kind.title for kind in kinds)}: {what}")
    every = [*wanted, *_about_the_same_pair(workspace, wanted, kind_of)]
    _decide(workspace, dict.fromkeys(every, decision), actor, report, note=note.strip()[:_LONGEST_NOTE])
    return len(wanted)


def _decide(
    workspace: Workspace,
    decisions: Mapping[str, str],
    actor: Account,
    report: Report,
    *,
    note: str = "",
    undoes: str | None = None,
) -> None:
    act_id, every = None, list(decisions.items())
    for start in range(0, len(every), _AT_ONCE):
        report("Deciding", start, len(every))
        act_id = finding_acts.decide_several(
            workspace.engine, dict(every[start : start + _AT_ONCE]), account_id=actor.id, note=note, undoes=undoes,
            act_id=act_id,
        )  # fmt: skip


def _about_the_same_pair(workspace: Workspace, ids: Sequence[str], kind_of: dict[str, str]) -> list[str]:
    pair_kinds = [kind.key for kind in KINDS.values() if kind.concerns is Concerns.PAIR]
    if not any(kind in pair_kinds for kind in kind_of.values()):
        return []
    rows = every_finding(workspace.engine, pair_kinds)
    chosen = set(ids)
    pairs = {frozenset(row["records"]) for row in rows if row["id"] in chosen}
    return [row["id"] for row in rows if frozenset(row["records"]) in pairs and row["id"] not in chosen]


def last_act(workspace: Workspace, account_id: str) -> int:
    """How many findings the account's last act decided about that `undo` would take back; 0: there is none."""
    last = finding_acts.last_act(workspace.engine, account_id)
    return 0 if last is None else len(last[1])


def undo(workspace: Workspace, *, actor: Account, report: Report = no_report) -> int:
    """Take back the actor's last act, of one finding or of many, by new rows; return how many findings it was.

    Each is as it was before that act. A finding about which somebody decided anew since keeps what was said then.
    ``report`` may raise, as of `decide_findings`: taking back again goes on.

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
    _decide(workspace, before, actor, report, undoes=act_id)
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
