"""The VanDyke data, the field's example: numbers as RJafroc's and MRMCaov's documentation print them.

Every number below stands in the literature or in the public output of these two programs for the same data; the
tolerance is the last digit given there.
"""

from pathlib import Path

import numpy as np
import pytest

from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.data import MrmcData, make_mrmc_data
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.readings.formats.imrmc import read_imrmc
from dermdash.readings.formats.mrmc_csv import read_mrmc_csv

pytestmark = pytest.mark.shared_data
RRRC, FRRC, RRFC = Inference.RRRC, Inference.FRRC, Inference.RRFC


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    if not (shared_data / "mrmc").is_dir():
        pytest.skip("the VanDyke data are not kept beside this checkout")
    return shared_data / "mrmc"


@pytest.fixture(scope="module")
def vandyke(folder: Path) -> MrmcData:
    return make_mrmc_data(read_mrmc_csv(folder / "vandyke.csv"))


@pytest.fixture(scope="module")
def result(vandyke: MrmcData) -> MrmcResult:
    return analyse_mrmc(vandyke)


def close(value: float | None, expected: float, digits: int) -> bool:
    return value is not None and round(abs(value - expected), 12) <= 0.5000001 * 10.0**-digits


def test_both_files_hold_the_same_study(folder: Path, vandyke: MrmcData) -> None:
    other = make_mrmc_data(read_imrmc(folder / "vandyke.imrmc"))
    assert np.array_equal(other.ratings, vandyke.ratings)
    assert (len(vandyke.readers), len(vandyke.cases), vandyke.diseased) == (5, 114, 45)


def test_auc_of_each_reader(result: MrmcResult) -> None:
    expected = [
        [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
        [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
    ]
    assert np.abs(result.values.T - expected).max() <= 5e-9


def test_random_readers_and_cases(result: MrmcResult) -> None:
    test = result.overall[RRRC]
    assert close(test.f, 4.456319, 6)
    assert close(test.df2, 15.25967, 5)
    assert close(test.p, 0.0516657, 7)
    assert close(test.se, 0.02074862, 8)
    assert close(test.difference, -0.04380032, 8)
    assert close(test.low, -0.0879595, 7)
    assert close(test.high, 0.0003589, 7)
    assert test.df1 == 1


def test_fixed_readers_and_fixed_cases(result: MrmcResult) -> None:
    assert close(result.overall[FRRC].f, 5.475953, 6)
    assert close(result.overall[FRRC].p, 0.0192798, 7)
    assert result.overall[FRRC].df2 is None
    assert close(result.overall[FRRC].low, -0.08049, 5)
    assert close(result.overall[RRFC].f, 8.704, 3)
    assert close(result.overall[RRFC].p, 0.0419588, 7)
    assert result.overall[RRFC].df2 == 4


def test_variance_components(result: MrmcResult) -> None:
    assert result.components is not None
    found = result.components
    assert close(found.readers, 0.0015349993, 10)
    assert close(found.modality_by_reader, 0.0002004025, 10)
    assert close(found.error, 0.0008022883, 10)
    assert close(found.cov1, 0.0003466137, 10)
    assert close(found.cov2, 0.0003440748, 10)
    assert close(found.cov3, 0.0002390284, 10)


def test_single_modalities(result: MrmcResult) -> None:
    first, second = result.means
    assert close(first[RRRC].value, 0.8970370, 7)
    assert close(first[RRRC].se, 0.03317360, 8)
    assert close(first[RRRC].df, 12.74465, 5)
    assert first[RRRC].linear is not None
    assert close(first[RRRC].linear[0], 0.8252236, 7)
    assert close(first[RRRC].linear[1], 0.9688505, 7)
    assert close(second[RRRC].se, 0.02156637, 8)
    assert close(second[RRRC].df, 12.71019, 5)
    assert second[RRRC].linear is not None
    assert close(second[RRRC].linear[0], 0.8941378, 7)
    assert close(first[FRRC].se, 0.02429, 5)
    assert close(second[FRRC].se, 0.01678, 5)


def test_each_reader_alone(result: MrmcResult) -> None:
    """RJafroc's table of fixed readers: differences and standard errors to four digits."""
    readers = result.pairs[0].readers.values()
    assert [round(t.difference or 0, 4) for t in readers] == [-0.0282, -0.0465, -0.0179, -0.0262, -0.1002]
    assert [round(t.se or 0, 4) for t in readers] == [0.0255, 0.0263, 0.0312, 0.0173, 0.0441]


def test_delong_covariance(vandyke: MrmcData) -> None:
    test = analyse_mrmc(vandyke, MrmcOptions(covariance=Covariance.DELONG)).overall[RRRC]
    assert close(test.f, 4.484854, 6)
    assert close(test.df2, 15.06611, 5)
    assert close(test.p, 0.0512330, 7)


def test_sensitivity_at_three(vandyke: MrmcData) -> None:
    test = analyse_mrmc(vandyke, MrmcOptions(merit=FigureOfMerit(Figure.SENSITIVITY, threshold=3))).overall[RRRC]
    assert close(test.f, 6.689493, 6)
    assert close(test.df2, 15.71732, 5)
    assert close(test.p, 0.0200882, 7)
