"""Figures of a trial run: the numbers of the run and nothing else."""

from typing import Any

import pytest

from dermdash.charts.trial_run import along_order_figure, readers_figure, readings_of_cases_figure
from dermdash.reader_study.trial_balance import TrialBalance, TrialReading
from dermdash.reader_study.trial_readers import TrialReader
from dermdash.readings.modality import Modality

SHOWN = Modality.CBIR


def make_balance(places: dict[str, list[float]]) -> TrialBalance:
    """Cases with readings at these places of the order."""
    readings = [TrialReading("r", "all", case, SHOWN, 1, place) for case, each in places.items() for place in each]
    return TrialBalance(
        (("all", "All", 1),), ("",), tuple(places), ((TrialReader("r", "", None), "all", True),), tuple(readings)
    )


def test_a_point_stands_at_each_number_of_readings_the_more_cases_the_larger() -> None:
    (points,) = readings_of_cases_figure(make_balance({"a": [0.1], "b": [0.2], "c": [0.3, 0.4], "d": []})).data
    assert list(points.x) == [0, 1, 2]
    assert points.marker.size[1] > points.marker.size[0] == points.marker.size[2]
    assert "2 cases with 1 reading" in points.hovertext[1]


def test_quarters_of_the_order_are_shares_of_the_readings_of_a_modality() -> None:
    (line,) = along_order_figure(make_balance({"a": [0.0, 0.24, 0.25, 0.99]})).data
    assert list(line.y) == [50.0, 25.0, 0.0, 25.0]


def test_readers_who_begin_lie_behind_those_who_complete() -> None:
    begun, completed = readers_figure([("A", 5, 3), ("B", 4, 4)]).data
    assert (list(begun.x), list(completed.x)) == ([5, 4], [3, 4])
    assert "3 of 5 complete" in str(readers_figure([("A", 5, 3)]).layout.annotations)


@pytest.mark.parametrize("figure", [readings_of_cases_figure, along_order_figure])
def test_nobody_who_reads_is_said(figure: Any) -> None:
    assert "No case is read" in str(figure(make_balance({"a": []})).layout.annotations)
