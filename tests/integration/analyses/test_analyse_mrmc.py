"""Readings of studies and logs as multi-reader multi-case data, and what is said about them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from tests.mrmc_factory import as_frame, make_study
from tests.readings_factory import MODALITIES, make_readings

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
from dermdash.analyses.mrmc.readings import assisted_comparisons
from dermdash.analyses.mrmc.run import (
    ModelToCompare,
    analyse_mrmc_data,
    analyse_mrmc_readings,
    merit_of_readings,
    model_in,
)
from dermdash.analyses.mrmc.section import mrmc_section
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.paired_accuracy import holm
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.workflows.readings.read_reading_log import read_reading_log

RRRC, FRRC, RRFC = Inference.RRRC, Inference.FRRC, Inference.RRFC


def readings(change: Callable[[pd.DataFrame], pd.DataFrame] | None = None, **options: Any) -> ReadingsTable:
    """Made-up readings, with some of them changed."""
    table = make_readings(**({"readers": 8, "cases": 42, "seed": 4} | options))
    if change is not None:
        from dataclasses import replace

        table = replace(table, frame=change(table.frame.copy()).reset_index(drop=True))
    return table


TABLE = readings()


def test_each_assistance_is_compared_on_the_pairs_of_each_reader() -> None:
    """Every reader's areas by scikit-learn, and their t test by scipy."""
    found = analyse_mrmc_readings(TABLE)
    assert [c.assistance for c in found.comparisons] == list(MODALITIES)
    for comparison in found.comparisons:
        one = comparison.result
        assert one is not None
        assert one.data.modalities == (modality_label(comparison.assistance or ""), "No assistance")
        areas = []
        for reader in one.data.readers:
            part = TABLE.frame[(TABLE.frame["reader"] == reader) & (TABLE.frame["modality"] == comparison.assistance)]
            areas.append(
                [
                    roc_auc_score(rows["truth_malignant"].astype(bool), rows["malignancy_rating"].astype(float))
                    for phase in ("aided", "unaided")
                    for rows in (part[part["phase"] == phase],)
                ]
            )
        assert one.values == pytest.approx(np.array(areas))
        expected = stats.ttest_rel(*np.array(areas).T)
        assert one.overall[RRFC].p == pytest.approx(expected.pvalue)
        assert one.design is Design.INCOMPLETE
        assert one.data.readings == 2 * len(TABLE.frame) / 4


def test_comparisons_are_corrected_by_holm() -> None:
    found = analyse_mrmc_readings(TABLE)
    for kind in Inference:
        raw = [c.result.overall[kind].p for c in found.comparisons if c.result is not None]
        assert [c.p_holm[kind] for c in found.comparisons] == holm(raw)
    top = found.as_dict()
    assert top["rrrc"]["p"] is None
    assert "2 comparisons" in top["rrrc"]["reason"]
    assert top["comparisons"][0]["rrrc"]["p_holm"] is not None


def test_one_assistance_stands_at_the_top() -> None:
    found = analyse_mrmc_readings(TABLE, modalities=[MODALITIES[1]]).as_dict()
    assert found["rrrc"]["difference"] == pytest.approx(
        analyse_mrmc_readings(TABLE).comparisons[1].result.overall[RRRC].difference  # type: ignore[union-attr]
    )
    assert found["comparisons"] == []


def test_shares_are_taken_from_the_answers() -> None:
    options = MrmcOptions(merit=merit_of_readings(Figure.SENSITIVITY))
    (one, _) = (c.result for c in analyse_mrmc_readings(TABLE, options).comparisons)
    assert one is not None
    part = TABLE.frame[(TABLE.frame["modality"] == MODALITIES[0]) & TABLE.frame["truth_malignant"].astype(bool)]
    shares = part.groupby(["reader", "phase"])["malignant_answer"].mean().unstack()[["aided", "unaided"]]
    assert one.values == pytest.approx(shares.to_numpy(float))
    assert one.merit.name == "sensitivity of the answer malignant"


