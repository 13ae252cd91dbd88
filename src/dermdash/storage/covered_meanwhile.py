"""Images in whose place another version was put while somebody was about to store a record of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction


def shown_instead(act: ActTransaction, hashes: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Of these images those that are locked away, each with the row of the image in its place as this act sees it."""
    c = t.text_decision.c
    locked = sa.select(c.image_sha256, c.masked_sha256).where(c.masked_sha256.is_not(None)).order_by(c.sequence)
    after: dict[str, str] = {}
    wanted = set(hashes)
    first = frozenset(wanted)
    while wanted and (found := act.read(locked.where(c.image_sha256.in_(sorted(wanted))))):
        after |= {row["image_sha256"]: row["masked_sha256"] for row in found}
        wanted = set(after.values()) - after.keys()
    latest = {sha256: _end(after, sha256) for sha256 in first & after.keys()}
    if not latest:
        return {}
    images = act.read(sa.select(t.image).where(t.image.c.sha256.in_(sorted(latest.values()))))
    row_of = {row["sha256"]: row for row in images}
    return {sha256: row_of[end] for sha256, end in latest.items()}


def _end(after: Mapping[str, str], sha256: str) -> str:
    while sha256 in after:
        sha256 = after[sha256]
    return sha256
