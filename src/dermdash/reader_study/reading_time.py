"""How long a reader sits over a study, before anybody has read: answers times the seconds that they usually take.

The seconds are assumptions, of the order that reader studies report for a diagnosis from one image; where a study was
run already, its page of reading time says better ones. Every page that shows minutes shows the seconds, too.
"""

from dataclasses import dataclass, field

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.readings.modality import Phase
from dermdash.wording import number

UNAIDED_S, AIDED_S = 12.0, 7.0
"""For diagnosis and confidence from a new image, and to look at assistance and answer again."""
RATING_S, MANAGEMENT_S = 3.0, 2.0
"""Further, for each answer that is asked for them."""
CLINICAL_S, WHOLE_PATIENT_S = 4.0, 10.0
"""Further, once for each case: a second image, and a look at the patient's other lesions."""
FEEDBACK_S = 4.0
"""After a practice case."""


@dataclass(frozen=True, slots=True)
class SessionLength:
    """What one reader does, of the arm that takes longest.

    Attributes
    ----------
    cases, answers
        Study cases that they read over all periods, hidden repeats among them, and answers to these.
    before
        Cases before the study: practice and screening.
    seconds
        Of one case of the longest period.
    minutes
        Of all, without consent, profile and pauses; per period in ``minutes_per_period``.
    """

    cases: int
    answers: int
    before: int
    seconds: float
    minutes: float
    minutes_per_period: tuple[float, ...] = field(default=())


def reading_time(protocol: Protocol) -> SessionLength:
    """Estimate what a reader of the longest arm does, and for how long."""
    per_round = protocol.read_per_round + protocol.checks.hidden_repeats
    cases = per_round * protocol.rounds
    screening = protocol.checks.screening.cases if protocol.checks.screening else 0
    before = protocol.practice_cases + screening
    checks = protocol.checks.attention_checks * protocol.rounds
    found = []
    for arm in protocol.arms:
        phases = [period.reading.phases for period in arm.periods]
        times = [_case_seconds(protocol, each) for each in phases]
        # Practice and screening are read as the first period is; an attention check is a glance.
        first = before * times[0] + protocol.practice_cases * FEEDBACK_S
        periods = [cases * seconds + checks * AIDED_S for seconds in times]
        periods[0] += first
        found.append(
            SessionLength(
                cases=cases * len(phases),
                answers=cases * sum(map(len, phases)),
                before=before,
                seconds=max(times),
                minutes=sum(periods) / 60,
                minutes_per_period=tuple(seconds / 60 for seconds in periods),
            )
        )
    return max(found, key=lambda time: time.minutes)


def assumption(protocol: Protocol) -> str:
    """The seconds that the estimate rests on, in words."""
    phases = {phase for arm in protocol.arms for period in arm.periods for phase in period.reading.phases}
    said = [f"{number(UNAIDED_S, 0)} s for an answer without assistance"] if Phase.UNAIDED in phases else []
    if Phase.AIDED in phases:
        said.append(f"{number(AIDED_S, 0)} s for one with it")
    if protocol.asked.malignancy_rating:
        said.append(f"{number(RATING_S, 0)} s more for each rating of malignancy")
    if protocol.asked.management:
        said.append(f"{number(MANAGEMENT_S, 0)} s more for each management")
    if protocol.view.clinical_image:
        said.append(f"{number(CLINICAL_S, 0)} s for a clinical image")
    if protocol.view.whole_patient:
        said.append(f"{number(WHOLE_PATIENT_S, 0)} s for the patient's other lesions")
    return ", ".join(said)


def _case_seconds(protocol: Protocol, phases: tuple[Phase, ...]) -> float:
    further = RATING_S * protocol.asked.malignancy_rating + MANAGEMENT_S * protocol.asked.management
    # Who sees a case for the first time with assistance looks at the image all the same.
    first, *later = phases
    seconds = UNAIDED_S + (AIDED_S if first is Phase.AIDED else 0.0) + AIDED_S * len(later)
    view: CaseView = protocol.view
    once = CLINICAL_S * view.clinical_image + WHOLE_PATIENT_S * view.whole_patient
    limit = protocol.time_limit_s
    seconds = seconds if limit is None else min(seconds, limit * len(phases))
    return seconds + further * len(phases) + once
