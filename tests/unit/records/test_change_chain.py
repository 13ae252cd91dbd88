"""The chain by itself: canonical text, hashes, and where it breaks."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from dermdash.records.change_chain import (
    GENESIS,
    LogEntry,
    batch_digest,
    canonical,
    entry_hash,
    read_chain,
    record_digest,
)


def chain(length: int) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for i in range(length):
        values = {
            "sequence": i + 1, "at": "2026-01-01T00:00:00.000000+00:00", "account_id": "ada", "act": "correction",
            "dataset_id": "d", "record_id": "d:1", "field": "sex", "old": None, "new": f"v{i} é",
            "reason": "", "previous": entries[-1].hash if entries else GENESIS,
        }  # fmt: skip
        entries.append(LogEntry(**values, hash=entry_hash(values)))  # type: ignore[arg-type]
    return entries


def test_the_hash_is_that_of_the_previous_one_and_of_all_that_is_said() -> None:
    (entry,) = chain(1)
    said = (
        '{"account_id":"ada","act":"correction","at":"2026-01-01T00:00:00.000000+00:00","dataset_id":"d","field":"sex",'
        f'"new":"v0 é","old":null,"previous":"{GENESIS}","reason":"","record_id":"d:1","sequence":1}}'
    )
    assert entry.hash == hashlib.sha256((GENESIS + said).encode()).hexdigest()


def test_a_whole_chain_is_whole() -> None:
    assert read_chain([]).entries == 0
    state = read_chain(chain(5))
    assert (state.entries, state.broken) == (5, None)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda e: [e[0], replace(e[1], new="x"), *e[2:]], 2),
        (lambda e: [e[0], *e[2:]], 2),
        (lambda e: [e[0], e[2], e[1], e[3]], 2),
        (lambda e: [*e[:2], e[1], *e[2:]], 3),
        (lambda e: e[1:], 1),
        (lambda e: [*e[:3], replace(e[3], hash="0" * 64)], 4),
    ],
)
def test_changed_missing_moved_and_doubled_entries_are_named(
    change: Callable[[list[LogEntry]], list[LogEntry]], at: int
) -> None:
    state = read_chain(change(chain(4)))
    assert state.broken is not None
    assert state.broken.sequence == at
    assert state.entries == at - 1


def test_canonical_text_has_one_form_and_no_numbers_that_json_does_not_know() -> None:
    assert canonical({"b": 1, "a": [1.5, "é"]}) == '{"a":[1.5,"é"],"b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


def test_what_is_empty_and_what_is_later_added_changes_no_digest_of_a_record() -> None:
    row = {"id": "d:1", "dataset_id": "d", "image_id": "1", "dx": "mel", "sex": None}
    assert record_digest(row, ("sex",)) == record_digest(row | {"itch": None}, ("sex", "itch"))
    assert record_digest(row, ("sex",)) != record_digest(row | {"sex": "male"}, ("sex",))
    assert batch_digest({"a": "1", "b": "2"}) == batch_digest({"b": "2", "a": "1"})
