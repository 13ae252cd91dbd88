"""Findings and decisions on both engines."""

from typing import Any

from dermdash.storage import findings
from dermdash.storage.workspace import Workspace


def row(*records: str, score: float = 0.9, version: str = "1", **changes: Any) -> dict[str, Any]:
    return {
        "records": list(records), "score": score, "threshold": 0.3, "verdict": "same_lesion",
        "details": {"inliers": 12}, "method_version": version, "model_id": None,
    } | changes  # fmt: skip


def save(workspace: Workspace, *rows: dict[str, Any], searched: dict[str, list[str]] | None = None) -> int:
    return findings.save_findings(workspace.engine, "same_lesion", rows, searched=searched or {})


def listed(workspace: Workspace) -> list[dict[str, Any]]:
    return findings.list_findings(workspace.engine, "same_lesion")


def test_findings_come_back_best_first_with_their_records(workspace: Workspace) -> None:
    assert save(workspace, row("ds:a", "ds:b", score=0.5), row("ds:c", "ds:a", score=0.8)) == 2
    assert [(f["records"], f["score"]) for f in listed(workspace)] == [
        (["ds:c", "ds:a"], 0.8),
        (["ds:a", "ds:b"], 0.5),
    ]
    assert listed(workspace)[0]["details"] == {"inliers": 12}
    assert findings.list_findings(workspace.engine, "other") == []


def test_the_same_pair_is_one_finding_in_either_order(workspace: Workspace) -> None:
    save(workspace, row("ds:a", "ds:b", score=0.5))
    assert save(workspace, row("ds:b", "ds:a", score=0.9)) == 0
    assert [(f["records"], f["score"]) for f in listed(workspace)] == [(["ds:a", "ds:b"], 0.5)]


def test_a_newer_method_replaces_the_score_and_keeps_the_decision(workspace: Workspace) -> None:
    save(workspace, row("ds:a", "ds:b", score=0.5))
    key = listed(workspace)[0]["id"]
    findings.add_decision(workspace.engine, finding_id=key, decision="same_lesion", account_id="admin", note="scar")
    assert save(workspace, row("ds:a", "ds:b", score=0.7, version="2")) == 0
    (found,) = listed(workspace)
    assert (found["score"], found["method_version"]) == (0.7, "2")
    assert (found["decision"], found["decided_by"], found["note"]) == ("same_lesion", "admin", "scar")


def test_what_was_searched_is_remembered_by_source(workspace: Workspace) -> None:
    save(workspace, searched={"descriptors 1": ["ds:a", "ds:b"], "model m": ["ds:a"]})
    save(workspace, searched={"descriptors 1": ["ds:b", "ds:c"]})
    searched = findings.searched_record_ids
    assert searched(workspace.engine, "same_lesion", "descriptors 1") == {"ds:a", "ds:b", "ds:c"}
    assert searched(workspace.engine, "same_lesion", "model m") == {"ds:a"}
    assert searched(workspace.engine, "other", "model m") == set()


def test_decisions_are_only_added_to_and_the_last_one_counts(workspace: Workspace) -> None:
    save(workspace, row("ds:a", "ds:b"), row("ds:a", "ds:c", score=0.4), row("ds:d", "ds:c", score=0.3))
    first, second, third = (f["id"] for f in listed(workspace))
    for key, decision in [
        (first, "unsure"),
        (first, "same_lesion"),
        (second, "same_image"),
        (second, "open"),
        (third, "different"),
    ]:
        findings.add_decision(workspace.engine, finding_id=key, decision=decision, account_id="admin")
    assert [f["decision"] for f in listed(workspace)] == ["same_lesion", None, "different"]
    assert [d["decision"] for d in findings.list_decisions(workspace.engine)] == [
        "unsure", "same_lesion", "same_image", "open", "different",
    ]  # fmt: skip
    assert findings.confirmed_pairs(workspace.engine) == [("ds:a", "ds:b")]


def test_nothing_is_confirmed_before_anybody_decides(workspace: Workspace) -> None:
    save(workspace, row("ds:a", "ds:b"))
    assert findings.confirmed_pairs(workspace.engine) == []
