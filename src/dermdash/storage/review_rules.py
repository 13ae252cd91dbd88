"""Review rules of data sets: versions that are only added to, the latest one holds."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.results import read_dicts


def rules_of(engine: sa.Engine, dataset_id: str) -> list[dict[str, Any]]:
    """Every version of the rule of a data set, oldest first."""
    c = t.review_rule.c
    return read_dicts(engine, sa.select(t.review_rule).where(c.dataset_id == dataset_id).order_by(c.version))


def rule_in(act: ActTransaction, dataset_id: str, version: int | None = None) -> tuple[int, Mapping[str, Any] | None]:
    """Version and content of the rule that holds (or of one version); 0 and None where nobody has set one."""
    c = t.review_rule.c
    of_dataset = sa.select(t.review_rule).where(c.dataset_id == dataset_id)
    if version is not None:
        of_dataset = of_dataset.where(c.version == version)
    rows = act.read(of_dataset.order_by(c.version.desc()).limit(1))
    return (rows[0]["version"], rows[0]["rule"]) if rows else (0, None)


def add_rule(act: ActTransaction, *, dataset_id: str, rule: Mapping[str, Any], reason: str) -> int:
    """Append a version and return its number."""
    version = rule_in(act, dataset_id)[0] + 1
    act.insert(
        t.review_rule,
        {
            "dataset_id": dataset_id, "version": version, "rule": dict(rule), "account_id": act.account_id,
            "reason": reason, "created_at": act.moment,
        },
    )  # fmt: skip
    return version
