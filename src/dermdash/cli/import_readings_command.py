"""`dermdash import readings`: the log of another reader study into the workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.analyse.output import name_reversal
from dermdash.cli.analyse.source import ReadAs, ReverseRatings
from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, say, tell
from dermdash.cli.spelling_option import Spellings, option_said, options_named
from dermdash.errors import InvalidInput

if TYPE_CHECKING:
    from dermdash.workflows.readings.import_reading_log import LogSummary

_MOST_MAPPING_BYTES = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("readings")(import_readings)


def import_readings(
    files: Annotated[
        list[Path], typer.Argument(help="The log: a CSV, .imrmc or zip file, a folder, or the files of all phases.")
    ],
    format: Annotated[
        str,
        typer.Option(
            help="auto recognises it; else the name of a format, as docs/analysis/reading_logs.md lists them; a name "
            "that is none is answered with all."
        ),
    ] = "auto",
    truth: Annotated[
        Path | None, typer.Option("--truth", help="CSV with the true diagnosis of each image, where the log has none.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            help="JSON file of a mapping, or COLUMN=OURS (again for each). Values: OURS:VALUE=MEANING, and "
            "OURS:*=VALUE for the whole file."
        ),
    ] = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    name: Annotated[str | None, typer.Option("--name", help="Name of the log as shown.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the log is and keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import readings: recognise the log, check it, and keep it beside the studies."""
    read_as = ReadAs(truth, spellings, reverse_ratings)
    if dry_run:
        with errors_explained(), options_named():
            from dermdash.workflows.readings.import_reading_log import preview

            summary, _ = preview(
                _source(files),
                format=format,
                truth=truth,
                mapping=_mapping(mapping),
                name=name,
                **read_as.of_names_and_ratings,
            )
        _print(summary, {"id": None}, as_json)
        return
    with command_workspace() as workspace, options_named():
        from dermdash.workflows.readings.import_reading_log import import_reading_log

        log, summary = import_reading_log(
            workspace,
            _source(files),
            format=format,
            truth=truth,
            mapping=_mapping(mapping),
            name=name,
            **read_as.of_names_and_ratings,
        )
    _print(summary, {"id": log.id, "name": log.name}, as_json)
    if not as_json:
        say(f"Kept as {log.key}. Analyse it with `dermdash analyse ... {log.id}`, or on the app's pages.")


def _source(files: list[Path]) -> Path | list[Path]:
    return files[0] if len(files) == 1 else files


def _mapping(given: list[str] | None) -> dict[str, str] | None:
    """Put ``column=ours`` and JSON files together; what comes later wins."""
    found: dict[str, str] = {}
    for text in given or ():
        path = Path(text)
        column, equals, ours = text.rpartition("=")
        if path.suffix.lower() == ".json" or not equals:
            found |= _mapping_file(path)
        else:
            found[column.strip()] = ours.strip()
    return found or None


def _mapping_file(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > _MOST_MAPPING_BYTES:
            raise InvalidInput(f"the mapping {path} has more than {_MOST_MAPPING_BYTES:,} bytes")
        value = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InvalidInput(
            f"the mapping {str(path)!r} is neither COLUMN=OURS nor a file that can be read: {error.strerror}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the mapping {path} is no JSON: {error}") from error
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise InvalidInput(f'the mapping {path} must be one JSON object of texts: {{"their column": "our column"}}')
    return value


def _print(summary: LogSummary, kept: dict[str, Any], as_json: bool) -> None:
    name_reversal(summary.warnings)
    warnings = option_said(summary.warnings, summary.alike, again=kept["id"] is not None)
    if as_json:
        print_json(summary.as_dict() | {"warnings": list(warnings)} | kept)
        return
    tell(f"{kept.get('name') or summary.name}: {summary.recognised}")
    for warning in warnings:
        tell(f"  Warning: {warning}")
    what = "answers counted" if summary.aggregate else "readings"
    rows: list[tuple[str, int | None]] = [
        (what, summary.readings),
        ("readers", summary.readers),
        ("cases", summary.cases),
        ("cases with truth", summary.with_truth),
        ("pairs", summary.pairs),
        ("without their other half", summary.unpaired),
    ]
    for label, value in rows:
        if label != "without their other half" or value:
            tell(f"  {label:<26}{'not told apart' if value is None else format(value, ','):>14}")
    if summary.modalities:
        tell(f"  assistance: {', '.join(summary.modalities)}")
    for reason, count in summary.excluded.items():
        tell(f"  left out: {reason}: {count:,}")
    for note in summary.notes:
        tell(f"  note: {note}")
