"""Agreement from a readings table: what is compared, what is left out, and how it is worded."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from tests.readings_factory import make_readings

from dermdash.analyses.agreement.run import AgreementResult, analyse_agreement
from dermdash.analyses.agreement.section import HOW_TO_GET_REPEATS, agreement_section
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable, make_readings_table


def with_repeats(table: ReadingsTable, changed: int = 3) -> ReadingsTable:
    """Every reader reads the first five cases again, and answers otherwise in so many."""
    again = table.frame[table.frame["case"].isin([f"c{i:03}" for i in range(5)])].copy()
    again["repeat"] = 1
    flip = again["case"].isin([f"c{i:03}" for i in range(changed)]) & (again["reader"] == "r00")
    again.loc[flip, "dx"] = again.loc[flip, "dx"].map(lambda dx: "nv" if dx != "nv" else "mel")
    rows = pd.concat([table.frame, again]).drop(columns=["malignant_answer", "correct"])
    return make_readings_table(rows, source="With repeats", format="study", taxonomy="ham7")


def quick(table: ReadingsTable, **options: object) -> AgreementResult:
    return analyse_agreement(table, **({"replicates": 60} | options))  # type: ignore[arg-type]


def test_kappa_before_and_after_is_the_mean_of_scikit_learns_over_pairs() -> None:
    table = make_readings(readers=4)
    result = quick(table)
    frame = table.frame
    for phase in ("unaided", "aided"):
        wide = frame[frame["phase"] == phase].pivot(index="reader", columns="case", values="dx")
        pairs = [cohen_kappa_score(wide.iloc[i], wide.iloc[j]) for i in range(4) for j in range(i + 1, 4)]
        change = result.overall.change("cohen")
        assert change is not None
        found = change.before if phase == "unaided" else change.after
        assert found is not None
        assert found.value == pytest.approx(np.mean(pairs), abs=1e-12)
    assert (result.overall.readers, result.overall.cases, result.overall.readings) == (4, 21, 84)


def test_assistance_by_modality_is_compared_on_its_own_readings() -> None:
    result = quick(make_readings(readers=6))
    assert [part.value for part in result.by_modality] == ["malignancy_probability", "multiclass_probability"]
    assert sum(part.readings for part in result.by_modality) == result.overall.readings
    for part in result.by_modality:
        alpha = part.changes[0]
        assert alpha.p is not None
        assert alpha.p_holm is not None
        assert alpha.p <= alpha.p_holm


def test_the_order_of_rows_does_not_matter() -> None:
    table = make_readings()
    rows = table.frame.sample(frac=1, random_state=3)
    shuffled = make_readings_table(rows, source=table.source, format="study", taxonomy="ham7", seed=table.seed)
    assert quick(shuffled).as_dict() == quick(table).as_dict()


def test_a_later_reading_of_a_case_is_left_out_between_readers_and_counted() -> None:
    table = make_readings()
    repeated = with_repeats(table)
    result = quick(repeated)
    assert result.excluded == {"later reading of a case by the same reader": 60}
    assert result.overall.changes[0].before.value == quick(table).overall.changes[0].before.value


def test_the_second_session_comes_before_the_tenth() -> None:
    table = make_readings()
    later = table.frame.drop(columns=["malignant_answer", "correct"]).assign(session="10", dx="nv")
    rows = pd.concat([later, table.frame.assign(session="2")])
    made = make_readings_table(rows, source="Sessions", format="study", taxonomy="ham7", seed=table.seed)
    assert quick(made).overall.changes[0].before.value == quick(table).overall.changes[0].before.value


def test_readers_who_are_shown_cases_again_are_compared_with_themselves() -> None:
    result = quick(with_repeats(make_readings()))
    assert result.intra is not None
    assert result.intra.pairs_before == 30
    assert result.intra.pooled[0].before.value == pytest.approx(27 / 30)
    first = next(r for r in result.intra.before if r.reader == "r00")
    assert (first.agreeing, first.pairs) == (2, 5)
    assert "90.0\N{NO-BREAK SPACE}%" in " ".join(agreement_section(result).summary)


def test_without_repeats_the_section_says_how_to_get_them() -> None:
    assert HOW_TO_GET_REPEATS in agreement_section(quick(make_readings())).summary


def test_without_assistance_there_is_agreement_before_alone() -> None:
    table = make_readings()
    rows = table.frame[table.frame["phase"] == "unaided"].assign(modality="none")
    alone = make_readings_table(rows, source="Unaided", format="study", taxonomy="ham7", seed=1)
    result = quick(alone)
    assert result.overall.changes[0].before.value == quick(table).overall.changes[0].before.value
    assert result.overall.changes[0].after is None
    assert result.by_modality == ()
    assert "Without assistance, agreement on the diagnosis was" in agreement_section(result).summary[0]


@pytest.mark.parametrize("rating", ["malignant_answer", "confidence", "malignancy_rating"])
def test_every_answer_can_be_measured(rating: str) -> None:
    result = quick(make_readings(), rating=rating)
    assert result.primary == ("alpha" if rating == "malignant_answer" else "alpha_ordinal")
    assert result.overall.changes[0].before.value is not None
    json.dumps(result.as_dict(), allow_nan=False)
    # A rating of diagnosis and confidence runs from -3 to 3 without 0: nobody can give it.
    expected = {"malignant_answer": 2, "confidence": 3, "malignancy_rating": 6}
    assert len(result.categories) == expected[rating]


def test_an_answer_that_is_not_recorded_is_named() -> None:
    with pytest.raises(MissingColumns, match="needs management"):
        quick(make_readings(), rating="management")
    with pytest.raises(InvalidInput, match="expected one of dx"):
        quick(make_readings(), rating="colour")
    with pytest.raises(InvalidInput, match="0 or more"):
        quick(make_readings(), replicates=-1)


@pytest.mark.parametrize(
    "changes",
    [
        {"readers": 1},
        {"readers": 2, "cases": 1},
        {"readers": 3, "cases": 7, "unaided_accuracy": 1.0, "followed": 0.0},
        {"modalities": ("cbir",)},
    ],
)
def test_degenerate_readings_give_reasons_and_never_a_number_that_is_not_finite(changes: dict[str, object]) -> None:
    result = quick(make_readings(**changes))  # type: ignore[arg-type]
    json.dumps(result.as_dict(), allow_nan=False)
    section = agreement_section(result)
    for change in result.overall.changes:
        assert change.before.value is not None or change.before.reason
        assert change.before.low is None or change.before.low < (change.before.high or 0)
    words = " ".join(section.summary) + "".join(t.shown.to_string() for t in section.tables)
    assert not re.search(r"\bnan\b", words)
    for figure in section.figures:
        assert figure.make(Theme.LIGHT).layout.height > 100


def test_one_answer_for_everything_is_said_to_be_prevalent() -> None:
    table = make_readings()
    rows = table.frame.assign(dx="nv").drop(columns=["malignant_answer", "correct"])
    rows.loc[rows["case"] == "c000", "dx"] = "mel"
    made = make_readings_table(rows, source="All nevi", format="study", taxonomy="ham7")
    result = quick(made)
    assert result.overall.prevalent is not None
    assert result.overall.prevalent[0] == "nv"
    assert any("Feinstein" in text for text in agreement_section(result).warnings)


def test_the_section_names_everything_and_keeps_numbers_beside_words() -> None:
    section = agreement_section(quick(make_readings(prespecified=("agreement",))))
    assert not section.exploratory
    assert agreement_section(quick(make_readings())).exploratory
    assert {t.name for t in section.tables} >= {"agreement", "agreement-by-modality", "agreement-by-class"}
    assert "60 bootstrap draws of cases" in " ".join(section.methods)
    assert set(section.tables[0].numbers["statistic"]) == {"alpha", "percent", "cohen", "fleiss", "ac1"}
    assert [f.name for f in section.figures] == ["one-coefficient", "coefficients", "by-modality", "pairs"]
    heat = section.figures[-1].make(Theme.DARK)
    assert "after above the diagonal" in heat.layout.title.text
