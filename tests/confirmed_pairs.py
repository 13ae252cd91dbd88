"""Pairs of records that somebody decided about."""

from dermdash.storage import findings
from dermdash.storage.workspace import Workspace


def confirm(workspace: Workspace, first: str, second: str, decision: str = "same_lesion") -> str:
    """Decide about two records, which need not have been found by anything; return the finding."""
    row = {
        "records": [first, second], "score": 0.9, "threshold": 0.3, "verdict": "same_lesion", "details": {},
        "method_version": "1", "model_id": None,
    }  # fmt: skip
    findings.save_findings(workspace.engine, "same_lesion", [row], searched={})
    key = findings.finding_id("same_lesion", [first, second])
    findings.add_decision(workspace.engine, finding_id=key, decision=decision, account_id="admin")
    return key
