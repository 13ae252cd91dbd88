"""What chance gives a reader who begins: their arm, and their cases in an order with a modality each.

The rule alone, for whoever knows how a study stands: the study itself from its database, a trial run from memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from dermdash.reader_study.arm_draw import draw_arm
from dermdash.reader_study.design import Arm
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.schedule import CaseSlot, PlannedAssignment, schedule_reader
from dermdash.readings.experience import experience_group
from dermdash.readings.modality import Modality

STRATUM_JOINT = " · "
"""Between the answers that make a stratum."""


@dataclass(frozen=True, slots=True)
class StudySoFar:
    """What balance is kept over when a reader begins.

    Attributes
    ----------
    alike, everybody
        By key of arm the readers of the same stratum, and of all: sums of `reader_load`.
    began
        By key of arm how many were given it.
    completed
        Completed readings by case and modality.
    """

    alike: Mapping[str, float] = field(default_factory=dict)
    everybody: Mapping[str, float] = field(default_factory=dict)
    began: Mapping[str, int] = field(default_factory=dict)
    completed: Mapping[tuple[str, Modality], int] = field(default_factory=dict)

    @property
    def readers(self) -> int:
        """How many began before."""
        return sum(self.began.values())


@dataclass(frozen=True, slots=True)
class ReaderDraw:
    """A reader's arm, and their assignments in reading order."""

    arm: Arm
    plan: tuple[PlannedAssignment, ...]


def draw_reader(
    protocol: Protocol, slots: Sequence[CaseSlot], so_far: StudySoFar, *, reader_id: str, stratum: str
) -> ReaderDraw:
    """Draw arm, cases, order and modalities of a reader who begins; protocol, study and id fix all of it.

    ``stratum``: as `stratum_of` says.
    """
    arm = draw_arm(
        protocol.arms,
        method=protocol.design.method,
        readers=so_far.alike,
        seed=protocol.seed,
        reader_id=reader_id,
        stratum=stratum,
        everybody=so_far.everybody,
    )
    plan = schedule_reader(
        slots,
        modalities=protocol.modalities,
        seed=protocol.seed,
        reader_id=reader_id,
        completed=so_far.completed,
        design=protocol.design,
        arm=arm,
        checks=protocol.checks,
        serial=so_far.began.get(arm.key, 0),
    )
    return ReaderDraw(arm, plan)


def reader_load(*, answered: int, assigned: int, at_it: bool) -> float:
    """How much a reader counts in the balance of arms: 1 who completed or is at it, else the share that they read."""
    if at_it:
        return 1.0
    return answered / assigned if assigned else 0.0


def stratum_of(protocol: Protocol, profile: ReaderProfile | None) -> str:
    """Within which readers arms are balanced: their answers to the questions that the protocol names."""
    if profile is None:
        return ""
    said = asdict(profile) | {"years_experience": experience_group(profile.years_experience)}
    return STRATUM_JOINT.join(str(said[name]) for name in protocol.design.strata)
