"""Who reviews what: distinct people, evenly by load, one with experience in each group where there is one.

Nobody reviews a record whose initial annotation is theirs, and who is absent gets none.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may get work; ``load`` is how many open tasks they have, ``experienced``: a specialist or expert."""

    account_id: str
    experienced: bool
    load: int = 0


@dataclass(frozen=True, slots=True)
class ReviewNeed:
    """A record that wants ``count`` more people, none of ``excluded``; ``has_experienced``: one is there already."""

    record_id: str
    count: int
    excluded: frozenset[str] = frozenset()
    has_experienced: bool = False


@dataclass(frozen=True, slots=True)
class AssignedReviews:
    """Who gets which record, in order, and how many people were not found for which record.

    ``unexperienced`` are the records that got people, and nobody with experience among them.
    """

    pairs: tuple[tuple[str, str], ...]
    unmet: dict[str, int] = field(default_factory=dict)
    unexperienced: tuple[str, ...] = ()


def assign(needs: Sequence[ReviewNeed], candidates: Collection[Candidate]) -> AssignedReviews:
    """Give each record its people: first somebody with experience, then whoever has least to do.

    Of people with equally much to do a hash of record and person decides, so that the same ones do not always meet, and
    the same question has the same answer.
    """
    load = {c.account_id: c.load for c in candidates}
    pairs: list[tuple[str, str]] = []
    unmet: dict[str, int] = {}
    unexperienced = []
    for need in needs:
        free = {c.account_id: c.experienced for c in candidates if c.account_id not in need.excluded}
        experienced = need.has_experienced
        chosen = 0
        while chosen < need.count and free:
            able = [name for name, skilled in free.items() if skilled] if not experienced else []
            name = min(able or free, key=lambda name: (load[name], _chance(need.record_id, name)))
            experienced = free.pop(name) or experienced
            load[name] += 1
            chosen += 1
            pairs.append((need.record_id, name))
        if chosen < need.count:
            unmet[need.record_id] = need.count - chosen
        if chosen and not experienced:
            unexperienced.append(need.record_id)
    return AssignedReviews(tuple(pairs), unmet, tuple(unexperienced))


def _chance(record_id: str, account_id: str) -> bytes:
    return hashlib.sha256(f"{record_id}\n{account_id}".encode()).digest()


def drawn(key: str, share: float) -> bool:
    """Whether a thing is among a share of all things, by a hash of its random key: the same each time it is asked."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") < share * 2**64
