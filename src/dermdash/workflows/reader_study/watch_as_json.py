"""A watched study and the acts of its team as JSON has them."""

from __future__ import annotations

from typing import Any

from dermdash.reader_study.conduct import StudyAct, mark_of
from dermdash.workflows.reader_study.monitor_study import ReaderWatched, StudyWatch


def watch_as_json(watch: StudyWatch, *, blinded: bool) -> dict[str, Any]:
    """Numbers finite or None; times in milliseconds, moments in UTC."""
    until = watch.conduct.until
    return {
        "study": watch.study_id,
        "standing": watch.standing,
        "until": None if until is None else until.isoformat(),
        "blinded": blinded,
        "invited": watch.invited,
        "withdrawn": watch.withdrawn,
        "came": dict(watch.came),
        "finished": dict(watch.finished),
        "readers": [_reader(reader) for reader in watch.readers],
        "balance": [
            {
                "modality": b.modality, "assigned": b.assigned, "completed": b.completed, "fewest": b.fewest,
                "most": b.most,
            }
            for b in watch.balance
        ],
        "positions": [
            {
                "position": p.position, "readers": p.readers, "median_ms": p.median_ms, "time_ratio": p.time_ratio,
                "called_malignant": p.malignant,
            }
            for p in watch.positions
        ],
        "target": None
        if watch.target is None
        else {"wanted": watch.target.wanted, "complete": watch.target.complete, "reached": watch.target.reached},
        "cases_without_image": list(watch.cases_without_image),
        "places": [{"stratum": q.stratum, "places": q.most, "taken": taken} for q, taken in watch.places],
    }  # fmt: skip


def _reader(reader: ReaderWatched) -> dict[str, Any]:
    return {
        "reader": reader.reader_id,
        "label": reader.label,
        "profession": None if reader.profile is None else reader.profile["profession"],
        "consented_at": reader.consented_at.isoformat(),
        "last_at": None if reader.last_at is None else reader.last_at.isoformat(),
        "cases_done": reader.cases_done,
        "cases": reader.cases_total,
        "median_ms": reader.median_ms,
        "odd": [{"kind": odd.kind, "words": odd.words} for odd in reader.oddities],
        "mark": None if reader.mark is None else act_as_json(reader.mark),
        "turned_away": reader.turned_away,
        "arm": reader.arm,
    }


def act_as_json(act: StudyAct) -> dict[str, Any]:
    """What was decided, about whom, why, by which account and when."""
    return {
        "kind": act.kind,
        "reader": act.reader_id,
        "detail": dict(act.detail),
        "reason": act.reason,
        "account": act.account_id,
        "at": act.acted_at.isoformat(),
    }


def mark_words(act: StudyAct) -> str:
    """A mark in words, with its reason."""
    return f"{mark_of(act).label}: {act.reason}"
