"""Which management is appropriate for which truth: a table that the user may change."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from dermdash.errors import InvalidInput

BENIGN, MALIGNANT = "benign", "malignant"
COLUMNS = ("truth", "management", "judgement")


class Judgement(StrEnum):
    """What a management is for a lesion."""

    APPROPRIATE = "appropriate"
    UNDERTREATMENT = "undertreatment"
    OVERTREATMENT = "overtreatment"


@dataclass(frozen=True, slots=True)
class Rubric:
    """Judgement of each management by truth.

    ``rows`` maps (truth, management) to a `Judgement`; truth is a class code, or ``malignant`` or ``benign`` for
    every class without a row of its own. Managements are compared as `management_word`.
    """

    rows: Mapping[tuple[str, str], Judgement]
    notes: tuple[str, ...] = ()

    def judge(self, truth_dx: str | None, truth_malignant: bool | None, management: str | None) -> Judgement | None:
        """The judgement of one answer; None where truth or answer is missing or the rubric does not know it."""
        if not management:
            return None
        word = management_word(management)
        if truth_dx is not None and (found := self.rows.get((truth_dx.lower(), word))) is not None:
            return found
        if truth_malignant is None:
            return None
        return self.rows.get((MALIGNANT if truth_malignant else BENIGN, word))

    def knows(self, management: str) -> bool:
        """Whether any row names this management."""
        word = management_word(management)
        return any(name == word for _, name in self.rows)

    @property
    def frame(self) -> pd.DataFrame:
        """As a table with ``COLUMNS``."""
        return pd.DataFrame([(t, m, str(j)) for (t, m), j in self.rows.items()], columns=list(COLUMNS))


def management_word(management: str) -> str:
    """A management as it is compared: small letters and digits, without the ``manage_`` of some logs."""
    return re.sub(r"[^a-z0-9]", "", str(management).lower().strip().removeprefix("manage_"))


def make_rubric(rows: Iterable[Mapping[str, object]], *, source: str = "the rubric") -> Rubric:
    """Check rows with ``COLUMNS`` (and optionally ``row``, the line in a file) and make a rubric of them.

    Raises
    ------
    InvalidInput
        No row, an empty cell, an unknown judgement or a truth and management judged twice; row and value are named.
    """
    found: dict[tuple[str, str], Judgement] = {}
    for i, row in enumerate(rows, 1):
        place = f"{source}, row {row.get('row', i)}"
        cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}
        if empty := [name for name in COLUMNS if cells[name] in ("", "nan", "None")]:
            raise InvalidInput(f"{place}: {', '.join(empty)} is empty")
        judgement = cells["judgement"].lower()
        if judgement not in set(Judgement):
            raise InvalidInput(f"{place}: judgement is {judgement!r}: expected {', '.join(Judgement)}")
        key = (cells["truth"].lower(), management_word(cells["management"]))
        if not key[1]:
            raise InvalidInput(f"{place}: management is {cells['management']!r}: expected a word")
        if key in found:
            raise InvalidInput(f"{place}: {key[1]} for {key[0]} stands there twice")
        found[key] = Judgement(judgement)
    if not found:
        raise InvalidInput(f"{source} has no row: expected {', '.join(COLUMNS)}")
    return Rubric(found)


_OK, _UNDER, _OVER = Judgement.APPROPRIATE, Judgement.UNDERTREATMENT, Judgement.OVERTREATMENT
DEFAULT_RUBRIC = Rubric(
    {
        (MALIGNANT, "dismiss"): _UNDER,
        (MALIGNANT, "monitor"): _UNDER,
        (MALIGNANT, "localtherapy"): _UNDER,
        (MALIGNANT, "biopsy"): _OK,
        (MALIGNANT, "excise"): _OK,
        (MALIGNANT, "refer"): _OK,
        # Actinic keratosis and Bowen's disease are treated on the skin, as a rule without histology.
        ("akiec", "localtherapy"): _OK,
        ("ak", "localtherapy"): _OK,
        ("iec", "localtherapy"): _OK,
        (BENIGN, "dismiss"): _OK,
        (BENIGN, "monitor"): _OK,
        (BENIGN, "localtherapy"): _OVER,
        (BENIGN, "biopsy"): _OVER,
        (BENIGN, "excise"): _OVER,
        (BENIGN, "refer"): _OVER,
    }
)
"""A malignant lesion must reach histology (or referral); a benign one needs none. A starting point, to be changed."""
