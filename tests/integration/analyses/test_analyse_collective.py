"""Panels, triage and sample size from readings, as page, command and report get them."""

import json

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
from dermdash.analyses.collective.section import collective_section
from dermdash.analyses.model_opinions import opinions_shown
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analyses.sample_size.run import (
    EXAMPLE,
    Basis,
    Question,
    assumed_changes,
    pilot_changes,
    pilot_components,
    pilot_of_readings,
    plan_mrmc,
    plan_paired,
)
from dermdash.analyses.sample_size.section import sample_size_section
from dermdash.analyses.section import Section
from dermdash.analyses.triage.run import TriageOptions, analyse_triage, own_threshold
from dermdash.analyses.triage.section import triage_section
from dermdash.charts.palette import Theme
from dermdash.errors import DermdashError, InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable, make_readings_table

FEW = CollectiveOptions(replicates=50)


def drawn_well(section: Section) -> str:
    """Draw every figure, and return all text of the section; nothing may be NaN."""
    for figure in section.figures:
        figure.make(Theme.LIGHT).to_json()
    text = "\n".join([*section.summary, *section.methods, *section.warnings])
    text += "\n".join(table.shown.to_csv(index=False) for table in section.tables)
    assert "nan" not in text.lower().replace("\n", " ").split()
    assert len({t.name for t in section.tables}) == len(section.tables)
    return text


def opinions_of(table: ReadingsTable, *, right: float = 0.8) -> ModelOpinions:
    """A model that is right so often, with probabilities."""
    rng = np.random.default_rng(3)
    truth = table.frame.drop_duplicates("case").set_index("case")["truth_dx"]
    codes = np.array(["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"])
    said = {c: t if rng.random() < right else str(rng.choice(codes)) for c, t in truth.items()}
    probabilities = {c: {k: 0.7 if k == said[c] else 0.05 for k in codes} for c in said}
    malignancy = {c: sum(p[k] for k in ("akiec", "bcc", "mel")) for c, p in probabilities.items()}
    return ModelOpinions("Model", said, probabilities, malignancy, "a test")


def test_one_reader_is_the_accuracy_of_the_readings() -> None:
    table = make_readings()
    result = analyse_collective(table, opinions=opinions_of(table), options=FEW)
    unaided = table.frame[table.frame["phase"] == "unaided"]
    assert result.unaided.points[0].accuracy == pytest.approx(unaided["correct"].astype(float).mean())
    assert (result.unaided.readers, result.unaided.cases, result.unaided.readings) == (6, 21, 126)
    for found in result.modalities:
        pairs = table.frame[table.frame["modality"] == found.modality]
        change = pairs[pairs["phase"] == "aided"]["correct"].astype(float).mean() - (
            pairs[pairs["phase"] == "unaided"]["correct"].astype(float).mean()
        )
        assert found.gain[0].difference == pytest.approx(change)


def test_the_section_says_everything_in_words_and_numbers() -> None:
    table = make_readings()
    result = analyse_collective(table, opinions=opinions_of(table), options=FEW)
    text = drawn_well(collective_section(result))
    assert "exact mean over all panels" in text
    assert "No hypothesis was tested" in text
    assert f"(seed {table.seed})" in text
    json.dumps(result.as_dict(), allow_nan=False)


def test_the_order_of_rows_and_the_names_of_readers_do_not_matter() -> None:
    table = make_readings()
    rows = table.frame.sample(frac=1, random_state=1).drop(columns=["correct", "advice_correct"])
    shuffled = make_readings_table(rows, source=table.source, format="study", taxonomy="ham7", seed=1)
    first, second = (analyse_collective(t, options=FEW).as_dict() for t in (table, shuffled))
    assert first == second


def test_the_model_that_the_readers_were_shown_stands_in_for_stored_predictions() -> None:
    table = make_readings(modalities=("multiclass_probability",))
    opinions = opinions_shown(table)
    one_advice = table.frame[table.frame["advice_dx"].notna()].groupby("case")["advice_dx"].nunique()
    assert set(opinions.diagnosis) == set(one_advice[one_advice == 1].index)
    result = analyse_collective(table, opinions=opinions, options=FEW)
    if result.model is not None:
        assert result.model.averaged is None
    assert any("probabilities" in text or "model" in text for text in result.not_computed)


def test_without_any_model_the_result_says_what_is_missing() -> None:
    table = make_readings(modalities=("cbir",))
    frame = table.frame.assign(advice_dx=None, advice_probability=None, advice_malignant=None, advice_correct=None)
    silent = make_readings_table(frame, source="Silent", format="study", taxonomy="ham7")
    result = analyse_collective(silent, opinions=opinions_shown(silent), options=FEW)
    assert result.model is None
    assert any(text.startswith("Panels with the model") for text in result.not_computed)
    with pytest.raises(MissingColumns, match="malignancy probability of each case"):
        analyse_triage(silent, opinions_shown(silent), TriageOptions(own_threshold(0.1), own_threshold(0.5)))


