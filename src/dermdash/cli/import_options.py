"""What can be asked of an import, once for every command that imports a data set."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from dermdash.cli.console import Json
from dermdash.dataset.formats.registry import RECOGNISED

PATHS_HELP = "Tables, folders, zip files (zip files in them, too) and tar files, with the images or without."
INTERRUPTED = "Interrupted. What was imported is kept; run the same command again to finish."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWish:
    """What a command was asked for; each field with the words of its option."""

    paths: Annotated[list[Path], typer.Argument(help=PATHS_HELP)]
    images: Annotated[
        list[Path] | None,
        typer.Option("--images", help="Folders and archives of images that are not among the paths; several may "
                     "follow one --images."),
    ] = None  # fmt: skip
    masks: Annotated[
        list[Path] | None, typer.Option("--masks", help="Folders and archives of lesion masks (white inside).")
    ] = None
    asked: Annotated[
        str | None, typer.Option("--format", help=f"Where several are found: {', '.join(RECOGNISED)}.")
    ] = None
    taxonomy: Annotated[
        str | None,
        typer.Option("--taxonomy", help="Of the diagnoses; otherwise that of the format, or that which fits best."),
    ] = None
    dataset: Annotated[str | None, typer.Option("--dataset", help="Id of the data set in the workspace.")] = None
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set as shown.")] = None
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", help="How the table is read instead: a YAML file (`dermdash import mapping` writes "
                     "one), or the name of a mapping of the workspace."),
    ] = None  # fmt: skip
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="Of tables (utf-8, cp1251, koi8-r, cp866 ...); found out otherwise."),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what was found and what would be done; store nothing, read no image.")
    ] = False
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: of several formats take the one with the most rows.")
    ] = False
    update: Annotated[
        bool, typer.Option("--update", help="Let rows whose records are there correct them; each change is logged.")
    ] = False
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes that prepare images; one per core when not given.")
    ] = None
    exclusions: Annotated[
        Path | None, typer.Option("--exclusions", help="Write everything that was left out, and why, to this CSV.")
    ] = None
    changes: Annotated[
        Path | None, typer.Option("--changes", help="Write what rows that came again say otherwise to this CSV.")
    ] = None
    problems: Annotated[
        Path | None,
        typer.Option("--problems", help="Write every value that cannot be used as it stands (table, row, column, "
                     "value, why) to this CSV."),
    ] = None  # fmt: skip
    pseudonyms: Annotated[
        bool,
        typer.Option("--pseudonyms", help="Store patients, lesions and examiners under keyed pseudonyms, dates moved "
                     "per patient, and no further columns."),
    ] = False  # fmt: skip
    as_json: Json = False


def import_command(
    run: Callable[[ImportWish], None], *, name: str, without: Collection[str] = (), **instead: inspect.Parameter
) -> Callable[..., None]:
    """A function with an option for every field of a wish, to be made a command.

    Parameters
    ----------
    without
        Fields that this command has no option for.
    instead
        Options that stand in the place of the field of that name, or, beside no field, first; what was given for the
        latter is handed over as the paths.
    """
    hints = get_type_hints(ImportWish, include_extras=True)
    parameters = [instead[key] for key in instead if key not in hints]
    extra = [parameter.name for parameter in parameters]
    for field in fields(ImportWish):
        if field.name not in without:
            own = parameter_of(field.name, hints[field.name], _default(field.default))
            parameters.append(instead.get(field.name, own))

    def command(**given: Any) -> None:
        if extra:
            given["paths"] = [given.pop(key) for key in extra]
        run(ImportWish(**given))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__name__ = name.replace("-", "_")
    return command


def parameter_of(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """A parameter of a command; without a default it has to be given."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _default(default: Any) -> Any:
    return default if isinstance(default, bool) or default is None else inspect.Parameter.empty