def test_a_threshold_takes_them_from_the_ratings() -> None:
    options = MrmcOptions(merit=merit_of_readings(Figure.SPECIFICITY, 2.0))
    (one, _) = (c.result for c in analyse_mrmc_readings(TABLE, options).comparisons)
    assert one is not None
    part = TABLE.frame[(TABLE.frame["modality"] == MODALITIES[0]) & ~TABLE.frame["truth_malignant"].astype(bool)]
    called = (part["malignancy_rating"] < 2).groupby([part["reader"], part["phase"]]).mean().unstack()
    assert one.values == pytest.approx(called[["aided", "unaided"]].to_numpy(float))


def test_what_is_left_out_is_counted_by_reason() -> None:
    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        first = frame["modality"] == MODALITIES[0]
        aided = frame.index[first & (frame["phase"] == "aided")]
        frame.loc[aided[:3], "malignancy_rating"] = pd.NA
        frame.loc[frame["case"] == "c005", ["truth_malignant", "truth_dx", "correct"]] = None
        again = frame[(frame["reader"] == "r00") & first & frame["case"].isin(["c006", "c008"])].assign(repeat=1)
        return pd.concat([frame.drop(aided[10]), again])

    table = readings(spoil)
    part = assisted_comparisons(table)[0]
    of_case = int(((table.frame["case"] == "c005") & (table.frame["modality"] == MODALITIES[0])).sum())
    assert part.excluded == {
        "without a rating, or of a pair with one missing": 6,
        "of a case whose malignancy is not known": of_case,
        "of a case that the reader had read before": 4,
        "without the other half of their pair": 1,
    }
    warnings = mrmc_section(analyse_mrmc_readings(table)).warnings
    assert any("4 (Malignancy probability)" in text and "had read before" in text for text in warnings)


def test_readers_who_never_read_both_ways_are_compared_as_groups() -> None:
    """Half of the readers read without, half with assistance: readers nested in modalities."""

    def split(frame: pd.DataFrame) -> pd.DataFrame:
        early = frame["reader"] < "r05"
        return frame[(early & (frame["phase"] == "unaided")) | (~early & (frame["phase"] == "aided"))]

    table = readings(split, modalities=("cbir",), readers=10)
    found = analyse_mrmc_readings(table)
    (comparison,) = found.comparisons
    assert comparison.result is not None
    assert comparison.result.design is Design.READERS_IN_MODALITY
    assert any("No reader answered a case both before and after" in note for note in found.notes)
    first, second = (v[~np.isnan(v)] for v in comparison.result.values.T)
    expected = stats.ttest_ind(first, second, equal_var=False)  # each modality has readers and a spread of its own
    assert comparison.result.overall[RRFC].p == pytest.approx(expected.pvalue)
    methods = " ".join(mrmc_section(found).methods)
    assert "readers nested in modalities" in methods


def test_kinds_of_assistance_against_one_another() -> None:
    found = analyse_mrmc_readings(TABLE, between_assistance=True)
    (comparison,) = found.comparisons
    assert comparison.result is not None
    assert comparison.result.data.modalities == tuple(modality_label(m) for m in MODALITIES)
    assert found.as_dict()["rrrc"]["p"] is not None
    with pytest.raises(InvalidInput, match="has 1 kinds of assistance"):
        analyse_mrmc_readings(readings(modalities=("cbir",)), between_assistance=True)


def test_readings_without_assistance_have_one_modality() -> None:
    table = readings(lambda f: f[f["phase"] == "unaided"].assign(modality="none"))
    found = analyse_mrmc_readings(table)
    assert "one modality" in found.as_dict()["rrrc"]["reason"]
    section = mrmc_section(found)
    assert "One modality: nothing to compare." in section.summary[0]
    assert [f.name for f in section.figures] == ["roc", "modalities"]


