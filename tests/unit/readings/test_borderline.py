"""Readings under each policy of borderline diagnoses: what counts differently, and what must not change."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.declaration import Analysis, AnalysisContext
from dermdash.analyses.registry import ANALYSES
from dermdash.errors import DermdashError, InvalidInput
from dermdash.readings.borderline import policy_said, with_borderline, without_sides
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import CLINICAL9, BorderlinePolicy

OTHERS = (BorderlinePolicy.MALIGNANT, BorderlinePolicy.OWN)
DYSPLASTIC = "dysplastic_nevus"


def clinical(**changes: object) -> ReadingsTable:
    return make_readings(readers=8, cases=36, classes=CLINICAL9, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", OTHERS)
def test_no_diagnosis_changes_and_only_borderline_ones_count_differently(policy: BorderlinePolicy) -> None:
    before, after = clinical().frame, with_borderline(clinical(), policy).frame
    for name in ("dx", "truth_dx", "advice_dx", "correct", "confidence"):
        pd.testing.assert_series_equal(before[name], after[name])
    for dx, side in (("truth_dx", "truth_malignant"), ("dx", "malignant_answer"), ("advice_dx", "advice_malignant")):
        other = before[dx] != DYSPLASTIC
        pd.testing.assert_series_equal(before.loc[other, side], after.loc[other, side])
        assert not before.loc[~other, side].any()


def test_as_malignant_a_borderline_truth_answer_and_advice_are_malignant() -> None:
    frame = with_borderline(clinical(), BorderlinePolicy.MALIGNANT).frame
    assert frame.loc[frame["truth_dx"] == DYSPLASTIC, "truth_malignant"].all()
    answered = frame["dx"] == DYSPLASTIC
    assert frame.loc[answered, "malignant_answer"].all()
    assert (frame.loc[answered, "malignancy_rating"] == frame.loc[answered, "confidence"]).all()
    assert frame.loc[frame["advice_dx"] == DYSPLASTIC, "advice_malignant"].all()


def test_as_a_class_of_its_own_a_borderline_case_is_on_neither_side_and_such_an_answer_calls_nothing() -> None:
    frame = with_borderline(clinical(), BorderlinePolicy.OWN).frame
    assert frame.loc[frame["truth_dx"] == DYSPLASTIC, "truth_malignant"].isna().all()
    answered = frame["dx"] == DYSPLASTIC
    assert not frame.loc[answered, "malignant_answer"].any()
    assert (frame.loc[answered, "malignancy_rating"] == 0).all()


def test_benign_is_what_is_meant_where_nobody_says() -> None:
    table = clinical()
    assert with_borderline(table, BorderlinePolicy.BENIGN) is table


def test_what_was_counted_how_is_said_and_nothing_stays_pre_specified() -> None:
    planned = clinical(prespecified=("benefit",))
    malignant, own = (with_borderline(planned, policy) for policy in OTHERS)
    assert malignant.source == "Made-up study (borderline as malignant)"
    assert malignant.warnings == (
        "Dysplastic nevus (4 cases) counted as malignant.",
        "Probabilities of malignancy stay as readers were shown them, with borderline as benign.",
    )
    assert "4 cases of it left out" in own.warnings[0]
    assert malignant.prespecified == own.prespecified == ()
    assert malignant.classes is not None
    assert DYSPLASTIC in malignant.classes.malignant_codes


@pytest.mark.parametrize("first", BorderlinePolicy)
@pytest.mark.parametrize("second", BorderlinePolicy)
def test_counting_again_is_counting_once(first: BorderlinePolicy, second: BorderlinePolicy) -> None:
    again, once = with_borderline(with_borderline(clinical(), first), second), with_borderline(clinical(), second)
    pd.testing.assert_frame_equal(again.frame, once.frame)
    assert (again.source, again.warnings, again.borderline) == (once.source, once.warnings, once.borderline)


def test_a_log_says_by_its_truth_what_borderline_counts_as() -> None:
    rows = pd.DataFrame({"truth_dx": ["nevus", "melanoma", DYSPLASTIC, DYSPLASTIC]})
    said = {
        (False, True, None, None): BorderlinePolicy.OWN,
        (False, True, True, True): BorderlinePolicy.MALIGNANT,
        (False, True, False, False): BorderlinePolicy.BENIGN,
        (False, True, True, False): BorderlinePolicy.BENIGN,  # of each case its own: left as it is given
        (None, None, None, None): BorderlinePolicy.BENIGN,
    }
    for given, policy in said.items():
        given_rows = rows.assign(truth_malignant=pd.Series(given, dtype=object))
        assert policy_said(given_rows, CLINICAL9) is policy
        kept = without_sides(given_rows, CLINICAL9)["truth_malignant"].tolist()
        assert kept == (list(given) if set(given[2:]) == {True, False} else [*given[:2], None, None])
    assert policy_said(rows, CLINICAL9) is BorderlinePolicy.BENIGN


def test_a_taxonomy_without_a_borderline_class_is_left_alone_and_an_unknown_one_refused() -> None:
    table = make_readings()
    assert with_borderline(table, BorderlinePolicy.OWN) is table
    with pytest.raises(InvalidInput, match="is not known"):
        with_borderline(replace(table, taxonomy=None), BorderlinePolicy.MALIGNANT)


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda a: a.key)
@pytest.mark.parametrize("policy", OTHERS)
def test_every_analysis_takes_readings_under_every_policy(analysis: Analysis, policy: BorderlinePolicy) -> None:
    table = with_borderline(clinical(), policy)
    options = analysis.options(**({"replicates": 0} if "replicates" in analysis.options.model_fields else {}))
    try:
        result = analysis.run(table, options, AnalysisContext())
    except DermdashError as why:
        with pytest.raises(type(why)):
            analysis.run(clinical(), options, AnalysisContext())
        return
    section = analysis.section(result, table, options, None)
    assert section.exploratory
    json.dumps(analysis.numbers(result, table, options), allow_nan=False)
    for part in section.tables:
        assert not part.shown.isin(["nan", "None", "<NA>"]).any(axis=None), part.name


def malignancy_cases(table: ReadingsTable) -> tuple[int, int]:
    analysis = next(a for a in ANALYSES if a.key == "collective")
    found = analysis.run(table, analysis.options(replicates=0), AnalysisContext()).as_dict()
    panels = found["malignancy"]
    return panels["n_malignant_cases"], panels["n_benign_cases"]


def test_the_number_of_malignant_cases_follows_the_policy() -> None:
    # 36 cases of nine classes: four of each, three classes malignant, five benign, one borderline.
    assert malignancy_cases(clinical()) == (12, 24)
    assert malignancy_cases(with_borderline(clinical(), BorderlinePolicy.MALIGNANT)) == (16, 20)
    assert malignancy_cases(with_borderline(clinical(), BorderlinePolicy.OWN)) == (12, 20)
