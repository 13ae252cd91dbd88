"""How a study stands after what its team decided: the latest act of a kind holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dermdash.reader_study.conduct import (
    ActKind,
    StudyAct,
    StudyConduct,
    StudyStanding,
    conduct_after,
    marks_after,
    suspicious_readers,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def act(kind: ActKind, reader_id: str | None = None, **detail: Any) -> StudyAct:
    return StudyAct("id", kind, reader_id, detail, "why", "ada", NOW)


def standing(*kinds: ActKind) -> StudyStanding:
    return conduct_after(act(kind) for kind in kinds).standing(NOW)


def test_a_study_that_nobody_decided_about_is_running() -> None:
    assert StudyConduct().standing(NOW) is StudyStanding.RUNNING


def test_the_latest_act_holds() -> None:
    assert standing(ActKind.PAUSE) is StudyStanding.PAUSED
    assert standing(ActKind.PAUSE, ActKind.RESUME) is StudyStanding.RUNNING
    assert standing(ActKind.PAUSE, ActKind.CLOSE) is StudyStanding.CLOSED
    assert standing(ActKind.CLOSE, ActKind.REOPEN) is StudyStanding.RUNNING


def test_a_study_ends_at_its_moment_and_an_extension_lets_it_go_on() -> None:
    end = act(ActKind.UNTIL, until=NOW.isoformat())
    later = act(ActKind.UNTIL, until=(NOW + timedelta(days=1)).isoformat())
    never = act(ActKind.UNTIL, until=None)
    assert conduct_after([end]).standing(NOW - timedelta(seconds=1)) is StudyStanding.RUNNING
    assert conduct_after([end]).standing(NOW) is StudyStanding.ENDED
    assert conduct_after([end, later]).standing(NOW) is StudyStanding.RUNNING
    assert conduct_after([end, never]).standing(NOW) is StudyStanding.RUNNING


def test_results_that_were_opened_stay_open() -> None:
    assert conduct_after([act(ActKind.PAUSE)]).results_open is None
    closed = act(ActKind.CLOSE)
    assert conduct_after([closed, act(ActKind.REOPEN)]).results_open is closed
    assert conduct_after([act(ActKind.UNBLIND), closed]).results_open is not closed


def test_the_latest_mark_of_a_reader_holds() -> None:
    suspected, cleared = act(ActKind.MARK, "r1", mark="suspicious"), act(ActKind.MARK, "r1", mark="cleared")
    other = act(ActKind.MARK, "r2", mark="suspicious")
    assert set(suspicious_readers([suspected, other])) == {"r1", "r2"}
    assert set(suspicious_readers([suspected, other, cleared])) == {"r2"}
    assert marks_after([suspected, cleared])["r1"] is cleared
