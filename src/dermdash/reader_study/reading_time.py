"""How long a reader sits over a study, before anybody has read: answers times the seconds that such answers may take.

The seconds are assumptions and taken from no study; where one was run, its analysis of reading times knows better ones.
Whatever shows minutes shows the seconds, too.
"""

from dataclasses import dataclass

from dermdash.reader_study.design import Arm, Condition, ReadingOrder
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.modality import Modality, Phase
from dermdash.wording import counted, duration

UNAIDED_S, AIDED_S = 12.0, 7.0
"""For diagnosis and confidence from a new image; and to look at assistance and answer again."""
RATING_S, MANAGEMENT_S = 3.0, 2.0
"""Further, for each answer that is asked for them."""
CLINICAL_S, WHOLE_PATIENT_S = 4.0, 10.0
"""Further, once for each case: a second image, and a look at the patient's other lesions."""
FEEDBACK_S = 4.0
"""After a practice case."""
CHECK_S = 7.0
"""For a screen that says what to answer."""


@dataclass(frozen=True, slots=True)
class ReaderMinutes:
    """What one reader of an arm does.

    Attributes
    ----------
    arm
        Its key.
    cases, answers
        Study cases that they read over all periods, hidden repeats among them, and answers to these.
    practice, screening
        Cases before the study.
    checks
        Attention checks.
    minutes_per_period
        Practice and screening are in the first; consent, profile and pauses in none.
    """

    arm: str
    cases: int
    answers: int
    practice: int
    screening: int
    checks: int
    minutes_per_period: tuple[float, ...]

    @property
    def minutes(self) -> float:
        """Of all periods."""
        return sum(self.minutes_per_period)


def reading_times(protocol: Protocol) -> tuple[ReaderMinutes, ...]:
    """Estimate what a reader does and for how long, by arm."""
    return tuple(_of_arm(protocol, arm) for arm in protocol.arms)


def reading_time(protocol: Protocol) -> ReaderMinutes:
    """The same of the arm that takes longest."""
    return max(reading_times(protocol), key=lambda time: time.minutes)


def minutes_words(protocol: Protocol) -> str:
    """For how long a reader sits: "10 min", "6 min or 10 min" by arm, "10 min and 6 min" where periods lie apart.

    Of arms with periods the one that takes longest.
    """
    times = reading_times(protocol)
    if all(len(time.minutes_per_period) == 1 for time in times):
        return " or ".join(dict.fromkeys(duration(60 * time.minutes) for time in times))
    each = [duration(60 * minutes) for minutes in reading_time(protocol).minutes_per_period]
    return f"{len(each)} times {each[0]}" if len(set(each)) == 1 else " and ".join(each)


def assumed_seconds(protocol: Protocol) -> str:
    """The seconds that the estimate rests on, in words."""
    orders = {period.reading for arm in protocol.arms for period in arm.periods}
    said = [f"{duration(UNAIDED_S)} for a new image and its answer"]
    if Phase.AIDED in {phase for order in orders for phase in order.phases}:
        said.append(f"{duration(AIDED_S)} for a look at assistance and the answer with it")
    if protocol.asked.malignancy_rating:
        said.append(f"{duration(RATING_S)} for each rating of malignancy")
    if protocol.asked.management:
        said.append(f"{duration(MANAGEMENT_S)} for each management")
    if protocol.view.clinical_image:
        said.append(f"{duration(CLINICAL_S)} for a clinical image")
    if protocol.view.whole_patient:
        said.append(f"{duration(WHOLE_PATIENT_S)} for the patient's other lesions")
    if protocol.practice_cases:
        said.append(f"{duration(FEEDBACK_S)} for the feedback of a practice case")
    if protocol.checks.attention_checks:
        said.append(f"{duration(CHECK_S)} for an attention check")
    limit = protocol.time_limit_s
    most = f", at most {duration(limit)} where the time is limited" if limit is not None and limit < UNAIDED_S else ""
    return f"Assumed: {', '.join(said)}{most}; without consent, profile and pauses."


def time_parts(time: ReaderMinutes) -> str:
    """What the minutes are made of, in words."""
    said = [f"{counted(time.cases, 'case')} with {counted(time.answers, 'answer')}"]
    if time.practice:
        said.append(counted(time.practice, "practice case"))
    if time.screening:
        said.append(f"{counted(time.screening, 'case')} of the screening test")
    if time.checks:
        said.append(counted(time.checks, "attention check"))
    return ", ".join(said)


def _of_arm(protocol: Protocol, arm: Arm) -> ReaderMinutes:
    checks = protocol.checks
    per_round = protocol.read_per_round + checks.hidden_repeats
    cases, glances = per_round * protocol.rounds, checks.attention_checks * protocol.rounds
    screening = checks.screening.cases if checks.screening else 0
    answers, seconds = 0, []
    for period in arm.periods:
        spared = _without_assistance(protocol, period) * protocol.rounds
        answers += (cases - spared) * len(_phases(protocol, period)) + spared
        read = (cases - spared) * _case_seconds(protocol, _phases(protocol, period))
        seconds.append(read + spared * _case_seconds(protocol, (Phase.UNAIDED,)) + glances * CHECK_S)
    # Practice is read as the first period is, screening without assistance.
    seconds[0] += protocol.practice_cases * (_case_seconds(protocol, _phases(protocol, arm.periods[0])) + FEEDBACK_S)
    seconds[0] += screening * _case_seconds(protocol, (Phase.UNAIDED,))
    return ReaderMinutes(
        arm.key,
        cases=cases * len(arm.periods),
        answers=answers,
        practice=protocol.practice_cases,
        screening=screening,
        checks=glances * len(arm.periods),
        minutes_per_period=tuple(each / 60 for each in seconds),
    )


def _phases(protocol: Protocol, period: Condition) -> tuple[Phase, ...]:
    """The answers to a case; where nothing is ever shown there is no second one."""
    shown = set(protocol.modalities_of(period)) - {Modality.NONE}
    return period.reading.phases if shown else (Phase.UNAIDED,)


def _without_assistance(protocol: Protocol, period: Condition) -> int:
    """Cases of a round that stay without assistance, their hidden repeats not counted."""
    return 0 if period.reading is ReadingOrder.UNAIDED else protocol.checks.unaided_only


def _case_seconds(protocol: Protocol, phases: tuple[Phase, ...]) -> float:
    alone = UNAIDED_S if protocol.time_limit_s is None else min(UNAIDED_S, protocol.time_limit_s)
    # Who sees a case for the first time with assistance looks at the image all the same; no limit holds for them.
    image = alone if phases[0] is Phase.UNAIDED else UNAIDED_S
    once = CLINICAL_S * protocol.view.clinical_image + WHOLE_PATIENT_S * protocol.view.whole_patient
    further = RATING_S * protocol.asked.malignancy_rating + MANAGEMENT_S * protocol.asked.management
    return image + AIDED_S * (Phase.AIDED in phases) + once + further * len(phases)
