"""What holds for every analysis of the registry, on readings of every kind: by itself, by command, in a report.

A new analysis is held to it by its line in the registry.
"""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.command_line import CommandLine
from tests.goldens.inputs import write_inputs
from tests.readings_factory import make_crossover, make_parallel_arms, make_readings

from dermdash.analyses.answer import Verdict
from dermdash.analyses.declaration import Analysis, AnalysisContext
from dermdash.analyses.registry import ANALYSES, find_analysis
from dermdash.analyses.section import Section
from dermdash.errors import DermdashError, InvalidInput
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.study_report import build_report

COMMANDS = [a for a in ANALYSES if a.command_name]
ENVELOPE = {"analysis", "source", "protocol_sha256", "simulated", "exploratory", "options", "source_warnings"}
SOURCES = {"arms": "arms.csv"}
"""Readings that allow an analysis, where those of the fixed study do not."""
NOT_FOR_PEOPLE = ("nan", "None", "inf", "<NA>")


def usual() -> ReadingsTable:
    return make_readings(readers=8, cases=28)


def small() -> ReadingsTable:
    return make_readings(readers=2, cases=7)


def one() -> ReadingsTable:
    return make_readings(readers=1, cases=1)


def simulated() -> ReadingsTable:
    table = make_readings(readers=6, cases=21)
    return replace(table, frame=table.frame.assign(simulated=True))


def planned() -> ReadingsTable:
    return make_readings(readers=8, cases=28, prespecified=tuple(a.key for a in ANALYSES))


def unanimous() -> ReadingsTable:
    """Everybody right, always, and nobody ever changes."""
    return make_readings(readers=6, cases=21, unaided_accuracy=1.0, advice_accuracy=1.0)


def unaided_alone() -> ReadingsTable:
    table = usual()
    return table.subset(table.frame["phase"] == "unaided")


def parallel_arms() -> ReadingsTable:
    return make_parallel_arms()


def crossover() -> ReadingsTable:
    return make_crossover()


def without_truth() -> ReadingsTable:
    table = usual()
    gone = {c: pd.NA for c in ("truth_dx", "truth_malignant", "correct") if c in table.frame}
    return replace(table, frame=table.frame.assign(**gone))


def empty() -> ReadingsTable:
    table = usual()
    return table.subset(table.frame["case"] == "there is no such case")


KINDS = (
    usual, small, one, simulated, planned, unanimous, unaided_alone, parallel_arms, crossover, without_truth, empty,
)  # fmt: skip


def fewest_draws(analysis: Analysis) -> dict[str, int]:
    return {"replicates": 0} if "replicates" in analysis.options.model_fields else {}


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda a: a.key)
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_it_gives_a_section_and_numbers_or_says_why_not(analysis: Analysis, kind: object) -> None:
    table = kind()  # type: ignore[operator]
    options = analysis.options(**fewest_draws(analysis))
    result = None
    try:
        result = analysis.run(table, options, AnalysisContext())
    except DermdashError as error:
        why = str(error)
    if result is None:
        assert len(why) > 20
        return
    section = analysis.told(result, table, options, None)
    _holds_to_the_form_of_an_answer(section, simulated=table.simulated, few=kind in (small, one))
    assert (section.key, section.title) == (analysis.key, analysis.title)
    assert section.exploratory is (analysis.key not in table.prespecified)
    assert section.summary
    assert section.methods
    for text in (*section.summary, *section.methods, *section.warnings):
        assert not set(text.replace(",", " ").replace(".", " ").split()) & set(NOT_FOR_PEOPLE), text
    for part in section.tables:
        assert len(part.numbers.columns) > 1
        assert not part.shown.isin(NOT_FOR_PEOPLE).any(axis=None), part.name
    names = [part.name for part in (*section.tables, *section.figures)]
    assert len({t.name for t in section.tables}) == len(section.tables), names
    json.dumps(analysis.numbers(result, table, options), allow_nan=False)


def _holds_to_the_form_of_an_answer(section: Section, *, simulated: bool, few: bool) -> None:
    answer = section.answer
    assert answer is not None
    assert answer.sentence.endswith(".")
    assert answer.chart in ("", *(f.name for f in section.figures))
    for text in (answer.sentence, *(part for figure in answer.figures for part in figure)):
        assert not set(text.replace(",", " ").replace(".", " ").replace(";", " ").split()) & set(NOT_FOR_PEOPLE), text
    assert answer.sentence.startswith("In simulated readings, ") is simulated
    if few:
        # Of two readers or one case nothing is claimed: no test, or the sentence says that they are few.
        assert answer.verdict in (Verdict.UNKNOWN, Verdict.UNCLEAR) or "too few" in answer.sentence


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda a: a.key)
def test_what_can_be_chosen_has_words_and_checks_what_it_gets(analysis: Analysis) -> None:
    for name, (info, control) in analysis.options.controls().items():
        if control.flag is not None:
            assert info.description, name
        if control.label:
            assert control.address or control.draw in ("rubric",), name
    with pytest.raises(InvalidInput):
        analysis.options(there_is_no_such_option=1)
    assert json.dumps(analysis.options().echo(), allow_nan=False)
    addresses = [c.address for model in (analysis.options, analysis.views) for _, c in model.controls().values()]
    given = [a for a in addresses if a]
    assert len(given) == len(set(given))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readings")
    write_inputs(folder)
    study = pd.read_csv(folder / "study.csv", dtype=str)
    study.iloc[:0].to_csv(folder / "empty.csv", index=False)
    study[study["reader"].isin(study["reader"].unique()[:2])].to_csv(folder / "small.csv", index=False)
    return folder


