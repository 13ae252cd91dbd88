"""Difficulty and ability from a readings table, and how they are worded and drawn."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.readings_factory import make_readings

from dermdash.analyses.item_response.model import fit_item_response
from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.analyses.item_response.section import item_response_section
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable, make_readings_table


def skilled(readers: int = 60, cases: int = 30, seed: int = 2) -> ReadingsTable:
    """Readers who get better with their years, and cases that grow harder with their number."""
    rng = np.random.default_rng(seed)
    years = rng.integers(0, 20, readers)
    ability = (years - years.mean()) / years.std() * 0.8 + rng.normal(0, 0.5, readers)
    rows = []
    for i in range(readers):
        for j in range(cases):
            right = rng.random() < 1 / (1 + np.exp(-1.2 * (ability[i] - (j / cases * 3 - 1.5))))
            rows.append(
                {"reader": f"r{i:02}", "case": f"c{j:02}", "phase": "unaided", "modality": "none", "truth_dx": "mel",
                 "dx": "mel" if right else "nv", "years_experience": int(years[i]),
                 "experience_group": "under 1 year" if years[i] < 10 else "over 10 years"}
            )  # fmt: skip
    return make_readings_table(pd.DataFrame(rows), source="Skilled", format="study", taxonomy="ham7", seed=1)


def test_the_fit_is_of_the_right_answers_of_one_phase() -> None:
    table = make_readings(readers=8, cases=28)
    for phase in ("unaided", "aided"):
        part = table.frame[table.frame["phase"] == phase]
        wide = part.assign(correct=part["correct"].astype(float)).pivot(
            index="reader", columns="case", values="correct"
        )
        expected = fit_item_response(wide.to_numpy(), readers=list(wide.index), cases=list(wide.columns))
        assert analyse_item_response(table, phase=phase).fit == expected


def test_planted_difficulty_discrimination_and_experience_are_found() -> None:
    result = analyse_item_response(skilled())
    assert result.fit.parameters == 2
    assert {c.case for c in result.hardest[:4]} <= {f"c{j:02}" for j in range(20, 30)}
    assert result.trend is not None
    years = dict(skilled().frame[["reader", "years_experience"]].itertuples(index=False, name=None))
    rho, p = stats.spearmanr([years[r.reader] for r in result.fit.readers], [r.ability for r in result.fit.readers])
    assert (result.trend.rho, result.trend.p) == pytest.approx((rho, p))
    assert (result.trend.low or 0) > 0.4
    young, old = result.by_experience
    assert (young.group, old.group) == ("under 1 year", "over 10 years")
    assert (young.high or 0) < (old.low or 0)


def test_intervals_of_groups_are_those_of_the_t_distribution() -> None:
    result = analyse_item_response(skilled())
    group = result.by_experience[0]
    abilities = [r.ability for r in result.fit.readers if result.experience[r.reader] == group.group]
    expected = stats.t.interval(0.95, len(abilities) - 1, np.mean(abilities), stats.sem(abilities))
    assert (group.low, group.high) == pytest.approx(expected)


def test_experience_without_years_is_ranked_by_its_groups() -> None:
    result = analyse_item_response(make_readings(readers=9, cases=28))
    assert result.trend is not None
    assert result.trend.measure == "group of experience"
    assert result.trend.rho is not None


def test_curves_are_of_cases_from_easy_to_hard_with_what_was_observed() -> None:
    result = analyse_item_response(skilled())
    difficulties = [c.difficulty for c in result.curves]
    assert len(difficulties) == 6
    assert difficulties == sorted(difficulties)
    for case in result.curves:
        groups = result.observed[case.case]
        assert sum(g.readers for g in groups) == case.answers
        assert sum(g.right for g in groups) == round(case.share_right * case.answers)


def test_the_order_of_rows_does_not_matter() -> None:
    table = make_readings()
    rows = table.frame.sample(frac=1, random_state=3)
    shuffled = make_readings_table(rows, source=table.source, format="study", taxonomy="ham7", seed=1)
    assert analyse_item_response(shuffled).as_dict() == analyse_item_response(table).as_dict()


@pytest.mark.parametrize(
    "changes",
    [
        {"readers": 1},
        {"readers": 3, "cases": 2},
        {"readers": 4, "cases": 8, "unaided_accuracy": 1.0},
        {"readers": 4, "cases": 8, "unaided_accuracy": 0.95},
    ],
)
def test_degenerate_readings_are_refused_or_flagged_and_never_not_finite(changes: dict[str, object]) -> None:
    result = analyse_item_response(make_readings(**changes))  # type: ignore[arg-type]
    json.dumps(result.as_dict(), allow_nan=False)
    section = item_response_section(result)
    words = " ".join((*section.summary, *section.warnings)) + "".join(t.shown.to_string() for t in section.tables)
    assert not re.search(r"\b(nan|inf)\b", words)
    if result.fit.reason:
        assert "No model was fitted" in section.summary[0]
        assert section.figures == ()
    else:
        assert "few" in " ".join(section.warnings)
    for figure in section.figures:
        assert figure.make(Theme.DARK).layout.height > 100


def test_what_is_missing_or_wrong_is_named() -> None:
    table = make_readings()
    rows = table.frame.drop(columns=["correct", "truth_dx", "truth_malignant"])
    blind = make_readings_table(rows, source="Blind", format="study", taxonomy="ham7")
    with pytest.raises(MissingColumns, match="needs correct"):
        analyse_item_response(blind)
    with pytest.raises(InvalidInput, match="unaided, aided"):
        analyse_item_response(table, phase="later")
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        analyse_item_response(table, confidence=1.0)


def test_the_section_says_model_choice_and_reliability() -> None:
    section = item_response_section(analyse_item_response(skilled()))
    assert "two parameters per case" in section.summary[0]
    assert "reliability" in section.summary[0]
    assert "chosen because half of the cases have 60 answers" in " ".join(section.methods)
    names = [t.name for t in section.tables]
    assert names == ["hardest-cases", "most-discriminating-cases", "abilities", "all-cases"]
    assert len(section.tables[-1].numbers) == 30
    assert [f.name for f in section.figures] == ["person-item-map", "characteristic-curves", "ability-by-experience"]
    one = item_response_section(analyse_item_response(make_readings(prespecified=("item-response",))))
    assert "too few answers per case" in " ".join(one.warnings)
    assert not one.exploratory
