"""Events beside answers are bounded per delivery, per minute and in all; the excess is counted and rarely logged."""

import logging

import pytest

from dermdash.reader_study.event_allowance import PER_DELIVERY, PER_MINUTE, PER_READER, EventAllowance


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_delivery_a_minute_and_a_reader_have_their_limits() -> None:
    clock = Clock()
    allowance = EventAllowance("R1", clock=clock)
    assert allowance.take(200) == PER_DELIVERY
    assert [allowance.take(PER_DELIVERY) for _ in range(3)] == [100, PER_MINUTE - 200, 0]
    assert allowance.exhausted
    clock.now += 30
    assert not allowance.exhausted
    assert [allowance.take(PER_DELIVERY) for _ in range(2)] == [100, PER_MINUTE // 2 - 100]
    assert allowance.stored == PER_MINUTE * 3 // 2
    assert allowance.excess == 100 + 60 + 100 + 80
    assert not allowance.used_up


def test_what_is_on_disk_counts_towards_all_that_a_reader_may_have() -> None:
    allowance = EventAllowance("R1", stored=PER_READER - 3)
    assert allowance.take(10) == 3
    assert allowance.used_up
    assert allowance.exhausted


def test_the_excess_is_logged_a_few_times_however_large_it_grows(caplog: pytest.LogCaptureFixture) -> None:
    allowance = EventAllowance("R1", stored=PER_READER)
    with caplog.at_level(logging.WARNING):
        for _ in range(3000):
            allowance.turn_away(1)
    assert allowance.excess == 3000
    assert len(caplog.messages) == 4
    assert all("R1" in message for message in caplog.messages)
