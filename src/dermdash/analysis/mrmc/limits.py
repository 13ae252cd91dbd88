"""What limits an analysis of several readers and cases, in sentences."""

import numpy as np

from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.clusters import taken_as_independent
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.analysis.mrmc.obuchowski_rockette import VarianceComponents
from dermdash.analysis.reversed_scores import RATINGS_WAY_OUT, reversed_area, reversed_warnings
from dermdash.wording import counted

FEW_READERS, FEW_CASES = 5, 10
COV2_BELOW_COV3 = (
    "Cov2 was estimated below Cov3, which the model excludes; their difference was set to 0, so that cases add nothing "
    "to the uncertainty of the difference beyond what readers show."
)
"""About one comparison and not about the readings: what another one says does not say it, too."""


def limits_of(
    measured: Measured,
    usable: BoolArray,
    design: Design,
    components: VarianceComponents | None,
    method: Covariance,
) -> tuple[str, ...]:
    """Ratings that run the wrong way, small numbers, uneven reading, and where the model's assumptions met the data."""
    data = measured.data
    found = list(_reversed(data, "Answers" if measured.merit.call else "Ratings"))
    if len(data.readers) < FEW_READERS:
        found.append(
            f"{counted(len(data.readers), 'reader')}: few to speak for other readers; intervals rest on their small "
            "number."
        )
    for side in measured.sides:
        count = int(side.sum())
        if count < FEW_CASES:
            kind = "" if side.all() else " with the condition" if data.truth[side].all() else " without it"
            found.append(f"{counted(count, 'case')}{kind}: few to speak for other cases.")
    if data.clustered and method is not Covariance.CLUSTERED:
        asked = ", since this covariance was asked for: intervals"
        found.append(taken_as_independent(len(data.cases), data.unit_count, asked))
    least = int(measured.counts[:, usable].min())
    if least < FEW_CASES <= min(int(side.sum()) for side in measured.sides):
        found.append(
            f"Some readers read only {counted(least, 'case')} of a side under a modality: their single figures are "
            "coarse, and tests rest on a rough normal approximation."
        )
    if design is not Design.FACTORIAL:
        counts = measured.counts[:, usable].sum(axis=0)
        if len(counts) and counts.max() > 3 * counts.min():
            found.append(
                f"Readers read between {int(counts.min()):,} and {counted(int(counts.max()), 'case')} under a "
                "modality; each counts the same, so those with few cases add much of the uncertainty."
            )
        if (dropped := int((~usable & data.read.any(axis=2)).sum())) > 0:
            found.append(
                f"{counted(dropped, 'combination')} of reader and modality had fewer than two cases "
                "of a side and no figure of merit."
            )
    cov2, cov3 = (None, None) if components is None else (components.cov2, components.cov3)
    if cov2 is not None and cov3 is not None and cov2 < cov3:
        found.append(COV2_BELOW_COV3)
    return tuple(found)


def _reversed(data: MrmcData, what: str) -> tuple[str, ...]:
    """Modalities under which cases with the condition are rated lower, each in a sentence, then what to do."""
    found: dict[str, None] = {}
    for i, name in enumerate(data.modalities):
        ratings = data.ratings[:, i]
        # A model beside readers has one score of a case, whoever reads it.
        seen = np.isfinite(ratings)
        high, low = np.where(seen, ratings, -np.inf).max(axis=0), np.where(seen, ratings, np.inf).min(axis=0)
        readers = 1 if (high <= low).all() else int(seen.any(axis=1).sum())
        area = reversed_area(ratings, data.truth)
        found |= dict.fromkeys(reversed_warnings(area, what=f"{what} under {name}", readers=readers))
    # What to do stands once, after them all.
    return tuple(sorted(found, key=lambda text: text == RATINGS_WAY_OUT))
