from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.protocol import NATURE_MEDICINE_MODALITIES as FOUR
from dermdash.reader_study.protocol import Modality
from dermdash.reader_study.schedule import CaseSlot, PlannedAssignment, completed_counts, schedule_reader


def make_slots(
    n: int = 30, *, rounds: int = 1, practice: int = 0, available: Sequence[Modality] = FOUR
) -> list[CaseSlot]:
    slots = [CaseSlot(f"p{i}", 0, True, frozenset(available)) for i in range(practice)]
    return slots + [
        CaseSlot(f"c{r}-{i}", r, False, frozenset(available)) for r in range(1, rounds + 1) for i in range(n)
    ]


def counts(plan: Sequence[PlannedAssignment]) -> Counter[Modality]:
    return Counter(item.modality for item in plan if not item.practice)


@pytest.mark.parametrize("n", [1, 3, 7, 10, 28, 30])
@pytest.mark.parametrize("rounds", [1, 3])
def test_modalities_differ_by_at_most_one_within_a_reader(n: int, rounds: int) -> None:
    for reader in range(10):
        plan = schedule_reader(make_slots(n, rounds=rounds), modalities=FOUR, seed=1, reader_id=f"r{reader}")
        numbers = [counts(plan)[m] for m in FOUR]
        assert max(numbers) - min(numbers) <= 1
        assert sum(numbers) == n * rounds


def test_every_case_is_planned_once_practice_first_rounds_in_order() -> None:
    slots = make_slots(10, rounds=2, practice=3)
    plan = schedule_reader(slots, modalities=FOUR, seed=1, reader_id="r")
    assert sorted(item.case_id for item in plan) == sorted(slot.case_id for slot in slots)
    assert [item.practice for item in plan] == [True] * 3 + [False] * 20
    assert [item.round for item in plan] == [0] * 3 + [1] * 10 + [2] * 10
    assert [item.position for item in plan] == [1, 2, 3, *range(1, 21)]


def test_the_plan_follows_seed_and_reader_and_not_the_order_of_the_cases() -> None:
    slots = make_slots()
    plan = schedule_reader(slots, modalities=FOUR, seed=1, reader_id="r1")
    assert plan == schedule_reader(slots[::-1], modalities=FOUR, seed=1, reader_id="r1")
    assert plan != schedule_reader(slots, modalities=FOUR, seed=1, reader_id="r2")
    assert plan != schedule_reader(slots, modalities=FOUR, seed=2, reader_id="r1")


def test_over_readers_every_case_gets_every_modality_almost_equally_often() -> None:
    slots = make_slots(30)
    completed: Counter[tuple[str, Modality]] = Counter()
    for reader in range(40):
        plan = schedule_reader(slots, modalities=FOUR, seed=5, reader_id=f"r{reader}", completed=completed)
        completed.update((item.case_id, item.modality) for item in plan)
    cells = [completed[(slot.case_id, m)] for slot in slots for m in FOUR]
    assert min(cells) >= 9
    assert max(cells) <= 11


def test_balance_is_over_completed_so_readers_who_leave_do_not_unbalance_it() -> None:
    slots = make_slots(20)
    rng = np.random.default_rng(0)
    completed: Counter[tuple[str, Modality]] = Counter()
    for reader in range(80):
        plan = schedule_reader(slots, modalities=FOUR, seed=5, reader_id=f"r{reader}", completed=completed)
        done = rng.integers(0, 21)
        completed.update((item.case_id, item.modality) for item in plan[:done])
    for slot in slots:
        cells = [completed[(slot.case_id, m)] for m in FOUR]
        assert max(cells) - min(cells) <= 3


def test_the_crowd_is_shown_only_where_one_exists() -> None:
    three = frozenset(FOUR) - {Modality.CROWD_PROBABILITY}
    slots = [CaseSlot(f"c{i}", 1, False, frozenset(FOUR) if i < 5 else three) for i in range(28)]
    for reader in range(20):
        plan = schedule_reader(slots, modalities=FOUR, seed=1, reader_id=f"r{reader}")
        crowd = {item.case_id for item in plan if item.modality is Modality.CROWD_PROBABILITY}
        assert crowd == {f"c{i}" for i in range(5)}  # as even as five crowds allow
        rest = [counts(plan)[m] for m in three]
        assert max(rest) - min(rest) <= 1


def test_a_case_without_any_available_modality_is_read_without_assistance() -> None:
    slots = make_slots(3, available=())
    plan = schedule_reader(slots, modalities=[Modality.CROWD_PROBABILITY], seed=1, reader_id="r")
    assert counts(plan) == {Modality.NONE: 3}


def test_positions_of_a_case_vary_over_readers() -> None:
    slots = make_slots(10)
    first = Counter(schedule_reader(slots, modalities=FOUR, seed=1, reader_id=f"r{i}")[0].case_id for i in range(300))
    assert len(first) == 10
    assert max(first.values()) < 60  # 30 expected of each


def test_a_case_listed_twice_or_no_modality_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        schedule_reader([*make_slots(2), *make_slots(2)], modalities=FOUR, seed=1, reader_id="r")
    with pytest.raises(InvalidInput, match="modality"):
        schedule_reader(make_slots(2), modalities=[], seed=1, reader_id="r")


def test_the_table_of_completed_readings_becomes_counts() -> None:
    table = pd.DataFrame({"case_id": ["c1"], "modality": ["cbir"], "n": [3]})
    assert completed_counts(table) == {("c1", Modality.CBIR): 3}
    with pytest.raises(MissingColumns, match="n; expected"):
        completed_counts(table.drop(columns="n"))
