"""What is stored of where a reader stands, read in one statement.

Answers, events, sendings and the acts of the study come as rows of one form: a statement costs more than the few rows
that it returns, and so all of this is seen at one moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.results import among, names_text, read_rows
from dermdash.storage.table_parts import TIMESTAMP
from dermdash.storage.unchanged import while_unchanged

_ANSWER, _EVENT, _ACT, _SENDING = "answer", "event", "act", "sending"
_ANSWERED = (
    "id", "assignment_id", "phase", "dx", "management", "confidence", "malignancy_rating", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredStanding:
    """Everything in the order of recording.

    Attributes
    ----------
    answers
        id, assignment_id, phase, dx, confidence, malignancy_rating, management, recorded_at.
    events
        kind, assignment_id, detail.
    acts
        id, kind, reader_id, account_id, reason, detail, acted_at.
    sendings
        Of each assignment and phase that was sent: when it first was, and the hash of what was shown last.
    """

    answers: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    sendings: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)


def standing_of_reader(
    engine: sa.Engine, study_id: str, reader_id: str, *, events: Iterable[str], acts: Iterable[str]
) -> StoredStanding:
    """Everything that says where a reader stands; of events and acts those of the given kinds. Nobody may change it."""
    told = {"study": study_id, "reader": reader_id, "events": names_text(events), "acts": names_text(acts)}
    key = ("standing", *told.values())
    return while_unchanged(engine, key, lambda: _standing_now(engine, told), about_reader=reader_id)


def with_sending(standing: StoredStanding, key: tuple[str, str], sent_at: datetime, shown: str) -> StoredStanding:
    """The same after a step has left for the reader's browser."""
    first = standing.sendings[key][0] if key in standing.sendings else sent_at
    return replace(standing, sendings={**standing.sendings, key: (first, shown)})


def with_answers(standing: StoredStanding, answers: Iterable[Mapping[str, Any]]) -> StoredStanding:
    """The same after answers of the reader were stored (rows of `reading`, in the order of recording)."""
    return replace(
        standing, answers=[*standing.answers, *({name: row.get(name) for name in _ANSWERED} for row in answers)]
    )


def _standing_now(engine: sa.Engine, told: Mapping[str, str]) -> StoredStanding:
    found = StoredStanding()
    for row in sorted(read_rows(engine, _STATEMENT, told), key=_recorded):
        _take(found, row)
    return found


def _recorded(row: Any) -> tuple[Any, ...]:
    """The order of recording, by number; a clock that was set back does not turn it round. Old rows have none."""
    return row.sequence is None, row.sequence, row.moment, row.id


def _take(found: StoredStanding, row: Any) -> None:
    if row.what == _ANSWER:
        found.answers.append(
            {
                "id": row.id, "assignment_id": row.about, "phase": row.kind, "dx": row.said, "management": row.further,
                "confidence": row.number, "malignancy_rating": row.rating, "recorded_at": row.moment,
            }
        )  # fmt: skip
    elif row.what == _SENDING:
        key = (row.about, row.kind)
        first = found.sendings[key][0] if key in found.sendings else row.moment
        found.sendings[key] = (first, row.said)
    elif row.what == _EVENT:
        found.events.append({"kind": row.kind, "assignment_id": row.about, "detail": row.detail})
    else:
        found.acts.append(
            {
                "id": row.id, "kind": row.kind, "reader_id": row.about, "account_id": row.said, "reason": row.further,
                "detail": row.detail, "acted_at": row.moment,
            }
        )  # fmt: skip


def _part(
    what: str, table: sa.Table, *where: sa.ColumnElement[bool], columns: Mapping[str, sa.ColumnElement[Any]]
) -> sa.Select[Any]:
    """Rows of one table in the form that all have; what a table has not is null."""
    values = [columns.get(name, sa.cast(sa.null(), kind)).label(name) for name, kind in _FORM.items()]
    return sa.select(sa.literal_column(f"'{what}'").label("what"), *values).select_from(table).where(*where)


_FORM: dict[str, sa.types.TypeEngine[Any]] = {
    "id": sa.String(), "about": sa.String(), "kind": sa.String(), "said": sa.String(), "further": sa.String(),
    "detail": sa.JSON(), "number": sa.Integer(), "rating": sa.Double(), "moment": TIMESTAMP,
    "sequence": sa.BigInteger(),
}  # fmt: skip
_STUDY, _READER = sa.bindparam("study", type_=sa.String()), sa.bindparam("reader", type_=sa.String())
_r, _e, _a, _s = t.reading.c, t.session_event.c, t.study_act.c, t.step_sent.c
_STATEMENT = sa.union_all(
    _part(
        _ANSWER, t.reading, _r.reader_id == _READER,
        columns={
            "id": _r.id, "about": _r.assignment_id, "kind": _r.phase, "said": _r.dx, "further": _r.management,
            "number": _r.confidence, "rating": _r.malignancy_rating, "moment": _r.recorded_at, "sequence": _r.sequence,
        },
    ),
    _part(
        _SENDING, t.step_sent, _s.reader_id == _READER,
        columns={
            "about": _s.assignment_id, "kind": _s.phase, "said": _s.shown_sha256, "moment": _s.sent_at,
            "sequence": _s.sequence,
        },
    ),
    _part(
        _EVENT, t.session_event, _e.reader_id == _READER, among(_e.kind, sa.bindparam("events", type_=sa.String())),
        columns={
            "id": _e.id, "about": _e.assignment_id, "kind": _e.kind, "detail": _e.detail, "moment": _e.recorded_at,
            "sequence": _e.sequence,
        },
    ),
    _part(
        _ACT, t.study_act, _a.study_id == _STUDY, among(_a.kind, sa.bindparam("acts", type_=sa.String())),
        columns={
            "id": _a.id, "about": _a.reader_id, "kind": _a.kind, "said": _a.account_id, "further": _a.reason,
            "detail": _a.detail, "moment": _a.acted_at, "sequence": _a.sequence,
        },
    ),
)  # fmt: skip
