"""What may be amended of a frozen protocol, and what a gap within a round means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.amendment import amended, check_amendment
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.interruption import away_too_long, order_again
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Conduct, Interruption
from dermdash.reader_study.reading_session import Assignment
from dermdash.reader_study.templates import get_template
from dermdash.readings.modality import Modality, Phase


def made(**changes: Any) -> Protocol:
    values: dict[str, Any] = {"name": "S", "dataset_id": "d", "model_id": "m", "seed": 1}
    return get_template("nature-medicine-2020").protocol(**(values | changes))


def test_an_amendment_lists_each_entry_that_differs() -> None:
    before = made()
    after = amended(before, {"conduct": {"closes_on": "2027-03-31"}, "time_limit_s": 30})
    found = {c.entry: (c.before, c.after) for c in check_amendment(before, after, reason="slow start")}
    assert found == {"conduct.closes_on": (None, "2027-03-31"), "time_limit_s": (None, 30)}


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({}, "because", "nothing is changed"),
        ({"seed": 9}, "because", "seed cannot be amended"),
        ({"design": {"method": "blocks"}}, "because", "design.method cannot be amended"),
        ({"asked": {"management": True}}, "because", "asked.management cannot"),
        ({"time_limit_s": 5}, " ", "say why"),
        ({"confidence_levels": ["no", "yes"]}, "because", "stay as many"),
        ({"consent_text": "Other words."}, "because", "another consent version"),
    ],
)
def test_what_cases_or_answers_follow_from_cannot_be_amended(changes: dict[str, Any], reason: str, said: str) -> None:
    before = made()
    with pytest.raises(InvalidInput, match=said):
        check_amendment(before, amended(before, changes), reason=reason)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Two\x07"}, "name holds a control character"),
        ({"question": 12}, "question is 12: expected a text"),
        ({"pages": {"instructions": "Look\x00 well."}}, "pages instructions holds a control"),
        ({"pages": {"translations": {"de": {"question": "Was\x1b?"}}}}, "pages translations de question holds"),
        ({"conduct": {"stopping_rule": "When\x0c done"}}, "stopping rule holds"),
        ({"confidence_levels": ["no", " ", "yes"]}, "confidence levels 2 is ' ': expected a text"),
        ({"time_limit_s": 10**7}, "time limit s is more than 100,000"),
    ],
)
def test_what_an_amendment_changes_could_be_frozen(changes: dict[str, Any], said: str) -> None:
    before = made()
    with pytest.raises(InvalidInput, match=said):
        check_amendment(before, amended(before, changes), reason="because")


def test_what_an_older_study_was_frozen_with_keeps_no_amendment_from_being_made() -> None:
    before = made(name="S\x07", time_limit_s=10**7)
    (change,) = check_amendment(before, amended(before, {"question": "Which one?"}), reason="because")
    assert change.entry == "question"


def batch(cases: int = 6, *, repeat: bool = True, check: bool = True) -> list[Assignment]:
    found = [Assignment(f"a{i}", f"c{i}", i, Modality.CBIR, turn=i) for i in range(1, cases + 1)]
    if repeat:
        found.append(Assignment("r1", "c1", cases + 1, Modality.CBIR, occasion=2, turn=cases + 1))
    if check:
        found.append(
            Assignment("k", "ck", cases + 2, Modality.NONE, practice=True, part=CasePart.CHECK, turn=cases + 2)
        )
    return found


def test_a_gap_counts_from_the_last_answer_of_the_round_and_only_within_one() -> None:
    conduct = Conduct(interruption=Interruption.BLOCK, longest_gap_min=60)
    every = batch(repeat=False, check=False)
    at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    given = {("a1", Phase.UNAIDED): at - timedelta(minutes=5), ("a1", Phase.AIDED): at}

    def away(minutes: int, **more: Any) -> bool:
        return away_too_long(conduct, every[1], every, given, moment=at + timedelta(minutes=minutes), **more)

    assert (away(59), away(61)) == (False, True)
    assert not away(61, let_on_at=at + timedelta(minutes=30))
    assert not away_too_long(conduct, every[0], every, {}, moment=at + timedelta(days=9))
    assert not away_too_long(Conduct(), every[1], every, given, moment=at + timedelta(days=9))


def test_a_round_that_begins_again_has_another_order_with_repeats_behind_their_first_reading() -> None:
    listed = batch()
    for attempt in range(2, 30):
        order = order_again(listed, seed=1, reader_id="r", attempt=attempt)
        assert sorted(one.id for one in order) == sorted(one.id for one in listed)
        names = [one.id for one in order]
        assert names.index("a1") < names.index("r1")
        assert order[0].part is CasePart.STUDY
        assert order == order_again(listed, seed=1, reader_id="r", attempt=attempt)