def test_calls_of_malignancy_are_voted_on_where_there_are_no_diagnoses() -> None:
    frame = make_readings().frame.assign(dx=None, truth_dx=None, advice_dx=None)
    table = make_readings_table(frame, source="Calls", format="phases")
    result = analyse_collective(table, options=FEW)
    assert result.answer == "malignancy"
    assert result.classes == ("benign", "malignant")
    drawn_well(collective_section(result))


def test_a_second_answer_to_a_case_is_counted_and_left_out() -> None:
    table = make_readings(readers=3, cases=7)
    again = table.frame.assign(repeat=1)
    both = make_readings_table(
        pd.concat([table.frame, again]), source=table.source, format="study", taxonomy="ham7", seed=1
    )
    result = analyse_collective(both, options=FEW)
    assert result.excluded["a later unaided answer to the same case"] == 21
    assert result.unaided.readings == 21


@pytest.mark.parametrize(("readers", "cases"), [(1, 8), (4, 1), (1, 1)])
def test_one_reader_or_one_case_is_shown_with_what_is_known(readers: int, cases: int) -> None:
    table = make_readings(readers=readers, cases=cases)
    opinions = opinions_of(table)
    text = drawn_well(collective_section(analyse_collective(table, opinions=opinions, options=FEW)))
    assert "should not be generalised" in text
    options = TriageOptions(own_threshold(0.1), own_threshold(0.5), own_threshold(0.9), 0.05, replicates=50)
    drawn_well(triage_section(analyse_triage(table, opinions, options)))


def test_perfect_and_constant_readers_have_a_correct_limit() -> None:
    perfect = make_readings(unaided_accuracy=1.0, followed=0.0)
    assert {p.accuracy for p in analyse_collective(perfect, options=FEW).unaided.points} == {1.0}
    rows = make_readings().frame.drop(columns=["correct", "malignant_answer"]).assign(dx="nv")
    constant = make_readings_table(rows, source="Constant", format="study", taxonomy="ham7")
    result = analyse_collective(constant, options=FEW)
    assert {p.accuracy for p in result.unaided.points} == {3 / 21}
    drawn_well(collective_section(result))


def test_missing_cells_leave_cases_out_and_say_how_many() -> None:
    table = make_readings(readers=8, cases=28)
    rng = np.random.default_rng(2)
    thin = table.subset(pd.Series(rng.random(len(table.frame)) < 0.5))
    result = analyse_collective(thin, opinions=opinions_of(table), options=CollectiveOptions(limit=4, replicates=50))
    assert result.unaided.cases_left_out > 0
    assert result.excluded["without the answer in the other phase (comparison of phases only)"] > 0
    assert "were left out" in drawn_well(collective_section(result))


def test_nobody_without_assistance_is_refused() -> None:
    table = make_readings()
    aided = table.subset(table.frame["phase"] == "aided")
    with pytest.raises(InvalidInput, match="no answer without assistance"):
        analyse_collective(aided, options=FEW)


def test_simulated_readers_do_not_vote_beside_people() -> None:
    table = make_readings(readers=4, cases=7)
    frame = table.frame.assign(simulated=table.frame["reader"] == "r00")
    mixed = make_readings_table(frame, source="Mixed", format="study", taxonomy="ham7")
    result = analyse_collective(mixed, options=FEW)
    assert result.unaided.readers == 3
    assert result.excluded["answers of simulated readers"] == 14


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "colour"}, "by is 'colour': expected"),
        ({"limit": 0}, "limit is 0: expected greater than or equal to 1"),
        ({"mix_size": 40}, "mix size is 40: expected less than or equal to 9"),
        ({"mix": ("over 10 years", "over 10 years")}, "two different groups"),
        ({"mix": ("over 10 years", "nobody")}, "no reader has the experience_group 'nobody'"),
    ],
)
def test_options_that_cannot_be_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        analyse_collective(make_readings(), options=CollectiveOptions(**options))  # type: ignore[arg-type]


def test_a_triage_says_what_was_missed_by_class_and_where_thresholds_come_from() -> None:
    table = make_readings(cases=42)
    options = TriageOptions(own_threshold(0.2), own_threshold(0.5), own_threshold(0.8), 0.03, replicates=50)
    result = analyse_triage(table, opinions_of(table), options)
    text = drawn_well(triage_section(result))
    assert "chosen by hand" in text
    assert "Nobody read anything anew" in text
    found = result.as_dict()
    json.dumps(found, allow_nan=False)
    sent = sum(f["sent_away"] for f in found["triage"]["by_class"] if f["malignant"])
    assert found["triage"]["malignant_sent_away"]["value"] == pytest.approx(sent / result.triage.malignant_cases)
    assert [f.name for f in result.triage.flows] == ["akiec", "bcc", "mel", "bkl", "df", "nv", "vasc"]


