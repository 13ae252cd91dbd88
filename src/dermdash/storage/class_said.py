"""What is said of the class of a record, in SQL."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from dermdash.records.taxonomy import TAXONOMIES, DiagnosticClass
from dermdash.storage import tables as t


def class_said(
    said: Callable[[DiagnosticClass], str],
    column: sa.ColumnElement[Any],
    dataset_id: sa.ColumnElement[str] = t.record.c.dataset_id,
) -> sa.ColumnElement[Any]:
    """What is said of the class of a record, null for a record without one; ``dataset_id``: where that stands.

    Most codes mean the same in every taxonomy, so that data sets need not be looked up for them.
    """
    by_code: dict[str, dict[str, list[str]]] = {}
    for name, taxonomy in TAXONOMIES.items():
        for c in taxonomy.classes:
            by_code.setdefault(c.code, {}).setdefault(said(c), []).append(name)
    everywhere: dict[str, list[str]] = {}
    cases = []
    for code, groups in by_code.items():
        if len(groups) == 1:
            everywhere.setdefault(next(iter(groups)), []).append(code)
            continue
        for group, names in groups.items():
            of = sa.select(t.dataset.c.id).where(t.dataset.c.taxonomy.in_(names))
            cases.append((sa.and_(column == code, dataset_id.in_(of)), group))
    cases += [(column.in_(codes), group) for group, codes in everywhere.items()]
    return sa.case(*cases, else_=None)


def classes_that(
    hold: Callable[[DiagnosticClass], bool], column: sa.ColumnElement[Any], dataset_id: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """Whether something holds of the class of a record: over a million records a fifth of what `class_said` costs."""
    where: dict[str, list[str]] = {}
    for name, taxonomy in TAXONOMIES.items():
        for c in taxonomy.classes:
            where.setdefault(c.code, [])
            if hold(c):
                where[c.code].append(name)
    known = {code: [n for n, taxonomy in TAXONOMIES.items() if code in taxonomy.codes] for code in where}
    everywhere = [code for code, names in where.items() if names == known[code]]
    alternatives: list[sa.ColumnElement[bool]] = [column.in_(everywhere)] if everywhere else []
    for code, names in where.items():
        if names and code not in everywhere:
            of = sa.select(t.dataset.c.id).where(t.dataset.c.taxonomy.in_(names))
            alternatives.append(sa.and_(column == code, dataset_id.in_(of)))
    return sa.or_(*alternatives) if alternatives else sa.false()
