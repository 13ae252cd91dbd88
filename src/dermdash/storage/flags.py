"""What asks for a look at a record: the model in use names another diagnosis, a rule is broken, histology is missing.

Each flag is one condition on the record table, from which filter, counts, tiles and the overview are made: they cannot
differ.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.classifier.reference_model import reference_sha256
from dermdash.errors import NotFound
from dermdash.records.record_flags import RecordFlag
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import tables as t
from dermdash.storage.class_said import class_said
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


def _model_names_another(among: Sequence[str] | None = None) -> sa.ColumnElement[bool]:
    used, p, d, r = models_in_use().subquery(), t.prediction.c, t.dataset.c, t.record.alias("predicted")
    differs = (
        sa.select(p.record_id)
        .join(used, used.c.id == p.model_id)
        .join(r, r.c.id == p.record_id)
        .join(t.dataset, d.id == r.c.dataset_id)
        .where(p.predicted_dx != r.c.dx, d.simulated == used.c.simulated, d.taxonomy == used.c.taxonomy)
    )
    # Else every prediction there is would be looked at for sixty records.
    return t.record.c.id.in_(differs if among is None else differs.where(p.record_id.in_(among), r.c.id.in_(among)))


def _breaks_a_rule(among: Sequence[str] | None = None) -> sa.ColumnElement[bool]:
    member = t.finding_record.c.record_id
    concerned = in_open_findings(member).where(t.finding.c.kind.in_(RULES))
    return t.record.c.id.in_(concerned if among is None else concerned.where(member.in_(among)))


def _lacks_histology(among: Sequence[str] | None = None) -> sa.ColumnElement[bool]:
    c = t.record.c
    needed = class_said(lambda one: "yes" if one.needs_histology else "no", c.dx) == "yes"
    return sa.and_(needed, sa.func.coalesce(c.verification_stage, 0) < int(VerificationStage.HISTOLOGY))


_CONDITIONS = {
    RecordFlag.MODEL_DIFFERS: _model_names_another,
    RecordFlag.BREAKS_RULE: _breaks_a_rule,
    RecordFlag.LACKS_HISTOLOGY: _lacks_histology,
}


class Flags:
    """The flags as a filter; unknown, as an option, is a record without any."""

    def holds(self, wanted: Sequence[str]) -> sa.ColumnElement[bool]:
        """Condition on the record table: it has one of these flags."""
        alternatives = [condition() for flag, condition in _CONDITIONS.items() if flag in wanted]
        return sa.or_(*alternatives) if alternatives else sa.false()

    def counted(self, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
        """Flag and number of records of it under conditions on the record table."""
        each = [
            sa.select(sa.literal(str(flag)).label("option"), sa.func.count().label("n"))
            .select_from(t.record)
            .where(*conditions, condition())
            for flag, condition in _CONDITIONS.items()
        ]
        every = sa.union_all(*each).subquery()
        return sa.select(every.c.option, every.c.n).where(every.c.n > 0)


def flags_of(engine: sa.Engine, record_ids: Iterable[str]) -> dict[str, list[RecordFlag]]:
    """The flags of each of these records that has any."""
    ids, found = list(record_ids), dict[str, list[RecordFlag]]()
    if not ids:
        return found
    each = [
        sa.select(sa.literal(str(flag)).label("flag"), t.record.c.id).where(t.record.c.id.in_(ids), condition(ids))
        for flag, condition in _CONDITIONS.items()
    ]
    with engine.connect() as connection:
        for flag, record_id in connection.execute(sa.union_all(*each)).all():
            found.setdefault(str(record_id), []).append(RecordFlag(flag))
    return {record_id: sorted(flags, key=list(RecordFlag).index) for record_id, flags in found.items()}
