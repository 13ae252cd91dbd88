"""Tagged versions of data sets, and what a manifest is made of. Statements and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.errors import InvalidInput
from dermdash.records.acts import Act
from dermdash.records.details import FURTHER
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.results import read_dicts

_AT_ONCE = 20_000


def list_versions(engine: sa.Engine, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Every tagged version, latest first; of one data set where it is named."""
    c = t.dataset_version.c
    statement = sa.select(t.dataset_version).order_by(c.sequence.desc())
    return read_dicts(engine, statement if dataset_id is None else statement.where(c.dataset_id == dataset_id))


def save_version(engine: sa.Engine, account_id: str, values: Mapping[str, Any]) -> bool:
    """Store a version in one act; False where the same state has the name, as by a second tab just now.

    Parameters
    ----------
    values
        Its row without who, when and sequence.

    Raises
    ------
    InvalidInput
        The data set has one of that name, of another state.
    """
    c, table = t.dataset_version.c, t.dataset_version

    def work(act: ActTransaction) -> bool:
        key = (c.dataset_id == values["dataset_id"], sa.func.lower(c.name) == values["name"].lower())
        if taken := act.read(sa.select(c.name, c.manifest_sha256).where(*key)):
            if taken[0] == {name: values[name] for name in ("name", "manifest_sha256")}:
                return False
            raise InvalidInput(f"The data set has a version {taken[0]['name']!r} already: choose another name.")
        told = {name: values[name] for name in ("name", "manifest_sha256", "records")}
        sequence = act.log(Act.VERSION, dataset_id=values["dataset_id"], new=told, reason=values["note"])
        act.insert(table, {**values, "tagged_by": account_id, "tagged_at": act.moment, "sequence": sequence})
        return True

    return in_one_act(engine, account_id, work)


def rows_of_manifest(engine: sa.Engine, dataset_id: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """These columns of every record of a data set, its further columns and the hash of its mask, by image id."""
    r, f, s = t.record.c, t.record_further.c, t.segmentation.c
    statement = (
        sa.select(*[r[name] for name in columns], f.cells.label(FURTHER), s.mask_sha256)
        .outerjoin(t.record_further, f.record_id == r.id)
        .outerjoin(t.segmentation, s.record_id == r.id)
        .where(r.dataset_id == dataset_id)
        .order_by(r.image_id)
    )
    with engine.connect() as connection:
        result = connection.execute(statement)
        names = list(result.keys())
        while rows := result.fetchmany(_AT_ONCE):
            yield from (dict(zip(names, row, strict=True)) for row in rows)