def test_cases_that_the_model_has_not_judged_are_counted() -> None:
    table = make_readings()
    opinions = opinions_of(table)
    known = dict(list(opinions.malignancy.items())[:15])
    some = ModelOpinions("Model", opinions.diagnosis, {}, known, "a test", "Predict the others.")
    result = analyse_triage(
        table, some, TriageOptions(own_threshold(0.2), own_threshold(0.5), replicates=20)
    )  # fmt: skip
    assert (result.triage.cases, result.triage.cases_left_out) == (15, 6)
    assert "Predict the others." in triage_section(result).warnings


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(InvalidInput, match="expected a probability"):
        own_threshold(1.5)


def test_a_pilot_gives_components_of_both_designs() -> None:
    table = make_readings(readers=4, cases=28, seed=5)
    changes = pilot_changes(table, modality="multiclass_probability")
    assert "multiclass" not in changes.origin
    assert 0 < changes.within < 1
    plan = plan_paired(changes, Question(0.1, readers=10, cases=40), basis=Basis.PILOT, modalities=2)
    assert plan.design.power(10, 40) == plan.plan.at
    text = drawn_well(sample_size_section(plan))
    assert "divided by 2 tests" in text
    from dermdash.analysis.mrmc.choices import Figure

    components = pilot_of_readings(table, Figure.SENSITIVITY)
    assert components.cases == 28
    assert "each reader on 50\N{NO-BREAK SPACE}% of the cases" in components.origin
    drawn_well(sample_size_section(plan_mrmc(components, Question(0.1), basis=Basis.PILOT)))


def test_the_components_of_the_example_come_out_of_its_data(shared_data: object) -> None:
    """The published numbers typed into the form against our analysis of the same file, 6 digits."""
    from pathlib import Path

    from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
    from dermdash.analyses.mrmc.run import analyse_mrmc_data
    from dermdash.analysis.mrmc.analysis import MrmcOptions

    path = Path(str(shared_data)) / "mrmc" / "vandyke.imrmc"
    if not path.is_file():
        pytest.skip("the example data of the method are not beside this checkout")
    found = pilot_components(analyse_mrmc_data(read_mrmc_file(path).data, MrmcOptions()))
    for name in ("interaction", "error", "cov1", "cov2", "cov3"):
        assert getattr(found, name) == pytest.approx(getattr(EXAMPLE, name), rel=1e-4)
    assert found.cases == EXAMPLE.cases


def test_a_pilot_without_pairs_is_refused() -> None:
    table = make_readings()
    with pytest.raises(InvalidInput, match="no answers before and after"):
        pilot_changes(table.subset(table.frame["phase"] == "unaided"))
    with pytest.raises(InvalidInput, match="has no assistance 'tarot'"):
        pilot_changes(table, modality="tarot")
    with pytest.raises(InvalidInput, match="one reader only"):
        pilot_changes(make_readings(readers=1, cases=14))


def test_every_kind_of_plan_is_written_out() -> None:
    assumed = assumed_changes(0.1, changed=0.25, reader_sd=0.08)
    for plan in (
        plan_paired(assumed, Question(0.1), basis=Basis.ASSUMED, modalities=4),
        plan_paired(assumed, Question(0.1, cases=30), basis=Basis.ASSUMED, random_cases=True),
        plan_mrmc(EXAMPLE, Question(0.0, margin=0.05, readers=8), basis=Basis.EXAMPLE),
        plan_mrmc(EXAMPLE, Question(0.001, readers=1, cases=20), basis=Basis.EXAMPLE),
    ):
        json.dumps(plan.as_dict(), allow_nan=False)
        section = sample_size_section(plan)
        drawn_well(section)
        assert section.summary
        assert section.warnings


def test_a_plan_without_effect_is_not_drawn_but_said() -> None:
    plan = plan_mrmc(EXAMPLE, Question(0.0001), basis=Basis.EXAMPLE)
    section = sample_size_section(plan)
    assert section.answer is not None
    assert "No number of readers and cases" in section.answer.text or "takes" in section.answer.text
    drawn_well(section)


def test_a_pilot_of_one_reader_is_refused() -> None:
    from dermdash.analysis.mrmc.choices import Figure

    table = make_readings(readers=1, cases=28)
    with pytest.raises(DermdashError):
        pilot_of_readings(table, Figure.SENSITIVITY)


def test_free_texts_for_diagnoses_are_too_many_to_vote_on() -> None:
    rows = [
        {
            "reader": f"r{r}",
            "case": f"c{c}",
            "phase": "unaided",
            "modality": "none",
            "dx": f"text {r} {c}",
            "truth_dx": "x",
        }
        for r in range(11)
        for c in range(10)
    ]
    table = make_readings_table(rows, source="a log", format="mapped-csv")
    with pytest.raises(InvalidInput, match="a log has 111 different diagnoses, and panels vote on at most 101"):
        analyse_collective(table)


def test_groups_of_readers_are_named_in_words() -> None:
    result = analyse_collective(make_readings(), options=CollectiveOptions(replicates=50, by="profession"))
    text = drawn_well(collective_section(result))
    assert "Medical student" in text
    assert "Dermatologist, board-certified" in text
    assert "medical_student" not in text
