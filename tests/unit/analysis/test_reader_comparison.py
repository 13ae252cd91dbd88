import json

import numpy as np
import pandas as pd
import pytest
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis.reader_comparison import compare_with_readers
from dermdash.analysis.scored_cases import make_cases
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.taxonomy import HAM7


def make_answers(skill: float, *, readers: int = 6, n: int = 200, share: float = 0.6, seed: int = 0) -> pd.DataFrame:
    cases = make_scored(n)
    rng = np.random.default_rng(seed)
    rows = []
    for reader in range(readers):
        for i in np.flatnonzero(rng.random(n) < share):
            dx = cases.truth[i] if rng.random() < skill else rng.integers(0, 7)
            rows.append((f"r{reader}", f"i{i}", HAM7.codes[dx]))
    return pd.DataFrame(rows, columns=["reader", "case", "dx"])


def test_four_cases_and_two_readers_by_hand() -> None:
    p = np.zeros((4, 7))
    # Malignancy (class mel) and the rest as nv: 0.9 and 0.4 for the melanomas, 0.6 and 0.1 for the nevi.
    p[:, 4], p[:, 5] = [0.9, 0.4, 0.6, 0.1], [0.1, 0.6, 0.4, 0.9]
    cases = make_cases(taxonomy=HAM7, case_ids=list("abcd"), truth=["mel", "mel", "nv", "nv"], probabilities=p)
    answers = pd.DataFrame(
        [
            ("x", "a", "mel"), ("x", "b", "bcc"), ("x", "c", "nv"), ("x", "d", "mel"),
            ("y", "a", "nv"), ("y", "c", "nv"),
        ],
        columns=["reader", "case", "dx"],
    )  # fmt: skip
    found = compare_with_readers(cases, answers, model="m", replicates=0)
    x, y = found.readers
    assert (x.cases, x.accuracy, x.model_accuracy) == (4, 0.5, 0.5)
    # bcc for a melanoma is the wrong class and still malignant.
    assert (x.points["malignancy"].sensitivity, x.points["malignancy"].specificity) == (1.0, 0.5)
    assert (x.points["mel"].sensitivity, x.points["mel"].specificity) == (0.5, 0.5)
    assert (y.cases, y.accuracy, y.model_accuracy) == (2, 0.5, 0.5)
    assert (y.points["malignancy"].sensitivity, y.points["malignancy"].specificity) == (0.0, 1.0)
    assert (found.mean_points["malignancy"].sensitivity, found.mean_points["malignancy"].specificity) == (0.5, 0.75)
    by_name = {d.metric: d for d in found.differences}
    # In the readers' mean a counts 1/2 + 1 and b 1/2, c counts 1/2 + 1 and d 1/2. At threshold 0.9 the model has
    # sensitivity 3/4 and specificity 1, the best that reaches sensitivity 0.5 as well as specificity 0.75.
    assert by_name["specificity_at_readers_sensitivity"].difference == pytest.approx(0.25)
    assert by_name["sensitivity_at_readers_specificity"].difference == pytest.approx(0.25)
    assert by_name["accuracy"].difference == 0.0
    # At specificity 0.5 the model has sensitivity 1 (x is on the curve); on the cases of y it has 1 at 1, against 0.
    assert (found.readers_below_curve, found.readers_placed) == (1, 2)


def test_readers_who_answer_as_the_model_does_equal_it_whichever_cases_each_read() -> None:
    """One reader of 20 easy cases, three of 20 hard ones, of which the model has half wrong."""
    truth = ["mel", "nv"] * 20
    wrong = {"mel": "nv", "nv": "mel"}
    given = [dx if i < 20 or i % 4 < 2 else wrong[dx] for i, dx in enumerate(truth)]
    p = np.full((40, 7), 0.001)
    p[np.arange(40), [HAM7.codes.index(dx) for dx in given]] = 0.994
    names = [str(i) for i in range(40)]
    cases = make_cases(taxonomy=HAM7, case_ids=names, truth=truth, probabilities=p)
    rows = [("easy", names[i], given[i]) for i in range(20)]
    rows += [(f"hard{k}", names[i], given[i]) for k in range(3) for i in range(20, 40)]
    found = compare_with_readers(cases, pd.DataFrame(rows, columns=["reader", "case", "dx"]), model="m", replicates=200)
    assert [(d.metric, d.difference) for d in found.differences] == [
        ("accuracy", 0.0),
        ("specificity_at_readers_sensitivity", 0.0),
        ("sensitivity_at_readers_specificity", 0.0),
    ]
    # One reader has all right, three have half.
    assert found.differences[1].model == pytest.approx(0.625)
    assert all(d.low is None or (d.low <= 0 <= (d.high or 0)) for d in found.differences)
    assert (found.readers_below_curve, found.readers_placed) == (0, 4)


