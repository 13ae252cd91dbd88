"""What every file of results is made of: figures, tables, style and script, packed into one HTML text.

Everything out of files is escaped by the template. The drawing library, the data of figures and long CSV files stand
there packed (`packed`), and the report's script unpacks them. A content security policy lets only the library and that
script run (by their hash) and forbids every request, so that a name in the data can neither run nor load anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.charts.labels import fitted, untitled
from dermdash.charts.links import without_links
from dermdash.charts.palette import FONT, PRINT_FONT, Theme, plotly_template
from dermdash.records.safe_csv import to_safe_csv
from dermdash.report.lean_figure import lean
from dermdash.report.packed import packed
from dermdash.wording import NOT_COMPUTED, cell, counted

MOST_ROWS = 30
"""Rows of a table that are printed; the CSV has all of them."""
LONGEST_PLAIN_CSV = 1_000
"""Bytes of a CSV file up to which it stands in the report as it is; longer ones are packed (`packed`)."""
_TEMPLATE: dict[str, Any] = json.loads(plotly_template(Theme.LIGHT).to_json())
_PRINTED: dict[str, Any] = json.loads(
    plotly_template(Theme.LIGHT).to_json().replace(json.dumps(FONT), json.dumps(PRINT_FONT))
)
"""What figures look like in a report, once for all of them."""
_NUMBER = re.compile(r"[<>]?\s*[+\N{MINUS SIGN}-]?\d")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """A figure with its number; ``data`` is what the drawing library needs, packed."""

    id: str
    number: int
    title: str
    description: str
    file: str
    data: str


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A section with its figures and tables as the template prints them, numbered through the whole file."""

    section: Section
    figures: tuple[PrintedFigure, ...]
    tables: tuple[dict[str, Any], ...]
    number: str = ""


def printed_sections(sections: Sequence[Section]) -> tuple[PrintedSection, ...]:
    """Draw all figures and set all tables."""
    printed: list[PrintedSection] = []
    figures = tables = 0
    for section in sections:
        drawn = tuple(_figure(section, f, figures + i) for i, f in enumerate(section.figures, start=1))
        shown = tuple(_table(t, tables + i) for i, t in enumerate(section.tables, start=1))
        figures, tables = figures + len(drawn), tables + len(shown)
        printed.append(PrintedSection(section, drawn, shown))
    return tuple(printed)


def rendered(template: str, printed: Sequence[PrintedSection], content: Mapping[str, Any]) -> str:
    """Fill a template: with ``content``, and with all that the style, the figures and the script need."""
    css, script, plotly = _asset("report.css"), _asset("report.js"), _plotly()
    return (
        _environment()
        .get_template(template)
        .render(
            **content,
            policy=_policy(plotly, script),
            css=Markup(css),  # noqa: S704  these three are files of packages, not data
            script=Markup(script),  # noqa: S704
            plotly=_packed_plotly(),
            template=packed(json.dumps(_PRINTED, separators=(",", ":")).encode()),
            figures=[figure for entry in printed for figure in entry.figures],
            counted=counted,
        )
    )


def rendered_text(template: str, content: Mapping[str, Any]) -> str:
    """Fill a template that has the style of a report and neither figures nor a script."""
    return _environment().get_template(template).render(**content, css=Markup(_asset("report.css")))  # noqa: S704


@cache
def _environment() -> Environment:
    """One for all files: it keeps the templates that it has compiled."""
    return Environment(
        loader=PackageLoader("dermdash.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
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


@cache
def _policy(*scripts: str) -> str:
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _figure(section: Section, figure: ResultFigure, number: int) -> PrintedFigure:
    # The title stands in the caption.
    drawn = json.loads(fitted(untitled(figure.make(Theme.LIGHT))).to_json())
    layout = drawn.get("layout", {})
    if layout.get("template") == _TEMPLATE:
        del layout["template"]  # every figure has it: it stands in the report once
    text = json.dumps(lean(without_links(drawn)), ensure_ascii=False, separators=(",", ":"))
    return PrintedFigure(
        id=f"figure-{section.key}-{figure.name}",
        number=number,
        title=figure.title.rstrip("."),
        description=figure.description,
        file=f"{section.key}-{figure.name}",
        data=packed(text.encode()),
    )


def _table(table: ResultTable, number: int) -> dict[str, Any]:
    shown = table.shown.head(MOST_ROWS)
    cells = [[cell(value) for value in row] for row in shown.itertuples(index=False, name=None)]
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
