"""Whether what a crowd advised was the same for every reader, and what it means for a study where it was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dermdash.readings.modality import Modality, Phase
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class CrowdShown:
    """The crowd's shares as the readers of one source saw them.

    ``cases``: shown with them to two readers or more, ``changed``: of these, with other shares to one than to another.
    ``never``: of the ``readers``, those who never saw them. ``readings``: with assistance, by kind. ``growing``:
    whether the study pooled the readers before each reader; None for a log, which does not say. ``fixed_from``: the
    earlier study or log whose shares were frozen with the protocol, else empty.
    """

    cases: int
    changed: int
    readers: int
    never: int
    readings: Mapping[str, int] = field(default_factory=dict)
    growing: bool | None = None
    fixed_from: str = ""

    @property
    def fixed(self) -> bool:
        """Whether every reader saw the same, as far as is known."""
        return not self.growing and not self.changed

    @property
    def what_changed(self) -> str:
        """That shares were not fixed, with numbers; empty where they were."""
        if self.fixed:
            return ""
        pooled = "they pooled the readers before each reader, of this study too"
        if not self.cases:
            return f"The crowd's shares were not fixed: {pooled}. No case was shown with them to two readers or more."
        return (
            f"The crowd's shares were not fixed: {f'{pooled}, and ' if self.growing else 'they '}differed between "
            f"readers in {self.changed:,} of {counted(self.cases, 'case')} that two readers or more saw them for."
        )

    @property
    def dependence(self) -> str:
        """That readers are not independent then."""
        return (
            ""
            if self.fixed or self.never == self.readers
            else "Readers who saw them depend on the readers before them and are not independent of one another, which "
            "no interval or test here allows for."
        )

    @property
    def balance(self) -> str:
        """That kinds of assistance are not balanced then."""
        if self.fixed:
            return ""
        return (
            "Kinds of assistance are not balanced within readers, as a case has no shares until enough readers have "
            f"read it: {self.never:,} of {counted(self.readers, 'reader')} never saw any."
        )

    @property
    def fixed_words(self) -> str:
        """Where the shares came from that were frozen with the protocol; empty where none were."""
        return (
            f"The crowd's shares were fixed with the protocol, from {self.fixed_from}: every reader of a case saw the "
            "same."
            if self.fixed_from
            else ""
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What limits every result of these readings."""
        return () if self.fixed else (" ".join(filter(None, (self.what_changed, self.dependence, self.balance))),)


def crowd_shown(
    frame: pd.DataFrame, shown: pd.Series[str] | None = None, *, growing: bool | None = None, fixed_from: str = ""
) -> CrowdShown | None:
    """Compare what the crowd advised between the readers of each case; None where nobody was shown a crowd.

    Parameters
    ----------
    frame
        Columns of a `ReadingsTable`.
    shown
        What stood on the screen, as text, of each row; None: known by the advised class and its share alone.
    """
    aided = frame["phase"].astype(str) == Phase.AIDED.value
    crowd = aided & (frame["modality"].astype(str) == Modality.CROWD_PROBABILITY.value)
    offered = (frame["modality"].astype(str) == Modality.CROWD_PROBABILITY.value).any()
    if not offered and not growing:
        return None
    seen = frame[crowd]
    what = (
        seen["advice_dx"].astype(str) + " " + seen["advice_confidence"].astype(str) if shown is None else shown[crowd]
    )
    by_case = pd.DataFrame({"case": seen["case"].astype(str), "reader": seen["reader"].astype(str), "what": what})
    counts = by_case.groupby("case")[["reader", "what"]].nunique()
    several = counts[counts["reader"] > 1]
    readers = set(frame["reader"].astype(str))
    return CrowdShown(
        cases=len(several),
        changed=int((several["what"] > 1).sum()),
        readers=len(readers),
        never=len(readers - set(by_case["reader"])),
        readings={str(k): int(n) for k, n in frame["modality"][aided].value_counts().sort_index().items()},
        growing=growing,
        fixed_from=fixed_from,
    )
