"""Which arm a reader gets: balanced, in random blocks or in turn; always reproducible."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from dermdash.reader_study.design import Arm, AssignmentMethod


def seeded(seed: int, name: str) -> np.random.Generator:
    """A generator of a seed and a name, the same on every machine (Python's own hash of text is not)."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(list(digest))


def shares(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Parts of ``total`` in proportion to ``counts``, whole numbers: the largest remainders are rounded up."""
    everything = sum(counts.values())
    exact = {name: total * n / everything for name, n in counts.items()}
    parts = {name: int(value) for name, value in exact.items()}
    rest = total - sum(parts.values())
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:rest]:
        parts[name] += 1
    return parts


def draw_arm(
    arms: Sequence[Arm],
    *,
    method: AssignmentMethod,
    readers: Mapping[str, float],
    seed: int,
    reader_id: str,
    stratum: str = "",
    everybody: Mapping[str, float] | None = None,
) -> Arm:
    """The arm of a reader who begins.

    Parameters
    ----------
    readers
        Of this stratum by key of arm: those who completed or are at it; who left counts by the share they read.
    stratum
        Within which arms are balanced, as text.
    everybody
        The same of all strata, which decides where the stratum does not: small strata would leave the arms uneven.
    """
    if len(arms) == 1:
        return arms[0]
    if method is AssignmentMethod.BALANCED:
        ranks = seeded(seed, f"arm of {reader_id}").permutation(len(arms))
        overall = everybody or {}

        def load(i: int) -> tuple[float, float, int]:
            arm = arms[i]
            return readers.get(arm.key, 0) / arm.weight, overall.get(arm.key, 0) / arm.weight, int(ranks[i])

        return arms[min(range(len(arms)), key=load)]
    turn = round(sum(readers.values()))
    block = [i for i, arm in enumerate(arms) for _ in range(arm.weight)]
    if method is AssignmentMethod.LATIN_SQUARE:
        return arms[block[turn % len(block)]]
    # Blocks of twice the weights: the last one of a block is not always to be foreseen from the ones before.
    block = block * 2
    number, place = divmod(turn, len(block))
    return arms[block[int(seeded(seed, f"block {number} of {stratum}").permutation(len(block))[place])]]
