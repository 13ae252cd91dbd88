"""Easy and hard cases in equal shares, and cases exchanged for the next of their stratum."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.reader_study.test_case_selection import make_protocol, make_records

from dermdash.errors import InvalidInput
from dermdash.reader_study.case_exchange import Exchange, checked_reason, replacement, with_exchanges
from dermdash.reader_study.case_selection import select_cases
from dermdash.reader_study.case_strata import disagreement, entropy, quotas, strata_of
from dermdash.reader_study.drawn_cases import CaseSelection


def hard_records(**changes: Any) -> pd.DataFrame:
    """Records whose difficulty is their place: later ones are harder."""
    records = make_records(images_per_lesion=1, **changes)
    return records.assign(difficulty=np.linspace(0, 2, len(records)))


def draw(records: pd.DataFrame | None = None, **changes: Any) -> CaseSelection:
    draw_by = changes.pop("draw", {"difficulty": "model_entropy", "strata": 3})
    protocol = make_protocol(draw=draw_by, **({"practice_cases": 2} | changes))
    return select_cases(hard_records() if records is None else records, protocol=protocol)


def test_entropy_is_in_bits_and_disagreement_the_share_of_the_others() -> None:
    assert entropy({"a": 1.0, "b": 0.0}) == 0
    assert entropy(dict.fromkeys("abcdefgh", 0.125)) == pytest.approx(3)
    assert disagreement({"a": 0.7, "b": 0.3}) == pytest.approx(0.3)


def test_strata_are_of_equal_size_within_a_class_whatever_the_difficulties_are() -> None:
    pool = pd.DataFrame({"dx": ["nv"] * 9 + ["mel"] * 6, "difficulty": [1.0] * 9 + [6, 5, 4, 3, 2, 1]})
    strata = strata_of(pool, 3)
    assert strata[pool["dx"] == "nv"].value_counts().to_dict() == {1: 3, 2: 3, 3: 3}
    assert strata[pool["dx"] == "mel"].tolist() == [3, 3, 2, 2, 1, 1]


def test_every_round_has_the_same_share_of_each_stratum_to_within_one_case() -> None:
    for mix in ({"nv": 2, "mel": 2}, {"nv": 4, "mel": 1, "bcc": 2}, {"nv": 7}, {"nv": 1, "mel": 1, "bcc": 1}):
        wanted = quotas(mix, rounds=4, count=3)
        for quota in wanted:
            assert {code: sum(numbers) for code, numbers in quota.items()} == mix
            totals = np.sum(list(quota.values()), axis=0)
            assert totals.max() - totals.min() <= 1
        for code in mix:
            over_rounds = np.sum([quota[code] for quota in wanted], axis=0)
            assert over_rounds.max() - over_rounds.min() <= 2


def test_a_draw_by_difficulty_has_the_mix_and_the_shares_and_says_both_of_each_case() -> None:
    selection = draw(rounds=3, cases_per_round=14)
    frame = pd.DataFrame(selection.study_cases)
    for _, part in frame.groupby("round"):
        assert part["truth_dx"].value_counts().to_dict() == make_protocol().class_mix
        counts = part["stratum"].value_counts()
        assert counts.max() - counts.min() <= 1
    assert frame["difficulty"].notna().all()
    assert not set(frame["record_id"]) & {case.record_id for case in selection.spare}


def test_the_draw_without_difficulty_is_the_one_of_before() -> None:
    plain = draw(draw={}, cases_per_round=14)
    same = select_cases(make_records(images_per_lesion=1), protocol=make_protocol(practice_cases=2))
    assert [c.record_id for c in plain.cases] == [c.record_id for c in same.cases]
    assert plain.cases[-1].stratum is None


def test_too_few_of_a_stratum_are_refused_with_numbers_and_a_way_out() -> None:
    with pytest.raises(InvalidInput, match=r"mel \(middle\) has 1, needs 2.*fewer strata or more records"):
        draw(hard_records(lesions_per_class=4), cases_per_round=28, rounds=1)
    unknown = hard_records()
    unknown.loc[unknown["dx"] == "mel", "difficulty"] = np.nan
    with pytest.raises(InvalidInput, match=r"mel \(easiest\) has 0.*12 as nothing says how hard they are"):
        draw(unknown)


def test_where_the_protocol_wants_no_lesion_that_the_model_knows_none_is_drawn_or_all_is_refused() -> None:
    records = make_records(images_per_lesion=1, lesions_per_patient=1)
    known = records.assign(held_out=np.arange(len(records)) % 4 != 0)
    selection = draw(known, draw={"held_out_only": True}, cases_per_round=14)
    assert selection.not_held_out == 0
    assert all(case.held_out for case in selection.practice_cases)
    none = records.assign(held_out=records["dx"] != "mel")
    with pytest.raises(
        InvalidInput, match=r"mel has 0, needs 2.*12 as the model may have trained on the lesion.*not trained"
    ):
        draw(none, draw={"held_out_only": True})


def test_one_case_of_each_patient_where_the_protocol_says_so() -> None:
    records = make_records(images_per_lesion=1, lesions_per_patient=3)
    drawn = draw(records, draw={"one_per_patient": True}, cases_per_round=7, practice_cases=0)
    patients = [case.patient_id for case in drawn.cases]
    assert len(set(patients)) == len(patients)


def test_the_next_of_the_class_and_stratum_takes_the_place_and_what_is_gone_does_not_come_back() -> None:
    selection = draw(cases_per_round=14)
    old = selection.study_cases[0]
    _, new = replacement(selection, old.record_id)
    assert (new.truth_dx, new.stratum) == (old.truth_dx, old.stratum)
    changed = with_exchanges(selection, [Exchange(old.record_id, new.record_id, "blurred")])
    put = changed.study_cases[0]
    assert (put.record_id, put.round, put.position) == (new.record_id, old.round, old.position)
    assert len(changed.cases) == len(selection.cases)
    assert selection.digest != changed.digest
    _, third = replacement(changed, new.record_id, gone=[old.record_id])
    assert third.record_id not in (old.record_id, new.record_id)
    with pytest.raises(InvalidInput, match="no case of this draw"):
        replacement(changed, old.record_id)


def test_practice_and_study_share_no_patient_after_an_exchange_either() -> None:
    for seed in range(10):
        selection = draw(make_records(images_per_lesion=1, lesions_per_patient=2), draw={}, seed=seed, practice_cases=4)
        for case in selection.cases:
            try:
                old, new = replacement(selection, case.record_id)
            except InvalidInput:
                continue
            after = selection.with_case(old, new)
            study = {c.patient_id for c in after.study_cases}
            assert not study & {c.patient_id for c in after.practice_cases}


def test_when_nothing_is_left_the_refusal_says_so_and_a_changed_draw_is_told() -> None:
    selection = draw(hard_records(lesions_per_class=2), draw={}, cases_per_round=14, practice_cases=0)
    with pytest.raises(InvalidInput, match=r"no other lesion of \w+ is left.*fewer cases"):
        replacement(selection, selection.cases[0].record_id)
    whole = draw(draw={}, cases_per_round=14)
    stale = Exchange(whole.cases[-1].record_id, "gone", "blurred")
    with pytest.raises(InvalidInput, match="review of the cases again"):
        with_exchanges(whole, [stale])


@pytest.mark.parametrize("text", ["", "  \n", "x" * 501])
def test_a_reason_is_needed_and_no_novel(text: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        checked_reason(text)
