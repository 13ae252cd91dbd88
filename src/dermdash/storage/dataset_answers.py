"""Answers of people to the questions of documents about a data set: only ever inserted, the latest holds."""

import hashlib
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.ladder_rows import Source, read
from dermdash.storage.order import next_number

TEXT, UNKNOWN, WITHDRAWN = "text", "unknown", "withdrawn"


def answers_of(source: Source, dataset_id: str) -> list[dict[str, Any]]:
    """Every answer about a data set, in the order in which they were given."""
    c = t.dataset_answer.c
    return read(source, sa.select(t.dataset_answer).where(c.dataset_id == dataset_id).order_by(c.sequence, c.id))


def last_sequence(engine: sa.Engine) -> int:
    """The number of the latest answer, 0 where there is none."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.max(t.dataset_answer.c.sequence))).scalar() or 0)


def _digest(text: str) -> str | None:
    """What the log keeps of a text, which itself stands in the table of answers; None of an empty one."""
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def add_answer(engine: sa.Engine, account_id: str, *, dataset_id: str, item: str, state: str, text: str) -> bool:
    """Add an answer; False where the one that holds says the same."""
    c = t.dataset_answer.c
    latest = (
        sa.select(c.state, c.text)
        .where(c.dataset_id == dataset_id, c.item == item)
        .order_by(c.sequence.desc(), c.id.desc())
        .limit(1)
    )

    def work(act: Any) -> bool:
        held = act.read(latest)
        said = (held[0]["state"], held[0]["text"]) if held else (WITHDRAWN, "")
        if said == (state, text):
            return False
        act.insert(
            t.dataset_answer,
            {
                "id": uuid4().hex, "dataset_id": dataset_id, "item": item, "state": state, "text": text,
                "account_id": account_id, "answered_at": act.moment,
                "sequence": next_number(act.connection, t.dataset_answer),
            },
        )  # fmt: skip
        before = {"state": said[0], "text": _digest(said[1])}
        act.log(
            Act.DOCUMENT_ANSWER, dataset_id=dataset_id, field=item, old=before,
            new={"state": state, "text": _digest(text)},
        )  # fmt: skip
        return True

    return in_one_act(engine, account_id, work)
