import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.aggregate import AggregateBenefit, aggregate_benefit
from dermdash.analyses.benefit.image_changes import bootstrap_p
from dermdash.analyses.benefit.measures import Measure, Outcome
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS, MANY
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.readings.pairs import reading_pairs
from dermdash.records.taxonomy import HAM7


def make_counts(seed: int = 1, readers: int = 12, cases: int = 30, **changes: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Single pairs of answers, and the same counted per image and modality; not every reader reads every case."""
    table = make_readings(readers=readers, cases=cases, seed=seed, **changes)
    pairs = reading_pairs(table)
    pairs = pairs[np.random.default_rng(seed).random(len(pairs)) < 0.6].reset_index(drop=True)
    rows = []
    for (case, modality), part in pairs.groupby(["case", "modality"]):
        row: dict[str, Any] = {"case": case, "modality": modality, "truth_dx": part["truth_dx"].iloc[0]}
        for phase in ("unaided", "aided"):
            row |= {f"{phase}_{code}": int((part[f"dx_{phase}"] == code).sum()) for code in HAM7.codes}
        rows.append(row | {f"{kind}_{code}": None for kind in ("model", "crowd") for code in HAM7.codes})
    return pd.DataFrame(rows), pairs


def analysed(counts: pd.DataFrame, **changes: Any) -> AggregateBenefit:
    options: dict[str, Any] = {
        "taxonomy": HAM7, "outcome": Outcome.DIAGNOSIS, "source": "file.csv", "seed": 7, "replicates": 2000,
        "modalities": sorted(counts["modality"].unique()),
    }  # fmt: skip
    return aggregate_benefit(counts, **(options | changes))


@pytest.mark.parametrize("seed", range(3))
def test_every_participants_answer_weighs_the_same(seed: int) -> None:
    counts, pairs = make_counts(seed)
    found = analysed(counts, replicates=50)
    for row in (*found.main.rows, found.main.overall):
        assert row is not None
        part = pairs if row.modality == ALL_MODALITIES else pairs[pairs["modality"] == row.modality]
        assert row.unaided == pytest.approx(part["correct_unaided"].mean())
        assert row.aided == pytest.approx(part["correct_aided"].mean())
        assert row.difference == pytest.approx(row.aided - row.unaided)
        assert (row.answers, row.images) == (len(part), part["case"].nunique())


def test_malignancy_is_counted_from_the_classes() -> None:
    counts, pairs = make_counts(4)
    found = {m.measure: m.overall for m in analysed(counts, outcome=Outcome.MALIGNANCY, replicates=0).measures}
    ill = pairs["truth_malignant"].astype(bool)
    for phase, name in (("unaided", "unaided"), ("aided", "aided")):
        called = pairs[f"malignant_answer_{phase}"].astype(bool)
        expected = {
            Measure.ACCURACY: (called == ill).mean(),
            Measure.SENSITIVITY: called[ill].mean(),
            Measure.SPECIFICITY: (~called[~ill]).mean(),
            Measure.BALANCED: (called[ill].mean() + (~called[~ill]).mean()) / 2,
            Measure.REFERRAL: called.mean(),
        }
        for measure, share in expected.items():
            row = found[measure]
            assert row is not None
            assert getattr(row, name) == pytest.approx(share)


def test_the_interval_agrees_with_a_brute_force_bootstrap_over_images() -> None:
    """Images drawn one by one; quantiles within Monte Carlo error (0.006)."""
    counts, _ = make_counts(2, cases=MANY)
    row = analysed(counts, replicates=8000).main.rows[0]
    part = counts[counts["modality"] == row.modality].reset_index(drop=True)
    rng = np.random.default_rng(0)
    after = np.array([r[f"aided_{r['truth_dx']}"] for r in part.to_dict("records")], float)
    before = np.array([r[f"unaided_{r['truth_dx']}"] for r in part.to_dict("records")], float)
    total = part[[f"aided_{code}" for code in HAM7.codes]].sum(axis=1).to_numpy(float)
    brute = []
    for _ in range(8000):
        drawn = rng.integers(0, len(part), len(part))
        brute.append((after[drawn].sum() - before[drawn].sum()) / total[drawn].sum())
    assert row.interval is not None
    assert (row.interval.low, row.interval.high) == pytest.approx(tuple(np.quantile(brute, [0.025, 0.975])), abs=0.006)
    assert row.p_value is not None
    assert row.p_value == pytest.approx(bootstrap_p(np.array(brute)), abs=0.02)
    assert (row.interval.low > 0 or row.interval.high < 0) == (row.p_value < 0.05)


def test_images_of_one_lesion_are_drawn_together_and_the_t_test_agrees_with_statsmodels() -> None:
    """Weighted regression on a constant, sandwich by lesion (statsmodels WLS, cov_type='cluster'), to 1e-8."""
    counts, _ = make_counts(3)
    lesions = {f"c{i:03}": f"L{i // 3}" for i in range(28)}  # the last two images have no lesion named
    found = analysed(counts, lesions=lesions, replicates=3000)
    row = found.main.rows[0]
    part = counts[counts["modality"] == row.modality]
    change = np.array([r[f"aided_{r['truth_dx']}"] - r[f"unaided_{r['truth_dx']}"] for r in part.to_dict("records")])
    n = part[[f"aided_{code}" for code in HAM7.codes]].sum(axis=1).to_numpy(float)
    group = pd.factorize(part["case"].map(lesions).fillna(part["case"]))[0]
    fitted = sm.WLS(change / n, np.ones(len(n)), weights=n).fit(cov_type="cluster", cov_kwds={"groups": group})
    k = group.max() + 1
    assert row.lesions == k
    assert found.grouped
    assert row.pooled.difference == pytest.approx(fitted.params[0])
    assert row.pooled.error == pytest.approx(fitted.bse[0], rel=1e-8)
    answers = np.bincount(group, weights=n)
    assert row.pooled.df == pytest.approx(answers.sum() ** 2 / (answers**2).sum() - 1)
    alone = analysed(counts, replicates=3000).main.rows[0]
    assert alone.pooled.error != pytest.approx(row.pooled.error)
    assert alone.interval != row.interval


def test_the_order_of_rows_does_not_matter_and_the_seed_does() -> None:
    counts, _ = make_counts(1, cases=MANY)
    shuffled = counts.sample(frac=1, random_state=0)
    assert analysed(counts).as_dict() == analysed(shuffled).as_dict()
    assert analysed(counts).main.rows[0].interval != analysed(counts, seed=8).main.rows[0].interval


def test_swapping_before_and_after_turns_the_sign() -> None:
    counts, _ = make_counts(5)
    names = {
        f"{a}_{code}": f"{b}_{code}" for a, b in (("aided", "unaided"), ("unaided", "aided")) for code in HAM7.codes
    }
    there, back = analysed(counts).main.rows[0], analysed(counts.rename(columns=names)).main.rows[0]
    assert back.difference == pytest.approx(-there.difference)
    assert there.interval is not None
    assert back.interval is not None
    assert (back.interval.low, back.interval.high) == pytest.approx((-there.interval.high, -there.interval.low))
    assert back.p_value == pytest.approx(there.p_value)


def test_images_without_truth_or_answers_and_unequal_rows_are_counted() -> None:
    counts, _ = make_counts(1)
    changed = counts.copy()
    changed.loc[0, "truth_dx"] = None
    changed.loc[1, [f"aided_{code}" for code in HAM7.codes]] = 0
    changed.loc[2, "aided_nv"] += 1
    found = analysed(changed, replicates=0)
    assert found.excluded == {
        "no true diagnosis is known for the image": 1, "no answer before or after assistance": 1,
    }  # fmt: skip
    assert found.unequal_rows == 1
    assert found.main.overall is not None
    unaided = counts.iloc[2:][[f"unaided_{code}" for code in HAM7.codes]].to_numpy().sum()
    assert found.main.overall.answers == unaided
    with pytest.raises(MissingColumns, match="no true diagnosis"):
        analysed(counts.assign(truth_dx=None))
    with pytest.raises(MissingColumns, match="Sensitivity: no image"):
        analysed(counts[counts["truth_dx"] == "nv"], outcome=Outcome.MALIGNANCY, breakdown_measure=Measure.SENSITIVITY)
    assert "no draws requested" in str(analysed(counts, replicates=0).main.rows[0].reason)
    with pytest.raises(InvalidInput, match="holds no management"):
        analysed(counts, outcome=Outcome.MANAGEMENT)


def test_groups_of_images_are_compared_and_advice_is_judged_by_what_was_shown() -> None:
    counts, _ = make_counts(2, modalities=("malignancy_probability", "multiclass_probability", "cbir"))
    model = dict.fromkeys(HAM7.codes, 0.1) | {"nv": 0.4}
    counts = counts.assign(**{f"model_{code}": share for code, share in model.items()})
    found = analysed(counts, replicates=100)
    advice = {b.modality: b for b in found.breakdowns if b.key == "advice_correct"}
    assert set(advice) == {ALL_MODALITIES, "malignancy_probability", "multiclass_probability"}
    shown = counts[counts["modality"] == "multiclass_probability"]
    assert [row.images for row in advice["multiclass_probability"].rows] == [
        int((shown["truth_dx"] != "nv").sum()), int((shown["truth_dx"] == "nv").sum()),
    ]  # fmt: skip
    shown = counts[counts["modality"] == "malignancy_probability"]
    benign = ~shown["truth_dx"].isin(HAM7.malignant_codes)  # three malignant classes of 0.1 stay below one half
    assert advice["malignancy_probability"].rows[1].images == int(benign.sum())
    classes = next(b for b in found.breakdowns if b.key == "truth_dx" and b.modality == ALL_MODALITIES)
    assert [row.group for row in classes.rows] == list(HAM7.codes)
    assert found.main.overall is not None
    assert sum(row.answers for row in classes.rows) == found.main.overall.answers
    assert all(row.small for row in classes.rows)


@pytest.mark.parametrize(
    "kept", [lambda c: c.head(1), lambda c: c[c["truth_dx"] == "nv"], lambda c: c[c["case"] == "c003"]]
)
def test_nothing_degenerate_gives_a_number_that_is_none(kept: Any) -> None:
    counts, _ = make_counts(1)
    for outcome in (Outcome.DIAGNOSIS, Outcome.MALIGNANCY):
        found = analysed(kept(counts), outcome=outcome, replicates=50)
        json.dumps(found.as_dict(), allow_nan=False)
        for measure in found.measures:
            for row in measure.rows:
                assert (row.p_value is None) == (row.interval is None)
                assert (row.interval is None or row.lesions < MANY) == (row.reason is not None)


def test_few_images_take_interval_and_p_of_the_t_test() -> None:
    """Draws of three images that all gained never reach 0: their p would be 2 / (draws + 1)."""
    counts, _ = make_counts(1)
    modality = str(counts["modality"].iloc[0])
    part = counts[counts["modality"] == modality]
    every = pd.concat([part.assign(case=part["case"] + f"-{copy}") for copy in range(math.ceil(MANY / len(part)))])
    few = analysed(every.head(MANY - 1)).main.rows[0]
    assert few.interval is not None
    assert (few.interval.low, few.interval.high) == (few.pooled.low, few.pooled.high)
    assert few.p_value == few.pooled.p_value
    assert "t test instead of the bootstrap" in str(few.reason)
    more = analysed(every.head(MANY)).main.rows[0]
    assert more.reason is None
    assert more.p_value != more.pooled.p_value
    least = analysed(every.head(LEAST_CLUSTERS)).main.rows[0]
    assert least.interval is not None
    fewer = analysed(every.head(LEAST_CLUSTERS - 1)).main.rows[0]
    assert (fewer.interval, fewer.p_value, fewer.unaided_interval) == (None, None, None)
    assert "6 images (or lesions) of the 7" in str(fewer.reason)


def test_counts_that_never_change_have_no_interval() -> None:
    counts, _ = make_counts(1)
    still = counts.assign(**{f"aided_{code}": counts[f"unaided_{code}"] for code in HAM7.codes})
    row = analysed(still, replicates=100).main.rows[0]
    assert (row.difference, row.interval, row.p_value) == (0.0, None, None)
    assert "do not vary" in str(row.reason)


def test_the_bootstrap_p_agrees_with_its_interval_and_is_never_zero() -> None:
    draws = np.linspace(-0.02, 0.98, 1001)
    assert bootstrap_p(draws) == pytest.approx(2 * 22 / 1002)
    assert bootstrap_p(draws + 1) == pytest.approx(2 / 1002)
    assert bootstrap_p(draws - 0.48) == 1.0


def test_without_a_truth_agreement_with_the_model_and_malignant_answers_are_compared() -> None:
    counts, pairs = make_counts(5)
    counts["truth_dx"] = None
    # The model speaks for nevus, the crowd for melanoma; one image has no probabilities.
    for kind, code in (("model", "nv"), ("crowd", "mel")):
        for other in HAM7.codes:
            counts[f"{kind}_{other}"] = 0.94 if other == code else 0.01
    first = counts["case"].iloc[0]
    counts.loc[counts["case"] == first, [f"model_{code}" for code in HAM7.codes]] = np.nan
    with pytest.raises(MissingColumns, match="no true diagnosis"):
        analysed(counts)
    found = analysed(counts, outcome=Outcome.AGREEMENT, replicates=50)
    without = counts[(counts["case"] == first)]
    assert found.excluded == {"the file has no class probabilities for the image": len(without)}
    known = pairs[pairs["case"] != first]
    overall = {m.measure: m.overall for m in found.measures}
    agreement, referral = overall[Measure.AGREEMENT], overall[Measure.REFERRAL]
    assert agreement is not None
    assert agreement.unaided == pytest.approx((known["dx_unaided"] == "nv").mean())
    assert agreement.aided == pytest.approx((known["dx_aided"] == "nv").mean())
    assert referral is not None
    assert referral.aided == pytest.approx(pairs["malignant_answer_aided"].astype(bool).mean())
    assert found.breakdowns == ()
    crowd = counts.assign(modality="crowd_probability")[counts["modality"] == counts["modality"].iloc[0]]
    names = set(crowd["case"] + crowd["modality"])
    assert len(names) == len(crowd)
    towards = analysed(crowd, outcome=Outcome.AGREEMENT, replicates=50).main.overall
    assert towards is not None
    shown = pairs[pairs["modality"] == counts["modality"].iloc[0]]
    assert towards.aided == pytest.approx((shown["dx_aided"] == "mel").mean())