def test_what_the_readings_do_not_record_is_named() -> None:
    with pytest.raises(MissingColumns, match="malignancy_rating"):
        analyse_mrmc_readings(readings(lambda f: f.assign(malignancy_rating=pd.NA)))
    with pytest.raises(InvalidInput, match="no assistance cbir: expected malignancy_probability"):
        analyse_mrmc_readings(TABLE, modalities=["cbir"])


def test_a_comparison_that_cannot_be_made_says_why_beside_the_others() -> None:
    """With one assistance nobody has read two malignant cases."""

    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        bad = (frame["modality"] == MODALITIES[0]) & frame["truth_malignant"].astype(bool)
        return frame[~bad]

    found = analyse_mrmc_readings(readings(spoil))
    first, second = found.comparisons
    assert first.result is None
    assert "no case with the condition" in (first.reason or "")
    assert second.result is not None
    assert found.as_dict()["comparisons"][0]["rrrc"]["p"] is None
    section = mrmc_section(found)
    assert any(text.startswith("Malignancy probability: not compared") for text in section.summary)


def advised(table: ReadingsTable) -> dict[str, float]:
    rng = np.random.default_rng(1)
    truth = table.frame.drop_duplicates("case").set_index("case")["truth_malignant"].astype(float)
    return {case: float(value + rng.normal(scale=0.5)) for case, value in truth.items()}


def test_a_model_is_set_against_all_unaided_and_each_aided_reading() -> None:
    scores = advised(TABLE)
    found = analyse_mrmc_readings(TABLE, model=ModelToCompare("Network", scores, 0.5))
    assert [c.name for c in found.model] == ["No assistance", *(modality_label(m) for m in MODALITIES)]
    unaided = found.model[0].result
    assert unaided is not None
    assert unaided.data.modalities == ("Network", "No assistance")
    truth = [scores[c] for c in unaided.data.cases]
    assert unaided.values[0, 0] == pytest.approx(roc_auc_score(unaided.data.truth, truth))
    # Every reader read every case without assistance: the readers' part is that of the readers alone.
    assert unaided.design is Design.FACTORIAL
    # The model's scores are no readings.
    assert found.model[0].readings == found.model[0].as_dict()["n_readings"] == 8 * 42
    sentence = next(s for s in mrmc_section(found).summary if s.startswith("Model minus mean of the readers"))
    assert sentence.index("(") < sentence.index("p\N{NO-BREAK SPACE}")
    assert "Holm\N{NO-BREAK SPACE}p" in sentence
    raw = [c.result.overall[RRRC].p for c in found.model if c.result is not None]
    assert [c.p_holm[RRRC] for c in found.model] == holm(raw)


def test_the_model_is_what_the_readers_were_shown() -> None:
    frame = TABLE.frame.copy()
    scores = advised(TABLE)
    low, high = min(scores.values()), max(scores.values())
    aided = frame["phase"] == "aided"
    frame.loc[aided, "advice_probability"] = [(scores[c] - low) / (high - low) for c in frame.loc[aided, "case"]]
    model = model_in(AnalysisContext(), readings(lambda _: frame))
    assert model.threshold == 0.5
    assert set(model.scores) == set(scores)


