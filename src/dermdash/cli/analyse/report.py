"""`dermdash analyse report`: every analysis of a study or a log in one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.declared import IncludeTrained, Model, Predictions
from dermdash.cli.analyse.source import (
    ReadAs,
    ReverseRatings,
    Source,
    Stage3,
    Truth,
    WithoutMarked,
    opened_source,
)
from dermdash.cli.borderline_option import BorderlineOfSource
from dermdash.cli.console import Json, print_json, progress_bar, say, tell
from dermdash.cli.spelling_option import Spellings

if TYPE_CHECKING:
    from dermdash.report.study_report import StudyReport


@app.command("report")
def report(
    source: Source,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")] = Path("report.html"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print it to PDF beside the HTML.")] = False,
    archive: Annotated[
        bool, typer.Option("--zip", help="Also write a zip of the HTML, the numbers as JSON and every table as CSV.")
    ] = False,
    appendix: Annotated[
        bool, typer.Option("--appendix", help="Also every analysis in full, with its tables, methods and guidelines.")
    ] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Leave the pictures of the worst cases in the workspace.")
    ] = False,
    only: Annotated[
        str | None, typer.Option("--only", help="Analyses to do, separated by commas; default: all that can be done.")
    ] = None,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    without_marked: WithoutMarked = False,
    borderline: BorderlineOfSource = None,
    model: Model = None,
    predictions: Predictions = None,
    include_trained: IncludeTrained = False,
    as_json: Json = False,
) -> None:
    """Write a self-contained report of two pages; with --appendix every analysis in full behind them."""
    read_as = ReadAs(truth, spellings, reverse_ratings, stage_3, borderline, without_marked)
    with opened_source(
        source, read_as, counts=True, model=model, predictions=predictions, include_trained=include_trained
    ) as (table, context):
        from dermdash.report.html_report import render_html
        from dermdash.report.study_report import build_report, chosen_analyses

        keys = None if only is None else only.split(",")
        chosen_analyses(keys)
        with progress_bar("Report") as advance:
            made = build_report(table, context, only=keys, progress=advance, pictures=not no_pictures)
        html = render_html(made, appendix=appendix)
        written = _write(made, html, out, pdf=pdf, archive=archive)
    if as_json:
        print_json(made.as_dict() | written)
        return
    for warning in made.facts.warnings:
        tell(f"Warning: {warning}")
    for section in made.sections:
        tell(f"done      {section.key}: {section.title}")
    for entry in made.not_done:
        tell(f"not done  {entry.key}: {entry.reason}")
    for name in ("html", "pdf", "zip"):
        if written[name]:
            tell(f"written   {written[name]}")


def _write(made: "StudyReport", html: str, out: Path, *, pdf: bool, archive: bool) -> dict[str, Any]:
    from dermdash.errors import NotFound
    from dermdash.report.archive import report_archive
    from dermdash.report.pdf import render_pdf
    from dermdash.workflows.write_output import write_output

    written: dict[str, Any] = {"html": str(out), "pdf": None, "pdf_reason": None, "zip": None}
    write_output(out, html.encode())
    printed: bytes | None = None
    if pdf:
        try:
            printed = render_pdf(html)
            written["pdf"] = str(out.with_suffix(".pdf"))
            write_output(out.with_suffix(".pdf"), printed)
        except NotFound as error:
            written["pdf_reason"] = str(error)
            say(f"No PDF: {error}")
    if archive:
        written["zip"] = str(out.with_suffix(".zip"))
        write_output(out.with_suffix(".zip"), report_archive(made, html, printed))
    return written
