"""Records that contradict one another or themselves: found by the database, so that a million need no memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.results import read_dicts

COLUMNS = (
    "id", "dataset_id", "image_id", "lesion_id", "patient_id", "source_label", "dx", "dx_type", "verification_stage",
    "histopathology_result", "clinical_diagnosis", "sex", "age_at_exam", "anatomical_site",
)  # fmt: skip
"""What a finding keeps of each row."""


def _columns() -> list[sa.Column[Any]]:
    return [t.record.c[name] for name in COLUMNS]


def rows_at_odds(engine: sa.Engine, dataset_id: str, key: str, value: str) -> list[dict[str, Any]]:
    """Records of a data set that share ``key`` with others of another ``value``, by key and id; empty ones count for
    nothing."""
    c = t.record.c
    several = (
        sa.select(c[key])
        .where(c.dataset_id == dataset_id, c[key].is_not(None), c[value].is_not(None))
        .group_by(c[key])
        .having(sa.func.min(c[value]) != sa.func.max(c[value]))
    )
    statement = sa.select(*_columns()).where(c.dataset_id == dataset_id, c[key].in_(several), c[value].is_not(None))
    return read_dicts(engine, statement.order_by(c[key], c.id))


def same_pictures_at_odds(engine: sa.Engine, dataset_id: str) -> list[dict[str, Any]]:
    """Records of all data sets of one taxonomy whose picture a record of this data set has under another diagnosis, by
    picture (``image_sha256``) and id."""
    c, d = t.record.c, t.dataset.c
    taxonomy = sa.select(d.taxonomy).where(d.id == dataset_id).scalar_subquery()
    comparable = c.dataset_id.in_(sa.select(d.id).where(d.taxonomy == taxonomy))
    mine = sa.select(c.image_sha256).where(c.dataset_id == dataset_id)
    several = (
        sa.select(c.image_sha256)
        .where(comparable, c.dx.is_not(None), c.image_sha256.in_(mine))
        .group_by(c.image_sha256)
        .having(sa.func.min(c.dx) != sa.func.max(c.dx))
    )
    statement = sa.select(*_columns(), c.image_sha256).where(comparable, c.image_sha256.in_(several), c.dx.is_not(None))
    return read_dicts(engine, statement.order_by(c.image_sha256, c.id))


def pairs_of_values(engine: sa.Engine, dataset_id: str, one: str, other: str) -> list[tuple[str, str]]:
    """Which two values stand in one record of a data set."""
    c = t.record.c
    statement = (
        sa.select(c[one].label("one"), c[other].label("other"))
        .where(c.dataset_id == dataset_id, c[one].is_not(None), c[other].is_not(None))
        .distinct()
    )
    return sorted((row["one"], row["other"]) for row in read_dicts(engine, statement))


def rows_with_values(
    engine: sa.Engine, dataset_id: str, one: str, other: str, pairs: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Records of a data set with one of these pairs of values, by id."""
    c = t.record.c
    found = []
    for first, second in pairs:
        statement = sa.select(*_columns()).where(c.dataset_id == dataset_id, c[one] == first, c[other] == second)
        found += read_dicts(engine, statement)
    return sorted(found, key=lambda row: row["id"])


def rows_without_result(engine: sa.Engine, dataset_id: str) -> list[dict[str, Any]]:
    """Records of a data set at stage 3 that have no histopathology result, by id."""
    c = t.record.c
    empty = sa.or_(c.histopathology_result.is_(None), c.histopathology_result == "")
    statement = sa.select(*_columns()).where(c.dataset_id == dataset_id, c.verification_stage == 3, empty)
    return read_dicts(engine, statement.order_by(c.id))