def test_the_section_says_effect_interval_then_p_and_all_counts() -> None:
    section = mrmc_section(analyse_mrmc_readings(TABLE))
    for sentence in section.summary:
        assert "(" in sentence.split("p ")[0]
        assert "8 readers, 42 cases (" in sentence
        assert "readings." in sentence
    assert section.exploratory
    assert not mrmc_section(analyse_mrmc_readings(readings(prespecified=("mrmc",)))).exploratory
    assert any("corrected by Holm's method over 2 comparisons" in text for text in section.methods)
    assert any("unbiased covariance" in text or "without bias" in text for text in section.methods)
    assert any("Gallas" in text for text in section.references)


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("figure", [Figure.AUC, Figure.PARTIAL_AUC, Figure.ACCURACY])
def test_every_figure_and_table_of_a_file_can_be_shown(figure: Figure, theme: Theme) -> None:
    study = make_study(modalities=3, readers=6)
    merit = FigureOfMerit(figure, threshold=None if "auc" in figure else 3)
    scores = dict(zip(study.cases, study.truth * 1.0, strict=True))
    result = analyse_mrmc_data(study, MrmcOptions(merit=merit, margin=0.05), model=ModelToCompare("AI", scores, 0.5))
    section = mrmc_section(result, along="diagonal")
    for drawn in section.figures:
        assert drawn.make(theme).data
    names = [table.name for table in section.tables]
    assert names == [
        "mrmc-tests", "mrmc-modalities", "mrmc-non-inferiority", "mrmc-model", "mrmc-model-non-inferiority",
        "mrmc-readers", "mrmc-components",
    ]  # fmt: skip
    for table in section.tables:
        shown = " ".join(table.shown.astype(str).to_numpy().ravel())
        assert "nan" not in shown.lower().split()
        assert "inf" not in shown.lower().split()
        assert len(table.numbers) >= 1
    tests = section.tables[0]
    # Three pairs and the overall test, each for three kinds of inference; pairs corrected by Holm.
    assert len(tests.shown) == 12
    assert "p (Holm)" in tests.shown


def test_degenerate_files_make_a_section_without_numbers_that_are_none() -> None:
    study = make_study(readers=1)
    flat = MrmcData(
        np.full_like(study.ratings, 2.0), study.truth, study.readers, study.modalities, study.cases, "Flat study"
    )
    for data in (study, flat):
        section = mrmc_section(analyse_mrmc_data(data))
        words = " ".join((*section.summary, *section.warnings))
        assert "nan" not in words.lower().split()
        assert "None" not in words
    assert "no test: the modalities do not differ for any reader" in section.summary[0]


def test_a_modality_called_like_a_column_keeps_its_own() -> None:
    study = make_study()
    named = MrmcData(study.ratings, study.truth, study.readers, ("<b>x</b>", "Reader"), study.cases)
    section = mrmc_section(analyse_mrmc_data(named))
    table = next(t for t in section.tables if t.name == "mrmc-readers")
    assert list(table.shown)[:3] == ["Reader", "<b>x</b>", "Modality Reader"]
    assert list(table.shown["Reader"]) == list(study.readers)
    drawn = " ".join(str(f.make(Theme.LIGHT).to_dict()) for f in section.figures)
    assert "<b>x</b>" not in drawn
    assert "&lt;b&gt;x&lt;/b&gt;" in drawn


def test_the_workflow_changes_nothing_of_the_analysis() -> None:
    """The result of the workflow is that of the mathematics on the same array."""
    study = make_study()
    assert analyse_mrmc_data(study).as_dict()["rrrc"] == analyse_mrmc(study).as_dict()["rrrc"]


def test_a_file_of_ratings_imported_as_a_log_gives_the_result_of_the_file(tmp_path: Path) -> None:
    study = make_study(modalities=3)
    named = MrmcData(study.ratings, study.truth, study.readers, ("unaided", "CNN", "Crowd"), study.cases)
    file = tmp_path / "ratings.csv"
    as_frame(named).to_csv(file, index=False)
    table = read_reading_log(file)
    assert isinstance(table, ReadingsTable)
    found = analyse_mrmc_readings(table)
    assert len(found.comparisons) == 2
    for comparison in found.comparisons:
        modality = "CNN" if comparison.assistance == "CNN" else "Crowd"
        expected = analyse_mrmc(named.of_modalities([modality, "unaided"]))
        assert comparison.result is not None
        assert comparison.result.design is Design.FACTORIAL
        for kind in Inference:
            assert comparison.result.overall[kind] == expected.overall[kind]


def test_a_file_of_more_modalities_than_are_compared_is_refused_before_an_hour_is_lost() -> None:
    text = "reader,modality,case,truth,rating\n" + "".join(f"a,m{i},c{j},{j},1\n" for i in range(31) for j in (0, 1))
    with pytest.raises(InvalidInput, match="has 31 modalities"):
        read_mrmc_file(text.encode())
