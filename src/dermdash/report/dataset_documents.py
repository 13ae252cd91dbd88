"""A document about a data set with its answers: Markdown, HTML, PDF, and the responsible-AI fields of Croissant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dermdash.analyses.label_agreement.run import label_agreement
from dermdash.dataset.documents.computed import COMPUTED
from dermdash.dataset.documents.croissant_rai import croissant_fields
from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.document import (
    ANSWERED,
    NOBODY,
    NOT_KNOWN,
    OPEN,
    DatasetDocument,
    FilledDocument,
    FilledItem,
)
from dermdash.errors import InvalidInput
from dermdash.records.visible_text import visible_text
from dermdash.report.html_parts import rendered_text
from dermdash.report.pdf import render_pdf
from dermdash.report.software import software_versions
from dermdash.storage.dataset_answers import UNKNOWN
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, day, number, number_interval
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.dataset.dataset_answers import DatasetAnswer, dataset_answers
from dermdash.workflows.exports.collect_facts import collect_facts
from dermdash.workflows.verification.annotated_records import annotated_records

SUFFIXES = (".md", ".html", ".pdf", ".json")
SIMULATED = "The images of this data set are drawn by a program; no photograph and no patient is behind them."
_DRAWS = 500
_WORDS = {"alpha": "Krippendorff's alpha", "percent": "share of equal pairs", "ac1": "Gwet's AC1"}


def facts_of_dataset(workspace: Workspace, actor: Account, dataset_id: str) -> DatasetFacts:
    """The numbers of a data set, with how far its reviewers agree.

    Raises
    ------
    AccessDenied, NotFound
        As `collect_facts` says.
    """
    return collect_facts(workspace, actor, dataset_id, agreement=_agreement(workspace, actor, dataset_id))


def fill_document(
    document: DatasetDocument, facts: DatasetFacts, answers: Mapping[str, DatasetAnswer], *, made_at: datetime
) -> FilledDocument:
    """A document with what numbers and people answer."""
    return FilledDocument(
        document,
        facts.dataset_id,
        facts.name,
        {item.id: _filled(item, facts, answers.get(item.answer)) for item in document.items},
        facts.version,
        day(made_at),
        facts.simulated,
    )


def _filled(item: Any, facts: DatasetFacts, answer: DatasetAnswer | None) -> FilledItem:
    computed = COMPUTED[item.answer](facts) if item.answer in COMPUTED else ""
    unknown = answer is not None and answer.state == UNKNOWN
    text = answer.text if answer is not None else ""
    state = NOT_KNOWN if unknown else ANSWERED if computed or text else OPEN
    by, on = ("", "") if answer is None else (answer.by, day(answer.at))
    return FilledItem(item, computed, text, by, on, state)


def dataset_document(
    workspace: Workspace, actor: Account, document: DatasetDocument, dataset_id: str
) -> FilledDocument:
    """A document about a data set as it stands.

    Raises
    ------
    AccessDenied, NotFound
        As `collect_facts` says.
    """
    facts = facts_of_dataset(workspace, actor, dataset_id)
    return fill_document(document, facts, dataset_answers(workspace, dataset_id), made_at=datetime.now(UTC))


def written(filled: FilledDocument, suffix: str) -> bytes:
    """The document as a file.

    Raises
    ------
    InvalidInput
        It is written in no such format.
    NotFound
        For a PDF a browser is needed, and there is none.
    """
    if suffix == ".md":
        return markdown(filled).encode()
    if suffix == ".html":
        return html(filled).encode()
    if suffix == ".pdf":
        return render_pdf(html(filled))
    raise InvalidInput(
        f"a document is written as {', '.join(SUFFIXES[:-1])}, not as {suffix or 'a file without ending'}"
    )


def markdown(filled: FilledDocument) -> str:
    """The document as Markdown; what people wrote stands in it as text, without meaning anything to a program.

    Who answered is left out, as from every file about labels: the workspace knows it.
    """
    lines = [f"# {_plain(filled.dataset)}: {filled.document.title}", "", *(f"- {n}: {v}" for n, v in _head(filled)), ""]
    if filled.simulated:
        lines += [f"**{SIMULATED}**", ""]
    for section in filled.document.sections:
        lines += [f"## {section.title}", ""]
        for item in section.items:
            one = filled.items[item.id]
            lines += [f"### {item.id} {item.question}", ""]
            for text in one.words:
                lines += [f"*{NOBODY}*" if text == NOBODY else _plain(text), ""]
            if one.on:
                lines += [f"*Answered {one.on}*", ""]
    return "\n".join(lines)


_SIGNS = "\\`*_{}[]<>#|!~"


def _plain(text: str) -> str:
    """Text whose signs mean nothing in Markdown."""
    return visible_text("".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text))


def html(filled: FilledDocument) -> str:
    """The document as one HTML file that loads and runs nothing."""
    sections = [
        (section.title, [(item, filled.items[item.id]) for item in section.items])
        for section in filled.document.sections
    ]
    return rendered_text(
        "document.html.jinja",
        {
            "title": visible_text(filled.dataset), "kind": filled.document.title, "head": _head(filled),
            "sections": sections, "nobody": NOBODY, "warning": SIMULATED if filled.simulated else "",
            "software": software_versions(), "visible": visible_text,
        },
    )  # fmt: skip


def _head(filled: FilledDocument) -> list[tuple[str, str]]:
    said = [
        ("Data set", filled.dataset_id),
        ("Questions", filled.document.source),
        ("Answers", filled.completeness),
        ("Made", filled.made_on),
    ]
    return [*said, ("State", filled.version)] if filled.version else said


def croissant_description(workspace: Workspace, actor: Account, dataset_id: str) -> dict[str, Any]:
    """What Croissant says of a data set beside its files: description, licence, version, responsible-AI fields.

    Raises
    ------
    AccessDenied, NotFound
        As `collect_facts` says.
    """
    facts = facts_of_dataset(workspace, actor, dataset_id)
    answers = dataset_answers(workspace, dataset_id)
    said = {key: a.text for key, a in answers.items() if a.text and a.state != UNKNOWN}
    return croissant_fields(facts, {key: made(facts) for key, made in COMPUTED.items()}, said)


def _agreement(workspace: Workspace, actor: Account, dataset_id: str) -> list[str]:
    """How far the reviewers agree, in sentences; that nobody can say it, where there is nothing to compare."""
    try:
        found = label_agreement(annotated_records(workspace, actor, dataset_id), replicates=_DRAWS)
    except InvalidInput as nothing:
        return [f"Agreement cannot be given: {nothing}."]
    whole = found.overall
    told = [
        f"{_WORDS[c.statistic]} {number_interval(c.value, c.low, c.high)}"
        for c in whole.coefficients
        if c.statistic in _WORDS and c.value is not None
    ]
    base = f"{counted(whole.reviewers, 'reviewer')}, {counted(whole.records, 'record')}, "
    base += counted(whole.answers, "answer")
    said = [f"Agreement on the class ({base}): {'; '.join(told)}." if told else f"Agreement cannot be given ({base})."]
    by_class = [
        f"{part.value} {number(c.value)}"
        for part in found.by_class
        for c in part.coefficients
        if c.statistic == "alpha" and c.value is not None
    ]
    return [*said, *([f"Alpha by class: {', '.join(by_class)}."] if by_class else [])]
