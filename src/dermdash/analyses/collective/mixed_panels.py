"""Panels composed of two kinds of readers: only the one, only the other, and every mix between."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.collective.panel_curves import Gain, PanelCurve, PanelPoint, make_panels, plurality_values
from dermdash.analyses.collective.vote_bootstrap import REPLICATES
from dermdash.analyses.collective.votes import Votes, largest_panel

MAX_MIXED = 5


@dataclass(frozen=True, slots=True)
class MixedPanels:
    """Panels of one size on the cases that enough readers of both kinds read.

    ``mixes``: one panel per number of members of the first kind, from none to all. ``one_more``: gain of each mix over
    the panel of only the second kind. ``curves``: each kind alone, and half of each, against the size.
    """

    column: str
    first: str
    second: str
    size: int
    mixes: tuple[PanelPoint, ...]
    over_second: tuple[Gain, ...]
    curves: tuple[PanelCurve, ...]
    readers: tuple[int, int]
    cases: int
    cases_left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "by": self.column,
            "first": self.first,
            "second": self.second,
            "k": self.size,
            "mixes": [m.as_dict() for m in self.mixes],
            "gain_over_second_alone": [
                g.as_dict() | {"members_of_first": m.members[0]}
                for m, g in zip(self.mixes, self.over_second, strict=True)
            ],
            "curves": [c.as_dict() for c in self.curves],
            "n_readers": list(self.readers),
            "n_cases": self.cases,
            "cases_left_out": self.cases_left_out,
        }


def mixed_panels(
    votes: Votes, *, column: str, size: int | None = None, seed: int, replicates: int = REPLICATES
) -> MixedPanels | None:
    """Compare panels from the two strata of ``votes``; None where no case was read by one of each.

    ``size`` None: the largest panel, at most ``MAX_MIXED``, that half of the cases can seat from either kind alone.
    """
    n = votes.readers_per_case
    both = n.min(axis=1)
    k = largest_panel(both, MAX_MIXED) if size is None else min(size, int(both.max(initial=0)))
    if k < 1:
        return None
    keep = both >= k
    kept = votes.of_cases(keep)
    mixes = [(a, k - a) for a in range(k + 1)]
    values = plurality_values(kept, mixes)
    left_out = int((~keep).sum())
    first, second = votes.strata
    mixed = make_panels(kept, values, mixes, label="Mixed", left_out=left_out, seed=seed, replicates=replicates)
    alone = mixed.curve.points[0]
    against = [
        mixed.draws.interval(
            p.accuracy - alone.accuracy,
            mixed.replicates[:, c] - mixed.replicates[:, 0],
            of_readers=p.covers_readers or alone.covers_readers,
        )
        for c, p in enumerate(mixed.curve.points)
    ]
    over = tuple(
        Gain(
            k,
            p.accuracy - alone.accuracy,
            None if i is None else i[0],
            None if i is None else i[1],
            covers_readers=p.covers_readers and alone.covers_readers,
        )
        for p, i in zip(mixed.curve.points, against, strict=True)
    )
    kinds = {
        f"{first} only": [(a, 0) for a in range(1, k + 1)],
        f"{second} only": [(0, a) for a in range(1, k + 1)],
        "Half of each": [(a // 2, a // 2) for a in range(2, k + 1, 2)],
    }
    curves = tuple(
        make_panels(
            kept, plurality_values(kept, sizes), sizes, label=label, left_out=left_out, seed=seed, replicates=replicates
        ).curve
        for label, sizes in kinds.items()
        if sizes
    )
    of = np.bincount(kept.stratum, minlength=2)
    return MixedPanels(
        column, first, second, k, mixed.curve.points, over, curves, (int(of[0]), int(of[1])), len(kept.cases), left_out
    )


def strata_sizes(frame: pd.DataFrame, column: str) -> dict[str, int]:
    """Readers per value of a column that describes the reader, most first, then alphabetically."""
    known = frame[frame[column].notna()]
    sizes = known.groupby(column)["reader"].nunique()
    return {str(name): int(n) for name, n in sorted(sizes.items(), key=lambda item: (-item[1], str(item[0])))}
