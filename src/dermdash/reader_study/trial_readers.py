"""Readers who never existed, for a trial run of a protocol: who they are, in which order, and who leaves where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from dermdash.errors import InvalidInput
from dermdash.reader_study.arm_draw import seeded, shares
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, NOT_SAID, PROFESSIONS
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_draw import STRATUM_JOINT, stratum_of
from dermdash.reader_study.simulation import draw_readers
from dermdash.readings.experience import EXPERIENCE_GROUPS
from dermdash.wording import percent

MOST_READERS = 1000
USUAL_READERS = 20
"""Where a protocol aims at no number."""
_ANSWERS = {
    "profession": tuple(PROFESSIONS),
    "years_experience": EXPERIENCE_GROUPS,
    "age_group": tuple(AGE_GROUPS),
    "gender": tuple(GENDERS),
    "country": (*COUNTRIES, NOT_SAID),
}
"""What readers can answer to the questions of the profile, as `stratum_of` says it."""


@dataclass(frozen=True, slots=True)
class TrialReaders:
    """Who takes part in a trial run.

    Attributes
    ----------
    count
        1 to 1000, who leave among them.
    dropout
        Share (0 to below 1) that leaves before the end.
    seed
        Of everything that chance decides beside the protocol's own seed.
    strata
        Readers of each stratum, as relative numbers; empty: as the invented readers of a demonstration.
    """

    count: int
    dropout: float = 0.0
    seed: int = 0
    strata: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        if not 1 <= self.count <= MOST_READERS:
            raise InvalidInput(f"{self.count} readers: expected 1 to {MOST_READERS:,}")
        if not 0 <= self.dropout < 1:
            raise InvalidInput(
                f"a dropout of {self.dropout:g}: expected a share of 0 to below 1, 0.2 where one in five does"
            )
        if self.seed < 0:
            raise InvalidInput(f"the seed is {self.seed}: expected a whole number from 0")
        if any(n < 0 for n in self.strata.values()) or (self.strata and not any(self.strata.values())):
            raise InvalidInput("the readers of the strata: expected numbers from 0, not all of them 0")


@dataclass(frozen=True, slots=True)
class TrialReader:
    """``leaves_at``: the share of their cases after which they leave, None who stays."""

    id: str
    stratum: str
    leaves_at: float | None


def trial_readers(protocol: Protocol, wanted: TrialReaders) -> tuple[TrialReader, ...]:
    """The readers in the order in which they begin; exactly the dropout, rounded, leaves, equally likely anywhere.

    Raises
    ------
    InvalidInput
        Strata are given that the protocol does not have.
    """
    if wanted.strata and not protocol.design.strata:
        raise InvalidInput("the protocol balances arms within no strata: leave the readers of strata out, or name some")
    if unknown := sorted(set(wanted.strata) - set(possible_strata(protocol))):
        raise InvalidInput(
            f"{unknown[0]!r} is no stratum of this protocol: expected an answer to "
            f"{', '.join(protocol.design.strata)}, for example {possible_strata(protocol)[0]}"
        )
    rng = seeded(wanted.seed, "readers of a trial run")
    strata = _strata(protocol, wanted, rng)
    leaving = set(rng.permutation(wanted.count)[: round(wanted.dropout * wanted.count)].tolist())
    shares_read = rng.random(wanted.count)
    return tuple(
        TrialReader(f"trial-{wanted.seed}-{i}", stratum, float(shares_read[i]) if i in leaving else None)
        for i, stratum in enumerate(strata)
    )


def possible_strata(protocol: Protocol) -> tuple[str, ...]:
    """Every stratum that the questions of the protocol can make; none where it names no question."""
    if not protocol.design.strata:
        return ()
    every = product(*(_ANSWERS[question] for question in protocol.design.strata))
    return tuple(STRATUM_JOINT.join(answers) for answers in every)


def parse_strata(texts: Sequence[str]) -> dict[str, int]:
    """Readers by stratum out of texts like ``dermatologist=20``.

    Raises
    ------
    InvalidInput
        A text is no such pair, or a stratum comes twice.
    """
    found: dict[str, int] = {}
    for text in texts:
        stratum, _, number = text.rpartition("=")
        if not stratum.strip() or not number.strip().isdecimal():
            raise InvalidInput(f"{text!r} says no readers of a stratum: expected for example dermatologist=20")
        if stratum.strip() in found:
            raise InvalidInput(f"the stratum {stratum.strip()!r} is named twice")
        found[stratum.strip()] = int(number)
    return found


def _strata(protocol: Protocol, wanted: TrialReaders, rng: np.random.Generator) -> list[str]:
    if not protocol.design.strata:
        return [""] * wanted.count
    if not wanted.strata:
        return [stratum_of(protocol, reader.profile) for reader in draw_readers(wanted.count, rng=rng)]
    parts = shares(wanted.strata, wanted.count)
    every = [stratum for stratum, n in parts.items() for _ in range(n)]
    return [every[i] for i in rng.permutation(len(every))]


def stratum_words(stratum: str) -> str:
    """A stratum as people read it: "Dermatologist, board-certified · 3 to 5 years"."""
    known = COUNTRIES | AGE_GROUPS | GENDERS | PROFESSIONS
    return STRATUM_JOINT.join(str(known.get(answer, answer)) for answer in stratum.split(STRATUM_JOINT))


def readers_words(protocol: Protocol, wanted: TrialReaders) -> str:
    """What was assumed of the readers, in a sentence."""
    said = ["readers come one after the other"]
    if wanted.dropout:
        said.append(f"{percent(wanted.dropout, 0)} of them leave, anywhere along their cases with the same chance")
    if protocol.design.strata and not wanted.strata:
        said.append("their profiles are invented, with more dermatologists than students")
    if protocol.checks.screening:
        said.append("everybody passes the screening test")
    if protocol.frozen_crowd is None and any(m.form.needs_crowd for m in protocol.every_modality):
        said.append("the crowd grows with these readers alone")
    return f"Simulated: {', '.join(said)}."
