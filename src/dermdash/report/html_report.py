"""The report as one HTML file that loads nothing: style, script, figures and tables are inside.

Everything out of files is escaped by the template. The drawing library, the data of figures and long CSV files stand
there packed (`packed`), and the report's script unpacks them. A content security policy lets only the library and that
script run (by their hash) and forbids every request, so that a name in the data can neither run nor load anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dermdash.analyses.registry import analysis_title
from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.charts.labels import fitted
from dermdash.charts.links import without_links
from dermdash.charts.palette import Theme, plotly_template
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, PROFESSIONS
from dermdash.readings.modality import modality_label
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import get_taxonomy
from dermdash.report.guidelines import GUIDELINES
from dermdash.report.guidelines.known_facts import known_facts
from dermdash.report.lean_figure import lean
from dermdash.report.packed import packed
from dermdash.report.study_facts import StudyFacts
from dermdash.report.study_report import StudyReport
from dermdash.wording import NOT_COMPUTED, cell, counted, day, level, moment, percent
from dermdash.workflows.reader_study.readings_source import STUDY

MOST_ROWS = 30
"""Rows of a table that are printed; the CSV has all of them."""
LONGEST_PLAIN_CSV = 1_000
"""Bytes of a CSV file up to which it stands in the report as it is; longer ones are packed (`packed`)."""
_TEMPLATE: dict[str, Any] = json.loads(plotly_template(Theme.LIGHT).to_json())

_PROFILE_HEADS = {
    "profession": "Profession",
    "experience_group": "Experience in dermatoscopy",
    "age_group": "Age",
    "gender": "Gender",
    "country": "Country of work",
}
_PROFILE_WORDS = PROFESSIONS | AGE_GROUPS | GENDERS | COUNTRIES
_NUMBER = re.compile(r"[<>]?\s*[+\N{MINUS SIGN}-]?\d")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True)
class _Figure:
    id: str
    number: int
    title: str
    description: str
    file: str
    data: str


def render_html(report: StudyReport) -> str:
    """The whole report as one HTML text."""
    css, script, plotly = _asset("report.css"), _asset("report.js"), _plotly()
    figures: list[_Figure] = []
    entries: dict[str, dict[str, Any]] = {}
    tables = 0
    for section in report.sections:
        drawn = [_figure(section, f, len(figures) + i) for i, f in enumerate(section.figures, start=1)]
        shown = [_table(t, tables + i) for i, t in enumerate(section.tables, start=1)]
        figures, tables = [*figures, *drawn], tables + len(shown)
        entries[section.key] = {"section": section, "figures": drawn, "tables": shown}
    chapters, contents, numbers = _chapters(report, entries)
    environment = Environment(
        loader=PackageLoader("dermdash.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    facts = report.facts
    return environment.get_template("report.html.jinja").render(
        report=report,
        facts=facts,
        question=(facts.protocol or {}).get("question", ""),
        policy=_policy(plotly, script),
        css=Markup(css),  # noqa: S704  these three are files of packages, not data
        script=Markup(script),  # noqa: S704
        plotly=_packed_plotly(),
        template=packed(json.dumps(_TEMPLATE, separators=(",", ":")).encode()),
        figures=figures,
        key_facts=_key_facts(report),
        reader_tables=[_counts_table(_PROFILE_HEADS[c], n, "Readers") for c, n in facts.readers.items()],
        case_tables=_case_tables(facts),
        chapters=chapters,
        contents=contents,
        numbers=numbers,
        general_methods=_general_methods(report),
        guidelines=GUIDELINES,
        known=known_facts(report),
        counted=counted,
    )


@cache
def _asset(name: str) -> str:
    return (files("dermdash.report") / "templates" / name).read_text("utf-8")


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source


@cache
def _packed_plotly() -> str:
    return packed(_plotly().encode())


def _policy(*scripts: str) -> str:
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _figure(section: Section, figure: ResultFigure, number: int) -> _Figure:
    drawn = json.loads(fitted(figure.make(Theme.LIGHT)).to_json())
    # The title stands in the caption; a second one above the plot would say it twice.
    layout = drawn.get("layout", {})
    if layout.pop("title", None):
        layout["margin"] = layout.get("margin", {}) | {"t": min(layout.get("margin", {}).get("t", 10), 34)}
    if layout.get("template") == _TEMPLATE:
        del layout["template"]  # every figure has it: it stands in the report once
    text = json.dumps(lean(without_links(drawn)), ensure_ascii=False, separators=(",", ":"))
    return _Figure(
        id=f"figure-{section.key}-{figure.name}",
        number=number,
        title=figure.title.rstrip("."),
        description=figure.description,
        file=f"{section.key}-{figure.name}",
        data=packed(text.encode()),
    )


def _table(table: ResultTable, number: int) -> dict[str, Any]:
    shown = table.shown.head(MOST_ROWS)
    cells = [[_cell(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    names = [str(name) for name in shown.columns]
    used = [i for i in range(len(names)) if i == 0 or any(row[i] for row in cells)]
    names, cells = [names[i] for i in used], [[row[i] for i in used] for row in cells]
    names, cells, footnotes = _remarks_as_footnotes(names, cells)
    heads = []
    for i, name in enumerate(names):
        known = [row[i] for row in cells if row[i]]
        numeric = bool(known) and sum(bool(_NUMBER.match(text)) for text in known) > len(known) / 2
        heads.append({"text": name, "number": i > 0 and numeric})
    data = to_safe_csv(table.numbers)
    long = len(data) > LONGEST_PLAIN_CSV
    return {
        "id": f"table-{table.name}",
        "name": table.name,
        "number": number,
        "title": table.title.rstrip("."),
        "heads": heads,
        "rows": [
            [
                _with_interval_below(text) if name in table.intervals else {"text": text, "interval": ""}
                for name, text in zip(names, row, strict=True)
            ]
            for row in cells
        ],
        "footnotes": footnotes,
        "more": len(table.shown) - len(shown),
        "note": table.note,
        "href": f"data:application/gzip;base64,{packed(data)}"
        if long
        else f"data:text/csv;charset=utf-8;base64,{base64.b64encode(data).decode()}",
        "file": f"{table.name}.csv{'.gz' if long else ''}",
    }


def _remarks_as_footnotes(
    names: list[str], cells: list[list[str]]
) -> tuple[list[str], list[list[str]], list[tuple[str, str]]]:
    """Take a last column of sentences out of a table: a letter in the first column then leads to the sentence."""
    if len(names) < 3 or not cells or max(len(row[-1]) for row in cells) <= _LONGEST_CELL:
        return names, cells, []
    texts = list(dict.fromkeys(row[-1] for row in cells if row[-1]))
    if len(texts) > len(_LETTERS):
        return names, cells, []
    letter = {text: _LETTERS[i] for i, text in enumerate(texts)}
    marked = [[row[0] + (f" [{letter[row[-1]]}]" if row[-1] else ""), *row[1:-1]] for row in cells]
    return names[:-1], marked, [(letter[text], text) for text in texts]


def _with_interval_below(text: str) -> dict[str, str]:
    """An estimate, and its interval for a line of its own; what was not computed says why on the same line."""
    if text.startswith(NOT_COMPUTED):
        return {"text": text, "interval": ""}
    estimate, bracket, interval = text.partition(" (")
    return {"text": estimate, "interval": bracket.lstrip() + interval}


def _cell(value: Any) -> str:
    return cell(value)


def _chapters(
    report: StudyReport, entries: dict[str, dict[str, Any]]
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
                    {"id": e["section"].key, "title": f"{e['number']} {e['section'].title}", "status": ""}
                    for e in c["sections"]
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
    entries: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    numbered = [entries[s.key] | {"number": f"{number}.{i}"} for i, s in enumerate(sections, start=1)]
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


def _key_facts(report: StudyReport) -> list[tuple[str, str, bool]]:
    facts = report.facts
    rows = [
        ("Readers", f"{facts.n_readers:,}" if facts.n_readers else "", False),
        ("Cases", f"{facts.n_cases:,}", False),
        ("Readings" if facts.n_readers else "Answers counted", f"{facts.n_readings:,}", False),
        ("Assistance", ", ".join(modality_label(m) for m in facts.modalities), False),
        ("Model", _model_name(facts), False),
        ("Data set", str((facts.dataset or {}).get("name", "")), False),
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
