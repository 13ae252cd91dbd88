"""A loss is logged once when it begins and once when it is over, however many requests fail."""

import logging

import pytest

from dermdash.errors import DatabaseLost, FileMissing, WorkspaceFull
from dermdash.ui.outage import QUIET_S, Outage


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def test_a_loss_is_two_lines_in_the_log_for_all_readers_together(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = Outage(clock)
    with caplog.at_level(logging.INFO):
        outage.over()
        assert caplog.messages == []
        for _ in range(200):
            outage.lost(DatabaseLost("The server is down."))
            outage.over()  # a page that needs no database, or one connection that still worked
            clock.now += 0.04
        assert len(caplog.messages) == 1
        clock.now += QUIET_S
        outage.over()
        outage.over()
    first, second = caplog.messages
    assert "DatabaseLost: The server is down." in first
    assert "it lasted 8 s, and 200 requests failed" in second
    outage.lost(DatabaseLost("Again."))
    assert len(caplog.messages) == 3


def test_two_kinds_of_loss_are_told_apart_and_each_missing_file_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(Clock())
    for _ in range(5):
        for error in (WorkspaceFull("full"), FileMissing("a.jpg is missing"), FileMissing("b.jpg is missing")):
            outage.lost(error)
            outage.over()
    assert len(caplog.messages) == 3
