from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from dermdash.deliveries import MAX_ITEMS
from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission, parse_outbox


def make_answer(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "answer",
        "id": str(uuid4()),
        "step_key": "case-1",
        "phase": "unaided",
        "dx": "mel",
        "confidence": 4,
        "client_ms": 1234.5,
        "shown_at": "2026-03-01T10:00:00.000Z",
        "submitted_at": "2026-03-01T10:00:01.234Z",
    } | changes


def make_event(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "event",
        "id": str(uuid4()),
        "event": "focus_lost",
        "step_key": "",
        "at": "2026-03-01T10:00:00Z",
    } | changes


def test_a_well_formed_answer_arrives_with_every_field() -> None:
    raw = make_answer(id="11111111-2222-4333-8444-555555555555")
    assert parse_outbox([raw]) == [
        ReadingSubmission(
            id=UUID("11111111-2222-4333-8444-555555555555"),
            step_key="case-1",
            phase="unaided",
            dx="mel",
            confidence=4,
            client_ms=1234.5,
            shown_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
            submitted_at=datetime(2026, 3, 1, 10, 0, 1, 234000, tzinfo=UTC),
        )
    ]


def test_events_and_answers_keep_their_order() -> None:
    kinds = [type(i) for i in parse_outbox([make_event(), make_answer(), make_event(event="pause")])]
    assert kinds == [ClientEvent, ReadingSubmission, ClientEvent]


@pytest.mark.parametrize("value", [None, 1, "x", {}, {"items": [make_event()]}, [None, 1, [], "a", {}, {"kind": []}]])
def test_anything_that_is_no_outbox_is_empty(value: object) -> None:
    assert parse_outbox(value) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-a-uuid"},
        {"id": "x" * 36},
        {"id": 7},
        {"kind": "other"},
        {"kind": ["answer"]},
        {"step_key": ""},
        {"step_key": "k" * 201},
        {"step_key": "a\x00b"},
        {"phase": "third"},
        {"phase": []},
        {"dx": "'; drop table reading"},
        {"dx": "mel\n"},
        {"confidence": 0},
        {"confidence": 6},
        {"confidence": True},
        {"confidence": 3.0},
        {"client_ms": True},
        {"client_ms": float("nan")},
        {"client_ms": float("inf")},
        {"client_ms": "12"},
        {"client_ms": 10**400},
        {"shown_at": "yesterday"},
        {"shown_at": "2026-03-01T10:00:00"},
        {"submitted_at": None},
        {"submitted_at": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_a_malformed_answer_is_dropped_and_its_neighbour_kept(changes: dict[str, Any]) -> None:
    good = make_answer()
    assert [str(i.id) for i in parse_outbox([make_answer(**changes), good])] == [good["id"]]


@pytest.mark.parametrize("client_ms", [-1, 0, 604_800_000, 1e15])
def test_an_answer_with_a_time_that_cannot_be_arrives_all_the_same(client_ms: float) -> None:
    (item,) = parse_outbox([make_answer(client_ms=client_ms)])
    assert isinstance(item, ReadingSubmission)
    assert item.client_ms == client_ms


def test_what_a_study_may_not_ask_for_can_be_left_out() -> None:
    (item,) = parse_outbox([make_answer(dx=None, confidence=None)])
    assert isinstance(item, ReadingSubmission)
    assert (item.dx, item.confidence) == (None, None)


def test_an_unknown_event_is_dropped() -> None:
    assert parse_outbox([make_event(event="shutdown"), make_event(at="now")]) == []


def test_the_same_id_twice_counts_once_and_the_first_wins() -> None:
    first = make_answer()
    assert [i.dx for i in parse_outbox([first, first | {"dx": "nv"}]) if isinstance(i, ReadingSubmission)] == ["mel"]


def test_no_more_than_the_limit_is_read() -> None:
    assert len(parse_outbox([make_event() for _ in range(MAX_ITEMS + 50)])) == MAX_ITEMS


@pytest.mark.parametrize("value", [-1, 101, 50.5, "50", True])
def test_a_malignancy_rating_is_a_whole_number_from_0_to_100(value: object) -> None:
    assert parse_outbox([make_answer(malignancy_rating=value)]) == []


def test_rating_and_management_arrive_where_they_are_asked_for() -> None:
    (answer,) = parse_outbox([make_answer(malignancy_rating=0, management="biopsy")])
    assert isinstance(answer, ReadingSubmission)
    assert (answer.malignancy_rating, answer.management) == (0, "biopsy")
    (without,) = parse_outbox([make_answer(malignancy_rating=None, management=None)])
    assert isinstance(without, ReadingSubmission)
    assert (without.malignancy_rating, without.management) == (None, None)


def test_a_management_that_nobody_offers_is_no_answer() -> None:
    assert parse_outbox([make_answer(management="amputate")]) == []
