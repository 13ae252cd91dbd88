"""Sections of one report count the same readings, and say nothing of draws that nobody asked for."""

import pandas as pd
import pytest
from tests.readings_factory import make_readings
from tests.unit.report.report_factory import predictions_for

from dermdash.analyses.agreement.run import analyse_agreement
from dermdash.analyses.agreement.section import agreement_section
from dermdash.analyses.benefit.run import analyse_benefit
from dermdash.analyses.benefit.section import benefit_section
from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
from dermdash.analyses.collective.section import collective_section
from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.human_machine.section import human_machine_section
from dermdash.analyses.model_scores import scores_in
from dermdash.analyses.mrmc.readings import assisted_comparisons
from dermdash.analyses.mrmc.run import analyse_mrmc_readings
from dermdash.analyses.mrmc.section import mrmc_section
from dermdash.analyses.reading_time.run import analyse_reading_time
from dermdash.analyses.reading_time.section import reading_time_section
from dermdash.analyses.reliance.run import analyse_reliance
from dermdash.analyses.section import Section
from dermdash.readings.readings_table import ReadingsTable, make_readings_table


def with_repeats(table: ReadingsTable, cases: int = 5) -> ReadingsTable:
    """The first cases come back to every reader later, and all are answered wrong then."""
    frame = table.frame
    again = frame[frame["case"].isin(sorted(set(frame["case"]))[:cases])].assign(repeat=1)
    again["dx"] = ["nv" if t != "nv" else "mel" for t in again["truth_dx"]]
    both = pd.concat([frame, again], ignore_index=True).drop(columns=["correct", "malignant_answer"])
    return make_readings_table(both, source=table.source, format="study", taxonomy="ham7", seed=table.seed)


def without_draws(name: str) -> Section:
    table = make_readings(readers=6, cases=21)
    if name == "benefit":
        return benefit_section(analyse_benefit(table, replicates=0))
    if name == "agreement":
        return agreement_section(analyse_agreement(table, replicates=0))
    if name == "collective":
        return collective_section(analyse_collective(table, options=CollectiveOptions(replicates=0)))
    scores = scores_in(AnalysisContext(predictions=predictions_for(table)), table)
    return human_machine_section(analyse_human_machine(table, scores, replicates=0))


@pytest.mark.parametrize("name", ["benefit", "agreement", "collective", "human_machine"])
def test_without_draws_every_section_says_that_none_were_requested(name: str) -> None:
    section = without_draws(name)
    tables = " ".join(f"{t.note} {t.shown.to_csv()} {t.numbers.to_csv()}" for t in section.tables)
    said = " ".join([*section.summary, *section.methods, *section.warnings, tables])
    assert "no draws requested" in said
    for wrong in ("excluded zero", "every draw", "0 bootstrap", "0 draws", "draws do not vary"):
        assert wrong not in said


def test_a_case_read_again_counts_once_in_every_comparison_of_a_report() -> None:
    once = make_readings(readers=6, cases=21)
    twice = with_repeats(once)
    assert len(twice.frame) == len(once.frame) + 60
    first, second = (analyse_benefit(t, replicates=0, breakdowns=()) for t in (once, twice))
    assert first.found.as_dict() == second.found.as_dict()
    assert second.excluded == {"later reading of a case by the same reader": 60}
    relied = [analyse_reliance(t).reliance.as_dict() for t in (once, twice)]
    assert relied[0] == relied[1]
    timed = [analyse_reading_time(t).time.as_dict() for t in (once, twice)]
    assert timed[0] == timed[1]
    for one, other in zip(*(assisted_comparisons(t) for t in (once, twice)), strict=True):
        assert one.data.readings == other.data.readings
    panels = [analyse_collective(t, options=CollectiveOptions(replicates=0)).unaided for t in (once, twice)]
    assert panels[0] == panels[1]


def copied(table: ReadingsTable) -> ReadingsTable:
    """A second image of every lesion, read and answered alike."""
    again = table.frame.assign(case=table.frame["case"] + " again")
    both = make_readings_table(
        pd.concat([table.frame, again], ignore_index=True),
        source=table.source, format="study", taxonomy="ham7", seed=table.seed,
    )  # fmt: skip
    return both.with_units({c: c.removesuffix(" again") for c in both.frame["case"]})


