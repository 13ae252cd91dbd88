"""What an evaluation and a comparison of two models answer: no more than their intervals, and the worst cases."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.analysis.evaluation_factories import make_probabilities, make_scored

from dermdash.analyses.answer import MOST_FIGURES, Verdict
from dermdash.analyses.comparison.answer import comparison_answer
from dermdash.analyses.comparison.section import comparison_section
from dermdash.analyses.evaluation.answer import evaluation_answer
from dermdash.analyses.evaluation.figures import MOST_CLASSES, recall_by_class
from dermdash.analyses.evaluation.section import evaluation_json, evaluation_section
from dermdash.analysis.evaluation import Evaluation, EvaluationOptions, evaluate
from dermdash.analysis.misread_cases import MOST, surest_misreads
from dermdash.analysis.model_comparison import compare_models
from dermdash.charts.palette import Theme
from dermdash.records.taxonomy import HAM7
from dermdash.wording import hundred_range, in_hundred

CASES = make_scored(300)
WORSE = CASES.with_probabilities(make_probabilities(CASES.truth, 7, seed=8, skill=0.5))
LIKE_IT = CASES.with_probabilities(make_probabilities(CASES.truth, 7, seed=8, skill=2.0))
SOURCE = {"kind": "model", "model": {"name": "One", "id": "m1"}, "dataset_names": ["Clinic"], "datasets": ["c"]}
OPTIONS = EvaluationOptions(bootstrap=300, subgroups=False)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(CASES, OPTIONS, source=SOURCE)


def of_source(found: Evaluation, **source: object) -> str:
    return evaluation_answer(replace(found, source={"kind": "model", **source})).sentence


def test_the_sentence_says_how_often_the_diagnosis_was_right_and_of_which_least(found: Evaluation) -> None:
    accuracy, recalls = found.classification.accuracy, found.classification.recalls
    assert accuracy.value is not None
    assert accuracy.interval is not None
    sentence = of_source(found)
    assert sentence.startswith(
        f"The model named the right diagnosis for {in_hundred(accuracy.value)} images that it was not trained on "
        f"({hundred_range(*accuracy.interval)}), least often for "
    )
    least = min((e.value, code) for code, e in recalls.items() if e.value is not None and e.interval)[1]
    name, recall = HAM7[least].name, recalls[least]
    assert recall.total is not None
    assert recall.total < 100
    assert recall.interval is not None
    assert sentence.endswith(
        f"least often for {name[:1].lower()}{name[1:]}: {recall.hits} of {recall.total} "
        f"({hundred_range(*recall.interval)} of 100)."
    )


def test_what_limits_an_evaluation_is_said_in_its_sentence(found: Evaluation) -> None:
    assert of_source(found, simulated=True).startswith("Of images drawn by a program, the model named")
    trained = of_source(found, too_good=True)
    assert "not trained on" not in trained
    assert "this is too good" in trained
    from_file = evaluation_answer(replace(found, source={"kind": "predictions", "predictions": ["a.csv"]})).sentence
    assert from_file.startswith("These predictions named the right diagnosis for")
    assert "trained" not in from_file
    few = evaluate(CASES.take(np.arange(6)), OPTIONS, source={"kind": "model"})
    assert "6 images are too few" in evaluation_answer(few).sentence


def test_figures_are_few_and_the_chart_is_there_for_both_themes(found: Evaluation) -> None:
    section = evaluation_section(found)
    assert section.answer is not None
    names = [figure.name for figure in section.answer.figures]
    assert names == ["Top-1 accuracy", "Mean recall", "AUC, malignant", "AUC, melanoma"]
    assert len(names) <= MOST_FIGURES
    assert section.chart is not None
    assert section.chart.name == section.answer.chart
    for theme in Theme:
        assert len(section.chart.make(theme).data) == 7


def test_a_chart_of_many_classes_keeps_the_least_and_says_so(found: Evaluation) -> None:
    scores = found.classification
    codes = (*scores.codes, "vasc2", "vasc3")
    more = replace(
        scores,
        codes=codes,
        recalls=scores.recalls | {"vasc2": scores.recalls["vasc"], "vasc3": scores.recalls["vasc"]},
        confusion=np.pad(scores.confusion, (0, 2), constant_values=1),
    )
    names = dict.fromkeys(codes, HAM7["vasc"]) | {code: HAM7[code] for code in scores.codes}
    figure = recall_by_class(replace(found, classification=more), names)  # type: ignore[arg-type]
    assert len(figure.make(Theme.LIGHT).data) == MOST_CLASSES
    assert "1 further class" in figure.description


def test_misread_cases_are_the_wrong_ones_the_surest_first() -> None:
    misread = surest_misreads(CASES)
    sure = CASES.probabilities.max(axis=1)
    wrong = np.flatnonzero(CASES.predicted != CASES.truth)
    assert len(misread) == min(MOST, len(wrong))
    assert [one.probability for one in misread] == sorted(sure[wrong], reverse=True)[:MOST]
    first = CASES.case_ids.index(misread[0].case)
    assert (misread[0].truth, misread[0].named) == (HAM7.codes[CASES.truth[first]], HAM7.codes[CASES.predicted[first]])
    assert misread[0].probability_of_truth == CASES.probabilities[first, CASES.truth[first]]
    assert surest_misreads(CASES.subset(CASES.predicted == CASES.truth)) == ()


def test_the_json_holds_the_answer_and_that_of_a_comparison(found: Evaluation) -> None:
    compared = replace(found, comparison=compare_models(CASES, WORSE, names=("a", "b"), replicates=200))
    written = json.loads(json.dumps(evaluation_json(compared), allow_nan=False, default=str))
    assert written["answer_in_words"]["sentence"] == of_source(found)
    assert written["answer_in_words"]["cases"] == ["misread"]
    assert written["comparison"]["answer_in_words"]["verdict"] == "more"
    assert written["misread_cases"][0]["case"] == found.misread_cases[0].case
    assert set(written) == set(found.as_dict()) | {"answer_in_words"}
    assert evaluation_section(compared).summary.count(written["comparison"]["answer_in_words"]["sentence"]) == 1


def test_a_model_is_called_better_only_where_interval_and_test_are_clear() -> None:
    clear = comparison_answer(compare_models(CASES, WORSE, names=("One", "two.csv"), replicates=300))
    assert clear.verdict is Verdict.MORE
    assert clear.sentence.startswith("The first had ")
    assert "more images right (" in clear.sentence
    assert clear.sentence.endswith("than the second.")
    turned = comparison_answer(compare_models(WORSE, CASES, names=("One", "two.csv"), replicates=300))
    assert turned.verdict is Verdict.LESS
    assert "fewer images right (" in turned.sentence
    unclear = comparison_answer(compare_models(CASES, LIKE_IT, names=("One", "two.csv"), replicates=300))
    assert unclear.verdict is Verdict.UNCLEAR
    assert unclear.sentence.startswith("It is unclear whether the first or the second is right more often")
    no_draws = comparison_answer(compare_models(CASES, WORSE, names=("One", "two.csv"), replicates=0))
    assert no_draws.verdict is Verdict.UNKNOWN
    assert no_draws.sentence.startswith("It cannot be said")


def test_a_comparison_with_itself_says_that_both_are_alike() -> None:
    same = compare_models(CASES, CASES, names=("One", "One"), replicates=50)
    answer = comparison_answer(same, simulated=True)
    assert answer.sentence == "Of images drawn by a program, the first and the second had the same images right."
    section = comparison_section(same, HAM7)
    assert section.chart is not None
    assert section.chart.make(Theme.DARK).data


def test_the_method_of_a_comparison_says_how_many_draws_there_were() -> None:
    few, none = (
        comparison_section(compare_models(CASES, WORSE, names=("One", "two.csv"), replicates=draws), HAM7).methods[0]
        for draws in (50, 0)
    )
    assert "50 times, for both alike" in few
    assert "no bootstrap draws were requested" in none.lower()
    assert "times" not in none