def test_a_better_model_beats_guessing_readers_and_a_worse_one_loses_to_perfect_readers() -> None:
    cases = make_scored(200)
    guessing = compare_with_readers(cases, make_answers(0.0), model="m", replicates=300)
    assert all(d.low is not None and d.low > 0 for d in guessing.differences)
    assert guessing.readers_below_curve == 6
    perfect = compare_with_readers(cases, make_answers(1.0), model="m", replicates=300)
    assert all(d.high is not None and d.high <= 0 for d in perfect.differences)
    assert perfect.readers_below_curve == 0
    json.dumps(guessing.as_dict(), allow_nan=False)


def test_order_of_answers_changes_nothing_and_cases_nobody_read_do_not_count() -> None:
    cases, answers = make_scored(200), make_answers(0.5, share=0.3)
    one = compare_with_readers(cases, answers, model="m", replicates=50)
    other = compare_with_readers(cases, answers.sample(frac=1, random_state=1), model="m", replicates=50)
    assert one.as_dict() == other.as_dict()
    assert one.images == answers["case"].nunique() < 200
    assert one.answers == len(answers)


def test_one_reader_has_a_difference_without_interval_and_says_why() -> None:
    found = compare_with_readers(make_scored(200), make_answers(0.5, readers=1), model="m", replicates=50)
    assert all(d.low is None and "two readers" in (d.reason or "") for d in found.differences)


def test_a_difference_that_no_draw_can_change_has_no_interval_and_says_why() -> None:
    p = np.full((8, 7), 0.001)
    p[np.arange(8), [HAM7.codes.index(dx) for dx in ["mel", "nv"] * 4]] = 0.994
    cases = make_cases(taxonomy=HAM7, case_ids=list("abcdefgh"), truth=["mel", "nv"] * 4, probabilities=p)
    never_right = pd.DataFrame([(r, c, "df") for r in "xyz" for c in "abcdefgh"], columns=["reader", "case", "dx"])
    accuracy = compare_with_readers(cases, never_right, model="m", replicates=50).differences[0]
    assert (accuracy.difference, accuracy.low, accuracy.high) == (1.0, None, None)
    assert accuracy.reason == "no interval: every draw of readers and cases gives the same"


def test_benign_cases_alone_leave_sensitivity_open() -> None:
    cases = make_scored(200)
    benign = cases.subset(~cases.malignant)
    found = compare_with_readers(benign, make_answers(0.5), model="m", replicates=20)
    by_name = {d.metric: d for d in found.differences}
    assert by_name["specificity_at_readers_sensitivity"].difference is None
    assert by_name["accuracy"].difference is not None
    assert found.readers_placed == 0
    json.dumps(found.as_dict(), allow_nan=False)


def test_unusable_answers_are_refused() -> None:
    cases = make_scored(10)
    row = {"reader": ["r"], "case": ["i1"], "dx": ["nv"]}
    with pytest.raises(MissingColumns, match="dx"):
        compare_with_readers(cases, pd.DataFrame({"reader": [], "case": []}), model="m")
    with pytest.raises(InvalidInput, match="no reader has answered"):
        compare_with_readers(cases, pd.DataFrame(row | {"case": ["other"]}), model="m")
    with pytest.raises(InvalidInput, match="scc"):
        compare_with_readers(cases, pd.DataFrame(row | {"dx": ["scc"]}), model="m")
    with pytest.raises(InvalidInput, match="two answers"):
        compare_with_readers(cases, pd.concat([pd.DataFrame(row)] * 2), model="m")
