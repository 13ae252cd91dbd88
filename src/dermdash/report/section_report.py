"""Sections of results as one HTML file with a head of facts: what is no study, and has no protocol or guidelines."""

from collections.abc import Sequence

from dermdash.analyses.section import Section
from dermdash.report.html_parts import printed_sections, rendered
from dermdash.report.software import software_versions


def render_sections(
    sections: Sequence[Section],
    *,
    kind: str,
    title: str,
    facts: Sequence[tuple[str, str]],
    paragraphs: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> str:
    """Return the file.

    Parameters
    ----------
    kind
        What it is ("Agreement report"), above the title.
    facts
        Names and values of the table at its head.
    paragraphs
        What is said before the results.
    warnings
        What has to stand above everything.
    """
    references = sorted({text for section in sections for text in section.references}, key=str.casefold)
    printed = printed_sections(sections)
    content = {
        "kind": kind,
        "title": title,
        "facts": facts,
        "paragraphs": paragraphs,
        "warnings": warnings,
        "sections": printed,
        "references": references,
        "software": software_versions(),
    }
    return rendered("sections.html.jinja", printed, content)
