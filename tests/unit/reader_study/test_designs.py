"""Schedules and sessions of designs beyond one arm: periods, batches, repeats, checks, arms."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dermdash.reader_study.arm_draw import draw_arm, shares
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import AidedFollows, Arm, AssignmentMethod, CaseOrder, StudyDesign
from dermdash.reader_study.protocol_parts import Checks
from dermdash.reader_study.reading_session import (
    AnswerKey,
    Assignment,
    Gate,
    Refusal,
    StepKind,
    check_submission,
    next_step,
)
from dermdash.reader_study.schedule import CaseSlot, PlannedAssignment, schedule_reader
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.readings.modality import Modality, Phase

SHOWN = (Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY, Modality.CBIR)
CROSSOVER = STUDY_TEMPLATES["crossover"].values["design"]


def slots(cases: int, *, rounds: int = 1, practice: int = 0, screening: int = 0, checks: int = 0) -> list[CaseSlot]:
    shown = frozenset(SHOWN)
    made = [CaseSlot(f"p{i}", 0, True, shown, CasePart.PRACTICE, "nv") for i in range(practice)]
    made += [CaseSlot(f"s{i}", 0, True, shown, CasePart.SCREENING, "nv") for i in range(screening)]
    for r in range(1, rounds + 1):
        made += [CaseSlot(f"c{r}-{i:02}", r, False, shown, truth_dx="mel" if i % 3 else "nv") for i in range(cases)]
        made += [CaseSlot(f"k{r}-{i}", r, True, shown, CasePart.CHECK, "nv") for i in range(checks)]
    return made


def as_assignments(plan: Iterable[PlannedAssignment]) -> list[Assignment]:
    return [
        Assignment(
            f"{one.case_id}/{one.period}/{one.occasion}", one.case_id, one.position, one.modality, one.practice,
            one.part, one.round, one.period, one.occasion, one.reading, turn,
        )
        for turn, one in enumerate(plan, 1)
    ]  # fmt: skip


def steps(assignments: Sequence[Assignment], gate: Gate | None = None) -> list[tuple[str, Phase]]:
    """All answers in the order in which they are asked for."""
    given: list[AnswerKey] = []
    while True:
        step = next_step(consented=True, has_profile=True, assignments=assignments, readings=given, gate=gate or Gate())
        if step.assignment is None or step.phase is None:
            return [(answer.assignment_id, answer.phase) for answer in given]
        given.append(AnswerKey(str(len(given)), step.assignment.id, step.phase))


def test_a_crossover_reads_every_case_in_both_periods_once_without_and_once_with_assistance() -> None:
    plan = schedule_reader(
        slots(12, practice=2), modalities=SHOWN[:1], seed=1, reader_id="r", design=CROSSOVER, arm=CROSSOVER.arms[1]
    )
    study = [one for one in plan if not one.practice]
    assert [one.period for one in study] == [1] * 12 + [2] * 12
    assert {one.modality for one in study if one.period == 1} == {SHOWN[0]}
    assert {one.modality for one in study if one.period == 2} == {Modality.NONE}
    assert {one.case_id for one in study if one.period == 1} == {one.case_id for one in study if one.period == 2}
    asked = steps(as_assignments(plan))
    assert len(asked) == len(set(asked)) == 2 + 24
    assert [phase for _, phase in asked[2:]] == [Phase.AIDED] * 12 + [Phase.UNAIDED] * 12
    first, second = ([one.case_id for one in study if one.period == period] for period in (1, 2))
    assert first != second


def test_the_second_period_opens_after_the_washout_and_not_before() -> None:
    arm = CROSSOVER.arms[0]
    plan = as_assignments(
        schedule_reader(slots(2), modalities=SHOWN[:1], seed=1, reader_id="r", design=CROSSOVER, arm=arm)
    )
    given = [AnswerKey(a.id, a.id, a.phases[0]) for a in plan if a.period == 1]
    moment = datetime(2027, 1, 10, tzinfo=UTC)
    closed = Gate(opens={2: moment + timedelta(days=3)}, moment=moment)
    step = next_step(consented=True, has_profile=True, assignments=plan, readings=given, gate=closed)
    assert (step.step, step.opens_at) == (StepKind.WASHOUT, moment + timedelta(days=3))
    second = next(a for a in plan if a.period == 2)
    early = AnswerKey("x", second.id, second.phases[0])
    decision = check_submission(
        early, consented=True, has_profile=True, assignments=plan, readings=given,
        sent={(second.id, second.phases[0])}, gate=closed,
    )  # fmt: skip
    assert decision.refusal is Refusal.CLOSED
    later = Gate(opens=closed.opens, moment=moment + timedelta(days=3))
    assert next_step(consented=True, has_profile=True, assignments=plan, readings=given, gate=later).assignment


def test_a_batch_takes_the_least_read_cases_in_the_shares_of_the_classes() -> None:
    design = StudyDesign(cases_per_reader=9)
    completed: Counter[tuple[str, Modality]] = Counter()
    for reader in range(10):
        plan = schedule_reader(
            slots(30), modalities=SHOWN[:1], seed=3, reader_id=f"r{reader}", completed=completed, design=design
        )
        assert len(plan) == 9
        assert sum(int(one.case_id[-2:]) % 3 == 0 for one in plan) == 3
        completed.update((one.case_id, one.modality) for one in plan)
    assert len(completed) == 30
    assert set(completed.values()) == {3}


def test_hidden_repeats_come_later_with_the_same_assistance_and_checks_never_first() -> None:
    checks = Checks(hidden_repeats=3, attention_checks=2)
    for reader in range(20):
        plan = schedule_reader(
            slots(12, rounds=2, checks=2), modalities=SHOWN, seed=1, reader_id=f"r{reader}", checks=checks
        )
        assert [one.position for one in plan] == list(range(1, 2 * 17 + 1))
        for round_ in (1, 2):
            batch = [one for one in plan if one.round == round_]
            assert [one.part for one in batch].count(CasePart.CHECK) == 2
            assert batch[0].part is CasePart.STUDY
            again = [one for one in batch if one.occasion == 2]
            assert len({one.case_id for one in again}) == 3
            for one in again:
                first = next(o for o in batch if o.case_id == one.case_id)
                assert first.occasion == 1
                assert first.modality is one.modality
                assert batch.index(one) - batch.index(first) >= 5


def test_some_cases_stay_without_assistance_and_in_turn_all_of_them() -> None:
    completed: Counter[tuple[str, Modality]] = Counter()
    for reader in range(6):
        plan = schedule_reader(
            slots(12), modalities=SHOWN, seed=1, reader_id=f"r{reader}", checks=Checks(unaided_only=2),
            completed=completed,
        )  # fmt: skip
        assert Counter(one.modality for one in plan)[Modality.NONE] == 2
        assert {n for m, n in Counter(one.modality for one in plan).items() if m is not Modality.NONE} <= {3, 4}
        completed.update((one.case_id, one.modality) for one in plan)
    assert len({case for case, m in completed if m is Modality.NONE}) == 12


def test_a_latin_square_gives_every_case_every_modality_once_in_as_many_readers() -> None:
    design = StudyDesign(method=AssignmentMethod.LATIN_SQUARE)
    seen: Counter[tuple[str, Modality]] = Counter()
    for serial in range(3):
        plan = schedule_reader(slots(9), modalities=SHOWN, seed=1, reader_id=f"r{serial}", design=design, serial=serial)
        assert set(Counter(one.modality for one in plan).values()) == {3}
        seen.update((one.case_id, one.modality) for one in plan)
    assert set(seen.values()) == {1}
    assert len(seen) == 27


def test_random_blocks_hold_each_modality_equally_often() -> None:
    design = StudyDesign(method=AssignmentMethod.BLOCKS)
    plan = schedule_reader(slots(12), modalities=SHOWN, seed=1, reader_id="r", design=design)
    assert set(Counter(one.modality for one in plan).values()) == {4}


def test_one_order_for_all_readers_where_the_design_says_so() -> None:
    design = StudyDesign(order=CaseOrder.SAME_FOR_ALL)
    orders = {
        tuple(one.case_id for one in schedule_reader(
            slots(9), modalities=SHOWN, seed=1, reader_id=reader, design=design
        )) for reader in "abc"
    }  # fmt: skip
    assert len(orders) == 1


def test_aided_answers_after_the_round_come_after_all_unaided_ones_of_it() -> None:
    design = StudyDesign(aided_follows=AidedFollows.AFTER_ROUND)
    plan = schedule_reader(slots(3, rounds=2, practice=1), modalities=SHOWN, seed=1, reader_id="r", design=design)
    phases = [phase for _, phase in steps(as_assignments(plan), Gate(aided_after_round=True))]
    unaided, aided = Phase.UNAIDED, Phase.AIDED
    assert phases == [unaided, aided] + [unaided] * 3 + [aided] * 3 + [unaided] * 3 + [aided] * 3


def test_who_fails_the_screening_gets_no_case_that_counts() -> None:
    plan = as_assignments(schedule_reader(slots(3, screening=2), modalities=SHOWN, seed=1, reader_id="r"))
    assert [a.part for a in plan[:2]] == [CasePart.SCREENING] * 2
    assert all(a.phases == (Phase.UNAIDED,) for a in plan[:2])
    given = [AnswerKey(a.id, a.id, Phase.UNAIDED) for a in plan[:2]]
    step = next_step(consented=True, has_profile=True, assignments=plan, readings=given, gate=Gate(admitted=False))
    assert (step.step, step.assignment) == (StepKind.NOT_ADMITTED, None)


@pytest.mark.parametrize("method", AssignmentMethod)
def test_arms_stay_even_in_the_proportion_of_their_weights(method: AssignmentMethod) -> None:
    arms = (Arm(key="a", name="A", weight=2), Arm(key="b", name="B"))
    readers: Counter[str] = Counter()
    for number in range(60):
        arm = draw_arm(arms, method=method, readers=readers, seed=1, reader_id=f"r{number}", stratum="nurse")
        readers[arm.key] += 1
        assert abs(readers["a"] - 2 * readers["b"]) <= 4
    assert readers == {"a": 40, "b": 20}


def test_readers_who_left_half_way_count_by_what_they_read() -> None:
    arms = (Arm(key="a", name="A"), Arm(key="b", name="B"))
    readers = {"a": 3 + 0.2, "b": 3.0}
    assert draw_arm(arms, method=AssignmentMethod.BALANCED, readers=readers, seed=1, reader_id="r").key == "b"


def test_shares_add_up_with_the_largest_remainders_rounded_up() -> None:
    assert shares({"a": 10, "b": 10, "c": 10}, 10) == {"a": 4, "b": 3, "c": 3}
    assert shares({"a": 1, "b": 29}, 10) == {"a": 0, "b": 10}
