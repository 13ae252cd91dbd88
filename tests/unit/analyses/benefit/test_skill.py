import numpy as np
import pandas as pd
import pytest

from dermdash.analyses.benefit.skill import HALVES, THIRDS, change_by_skill


def by_chance(readers: int, cases: int, seed: int, *, skill: float = 0.0, gain: float = 0.0) -> pd.DataFrame:
    """Answers right by chance; the weaker half of the readers gains ``gain`` when ``skill`` parts them."""
    rng = np.random.default_rng(seed)
    weak = np.arange(readers) < readers / 2
    chance = 0.6 + skill * np.where(weak, -1, 1)
    reader, case = np.divmod(np.arange(readers * cases), cases)
    before = rng.random(len(reader)) < chance[reader]
    after = rng.random(len(reader)) < chance[reader] + gain * weak[reader]
    return pd.DataFrame(
        {"reader": [f"r{r:03}" for r in reader], "case": [f"c{c:03}" for c in case], "modality": "cbir",
         "unaided": before.astype(float), "aided": after.astype(float)}
    )  # fmt: skip


def everything(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=frame.index)


def test_equal_readers_who_gain_nothing_show_no_gain_of_the_weakest() -> None:
    """The naive ranking on the same answers does show one: regression to the mean."""
    contrasts, naive, covered = [], [], 0
    for seed in range(30):
        frame = by_chance(24, 20, seed)
        shares = frame.groupby("reader")[["unaided", "aided"]].mean().sort_values("unaided")
        change = (shares["aided"] - shares["unaided"]).to_numpy()
        naive.append(change[-8:].mean() - change[:8].mean())
        found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=seed, confidence=0.95, splits=8)
        assert found.test.contrast is not None
        assert found.test.contrast_low is not None
        assert found.test.contrast_high is not None
        contrasts.append(found.test.contrast)
        covered += found.test.contrast_low <= 0 <= found.test.contrast_high
    assert np.mean(naive) < -0.15
    assert abs(np.mean(contrasts)) < 4 * np.std(contrasts) / np.sqrt(30)
    assert abs(np.mean(contrasts)) < 0.03
    assert covered >= 25


def test_a_true_gain_of_the_weaker_is_found() -> None:
    frame = by_chance(30, 60, 3, skill=0.15, gain=0.25)
    found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=1, confidence=0.95)
    assert [row.group for row in found.rows] == list(THIRDS)
    assert found.rows[0].change.difference > 0.15
    assert abs(found.rows[-1].change.difference) < 0.1
    assert found.test.p_value is not None
    assert found.test.p_value < 0.001
    assert found.rows[0].change.unaided < found.rows[-1].change.unaided


def test_one_halving_agrees_with_a_loop() -> None:
    """The same halving and ties, ranked and averaged by hand."""
    frame = by_chance(10, 12, 5)
    found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=9, confidence=0.95, splits=1)
    rng = np.random.default_rng([9, 10, 12])
    half = rng.permutation(12) < 6
    ties = rng.random(10)
    names = np.array(sorted(frame["case"].unique()))
    estimates = np.zeros((2, 3))
    for direction, side in enumerate((half, ~half)):
        ranked = frame[frame["case"].isin(names[side])].groupby("reader")["unaided"].mean()
        other = frame[~frame["case"].isin(names[side])].groupby("reader")[["unaided", "aided"]].mean()
        order = sorted(range(10), key=lambda i: (ranked.iloc[i], ties[i]))
        for place, i in enumerate(order):
            group = place * 3 // 10
            size = sum(p * 3 // 10 == group for p in range(10))
            estimates[direction, group] += (other["aided"].iloc[i] - other["unaided"].iloc[i]) / size
    assert [row.change.difference for row in found.rows] == pytest.approx(list(estimates.mean(axis=0)))


def test_every_group_counts_the_pairs_of_its_own_readers() -> None:
    frame = by_chance(24, 20, 3)
    found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=3, confidence=0.95)
    assert [(row.change.readers, row.change.readings) for row in found.rows] == [(8, 160)] * 3


def test_a_mean_over_two_kinds_of_cases_is_refused() -> None:
    frame = by_chance(24, 20, 3)
    frame["stratum"] = (frame["case"] < "c010").astype(int)
    found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=3, confidence=0.95)
    assert found.rows == ()
    assert "malignant and benign" in str(found.reason)


def test_few_readers_are_halved_and_too_few_give_a_reason() -> None:
    frame = by_chance(6, 12, 1)
    found = change_by_skill(frame, modality="cbir", scope=everything(frame), seed=1, confidence=0.95)
    assert [row.group for row in found.rows] == list(HALVES)
    assert all(row.small is not None for row in found.rows)
    few = by_chance(3, 12, 1)
    refused = change_by_skill(few, modality="cbir", scope=everything(few), seed=1, confidence=0.95)
    assert refused.rows == ()
    assert "at least 4 readers" in str(refused.reason)
    constant = by_chance(6, 12, 1).assign(unaided=1.0, aided=1.0)
    still = change_by_skill(constant, modality="cbir", scope=everything(constant), seed=1, confidence=0.95)
    assert all(row.change.p_value is None and row.change.difference_interval is None for row in still.rows)
    assert still.test.p_value is None


def test_images_of_a_lesion_never_rank_the_readers_whom_they_also_measure() -> None:
    """Every case twice with the same answers: apart by chance, luck with a lesion would look like skill and a loss."""
    contrasts: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(12):
        single = by_chance(24, 12, seed)
        twice = pd.concat([single, single.assign(case=single["case"] + "b")], ignore_index=True)
        for known, frame in ((False, twice), (True, twice.assign(unit=twice["case"].str.removesuffix("b")))):
            found = change_by_skill(
                frame, modality="cbir", scope=everything(frame), seed=seed, confidence=0.95, splits=8
            )
            contrasts[known].append(float(found.test.contrast or 0))
    assert np.mean(contrasts[False]) < -0.08
    assert abs(np.mean(contrasts[True])) < 0.04
