"""What stands between the parts of a study: once before the first case of each, and nowhere else."""

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.interlude import Interlude, InterludeKind, interlude_before
from dermdash.reader_study.reading_session import AnswerKey, Assignment, next_step
from dermdash.readings.modality import Modality, Phase


def case(turn: int, part: CasePart = CasePart.STUDY, *, round: int = 1, period: int = 1) -> Assignment:
    return Assignment(
        f"a{turn}", f"c{turn}", turn, Modality.NONE, part is CasePart.PRACTICE, part, round, period, turn=turn
    )


def walk(ordered: list[Assignment], *, begins: bool = True) -> list[tuple[str, InterludeKind, int, int, int]]:
    """Everything that stands in the way of a reader who answers one case after the other."""
    found: list[Interlude] = []
    answers: list[AnswerKey] = []
    begun: set[str] = set()
    for _ in ordered:
        step = next_step(consented=True, has_profile=True, assignments=ordered, readings=answers)
        assert step.assignment is not None
        answered = {a.assignment_id for a in answers}
        here = interlude_before(step, ordered=ordered, answered=answered, begun=begun)
        if here is not None:
            found.append(here)
            assert here.assignment_id == step.assignment.id
            begun.add(here.assignment_id)
            assert interlude_before(step, ordered=ordered, answered=answered, begun=begun) is None
        if not begins:
            begun.clear()
        answers.append(AnswerKey(f"r{step.assignment.id}", step.assignment.id, Phase.UNAIDED))
    return [(i.assignment_id, i.kind, i.cases, i.round, i.rounds) for i in found]


def test_practice_test_and_rounds_begin_with_a_word_each() -> None:
    ordered = [
        case(1, CasePart.PRACTICE), case(2, CasePart.PRACTICE), case(3, CasePart.SCREENING), case(4), case(5),
        case(6, CasePart.CHECK), case(7, round=2), case(8, round=2), case(9, round=2),
    ]  # fmt: skip
    assert walk(ordered) == [
        ("a1", InterludeKind.START, 2, 1, 1),
        ("a3", InterludeKind.SCREENING, 1, 1, 1),
        ("a4", InterludeKind.ADMITTED, 6, 1, 2),
        ("a7", InterludeKind.ROUND, 3, 2, 2),
    ]
    assert walk(ordered, begins=False) == walk(ordered)


def test_a_study_without_practice_begins_with_its_instructions_alone() -> None:
    assert walk([case(1), case(2)]) == [("a1", InterludeKind.START, 2, 1, 1)]


def test_a_second_period_is_a_part_of_its_own() -> None:
    ordered = [case(1), case(2, round=2), case(3, period=2), case(4, period=2, round=2)]
    assert [(name, kind) for name, kind, *_ in walk(ordered)] == [
        ("a1", InterludeKind.START), ("a2", InterludeKind.ROUND), ("a3", InterludeKind.PERIOD),
        ("a4", InterludeKind.ROUND),
    ]  # fmt: skip


def test_whoever_has_answered_a_case_of_a_part_is_in_it() -> None:
    ordered = [case(1), case(2)]
    step = next_step(consented=True, has_profile=True, assignments=ordered, readings=[])
    assert interlude_before(step, ordered=ordered, answered={"a1"}, begun=()) is None


def test_nothing_stands_before_the_end() -> None:
    ordered = [case(1)]
    step = next_step(
        consented=True, has_profile=True, assignments=ordered, readings=[AnswerKey("r", "a1", Phase.UNAIDED)]
    )
    assert interlude_before(step, ordered=ordered, answered={"a1"}, begun=()) is None
