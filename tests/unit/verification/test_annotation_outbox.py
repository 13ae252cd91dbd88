"""Well-formed items of an annotator's outbox arrive; what is inside an annotation is judged later, with a reason."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from dermdash.verification.annotation_outbox import AnnotationSubmission, DraftSave, parse_annotation_outbox


def make_submission(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "annotation",
        "id": str(uuid4()),
        "task": "task-1",
        "annotation": {"dx": "mel", "quality": 4},
        "client_ms": 2345.6,
        "shown_at": "2026-03-01T10:00:00.000Z",
        "submitted_at": "2026-03-01T10:00:02.345Z",
    } | changes


def make_draft(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "draft",
        "id": str(uuid4()),
        "task": "task-1",
        "annotation": {"comment": "unfin"},
        "saved_at": "2026-03-01T10:00:01.000Z",
    } | changes


def test_both_kinds_arrive_whole_and_in_order() -> None:
    draft = make_draft(id="11111111-2222-4333-8444-555555555555")
    first, second = parse_annotation_outbox([draft, make_submission()])
    assert first == DraftSave(
        id=UUID("11111111-2222-4333-8444-555555555555"),
        task="task-1",
        annotation={"comment": "unfin"},
        saved_at=datetime(2026, 3, 1, 10, 0, 1, tzinfo=UTC),
    )
    assert isinstance(second, AnnotationSubmission)
    assert (second.task, second.client_ms, second.annotation) == ("task-1", 2345.6, {"dx": "mel", "quality": 4})


def test_a_fault_within_the_annotation_is_left_for_where_a_reason_can_be_given() -> None:
    (item,) = parse_annotation_outbox([make_submission(annotation={"dx": 7, "marks": "none"})])
    assert item.annotation == {"dx": 7, "marks": "none"}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "answer"},
        {"id": "x"},
        {"task": ""},
        {"task": "t" * 201},
        {"task": None},
        {"annotation": None},
        {"annotation": []},
        {"client_ms": float("nan")},
        {"shown_at": "now"},
        {"submitted_at": "2026-03-01T10:00:02"},
    ],
)
def test_a_malformed_item_is_dropped_and_its_neighbour_kept(changes: dict[str, Any]) -> None:
    good = make_submission()
    assert [str(i.id) for i in parse_annotation_outbox([make_submission(**changes), good])] == [good["id"]]


def test_answers_of_readers_are_no_items_here() -> None:
    assert parse_annotation_outbox([{"kind": "event", "id": str(uuid4()), "event": "pause", "step_key": ""}]) == []
