"""What a sender can make go wrong at will does not fill the log."""

import logging
import sys

import pytest

from dermdash.ui.log_limits import A_MINUTE, LOGGERS, FewOfAKind, limit_log


def failed(error: Exception, level: int = logging.ERROR) -> logging.LogRecord:
    try:
        raise error
    except Exception:  # noqa: BLE001  any will do
        return logging.LogRecord("somebody", level, "", 0, "It failed", (), sys.exc_info())


def test_a_thousand_alike_in_a_minute_are_ten_and_the_next_minute_says_how_many_were_left_out() -> None:
    now = [0.0]
    few = FewOfAKind(clock=lambda: now[0])
    assert sum(few.filter(failed(ValueError("one"))) for _ in range(1000)) == A_MINUTE
    now[0] = 61.0
    later = failed(ValueError("two"))
    assert few.filter(later)
    assert f"{1000 - A_MINUTE} more of this kind" in later.getMessage()
    following = failed(ValueError("three"))
    assert few.filter(following)
    assert following.getMessage() == "It failed"


def test_another_kind_and_warnings_are_written_all_the_same() -> None:
    few = FewOfAKind(clock=lambda: 0.0)
    for _ in range(100):
        few.filter(failed(ValueError("")))
    assert few.filter(failed(KeyError("")))
    assert all(few.filter(failed(ValueError(""), logging.WARNING)) for _ in range(100))


def test_the_loggers_are_those_that_streamlit_writes_to() -> None:
    import streamlit.error_util
    import streamlit.runtime.app_session
    import streamlit.runtime.scriptrunner.script_runner as runner

    modules = (streamlit.error_util, streamlit.runtime.app_session, runner)
    assert tuple(module._LOGGER.name for module in modules) == LOGGERS


def test_each_logger_has_one_limit_however_often_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOGGERS:
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    limit_log()
    limit_log()
    assert all(len(logging.getLogger(name).filters) == 1 for name in LOGGERS)
