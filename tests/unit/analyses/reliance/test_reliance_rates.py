"""Switch fraction, RAIR, RSR and the table behind them: counted by hand, by brute force, and recovered."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings
from tests.unit.analyses.reliance.answers import known_study, pairs_of, table

from dermdash.analyses.reliance.advised_answers import NO_ADVICE, NO_ANSWER, advised_answers
from dermdash.analyses.reliance.study import Reliance, reliance
from dermdash.readings.readings_table import ReadingsTable


def measured(readings: ReadingsTable, **options: object) -> Reliance:
    settings = {"modalities": readings.modalities, "groups": {}, "seed": 1, "replicates": 0} | options
    found = reliance(pairs_of(readings), **settings)  # type: ignore[arg-type]
    assert found is not None
    return found


def by_hand() -> ReadingsTable:
    """Eight pairs, one of each kind of the 2 x 2 x 2 table but that of turning from right advice."""
    return table(
        {"truth": "mel", "first": "mel", "advice": "mel", "last": "mel"},
        {"truth": "mel", "first": "mel", "advice": "nv", "last": "mel"},
        {"truth": "mel", "first": "mel", "advice": "nv", "last": "nv"},
        {"truth": "mel", "first": "mel", "advice": "nv", "last": "bcc"},
        {"truth": "mel", "first": "nv", "advice": "mel", "last": "mel"},
        {"truth": "mel", "first": "nv", "advice": "mel", "last": "nv"},
        {"truth": "mel", "first": "nv", "advice": "bcc", "last": "mel"},
        {"truth": "mel", "first": "nv", "advice": "nv", "last": "nv"},
    )


def test_the_measures_are_those_counted_by_hand() -> None:
    """Differs: pairs 2 to 7; changed to the advice: 3 and 5. Right against wrong advice: 2, 3, 4; stayed right: 2."""
    (rates,) = measured(by_hand()).rates
    assert (rates.switch.hits, rates.switch.total) == (2, 6)
    assert (rates.rair.hits, rates.rair.total) == (1, 2)
    assert (rates.rsr.hits, rates.rsr.total) == (1, 3)
    assert rates.over_reliance.value == pytest.approx(2 / 3)
    assert rates.under_reliance.value == pytest.approx(1 / 2)
    cells = {(t.initial_right, t.advice_right, t.final_right): t.count for t in measured(by_hand()).transitions}
    assert cells == {
        (True, True, True): 1, (True, True, False): 0, (True, False, True): 1, (True, False, False): 2,
        (False, True, True): 1, (False, True, False): 1, (False, False, True): 1, (False, False, False): 1,
    }  # fmt: skip


def test_the_measures_follow_from_the_table_behind_them() -> None:
    """RAIR and RSR from the eight counts; and brute force over the rows of a random study."""
    readings = make_readings(readers=9, cases=35)
    found = measured(readings)
    rows = pairs_of(readings)
    for rates in found.rates:
        cells = {(t.initial_right, t.advice_right, t.final_right): t.count
                 for t in found.transitions if t.modality == rates.modality}  # fmt: skip
        assert sum(cells.values()) == rates.pairs
        assert rates.rair.value == cells[False, True, True] / (cells[False, True, True] + cells[False, True, False])
        assert rates.rsr.value == cells[True, False, True] / (cells[True, False, True] + cells[True, False, False])
        taken = differed = 0
        for row in rows.itertuples():
            if rates.modality in ("all", row.modality) and row.dx_unaided != row.advice_dx:
                differed += 1
                taken += row.dx_aided == row.advice_dx
        assert (rates.switch.hits, rates.switch.total) == (taken, differed)


def test_known_chances_of_following_are_recovered() -> None:
    """RAIR 0.7 and RSR 0.7 in 40 x 70 readings, within 3.5 standard errors of a share."""
    (rates,) = measured(known_study(follows_right=0.7, follows_wrong=0.3)).rates
    for rate, truth in ((rates.rair, 0.7), (rates.rsr, 0.7)):
        assert rate.value == pytest.approx(truth, abs=3.5 * np.sqrt(truth * (1 - truth) / rate.total))
        assert rate.low < truth < rate.high
    followed = (0.7 * rates.rair.total + 0.3 * (rates.switch.total - rates.rair.total)) / rates.switch.total
    assert rates.switch.value == pytest.approx(followed, abs=0.04)


def test_a_bare_malignancy_probability_is_judged_as_malignant_or_not() -> None:
    rows = table(
        {"truth": "mel", "first": "nv", "last": "bcc", "advice_malignant": True},
        {"truth": "mel", "first": "nv", "last": "df", "advice_malignant": True},
        {"truth": "nv", "first": "bkl", "last": "mel", "advice_malignant": True},
        {"truth": "nv", "first": "bkl", "last": "nv", "advice_malignant": True},
    )
    found = measured(rows)
    (rates,) = found.rates
    assert found.levels == {"multiclass_probability": "malignancy"}
    assert (rates.switch.hits, rates.switch.total) == (2, 4)
    # nv to bcc is right in malignancy though not in diagnosis; bkl to nv stays right.
    assert (rates.rair.hits, rates.rair.total, rates.rsr.hits, rates.rsr.total) == (1, 2, 1, 2)
    assert {f.initial for f in found.flows} == {"not malignant"}


def test_on_request_everything_is_judged_by_malignancy() -> None:
    rows = by_hand()
    (rates,) = measured(rows, on_malignancy=True).rates
    # Advice nv and mel differ in malignancy, mel and bcc do not.
    assert rates.level == "malignancy"
    assert (rates.switch.hits, rates.switch.total) == (3, 6)


def test_a_log_that_knows_only_right_and_wrong_still_has_rair_and_rsr() -> None:
    frame = by_hand().frame.assign(advice_dx=None, advice_malignant=pd.NA, truth_dx=None, truth_malignant=pd.NA)
    found = measured(replace(by_hand(), frame=frame))
    (rates,) = found.rates
    assert rates.switch.value is None
    assert "only whether it was right" in str(rates.switch.reason)
    assert (rates.rair.value, rates.rsr.value) == (1 / 2, 1 / 3)
    assert "switch fraction" in found.missing


def test_without_truth_the_switch_fraction_remains() -> None:
    found = measured(table(*({"first": "nv", "advice": "mel", "last": x} for x in ("mel", "nv", "mel"))))
    (rates,) = found.rates
    assert rates.switch.value == pytest.approx(2 / 3)
    assert (rates.rair.value, rates.rair.reason) == (None, "the truth is not recorded")
    assert "truth" in found.missing["RAIR, RSR and transitions"]
    assert all(t.share is None for t in found.transitions)


def test_what_is_missing_is_counted_and_left_out() -> None:
    rows = by_hand().frame.copy()
    rows.loc[rows["case"].eq("c0") & rows["phase"].eq("aided"), "dx"] = None
    rows.loc[rows["case"].eq("c1"), ["advice_dx", "advice_malignant", "advice_correct"]] = pd.NA
    found = measured(replace(by_hand(), frame=rows))
    assert found.excluded == {NO_ANSWER: 1, NO_ADVICE: 1}
    assert found.pairs == 6


@pytest.mark.parametrize(
    ("pairs", "measure", "reason"),
    [
        ([{"truth": "mel", "first": "mel", "advice": "mel", "last": "mel"}], "switch", "no answer differed"),
        ([{"truth": "mel", "first": "mel", "advice": "nv", "last": "mel"}], "rair", "no answer was wrong"),
        ([{"truth": "mel", "first": "nv", "advice": "mel", "last": "mel"}], "rsr", "no answer was right"),
    ],
)
def test_an_empty_denominator_is_a_reason_and_not_a_zero(
    pairs: list[dict[str, object]], measure: str, reason: str
) -> None:
    (rates,) = measured(table(*pairs)).rates
    rate = getattr(rates, measure)
    assert rate.value is None
    assert reason in str(rate.reason)


def test_readers_who_always_follow_are_at_the_limit_with_an_interval() -> None:
    (rates,) = measured(known_study(readers=8, cases=21, follows_right=1 - 1e-12, follows_wrong=1 - 1e-12)).rates
    assert (rates.switch.value, rates.rair.value, rates.rsr.value) == (1, 1, 0)
    assert 0 < rates.switch.low < 1
    assert 0 < rates.rsr.high < 1


def test_names_and_order_of_readers_change_no_share() -> None:
    readings = make_readings(readers=7, cases=28)
    swapped = readings.frame.assign(reader=readings.frame["reader"].map(lambda r: f"x{9 - int(r[1:])}"))
    swapped = swapped.sample(frac=1, random_state=3)
    one, other = measured(readings), measured(replace(readings, frame=swapped))
    for a, b in zip(one.rates, other.rates, strict=True):
        assert a.switch.value == b.switch.value
        assert (a.rair.low, a.rsr.high) == pytest.approx((b.rair.low, b.rsr.high))


def test_a_second_copy_of_every_reader_moves_no_share() -> None:
    readings = make_readings(readers=7, cases=28)
    copies = readings.frame.assign(reader=readings.frame["reader"] + "b")
    both = replace(readings, frame=pd.concat([readings.frame, copies], ignore_index=True))
    for a, b in zip(measured(readings).rates, measured(both).rates, strict=True):
        assert (a.switch.value, a.rair.value, a.rsr.value) == (b.switch.value, b.rair.value, b.rsr.value)
        assert b.switch.total == 2 * a.switch.total


def test_modalities_are_compared_both_ways_with_turned_signs_and_holm() -> None:
    readings = make_readings(readers=12, cases=42, modalities=("cbir", "multiclass_probability", "crowd_probability"))
    forward = measured(readings).differences
    backward = {(d.measure, d.second, d.first): d for d in
                measured(readings, modalities=tuple(reversed(readings.modalities))).differences}  # fmt: skip
    assert len(forward) == 9
    for d in forward:
        other = backward[d.measure, d.first, d.second]
        assert other.estimate.value == pytest.approx(-d.estimate.value)
        assert other.estimate.p_value == pytest.approx(d.estimate.p_value)
        assert other.p_holm == pytest.approx(d.p_holm)
        assert d.p_holm >= d.estimate.p_value


def test_nothing_to_judge_is_none() -> None:
    bare = make_readings(readers=2, cases=7)
    frame = bare.frame.assign(advice_dx=None, advice_malignant=pd.NA, advice_correct=pd.NA)
    assert reliance(pairs_of(replace(bare, frame=frame)), modalities=bare.modalities, groups={}, seed=1) is None
    empty = advised_answers(pairs_of(bare).iloc[:0])
    assert empty.frame.empty
