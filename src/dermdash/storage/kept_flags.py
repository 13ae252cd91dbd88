"""What is kept beside a record of why it asks for a look: what the model in use said of it, whether a rule is broken.

Both follow from rows of other tables, a million of them in a large workspace: a filter would join these at every
click. Who writes such rows writes what follows from them in the same transaction; `dermdash check` compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.classifier.reference_model import reference_sha256
from dermdash.errors import NotFound
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_turn
from dermdash.storage.open_findings import in_open_findings

RULES = (
    "impossible_value",
    "same_picture_other_diagnosis",
    "repeated_id_other_diagnosis",
    "diagnosis_against_histology",
    "lesion_of_several_patients",
    "lesion_of_several_diagnoses",
    "sex_against_site",
    "patient_of_both_sexes",
    "stage_3_without_result",
    "histology_contradiction",
)
"""Kinds of findings that say that a record breaks a rule: impossible values and contradictions."""
_ID_DIGITS = 12
_AT_ONCE = 1000


def models_in_use() -> sa.Select[Any]:
    """Id, kind and taxonomy of the model that answers for each kind of images and taxonomy where none is named.

    The rule is that of `workflows.classifier.model_in_use`: the one chosen last, else the one that comes with dermdash,
    else the first.
    """
    m, c = t.model.c, t.model_choice.c
    kind = sa.func.coalesce(m.simulated, sa.false())
    chosen = (
        sa.select(c.model_id, c.simulated, c.taxonomy, sa.func.max(c.sequence).label("latest"))
        .group_by(c.model_id, c.simulated, c.taxonomy)
        .subquery()
    )
    of_kind = sa.and_(chosen.c.model_id == m.id, chosen.c.simulated == kind, chosen.c.taxonomy == m.taxonomy)
    order = (
        chosen.c.latest.desc().nulls_last(),
        sa.case((m.id == _reference(), 0), else_=1),
        m.created_at,
        m.id,
    )
    place = sa.func.row_number().over(partition_by=(kind, m.taxonomy), order_by=order)
    ranked = (
        sa.select(m.id, kind.label("simulated"), m.taxonomy, place.label("place"))
        .select_from(t.model.outerjoin(chosen, of_kind))
        .subquery()
    )
    return sa.select(ranked.c.id, ranked.c.simulated, ranked.c.taxonomy).where(ranked.c.place == 1)


def _reference() -> str:
    try:
        return reference_sha256()[:_ID_DIGITS]
    except NotFound:
        return ""


def keep_model_answers(connection: sa.Connection, record_ids: Iterable[str] | None = None) -> None:
    """Keep beside these records, or beside all, what the model in use says of each; within the transaction."""
    for among in _parts(record_ids):
        said = _answers(among).subquery()
        _keep(connection, t.record.c.model_dx, said.c.record_id, said.c.predicted_dx, among)


def keep_broken_rules(connection: sa.Connection, finding_ids: Sequence[str] | None = None) -> None:
    """Keep beside the records of these findings, or beside all, whether they break a rule; within the transaction."""
    c, member = t.finding.c, t.finding_record.c
    for some in _parts(finding_ids):
        among = None
        if some is not None:
            of_rules = sa.select(c.id).where(c.id.in_(some), c.kind.in_(RULES))
            concerned = sa.select(member.record_id).where(member.finding_id.in_(of_rules)).distinct()
            among = list(connection.execute(concerned).scalars())
            if not among:
                continue
        for part in _parts(among):
            broken = _broken(part).subquery()
            _keep(connection, t.record.c.breaks_rule, broken.c.record_id, sa.true(), part)


def stale_flags(engine: sa.Engine) -> Iterator[tuple[str, int]]:
    """(column, records) of what is kept otherwise than it follows from the other tables."""
    said, broken = _answers(None).subquery(), _broken(None).subquery()
    kept = (
        (t.record.c.model_dx, said.c.record_id, said.c.predicted_dx),
        (t.record.c.breaks_rule, broken.c.record_id, sa.case((broken.c.record_id.is_not(None), sa.true()))),
    )
    with engine.connect() as connection:
        for column, of, value in kept:
            joined = t.record.outerjoin(of.table, of == t.record.c.id)
            statement = sa.select(sa.func.count()).select_from(joined).where(column.is_distinct_from(value))
            if rows := connection.execute(statement).scalar_one():
                yield column.name, int(rows)


def mend_flags(engine: sa.Engine) -> int:
    """Keep anew what is kept otherwise than it follows, and return of how many records.

    Another version may come with another model, which then answers; or somebody changed tables past the app.
    """
    mended = sum(rows for _, rows in stale_flags(engine))
    if mended:
        in_turn(engine, keep_model_answers)
        in_turn(engine, keep_broken_rules)
    return mended


def _parts(ids: Iterable[str] | None) -> Iterator[list[str] | None]:
    """So many ids as a statement takes; None, all of them, stays that."""
    if ids is None:
        yield None
        return
    listed = list(ids)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def _keep(
    connection: sa.Connection,
    column: sa.Column[Any],
    of: sa.ColumnElement[str],
    value: sa.ColumnElement[Any],
    among: Sequence[str] | None,
) -> None:
    """Write the value into the column of the record that ``of`` names, where it is another, and null into the rest."""
    r = t.record
    meant = [] if among is None else [r.c.id.in_(among)]
    said = sa.exists(sa.select(sa.literal(1)).where(of == r.c.id)).correlate(r)
    connection.execute(r.update().where(*meant, column.is_not(None), ~said).values({column: None}))
    connection.execute(r.update().where(*meant, of == r.c.id, column.is_distinct_from(value)).values({column: value}))


def _answers(among: Sequence[str] | None) -> sa.Select[Any]:
    """Record and class of what the model in use says: one row at most for each, as each kind has one such model."""
    used, p, d, r = models_in_use().subquery(), t.prediction.c, t.dataset.c, t.record.alias("predicted")
    answers = (
        sa.select(p.record_id, p.predicted_dx)
        .join(used, used.c.id == p.model_id)
        .join(r, r.c.id == p.record_id)
        .join(t.dataset, d.id == r.c.dataset_id)
        .where(d.simulated == used.c.simulated, d.taxonomy == used.c.taxonomy)
    )
    return answers if among is None else answers.where(p.record_id.in_(among), r.c.id.in_(among))


def _broken(among: Sequence[str] | None) -> sa.Select[Any]:
    member = t.finding_record.c.record_id
    concerned = in_open_findings(member).where(t.finding.c.kind.in_(RULES)).distinct()
    return concerned if among is None else concerned.where(member.in_(among))
