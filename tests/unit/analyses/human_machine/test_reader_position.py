"""Intervals of distances from a model's curve: how often they miss, and where there is none."""

import numpy as np
import pytest
from tests.null_studies import mean_misses, placed_misses, reader_calls, rejections

from dermdash.analyses.human_machine.reader_position import LEAST_MATCHED, UNDECIDED, place_readers
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.reader_calls import mean_of_readers


@pytest.mark.parametrize("upwards", [True, False])
def test_a_reader_on_the_curve_is_seldom_called_off_it(upwards: bool) -> None:
    """15 cases of the side that is matched beside 30; percentiles of 10 beside 60 missed in 16 %."""
    sides = (30, 15) if upwards else (15, 30)
    assert rejections(placed_misses(*sides, upwards=upwards, replicates=150), 400).holds


def test_few_cases_of_the_side_that_is_matched_leave_a_reader_undecided() -> None:
    calls = reader_calls(1, 40, LEAST_MATCHED - 1, np.random.default_rng(3))
    place = place_readers(calls, GroupedBootstrap(np.arange(len(calls.target)), 100, 1))[0]
    assert place.vertical.low is None
    assert "14 negative cases, of the 15 that a distance" in str(place.vertical.reason)
    assert place.horizontal.low is not None
    assert place.position == UNDECIDED
    beside_many = reader_calls(1, 20, 100, np.random.default_rng(3))
    found = place_readers(beside_many, GroupedBootstrap(np.arange(120), 100, 1))[0].horizontal
    assert "20 positive cases, of the 34 that a distance beside 100 others needs" in str(found.reason)


@pytest.mark.parametrize("what", ["sensitivity", "upwards"])
def test_a_mean_of_three_readers_is_missed_seldom(what: str) -> None:
    """Percentiles missed the mean sensitivity in 8 to 12 % of studies."""
    assert rejections(mean_misses(3, 40, 80, what, replicates=100), 150).holds


def test_a_distance_from_the_mean_needs_ten_cases_to_be_matched_on_and_says_so() -> None:
    calls = reader_calls(8, 9, 40, np.random.default_rng(3))
    groups = np.arange(49)
    across, upwards = mean_of_readers(calls, GroupedBootstrap(groups, 100, 1), groups, seed=1).differences
    assert across.low is None
    assert across.reason == "no interval: 9 positive cases of the 10 that it needs"
    assert upwards.low is not None
