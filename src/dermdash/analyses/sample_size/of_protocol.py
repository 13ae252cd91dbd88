"""What a protocol with so many readers can find: the plan of the Sample size page with the protocol's own numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dermdash.analyses.sample_size.arms_design import MOST_UNEVEN, ArmsDesign
from dermdash.analyses.sample_size.arms_plan import assumed_arms, smaller_side
from dermdash.analyses.sample_size.mrmc_design import MrmcDesign
from dermdash.analyses.sample_size.paired_design import PairedDesign
from dermdash.analyses.sample_size.run import (
    ASSUMED_CHANGED,
    ASSUMED_CORRELATION,
    ASSUMED_ERRORS,
    ASSUMED_FIGURE_SD,
    ASSUMED_LEVEL,
    ASSUMED_READER_SD,
    assumed_changes,
    assumed_components,
)
from dermdash.analysis.mrmc.choices import Figure
from dermdash.reader_study.design import Condition, ReadingOrder
from dermdash.reader_study.protocol import Protocol
from dermdash.wording import level, points

POWER = 0.8
_STEPS = 1000
"""Differences are found in tenths of a point, as the page shows them."""


class ProtocolDesign(StrEnum):
    """Which of the plans fits a protocol."""

    PAIRED = "paired"
    MRMC = "mrmc"
    ARMS = "arms"


_LARGEST = {ProtocolDesign.PAIRED: ASSUMED_CHANGED, ProtocolDesign.MRMC: 0.5, ProtocolDesign.ARMS: 0.5}
"""Difference that is still looked at: a share cannot change by more than readings change."""


@dataclass(frozen=True, slots=True)
class FigurePower:
    """What can be found of one figure.

    Attributes
    ----------
    cases
        Of each reader that count for it, all kinds of assistance together.
    power
        For the difference asked about; None where there is no such test.
    detectable
        Least difference (0..1) found with a power of 80 %, rounded up to a tenth of a point; None where none is.
    """

    figure: Figure
    cases: int
    power: float | None
    detectable: float | None


@dataclass(frozen=True, slots=True)
class ProtocolPower:
    """What a protocol can find with so many complete readers.

    ``design`` None: no plan fits, and ``reason`` says why. ``kinds``: of assistance that a reader's cases are divided
    among. ``arms``: with readers of their own, whom all readers are divided among by ``weights``. ``malignant``: share
    of the cases. ``part``: of the cases that one reader reads, and ``overlap`` of these parts (`ArmsDesign`).
    """

    readers: int
    difference: float
    design: ProtocolDesign | None
    reason: str
    kinds: int
    malignant: float
    figures: tuple[FigurePower, ...]
    arms: int = 1
    weights: tuple[int, ...] = ()
    part: float = 1.0
    overlap: tuple[float, float] = (1.0, 1.0)

    @property
    def as_page_plans(self) -> bool:
        """Whether the page How many readers? can be asked the same: it knows no weights, and no readers of a part."""
        return len(set(self.weights)) < 2 and self.part == 1

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "design": None if self.design is None else self.design.value,
            "reason": self.reason or None,
            "readers": self.readers,
            "difference": self.difference,
            "kinds": self.kinds,
            "arms": self.arms,
            "weights": list(self.weights),
            "part": self.part,
            "overlap": list(self.overlap),
            "target_power": POWER,
            "figures": [
                {"figure": f.figure.value, "cases": f.cases, "power": f.power, "detectable": f.detectable}
                for f in self.figures
            ],
        }


def power_of_protocol(
    protocol: Protocol, *, readers: int, difference: float, overlap: tuple[float, float] | None = None
) -> ProtocolPower:
    """Plan the comparison with assistance that a protocol makes, for so many readers who complete it.

    Assumptions are those that the Sample size page begins with; numbers of readers, cases and kinds of assistance, and
    the share of malignant cases, are the protocol's. ``overlap``: of the parts that readers of arms read in a trial run
    of it, as `TrialBalance.overlap` has it.

    Raises
    ------
    InvalidInput
        The difference cannot be planned for.
    """
    design, reason = _design(protocol)
    if design is not None and (why := _nothing_planned(protocol, design)):
        design, reason = None, why
    if design is not None and readers < 2:
        design, reason = None, "It takes two complete readers to see how readers differ."
    classes = protocol.classes
    ill = sum(n for code, n in protocol.class_mix.items() if classes[code].is_malignant)
    share = round(ill / protocol.cases_per_round, 4)
    if design in (ProtocolDesign.MRMC, ProtocolDesign.ARMS) and not 0 < share < 1:
        design, reason = None, "The plan takes cases of both sides, and here all are malignant or none is."
    kinds = len(protocol.modalities_of(protocol.arms[0].periods[0])) if design is ProtocolDesign.PAIRED else 1
    arms = len(protocol.arms) if design is ProtocolDesign.ARMS else 1
    made = ProtocolPower(readers, difference, design, reason, kinds, share, (), arms)
    if design is ProtocolDesign.ARMS:
        part = protocol.read_per_round / protocol.cases_per_round
        if part < 1 and overlap is None:
            why = "Different readers read parts of the cases: a trial run says how far these overlap."
            return replace(made, design=None, reason=why)
        weights = tuple(arm.weight for arm in protocol.arms)
        made = replace(made, weights=weights, part=part, overlap=overlap if part < 1 and overlap else (1.0, 1.0))
    return made if design is None else replace(made, figures=_figures(protocol, design, made))


def power_words(power: ProtocolPower) -> str:
    """What so many readers can find, as a sentence: the difference that is found, or why nothing is planned."""
    if power.design is None:
        return power.reason
    found = next((f for f in power.figures if f.detectable is not None), None)
    if found is None or found.detectable is None:
        return f"With {level(POWER)} power no difference is found: take more readers or cases."
    apart = points(found.detectable).lstrip("+")  # a size without a sign
    return f"A difference in {found.figure.value} of {apart} is found with {level(POWER)} power."


def _nothing_planned(protocol: Protocol, design: ProtocolDesign) -> str:
    """Why there is no plan of what readers are asked, where that is no diagnosis; empty where there is one."""
    asked = protocol.asked
    if asked.diagnosis:
        return ""
    if not asked.malignancy_rating:
        return "Readers are asked for no diagnosis and no rating of malignancy: dermdash plans for these."
    if design is ProtocolDesign.PAIRED:
        return (
            "Readers are asked for ratings of malignancy, and assistance follows in the same reading: dermdash plans "
            "areas under the curve of readers who read all cases under two conditions, or of arms. The page How "
            "many readers? does so with numbers of your own."
        )
    if protocol.read_per_round < protocol.cases_per_round:
        return (
            "Readers are asked for ratings of malignancy, each of a part of the cases: there the comparison of areas "
            "under the curve was not simulated to hold its level. Let everybody read all cases."
        )
    return ""


def _design(protocol: Protocol) -> tuple[ProtocolDesign | None, str]:
    arms = protocol.arms
    if not protocol.every_modality:
        return None, "Nothing is shown: there is no difference to be found."
    if len(arms) == 1 and [period.reading for period in arms[0].periods] == [ReadingOrder.SEQUENTIAL]:
        return ProtocolDesign.PAIRED, ""
    conditions = {frozenset(_key(protocol, period) for period in arm.periods) for arm in arms}
    if len(conditions) > 1:
        return _design_of_arms(protocol)
    (same,) = conditions
    once = all(reading is not ReadingOrder.SEQUENTIAL and len(shown) <= 1 for reading, shown in same)
    if len(same) != 2 or not once or any(len(arm.periods) != 2 for arm in arms):
        return None, "dermdash has no plan for a comparison of more than two conditions in periods."
    if protocol.read_per_round < protocol.cases_per_round or protocol.checks.unaided_only:
        return None, (
            "The plan for two conditions takes every case read by every reader under both, and here each reads a part."
        )
    return ProtocolDesign.MRMC, ""


def _design_of_arms(protocol: Protocol) -> tuple[ProtocolDesign | None, str]:
    """Different readers under each condition: the last answers of each arm are compared."""
    arms = protocol.arms
    different = "Different readers read under each condition"
    if any(len(arm.periods) != 1 for arm in arms):
        return None, f"{different}, some of them in several periods. dermdash has no plan for that."
    weights = sorted(arm.weight for arm in arms)
    if weights[1] > MOST_UNEVEN * weights[0]:
        return None, (
            f"{different}, and one arm has more than {MOST_UNEVEN} times the readers of another: there the test was "
            "not simulated to hold its level. Take weights that are closer."
        )
    if protocol.checks.unaided_only:
        return None, (
            f"{different}, and with assistance some cases of each stay without it: the plan takes answers of an arm "
            "given alike. Leave the cases without assistance out, which a study of arms needs none of."
        )
    return ProtocolDesign.ARMS, ""


def _key(protocol: Protocol, period: Condition) -> tuple[ReadingOrder, tuple[str, ...]]:
    return period.reading, tuple(map(str, protocol.modalities_of(period)))


def _figures(protocol: Protocol, design: ProtocolDesign, asked: ProtocolPower) -> tuple[FigurePower, ...]:
    share = asked.malignant
    read = (protocol.read_per_round - protocol.checks.unaided_only) * protocol.rounds
    # Arms are compared over the cases that their readers read together, whatever part each of them reads.
    cases = protocol.case_count if design is ProtocolDesign.ARMS else read
    found = []
    for figure in (Figure.ACCURACY, Figure.SENSITIVITY) if protocol.asked.diagnosis else (Figure.AUC,):
        if figure is Figure.SENSITIVITY and not 0 < share < 1:
            continue
        # Changes of malignant cases are all that sensitivity is made of; the other plans divide the cases themselves.
        malignant_alone = design is ProtocolDesign.PAIRED and figure is Figure.SENSITIVITY
        mine = round(cases * share) if malignant_alone else cases

        def power(true: float, figure: Figure = figure, cases: int = mine) -> float | None:
            plan = planned(
                design, kinds=asked.kinds, arms=asked.arms, figure=figure, cases=cases, malignant=share,
                difference=true, weights=asked.weights, part=asked.part, overlap=asked.overlap,
            )  # fmt: skip
            return plan.power(asked.readers, cases)

        of_each = round(mine * asked.part)
        found.append(FigurePower(figure, of_each, power(asked.difference), _detectable(power, most=_LARGEST[design])))
    return tuple(found)


def planned(
    design: ProtocolDesign,
    *,
    kinds: int,
    arms: int,
    figure: Figure,
    cases: int,
    malignant: float,
    difference: float,
    weights: tuple[int, ...] = (),
    part: float = 1.0,
    overlap: tuple[float, float] = (1.0, 1.0),
) -> PairedDesign | MrmcDesign | ArmsDesign:
    """The design that the Sample size page plans with where it is told these numbers and nothing else."""
    if design is ProtocolDesign.PAIRED:
        changes = assumed_changes(difference, changed=ASSUMED_CHANGED, reader_sd=ASSUMED_READER_SD)
        return PairedDesign(changes, difference, kinds, tests=kinds)
    r1, r2, r3 = ASSUMED_ERRORS
    if design is ProtocolDesign.ARMS:
        components = assumed_arms(
            figure=figure, level=ASSUMED_LEVEL, cases=cases, diseased_share=malignant, r2=r2, r3=r3,
            reader_sd=ASSUMED_FIGURE_SD,
        )  # fmt: skip
        return ArmsDesign(
            components, difference, arms, side=smaller_side(figure, malignant), weights=weights, part=part,
            overlap=overlap,
        )  # fmt: skip
    components = assumed_components(
        figure=figure, level=ASSUMED_LEVEL, cases=cases, diseased_share=malignant, r1=r1, r2=r2, r3=r3,
        reader_sd=ASSUMED_FIGURE_SD, reader_correlation=ASSUMED_CORRELATION,
    )  # fmt: skip
    return MrmcDesign(components, difference)


def _detectable(power: Callable[[float], float | None], *, most: float) -> float | None:
    """Least difference with the power aimed at, by halving: power rises with the difference."""
    if (power(most) or 0.0) < POWER:
        return None
    low, high = 1, round(most * _STEPS)
    while low < high:
        middle = (low + high) // 2
        if (power(middle / _STEPS) or 0.0) >= POWER:
            high = middle
        else:
            low = middle + 1
    return low / _STEPS