def test_a_second_image_of_every_lesion_narrows_no_interval_of_the_benefit() -> None:
    once = make_readings(readers=8, cases=28)
    twice = copied(once)
    first, second = (analyse_benefit(t, breakdowns=("truth_malignant",), replicates=400) for t in (once, twice))
    for one, other in zip(first.found.main.rows, second.found.main.rows, strict=True):
        assert other.pooled.error == pytest.approx(one.pooled.error)
        assert other.pooled.df == one.pooled.df
        spread, wider = (row.change.bootstrap_interval for row in (one, other))
        assert wider.high - wider.low == pytest.approx(spread.high - spread.low, rel=0.25)
    tests = [result.found.breakdowns[0].interaction for result in (first, second)]
    assert tests[1].p_value == pytest.approx(tests[0].p_value)
    assert any("drawn together" in text for text in benefit_section(second).methods)
    assert not any("drawn together" in text for text in benefit_section(first).methods)


def test_a_second_image_of_every_lesion_narrows_no_interval_of_reliance() -> None:
    once = make_readings(readers=8, cases=28)
    first, second = (analyse_reliance(t).reliance for t in (once, copied(once)))
    assert second.cases == 2 * first.cases
    for one, other in zip(first.rates, second.rates, strict=True):
        # Wilson's interval is capped by the number of answers, which is now twice as large.
        assert (other.switch.low, other.switch.high) == pytest.approx((one.switch.low, one.switch.high), rel=0.05)
        assert (other.switch.bootstrap_low, other.switch.bootstrap_high) == pytest.approx(
            (one.switch.bootstrap_low, one.switch.bootstrap_high)
        )


def test_a_second_image_of_every_lesion_narrows_no_comparison_over_readers_and_cases() -> None:
    once = make_readings(readers=8, cases=28)
    first, second = (analyse_mrmc_readings(t).comparisons[0].result for t in (once, copied(once)))
    assert second.covariance == "clustered"
    assert second.overall["rrrc"].se == pytest.approx(first.overall["rrrc"].se, rel=0.1)
    section = mrmc_section(analyse_mrmc_readings(copied(once)))
    assert any("Images of one patient, else of one lesion, were one unit" in text for text in section.methods)


def test_a_second_image_of_every_lesion_narrows_no_interval_of_agreement() -> None:
    once = make_readings(readers=6, cases=28)
    first, second = (analyse_agreement(t, replicates=400) for t in (once, copied(once)))
    for one, other in zip(first.overall.changes, second.overall.changes, strict=True):
        # Alpha counts how many ratings there are, and is a little lower of fewer.
        assert other.difference == pytest.approx(one.difference, abs=0.001)
        assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.002)
    assert second.clustered
    assert any("drawn together" in text for text in agreement_section(second).methods)


def test_a_second_image_of_every_lesion_narrows_no_interval_of_times() -> None:
    once = make_readings(readers=6, cases=28)
    first, second = (analyse_reading_time(t) for t in (once, copied(once)))
    for one, other in zip(first.time.summaries, second.time.summaries, strict=True):
        assert other.cases == 2 * one.cases
        assert (other.low, other.high) == pytest.approx((one.low, one.high))
    for ratio, doubled in zip(first.time.ratios, second.time.ratios, strict=True):
        ends = (doubled.bootstrap_low, doubled.bootstrap_high)
        assert ends == pytest.approx((ratio.bootstrap_low, ratio.bootstrap_high))
    for slope, twice in zip(first.time.learning.slopes, second.time.learning.slopes, strict=True):
        assert twice.cases == slope.cases
    assert any("drawn together" in text for text in reading_time_section(second, copied(once)).methods)


def test_a_second_image_of_every_lesion_narrows_no_interval_of_panels_and_of_gains() -> None:
    once = make_readings(readers=8, cases=28)
    first, second = (analyse_collective(t, options=CollectiveOptions(limit=5)) for t in (once, copied(once)))
    for one, other in zip(first.unaided.points, second.unaided.points, strict=True):
        assert (other.low, other.high) == pytest.approx((one.low, one.high))
    for panels, doubled in zip(first.modalities, second.modalities, strict=True):
        for gain, again in zip(panels.gain, doubled.gain, strict=True):
            assert again.low == pytest.approx(gain.low)
    assert any("drawn together" in text for text in collective_section(second).methods)


def test_a_second_image_of_every_lesion_makes_no_gain_surer() -> None:
    once = make_readings(readers=8, cases=28)
    first, second = (analyse_benefit(t, breakdowns=(), replicates=0) for t in (once, copied(once)))
    for one, other in zip(first.found.main.rows, second.found.main.rows, strict=True):
        assert other.discordant.gained == 2 * one.discordant.gained
        assert other.discordant.p_value == pytest.approx(one.discordant.p_value)
