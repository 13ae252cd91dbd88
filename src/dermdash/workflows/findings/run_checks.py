"""Run checks over data sets, keep what they find and what was decided about it, and say how each went."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dermdash.errors import CheckStopped, DermdashError, InvalidInput, NotFound
from dermdash.storage import findings, records
from dermdash.storage.finding_list import latest_checks, save_check
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind, kind_of_datasets
from dermdash.workflows.findings.check import CheckProgress, Found, Scope
from dermdash.workflows.findings.checks import CHECKS, Check


@dataclass(frozen=True, slots=True)
class CheckReport:
    """How one check went: its findings by kind, notes, seconds; ``problem``: why it could not be done, else empty."""

    check: Check
    found: dict[str, int]
    notes: tuple[str, ...]
    seconds: float
    could_not: bool = False
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "check": self.check.key, "found": self.found, "notes": list(self.notes), "seconds": round(self.seconds, 3),
            "could_not": self.could_not, "problem": self.problem or None,
        }  # fmt: skip


@dataclass(slots=True)
class RunReport:
    """How the checks went that were asked for, in order."""

    checks: list[CheckReport] = field(default_factory=list)


def run_checks(
    workspace: Workspace,
    actor: Account | None,
    *,
    checks: Sequence[str] | None = None,
    dataset_id: str | None = None,
    simulated: bool | None = None,
    processes: bool | None = True,
    progress: Callable[[CheckProgress], None] = lambda _: None,
) -> RunReport:
    """Run checks; what was found before and is not found any more leaves the list, and stays in the history if decided.

    Parameters
    ----------
    actor
        Who asks for it.
    checks
        Their keys; None: all.
    dataset_id
        Only within this data set; None: over all of a kind, also across.
    simulated
        That kind: drawn images (True) or photographs (False); None: photographs, drawn images only where there are no
        others.
    processes
        As in `find_same_lesions`.
    progress
        Called as the work goes on; it may raise `CheckStopped`. What was done until then is kept.

    Raises
    ------
    AccessDenied
        They may not decide about findings.
    NotFound
        No such data set.
    InvalidInput
        No such check.
    CheckStopped
        As ``progress`` raises it.
    """
    account = require_right(actor, Right.DECIDE_FINDINGS)
    chosen = [_check(key) for key in checks] if checks is not None else list(CHECKS.values())
    datasets, everything, kind = _datasets(workspace, dataset_id, simulated)
    report = RunReport()
    for check in chosen:

        def told(stage: str, done: float, total: float, title: str = check.title) -> None:
            progress(CheckProgress(title, stage, done, total))

        scope = Scope(workspace, account, tuple(datasets), everything, kind, processes, told)
        scope.report(check.title, 0, 1)
        report.checks.append(_run(check, scope))
    return report


def _check(key: str) -> Check:
    if key not in CHECKS:
        raise InvalidInput(f"there is no check {key!r}: choose {', '.join(CHECKS)}")
    return CHECKS[key]


def _datasets(
    workspace: Workspace, dataset_id: str | None, simulated: bool | None
) -> tuple[list[dict[str, Any]], bool, bool]:
    every = records.list_datasets(workspace.engine)
    if dataset_id is not None:
        kind = kind_of_datasets(workspace, [dataset_id])
        named = [d for d in every if d["id"] == dataset_id]
        return named, len(datasets_of_kind(workspace, simulated=kind)) == 1, kind
    if not every:
        raise NotFound("There is no data set yet: `dermdash import` brings one in.")
    kind = default_kind(workspace) if simulated is None else simulated
    return datasets_of_kind(workspace, simulated=kind), True, kind


def _run(check: Check, scope: Scope) -> CheckReport:
    started = time.monotonic()
    version = records.data_version(scope.workspace.engine)
    try:
        found = check.run(scope)
    except CheckStopped:
        raise
    except DermdashError as error:
        return CheckReport(check, {}, (), time.monotonic() - started, could_not=True, problem=str(error))
    counts = found.stored if found.stored is not None else _store(check, scope, found)
    seconds = time.monotonic() - started
    save_check(
        scope.workspace.engine,
        values={
            "check_key": check.key, "scope": " ".join(sorted(scope.dataset_ids)), "records": scope.records,
            "found": counts, "notes": found.notes, "data_version": version, "seconds": seconds,
        },
    )  # fmt: skip
    return CheckReport(check, counts, tuple(found.notes), seconds, could_not=found.could_not)


def _store(check: Check, scope: Scope, found: Found) -> dict[str, int]:
    if found.could_not:
        return {}
    looked_at = set(scope.dataset_ids)
    for kind, rows in found.rows.items():
        findings.replace_findings(
            scope.workspace.engine, kind, rows,
            replaces=lambda row: looked_at.issuperset(row["details"].get("datasets", ())),
        )  # fmt: skip
    return {kind: len(rows) for kind, rows in found.rows.items()}


def last_runs(workspace: Workspace) -> dict[tuple[str, str], dict[str, Any]]:
    """What each check did last, by check and scope (ids of data sets, sorted, joined by a space)."""
    return latest_checks(workspace.engine)
