"""What the team of a study decided, as people read it."""

from __future__ import annotations

import pandas as pd

from dermdash.reader_study.conduct import ActKind, StudyAct, mark_of
from dermdash.storage import accounts
from dermdash.storage.workspace import Workspace
from dermdash.wording import moment
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study.conduct import acts_of_study
from dermdash.workflows.reader_study.study_results import reader_labels

_TITLES = {
    ActKind.PAUSE: "paused",
    ActKind.RESUME: "went on",
    ActKind.CLOSE: "closed",
    ActKind.REOPEN: "reopened",
    ActKind.UNTIL: "end set",
    ActKind.QUOTAS: "places set",
    ActKind.MESSAGE: "message",
    ActKind.MARK: "mark",
    ActKind.UNBLIND: "results opened",
    ActKind.LET_ON: "let on",
}


def acts_table(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """One row per act, the latest first, with names of accounts and labels of readers."""
    acts = acts_of_study(workspace, study_id)[::-1]
    names = {row["id"]: row["name"] for row in accounts.list_accounts(workspace.engine)} | {OPERATOR.id: OPERATOR.name}
    labels = reader_labels(workspace, study_id)
    return pd.DataFrame(
        {
            "When": [moment(act.acted_at) for act in acts],
            "What": [_TITLES[act.kind] for act in acts],
            "Reader": ["" if act.reader_id is None else labels.get(act.reader_id, act.reader_id) for act in acts],
            "Detail": [_detail(act) for act in acts],
            "Why": [act.reason for act in acts],
            "By": [names.get(act.account_id, act.account_id) for act in acts],
        }
    )


def _detail(act: StudyAct) -> str:
    if act.kind is ActKind.MARK:
        return mark_of(act).label
    if act.kind is ActKind.QUOTAS:
        return ", ".join(act.detail.get("quotas", ())) or "no limit"
    if act.kind is ActKind.UNTIL:
        until = act.detail.get("until")
        return "until it is closed" if until is None else f"until {until}"
    return act.text
