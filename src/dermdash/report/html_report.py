"""The report of a study as one HTML file that loads nothing (`html_parts`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dermdash.analyses.registry import analysis_title
from dermdash.analyses.section import Section
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, PROFESSIONS
from dermdash.readings.modality import modality_label
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.report.first_pages import first_pages
from dermdash.report.guidelines import GUIDELINES
from dermdash.report.guidelines.known_facts import known_facts
from dermdash.report.html_parts import PrintedSection, printed_sections, rendered
from dermdash.report.study_facts import StudyFacts
from dermdash.report.study_report import StudyReport
from dermdash.wording import day, level, moment, percent
from dermdash.workflows.reader_study.readings_source import STUDY

_PROFILE_HEADS = {
    "profession": "Profession",
    "experience_group": "Experience in dermatoscopy",
    "age_group": "Age",
    "gender": "Gender",
    "country": "Country of work",
}
_PROFILE_WORDS = PROFESSIONS | AGE_GROUPS | GENDERS | COUNTRIES


def render_html(report: StudyReport, *, appendix: bool = False) -> str:
    """The report as one HTML text: two pages, and with ``appendix`` every analysis, table and guideline behind them."""
    printed = printed_sections(report.sections if appendix else ())
    first = first_pages(report)
    entries = {entry.section.key: entry for entry in printed}
    chapters, contents, numbers = _chapters(report, entries) if appendix else ([], [], {})
    facts = report.facts
    content = {
        "report": report,
        "facts": facts,
        "question": (facts.protocol or {}).get("question", ""),
        "key_facts": _key_facts(report),
        "reader_tables": [_counts_table(_PROFILE_HEADS[c], n, "Readers") for c, n in facts.readers.items()],
        "case_tables": _case_tables(facts),
        "chapters": chapters,
        "contents": contents,
        "numbers": numbers,
        "general_methods": _general_methods(report),
        "guidelines": GUIDELINES,
        "known": known_facts(report),
    }
    content |= {"first": first, "appendix": appendix, "made": moment(report.made_at)}
    return rendered("report.html.jinja", [*first.printed, *printed], content)


def _chapters(
    report: StudyReport, entries: dict[str, PrintedSection]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
    planned, explored = report.prespecified, report.exploratory
    chapters = [
        _chapter(
            2,
            "prespecified",
            "Pre-specified analyses",
            _plan_text(report),
            planned,
            entries,
        ),
        _chapter(
            3,
            "exploratory",
            "Exploratory analyses",
            "The frozen protocol does not name these analyses. They can suggest questions, not answer them."
            if explored and report.facts.protocol_sha256
            else ""
            if explored
            else "None.",
            explored,
            entries,
        ),
    ]
    contents: list[dict[str, Any]] = [
        {
            "id": "study",
            "title": "1 Study",
            "children": [
                {"id": "participants", "title": "1.1 Who took part", "status": ""},
                {"id": "cases", "title": "1.2 Cases", "status": ""},
                {"id": "data-flow", "title": "1.3 Data flow", "status": ""},
            ],
        },
        *(
            {
                "id": c["id"],
                "title": c["title"],
                "children": [
                    {"id": e.section.key, "title": f"{e.number} {e.section.title}", "status": ""} for e in c["sections"]
                ],
            }
            for c in chapters
        ),
    ]
    numbers, next_number = {}, 4
    for key, title in (
        ("not_done", "Not done"),
        ("reproducibility", "How these numbers came about"),
        ("guidelines", "Reporting guidelines"),
    ):
        if key == "not_done" and not report.not_done:
            continue
        children = (
            [{"id": "", "title": n.title, "status": "not done"} for n in report.not_done]
            if key == "not_done"
            else [{"id": g.key, "title": g.name, "status": ""} for g in GUIDELINES]
            if key == "guidelines"
            else []
        )
        contents.append({"id": key.replace("_", "-"), "title": f"{next_number} {title}", "children": children})
        numbers[key] = next_number
        next_number += 1
    return chapters, contents, numbers


def _chapter(
    number: int,
    key: str,
    title: str,
    text: str,
    sections: tuple[Section, ...],
    entries: dict[str, PrintedSection],
) -> dict[str, Any]:
    numbered = [replace(entries[s.key], number=f"{number}.{i}") for i, s in enumerate(sections, start=1)]
    return {"id": key, "title": f"{number} {title}", "text": text, "sections": numbered}


def _plan_text(report: StudyReport) -> str:
    """What is to be said before the pre-specified analyses: that there are none, or which are missing."""
    facts = report.facts
    if facts.protocol_sha256 is None:
        return "None: no frozen protocol comes with these readings."
    texts = [] if report.prespecified else ["None of the analyses in this report is named in the frozen protocol."]
    if undone := [n.title for n in report.not_done if n.planned]:
        texts.append(f"Named in the protocol and not done (see below): {', '.join(undone)}.")
    if report.planned_elsewhere:
        texts.append(f"Named in the protocol and not part of this report: {', '.join(report.planned_elsewhere)}.")
    return " ".join(texts)


def _policy(facts: StudyFacts) -> str:
    """What the protocol says that borderline diagnoses count as, where that makes a difference."""
    if facts.protocol is None or facts.taxonomy is None or not get_taxonomy(facts.taxonomy).has_borderline:
        return ""
    return f"{BorderlinePolicy(facts.protocol['borderline']).in_words} (protocol)"


def _key_facts(report: StudyReport) -> list[tuple[str, str, bool]]:
    facts = report.facts
    rows = [
        ("Readers", f"{facts.n_readers:,}" if facts.n_readers else "", False),
        ("Cases", f"{facts.n_cases:,}", False),
        ("Readings" if facts.n_readers else "Answers counted", f"{facts.n_readings:,}", False),
        ("Assistance", ", ".join(modality_label(m) for m in facts.modalities), False),
        ("Model", _model_name(facts), False),
        ("Data set", str((facts.dataset or {}).get("name", "")), False),
        ("Cases drawn from records with", kept_in_words((facts.protocol or {}).get("record_filter", {})), False),
        ("Borderline diagnoses", _policy(facts), False),
        ("Protocol frozen", moment(facts.frozen_at) if facts.frozen_at else "", False),
        # A log may say anything about itself.
        (
            "Protocol SHA-256" if facts.format == STUDY else "Protocol SHA-256, as the file says",
            facts.protocol_sha256 or "",
            True,
        ),
        (
            "Readings from, to",
            f"{day(facts.first_reading)} to {day(facts.last_reading)}"
            if facts.first_reading and facts.last_reading
            else "",
            False,
        ),
        ("Source", "A study of this workspace" if facts.protocol else f"A log, read as {facts.format}", False),
        ("Seed", str(facts.seed), False),
        ("Report made", f"{moment(report.made_at)} with dermdash {report.software['dermdash']}", False),
    ]
    return [row for row in rows if row[1]]


def _model_name(facts: StudyFacts) -> str:
    if facts.model is None:
        return ""
    name = facts.model.get("name")
    return f"{name} ({facts.model['id']})" if name else str(facts.model["id"])


def _counts_table(head: str, counts: Any, unit: str) -> dict[str, Any]:
    total = sum(counts.values())
    rows = [
        (_PROFILE_WORDS.get(name, name.replace("_", " ")), n, percent(n / total) if total else "")
        for name, n in counts.items()
    ]
    return {"title": head, "head": "", "unit": unit, "rows": rows}


def _case_tables(facts: StudyFacts) -> list[dict[str, Any]]:
    names = {}
    if facts.taxonomy is not None:
        names = {c.code: c.name for c in get_taxonomy(facts.taxonomy).classes}
    classes = {names.get(code, code): n for code, n in facts.cases.items()}
    tables = [_counts_table("True class", classes, "Cases")]
    if facts.verification:
        stages = {f"stage {stage}": n for stage, n in facts.verification.items()}
        tables.append(_counts_table("Verification of the truth", stages, "Cases"))
    return tables


def _general_methods(report: StudyReport) -> tuple[str, ...]:
    facts = report.facts
    texts = [
        "Every number of this report comes from the functions that the pages and commands of dermdash use. The methods "
        f"of each analysis stand at its end. Intervals are two-sided at {level(0.95)} where nothing else is said. Each "
        "analysis states how it dealt with multiplicity; nothing was corrected across analyses.",
        f"Random draws started from the seed {facts.seed}"
        + (", which the frozen protocol names." if facts.protocol_sha256 else "."),
        *facts.notes,
    ]
    if facts.prespecified:
        texts.append(f"Named in the frozen protocol: {', '.join(map(analysis_title, facts.prespecified))}.")
    return tuple(texts)
