"""Weight of advice, dependence, and faulty advice, with planted effects."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings
from tests.unit.analyses.reliance.answers import known_study, pairs_of
from tests.unit.analyses.reliance.test_reliance_rates import measured

from dermdash.analyses.reliance.advised_answers import advised_answers
from dermdash.analyses.reliance.dependence import dependence
from dermdash.analyses.reliance.weight_of_advice import weight_of_advice, weights
from dermdash.analyses.reliance.wrong_advice import wrong_advice
from dermdash.analysis.bins import equal_bins
from dermdash.analysis.two_way import ReaderCaseInference


def test_the_weight_of_advice_is_that_of_the_formula() -> None:
    """|final - initial| / |advice - initial|: half way, all the way, beyond, away, nowhere, already there."""
    initial = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.6])
    final = np.array([0.4, 0.6, 0.7, 0.1, 0.2, 0.9])
    unclipped, clipped = weights(initial, final, np.full(6, 0.6))
    assert unclipped[:5] == pytest.approx([0.5, 1, 1.25, 0.25, 0])
    assert clipped[:5] == pytest.approx([0.5, 1, 1, 0, 0])
    assert np.isnan(unclipped[5])


def rated(weight: float = 0.4, noise: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    pairs = pairs_of(make_readings(readers=10, cases=28))
    initial = rng.uniform(0, 1, len(pairs))
    advice = np.clip(rng.uniform(0, 1, len(pairs)), 0, 1)
    final = np.clip(initial + (weight + rng.normal(0, noise, len(pairs))) * (advice - initial), 0, 1)
    return pairs.assign(
        malignancy_rating_unaided=initial, malignancy_rating_aided=final, advice_probability=advice
    ).astype({"malignancy_rating_unaided": "Float64", "malignancy_rating_aided": "Float64"})


def test_a_planted_weight_is_recovered() -> None:
    found, reason = weight_of_advice(rated(0.4), ["multiclass_probability"], replicates=0, seed=1, confidence=0.95)
    assert reason is None
    assert found[0].clipped.value == pytest.approx(0.4, abs=0.02)
    assert found[0].median == pytest.approx(0.4, abs=0.02)
    assert found[0].clipped.low < 0.4 < found[0].clipped.high
    assert found[0].undefined == 0


def test_undefined_weights_are_counted() -> None:
    pairs = rated()
    pairs.loc[pairs.index[:7], "malignancy_rating_unaided"] = pairs.loc[pairs.index[:7], "advice_probability"]
    found, _ = weight_of_advice(
        pairs, ["malignancy_probability", "multiclass_probability"], replicates=0, seed=1, confidence=0.95
    )
    assert sum(w.undefined for w in found) == 7
    assert sum(w.pairs for w in found) == len(pairs)


def test_ordinal_ratings_have_no_weight_of_advice_and_say_why() -> None:
    found = measured(make_readings())
    assert found.weights == ()
    assert "scale of their own (-3 to 3, 6 different values)" in found.missing["weight of advice"]


def test_a_planted_effect_of_confidence_is_found_and_the_bins_show_it() -> None:
    """Log odds -0.8 per level; marginal and conditional slopes agree where readers do not differ."""
    found = measured(known_study(confidence_effect=-0.8, follows_right=0.5, follows_wrong=0.5))
    curve = next(c for c in found.dependence if c.key == "confidence")
    (switch, *_) = curve.slopes
    assert np.log(switch.ratio) == pytest.approx(-0.8, abs=0.15)
    assert switch.high < 1
    assert switch.p_holm < 0.001
    shares = [b.switch.value for b in curve.bins]
    assert [b.centre for b in curve.bins] == [1, 2, 3]
    assert shares == sorted(shares, reverse=True)
    position = next(c for c in found.dependence if c.key == "position")
    assert position.slopes[0].low < 1 < position.slopes[0].high
    experience = next(c for c in found.dependence if c.key == "experience")
    assert "not recorded" in str(experience.reason)


def test_the_bins_hold_every_pair_once_and_never_part_equal_values() -> None:
    values = np.concatenate([np.repeat(np.arange(30.0), 4), [np.nan]])
    bins = equal_bins(values, 5)
    assert np.sum(bins, axis=0).tolist() == [1] * 120 + [0]
    assert len(bins) == 5
    for v in range(30):
        assert sum(bool(b[values == v].any()) for b in bins) == 1
    assert len(equal_bins(np.array([1.0, 1, 2]), 5)) == 2


def test_advice_made_wrong_on_purpose_is_compared_where_the_arm_exists() -> None:
    readings = known_study(readers=20, cases=42, follows_right=0.8, follows_wrong=0.2)
    faulty = (readings.frame["advice_correct"] == False).where(readings.frame["phase"] == "aided")  # noqa: E712
    found = measured(replace(readings, frame=readings.frame.assign(advice_faulty=faulty.astype("boolean"))))
    assert found.wrong_means == "faulty"
    (one,) = found.wrong_advice
    assert one.bad.switch.value == pytest.approx(0.2, abs=0.08)
    assert one.bad.change.value < 0 < one.good.change.value
    assert one.switch_difference.p_value < 0.001
    assert one.bad.aided.value - one.bad.unaided.value == pytest.approx(one.bad.change.value)


def test_without_such_an_arm_wrong_advice_is_compared_with_right_advice() -> None:
    readings = known_study(readers=20, cases=42)
    answers = advised_answers(pairs_of(readings))
    draws = ReaderCaseInference(
        answers.frame["reader"].to_numpy(), answers.frame["case"].to_numpy(), replicates=0, seed=1
    )
    (one,), means = wrong_advice(answers, draws, readings.modalities)
    assert means == "wrong"
    assert one.good.pairs + one.bad.pairs == len(answers.frame)
    assert one.good.switch.value == pytest.approx(0.7, abs=0.07)


def test_advice_that_is_always_right_has_nothing_to_compare_with() -> None:
    found = measured(known_study(readers=6, cases=21, advice_accuracy=1.1))
    (one,) = found.wrong_advice
    assert one.bad.pairs == 0
    assert one.switch_difference.value is None
    assert one.switch_difference.reason == "no wrong advice was given"


@pytest.mark.parametrize(
    "readings",
    [
        make_readings(readers=1, cases=7),
        make_readings(readers=3, cases=1, modalities=("cbir",)),
        make_readings(readers=2, cases=14, unaided_accuracy=1.1, advice_accuracy=1.1),
        make_readings(readers=2, cases=14, unaided_accuracy=1.1, followed=0.0),
    ],
    ids=["one reader", "one case", "perfect", "nobody follows"],
)
def test_degenerate_studies_give_numbers_or_reasons_and_json(readings: object) -> None:
    found = measured(readings, replicates=50)  # type: ignore[arg-type]
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert "NaN" not in text
    for rates in found.rates:
        for rate in (rates.switch, rates.rair, rates.rsr):
            assert rate.value is not None or rate.reason
            assert rate.low is None or rate.low < rate.high


def test_dependence_needs_the_column() -> None:
    answers = advised_answers(pairs_of(make_readings()))
    draws = ReaderCaseInference(
        answers.frame["reader"].to_numpy(), answers.frame["case"].to_numpy(), replicates=0, seed=1
    )
    curves = {c.key: c for c in dependence(answers, draws, bins=4)}
    assert curves["advice_confidence"].bins == ()
    assert len(curves["position"].bins) == 4