@pytest.mark.parametrize("analysis", COMMANDS, ids=lambda a: a.key)
def test_its_command_prints_json_with_the_common_keys(analysis: Analysis, commands: CommandLine, inputs: Path) -> None:
    draws = _draw_flag(analysis)
    model = ["--predictions", "model.csv"] if analysis.of_model else []
    run = commands.run(
        inputs / "none",
        "analyse",
        analysis.command_name,
        SOURCES.get(analysis.key, "study.csv"),
        *model,
        *draws,
        "--json",
        folder=inputs,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.keys() >= ENVELOPE
    assert (said["analysis"], said["exploratory"]) == (analysis.key, True)
    assert said["options"] == analysis.options(**fewest_draws(analysis)).echo()


@pytest.mark.parametrize("analysis", COMMANDS, ids=lambda a: a.key)
def test_its_command_ends_without_a_traceback_whatever_it_gets(
    analysis: Analysis, commands: CommandLine, inputs: Path
) -> None:
    draws = _draw_flag(analysis)
    for source in ("empty.csv", "small.csv", "there-is-none.csv"):
        run = commands.run(inputs / "none", "analyse", analysis.command_name, source, *draws, "--json", folder=inputs)
        assert run.returncode in (0, 1), (source, run.stderr)
        assert "Traceback" not in run.stderr, source
        if run.returncode:
            assert run.stderr.startswith("Error: "), source
        else:
            json.loads(run.stdout)
    unknown = commands.run(
        inputs / "none", "analyse", analysis.command_name, "study.csv", "--no-such-option", folder=inputs
    )
    assert unknown.returncode == 2


def test_a_report_holds_every_analysis_or_says_why_not() -> None:
    for kind in (small, unaided_alone, parallel_arms, crossover):
        report = build_report(kind(), AnalysisContext())
        told = [s.key for s in report.sections] + [n.key for n in report.not_done]
        assert sorted(told) == sorted(a.key for a in ANALYSES if a.in_report)


WAYS_OUT = {
    # Of a design that an analysis is not made for: where the reader is sent.
    "parallel_arms": dict.fromkeys(("benefit", "benefit-malignancy", "reliance"), "Comparison of arms"),
    "crossover": {"reliance": "Comparison of arms"},
    "unaided_alone": dict.fromkeys(("benefit", "benefit-malignancy"), "Multi-reader multi-case comparison")
    | {"arms": "Benefit of assistance"},
    "usual": {"arms": "Benefit of assistance"},
}


@pytest.mark.parametrize("kind", [parallel_arms, crossover, unaided_alone, usual], ids=lambda k: k.__name__)
def test_an_analysis_of_another_design_says_which_to_take(kind: object) -> None:
    """On the page and in what the command says: the same reason, with the analysis that answers the question."""
    table = kind()  # type: ignore[operator]
    titles = {a.title for a in ANALYSES}
    for key, instead in WAYS_OUT[kind.__name__].items():  # type: ignore[attr-defined]
        assert instead in titles
        analysis = find_analysis(key)
        lack = analysis.lacks(table)
        assert lack is not None, key
        assert instead in lack.text
        with pytest.raises(DermdashError, match=instead):
            analysis.run(table, analysis.options(), AnalysisContext())


@pytest.mark.parametrize("kind", [parallel_arms, crossover], ids=lambda k: k.__name__)
def test_of_arms_and_periods_nothing_is_said_to_be_before_and_after(kind: object) -> None:
    table = kind()  # type: ignore[operator]
    for key in ("reading-time", "benefit"):
        analysis = find_analysis(key)
        if analysis.lacks(table) is None:
            options = analysis.options(replicates=0)
            section = analysis.section(analysis.run(table, options, AnalysisContext()), table, options, None)
            assert any(text.startswith("Before and after stand for") for text in section.warnings), key
            assert not any("both answers" in text for text in section.summary)


def _draw_flag(analysis: Analysis) -> list[str]:
    if not fewest_draws(analysis):
        return []
    _, control = analysis.options.controls()["replicates"]
    return [control.flag or "--replicates", "0"]


def test_the_fixed_study_is_there() -> None:
    stored = Path(__file__).parents[2] / "goldens" / "inputs" / "study.csv.gz"
    assert gzip.decompress(stored.read_bytes()).startswith(b"study,")
