"""What readers agreed to: the text as they read it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts


def consent_values(*, version: str, language: str, pages_language: str, text: str) -> dict[str, Any]:
    """A consent without its reader; the hash (SHA-256, hex) is of the text in UTF-8."""
    return {
        "version": version,
        "language": language,
        "pages_language": pages_language,
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def insert_consent(connection: sa.Connection, reader_id: str, values: Mapping[str, Any]) -> None:
    """Append a consent in the transaction of whoever calls; of one version the first one stands."""
    row = {"agreed_at": now(), **values, "reader_id": reader_id}
    connection.execute(insert(t.consent).values(row).on_conflict_do_nothing())


def save_consent(engine: sa.Engine, reader_id: str, values: Mapping[str, Any]) -> None:
    """Append a consent."""

    def work() -> None:
        with engine.begin() as connection:
            insert_consent(connection, reader_id, values)

    retry_on_conflict(work)


def consents_of_reader(engine: sa.Engine, reader_id: str) -> list[dict[str, Any]]:
    """What a reader agreed to, the latest last (all columns)."""
    c = t.consent.c
    return read_dicts(engine, sa.select(t.consent).where(c.reader_id == reader_id).order_by(c.agreed_at, c.version))


def texts_of_study(engine: sa.Engine, study_id: str) -> list[dict[str, Any]]:
    """Every text that readers of a study agreed to, each once: version, language, text and text_sha256."""
    c = t.consent.c
    readers = sa.select(t.reader.c.id).where(t.reader.c.study_id == study_id)
    statement = sa.select(c.version, c.language, c.text, c.text_sha256).where(c.reader_id.in_(readers)).distinct()
    return read_dicts(engine, statement.order_by(c.version, c.language, c.text))
