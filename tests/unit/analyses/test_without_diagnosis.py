"""Studies that ask for a rating or a management alone: what cannot be made leads to what can."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses import other_designs
from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.fitting import unfit_analyses, unfit_words, usual_analyses
from dermdash.analyses.other_designs import fit_without_diagnosis, lack_of_diagnosis
from dermdash.analyses.registry import ANALYSES, find_analysis
from dermdash.errors import DermdashError
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.readings.readings_table import ReadingsTable, make_readings_table

RATING = {"diagnosis": False, "confidence": False, "malignancy_rating": True}
MANAGEMENT = {"diagnosis": False, "confidence": False, "management": True}
OF_DIAGNOSES = {"benefit-malignancy", "human-machine", "reliance", "item-response", "collective", "triage"}


def readings(asked: str, **changes: Any) -> ReadingsTable:
    """Readings in which nobody names a class."""
    frame = make_readings(readers=4, cases=14).frame.copy()
    rng = np.random.default_rng(2)
    rows = frame[["reader", "case", "position", "phase", "modality", "truth_dx", "client_ms", "advice_dx"]].assign(
        **({"malignancy_rating": rng.integers(0, 101, len(frame))} if asked == "rating" else
           {"management": rng.choice(["dismiss", "biopsy"], len(frame))})
    )  # fmt: skip
    if changes.get("one_phase"):
        rows = rows[rows["phase"] == "unaided"]
    if changes.get("apart"):
        first = rows["reader"].isin(["r00", "r01"])
        rows = rows.assign(arm=np.where(first, "without", "with"))[first == (rows["phase"] == "unaided")]
    return make_readings_table(pd.DataFrame(rows), source="S", format="test", taxonomy="ham7")


def reason(key: str, table: ReadingsTable) -> str:
    with pytest.raises(DermdashError) as raised:
        find_analysis(key).section_of(table, AnalysisContext())
    return str(raised.value)


def test_the_titles_that_are_named_are_those_of_the_analyses() -> None:
    named = {other_designs.ARMS: "arms", other_designs.MRMC: "mrmc", other_designs.AGREEMENT: "agreement",
             other_designs.TIMES: "reading-time", other_designs.BENEFIT: "benefit"}  # fmt: skip
    assert {find_analysis(key).title: key for key in named.values()} == named


@pytest.mark.parametrize(
    ("asked", "changes", "leads_to", "said"),
    [
        (
            "rating",
            {},
            ("mrmc", "agreement", "reading-time"),
            "Multi-reader multi-case comparison compares the ratings",
        ),
        (
            "rating",
            {"apart": True},
            ("arms", "mrmc", "agreement", "reading-time"),
            "Comparison of arms and Multi-reader",
        ),
        ("rating", {"one_phase": True}, ("mrmc", "agreement", "reading-time"), "how well the ratings tell malignant"),
        ("management", {}, ("benefit", "agreement", "reading-time"), "Benefit of assistance says how far it is"),
        ("management", {"apart": True}, ("agreement", "reading-time"), "gave no diagnosis. Agreement says how far"),
    ],
)
def test_every_refusal_leads_to_what_takes_the_answers(
    asked: str, changes: dict[str, Any], leads_to: tuple[str, ...], said: str
) -> None:
    table = readings(asked, **changes)
    assert fit_without_diagnosis(table) == leads_to
    for key in sorted(OF_DIAGNOSES | ({"benefit"} - set(leads_to)) | ({"mrmc"} - set(leads_to))):
        if key == "reliance" and changes.get("one_phase"):
            continue  # nothing was advised
        assert said in reason(key, table), key
        lack = find_analysis(key).lacks(table)
        if key != "mrmc":
            assert lack is not None
            assert said in lack.text, key
    if changes.get("apart") or asked == "management":
        return
    assert said in reason("arms", table)
    lack = find_analysis("arms").lacks(table)
    assert lack is not None
    assert (lack.leads_to, said in lack.text) == (leads_to, True)


@pytest.mark.parametrize("asked", ["rating", "management"])
def test_what_is_led_to_can_be_made(asked: str) -> None:
    table = readings(asked)
    for key in fit_without_diagnosis(table):
        assert find_analysis(key).section_of(table, AnalysisContext()).summary, key


def test_the_benefit_of_a_study_of_management_is_how_appropriate_it_is() -> None:
    section = find_analysis("benefit").section_of(readings("management"), AnalysisContext())
    assert "appropriate" in " ".join(section.summary).lower()


def test_readings_with_a_diagnosis_are_told_nothing_of_it() -> None:
    table = make_readings()
    assert lack_of_diagnosis(table, "x") is None
    assert all("no diagnosis" not in str(a.lacks(table)) for a in ANALYSES)


def protocol(key: str, **choices: Any) -> Protocol:
    return STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1, **choices)


@pytest.mark.parametrize(
    ("template", "asked", "usual"),
    [
        ("nature-medicine-2020", {}, ["benefit", "benefit:readers_and_cases"]),
        ("nature-medicine-2020", RATING, ["mrmc"]),
        ("nature-medicine-2020", MANAGEMENT, ["benefit"]),
        ("crossover", RATING | {"management": True}, ["mrmc"]),
        ("parallel-arms", {}, ["arms"]),
        ("parallel-arms", RATING, ["arms"]),
        ("parallel-arms", MANAGEMENT, []),
        ("han-2018", {}, []),
    ],
)
def test_what_a_study_is_asked_follows_what_its_readers_are_asked(
    template: str, asked: dict[str, bool], usual: list[str]
) -> None:
    made = protocol(template, asked=asked)
    assert usual_analyses(made) == usual
    assert unfit_analyses(protocol(template, asked=asked, prespecified_analyses=usual)) == ()


def test_what_the_answers_cannot_make_is_named_with_what_fits() -> None:
    chosen = ["benefit", "benefit:profession", "agreement", "mrmc", "of-a-later-version"]
    rated = protocol("nature-medicine-2020", asked=RATING, prespecified_analyses=chosen)
    assert unfit_analyses(rated) == ("benefit", "benefit:profession")
    assert unfit_words(rated).endswith("What takes their answers: Multi-reader multi-case comparison.")
    managed = protocol("parallel-arms", asked=MANAGEMENT, prespecified_analyses=["arms", "benefit"])
    assert unfit_analyses(managed) == ("arms",)
    assert unfit_words(managed).endswith("What takes their answers: Agreement and Reading time.")
    assert unfit_words(protocol("nature-medicine-2020", prespecified_analyses=chosen)) == ""
