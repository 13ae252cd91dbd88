"""The first two pages of a report: question, design, primary result, one figure, harms, limits, the worst cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dermdash.analyses.answer import AnswerFigure, capped, listed, uncapped
from dermdash.analyses.section import Section
from dermdash.readings.case_votes import CaseVotes, answer_name
from dermdash.readings.modality import modality_label
from dermdash.report.html_parts import PrintedFigure, PrintedSection, printed_sections
from dermdash.report.study_report import StudyReport
from dermdash.report.worst_cases import SHOWN
from dermdash.wording import counted, day, form, sentence

HARMS = ("reliance",)
"""Analyses whose answers say what assistance did wrong."""


@dataclass(frozen=True, slots=True)
class FirstPages:
    """What they say; ``printed`` has the one figure."""

    design: tuple[str, ...]
    answer: str
    status: str
    figures: tuple[AnswerFigure, ...]
    figure: PrintedFigure | None
    harms: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    cases: tuple[tuple[str, tuple[dict[str, Any], ...]], ...]
    printed: tuple[PrintedSection, ...]


def first_pages(report: StudyReport) -> FirstPages:
    """Put them together."""
    primary = report.primary
    printed = () if primary is None or primary.chart is None else printed_sections([_with_chart_alone(primary)])
    harmful = {key for key in HARMS if primary is None or key != primary.key}
    return FirstPages(
        design=_design(report),
        answer="" if primary is None or primary.answer is None else primary.answer.sentence,
        status="" if primary is None else _status(report, primary),
        figures=() if primary is None or primary.answer is None else primary.answer.figures,
        figure=printed[0].figures[0] if printed else None,
        harms=_harms(report, harmful),
        others=tuple(
            (s.title, s.answer.sentence)
            for s in report.sections
            if s.answer is not None and s is not primary and s.key not in harmful
        ),
        limits=_limits(report, primary),
        cases=_cases(report),
        printed=printed,
    )


def _with_chart_alone(section: Section) -> Section:
    """Under a key of its own, as the appendix has the same figure."""
    chart = section.chart
    assert chart is not None
    return replace(section, key="first", figures=(chart,), tables=())


def _status(report: StudyReport, primary: Section) -> str:
    if not primary.exploratory:
        return f"{primary.title}, named in the frozen protocol"
    return f"{primary.title}, exploratory: " + (
        "the frozen protocol does not name it" if report.facts.protocol_sha256 else "no frozen protocol comes with it"
    )


def _design(report: StudyReport) -> tuple[str, ...]:
    facts = report.facts
    kinds = listed([uncapped(modality_label(m)) for m in facts.modalities]) if facts.modalities else ""
    who = f"{counted(facts.n_readers, 'reader')} gave" if facts.n_readers else "The source counts"
    what = counted(facts.n_readings, "reading" if facts.n_readers else "answer")
    said = [f"{who} {what} of {counted(facts.n_cases, 'lesion')}" + (f", without and with {kinds}." if kinds else ".")]
    if facts.cases:
        said.append("True diagnoses: " + listed([f"{_name(c)} {n:,}" for c, n in facts.cases.items()]) + ".")
    if facts.first_reading and facts.last_reading:
        said.append(f"Read from {day(facts.first_reading)} to {day(facts.last_reading)}.")
    if facts.frozen_at:
        said.append(f"The protocol was frozen on {day(facts.frozen_at)}.")
    return tuple(said)


def _harms(report: StudyReport, harmful: set[str]) -> tuple[str, ...]:
    said = [s.answer.sentence for s in report.sections if s.key in harmful and s.answer is not None]
    pairs, misled, rescued = (sum(getattr(c, name) for c in report.votes) for name in ("pairs", "misled", "rescued"))
    if pairs:
        was = form(misled, "was", "were")
        said.append(
            f"Of {counted(pairs, 'pair')} of answers {misled:,} {was} right before and wrong after assistance, "
            f"{rescued:,} wrong before and right after."
        )
    return tuple(said)


def _limits(report: StudyReport, primary: Section | None) -> tuple[str, ...]:
    said = list(report.facts.warnings)
    if primary is not None:
        said += primary.own_warnings
    planned = [n for n in report.not_done if n.planned]
    said += [sentence(f"{n.title}, named in the protocol, was not done: {n.reason}") for n in planned]
    if report.planned_elsewhere:
        said.append(f"Named in the protocol and not part of this report: {listed(report.planned_elsewhere)}.")
    return tuple(dict.fromkeys(said))


def _cases(report: StudyReport) -> tuple[tuple[str, tuple[dict[str, Any], ...]], ...]:
    groups = [(order.meaning, [c for c in report.worst if c.order is order]) for order in SHOWN]
    return tuple(
        (
            capped(meaning),
            tuple(
                {
                    "picture": case.picture,
                    "case": case.votes.case,
                    "truth": "truth not known" if case.votes.truth is None else _name(case.votes.truth),
                    "lines": _lines(case.votes),
                }
                for case in cases
            ),
        )
        for meaning, cases in groups
        if cases
    )


def _lines(votes: CaseVotes) -> tuple[str, ...]:
    said = []
    for name, counts, right in (
        ("Before", votes.before, votes.right_before),
        ("After", votes.after, votes.right_after),
    ):
        total = sum(counts.values())
        if total and right is not None:
            wrong = [(n, code) for code, n in counts.items() if code != votes.truth]
            most = f"; {max(wrong)[0]} {_name(max(wrong)[1])}" if wrong else ""
            said.append(f"{name}: {round(right * total)} of {total} right{most}")
    return tuple(said)


def _name(code: str) -> str:
    return uncapped(answer_name(code))
