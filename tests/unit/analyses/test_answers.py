"""What an answer may say: no more than its interval, and what limits every answer."""

import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    more_in_hundred,
    range_in_hundred,
    share_in_hundred,
    told,
    verdict,
)
from dermdash.analyses.benefit.declaration import BENEFIT
from dermdash.analyses.declaration import AnalysisContext


@pytest.mark.parametrize(
    ("low", "high", "p", "said"),
    [
        (0.02, 0.2, None, Verdict.MORE),
        (0.02, 0.2, 0.01, Verdict.MORE),
        (0.02, 0.2, 0.08, Verdict.UNCLEAR),  # clear by itself, not among several
        (-0.2, -0.02, 0.01, Verdict.LESS),
        (-0.01, 0.2, 0.01, Verdict.UNCLEAR),  # the interval decides, too
        (0.0, 0.2, None, Verdict.UNCLEAR),
        (None, None, 0.001, Verdict.UNKNOWN),
    ],
)
def test_a_difference_is_said_only_where_interval_and_p_agree(
    low: float | None, high: float | None, p: float | None, said: Verdict
) -> None:
    assert verdict(low, high, p) is said


def test_a_ratio_is_compared_with_one() -> None:
    assert verdict(1.1, 1.5, none=1.0) is Verdict.MORE
    assert verdict(0.9, 1.5, none=1.0) is Verdict.UNCLEAR


def test_shares_are_said_of_hundred() -> None:
    assert more_in_hundred(0.16, "diagnoses right") == "16 of 100 more diagnoses right"
    assert more_in_hundred(-0.03, "diagnoses right") == "3 of 100 fewer diagnoses right"
    assert range_in_hundred(-0.03, 0.08, "diagnoses right") == "between 3 fewer and 8 more of 100 diagnoses right"
    assert range_in_hundred(0.004, 0.08, "diagnoses right") == "between 0 and 8 of 100 more diagnoses right"


def test_a_hundred_are_said_only_where_there_are_as_many() -> None:
    assert share_in_hundred(9 / 13, 0.42, 0.87, " images") == "69 of 100 images (42 to 87)"
    assert share_in_hundred(9 / 13, 0.42, 0.87, " images", counts=(9, 13)) == "9 of 13 images (42 to 87 of 100)"
    assert share_in_hundred(1.0, None, None, " images", counts=(13, 13)) == "13 of 13 images"
    assert share_in_hundred(0.82, 0.78, 0.85, " images", counts=(820, 1000)) == "82 of 100 images (78 to 85)"
    assert share_in_hundred(0.999, None, None, counts=(1998, 2000)) == "more than 99 of 100"


def test_whom_an_answer_is_of_is_said_in_it() -> None:
    answer = AnalysisAnswer("Assistance helped", readers=3, n_cases=20)
    assert told(answer, simulated=False).sentence == "Assistance helped; 3 readers are too few to say it of others."
    assert told(AnalysisAnswer("AUC rose", readers=1), simulated=True).sentence == (
        "In simulated readings, AUC rose; 1 reader is too few to say it of others."
    )
    assert (
        told(AnalysisAnswer("Assistance helped", readers=30, n_cases=200), simulated=False).sentence
        == "Assistance helped."
    )


def test_an_answer_is_short() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        AnalysisAnswer("Much", figures=(AnswerFigure("a", "b"),) * 5)
    for text in ("small", "Stopped."):
        with pytest.raises(ValueError, match="capital"):
            AnalysisAnswer(text)


def test_what_is_unclear_of_each_kind_is_not_said_to_help() -> None:
    """Advice that is as good as a reader changes nothing for certain."""
    table = make_readings(readers=6, cases=28, advice_accuracy=0.5)
    options = BENEFIT.options(replicates=0)
    result = BENEFIT.run(table, options, AnalysisContext())
    answer = BENEFIT.answer_of(result, table)
    clear = [r for r in result.found.main.rows if (r.change.p_holm or 1.0) < 0.05]
    whole = result.found.main.overall
    certain = bool(clear) or (whole is not None and (whole.change.p_value or 1.0) < 0.05)
    assert ("It is unclear whether" not in answer.text) is certain
    assert (answer.verdict in (Verdict.MORE, Verdict.LESS)) is certain
