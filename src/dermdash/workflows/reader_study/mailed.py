"""Mail about a study as the team sees it: to whom, which, when, and what became of it."""

from __future__ import annotations

import pandas as pd

from dermdash.storage import accounts, mails
from dermdash.storage.workspace import Workspace
from dermdash.wording import moment

_OUTCOMES = {"sent": "sent", "failed": "refused", "unknown": "perhaps sent"}


def mails_table(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """One row per mail, the latest first, under the names that people see."""
    frame = mails.mails_of_study(workspace.engine, study_id).iloc[::-1]
    names = {row["id"]: row["name"] for row in accounts.list_accounts(workspace.engine)}
    return pd.DataFrame(
        {
            "To": frame["label"],
            "What": [
                kind if number == 1 else f"{kind} {number}"
                for kind, number in zip(frame["kind"], frame["number"], strict=True)
            ],
            "When": [moment(at) for at in frame["begun_at"]],
            "Outcome": [_OUTCOMES.get(str(outcome), "broken off, perhaps sent") for outcome in frame["outcome"]],
            "What the server said": frame["detail"].fillna(""),
            "By": [names.get(account, account) for account in frame["account_id"]],
        }
    )
