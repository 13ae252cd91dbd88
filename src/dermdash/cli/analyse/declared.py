"""The command of each analysis, made from its declaration: what it reads, what can be chosen, what it prints."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer

from dermdash.analyses.declaration import Analysis
from dermdash.analyses.options import Options
from dermdash.cli.analyse.output import name_reversal, print_result, print_section
from dermdash.cli.analyse.source import (
    ReadAs,
    ReverseRatings,
    Source,
    Stage3,
    Truth,
    WithoutMarked,
    opened_source,
    warnings_of,
)
from dermdash.cli.borderline_option import BorderlineOfSource
from dermdash.cli.console import Json, errors_explained
from dermdash.cli.spelling_option import Spellings
from dermdash.records.taxonomy import BorderlinePolicy

Model = Annotated[
    str | None, typer.Option("--model", help="Model of the workspace; default: the study's own, else the one in use.")
]
Predictions = Annotated[
    Path | None, typer.Option("--predictions", help="CSV of the model's probabilities by image, instead of a model.")
]
IncludeTrained = Annotated[
    bool, typer.Option("--include-trained", help="Also cases the model was trained on: its figures are too good then.")
]
_READING = {
    "truth": Truth,
    "spellings": Spellings,
    "reverse_ratings": ReverseRatings,
    "stage_3": Stage3,
    "borderline": BorderlineOfSource,
    "without_marked": WithoutMarked,
}
_MODEL = {"model": Model, "predictions": Predictions, "include_trained": IncludeTrained}
# Options of a model whose names the reading of a source or the choice of a model has taken.
_OTHER_NAMES = {"model": "model_"}


def add_commands(app: typer.Typer, analyses: tuple[Analysis, ...]) -> None:
    """One command for each analysis that has one, under its name and, hidden, under its key."""
    for analysis in analyses:
        if not analysis.command_name:
            continue
        command = _command(analysis)
        app.command(analysis.command_name, help=analysis.purpose)(command)
        if analysis.command_name != analysis.key:
            app.command(analysis.key, hidden=True, help=analysis.purpose)(command)


def _command(analysis: Analysis) -> Callable[..., None]:
    reading = [name for name in _READING if name != "reverse_ratings" or analysis.ratings]
    chosen = {_OTHER_NAMES.get(name, name): name for name in _asked(analysis.options)}

    def command(**given: Any) -> None:
        read_as = ReadAs(**{name: given[name] for name in reading})
        with errors_explained():
            options = analysis.options(**{name: _hashable(given[parameter]) for parameter, name in chosen.items()})
        model = {name: given[name] for name in _MODEL} if analysis.of_model else {}
        with opened_source(
            given["source"], read_as, counts=analysis.counts, ratings=analysis.reads_ratings, **model
        ) as (data, context):
            data = analysis.prepare(data, context)
            result = analysis.run(data, options, context)
            section = None
            if analysis.ratings or not given["as_json"]:
                section = analysis.told(result, data, options, None)
                name_reversal(section.warnings)
            if section is None or given["as_json"]:
                numbers = analysis.numbers(result, data, options)
                about = _envelope(analysis, data, options)
                about["answer_in_words"] = analysis.answer_of(result, data).as_dict()
                print_result({**numbers, **(about | numbers)}, warnings_of(data))
            else:
                print_section(section, warnings_of(data))

    parameters = [
        _parameter("source", Source, inspect.Parameter.empty),
        *(_parameter(name, _READING[name], _unsaid(name)) for name in reading),
        *(_option(parameter, name, analysis.options) for parameter, name in chosen.items()),
        *(_parameter(name, kind, _unsaid(name)) for name, kind in (_MODEL if analysis.of_model else {}).items()),
        _parameter("as_json", Json, False),
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__name__ = analysis.key.replace("-", "_")
    return command


def _envelope(analysis: Analysis, data: Any, options: Options) -> dict[str, Any]:
    """What every result says of itself."""
    about = getattr(data, "data", data)
    return {
        "analysis": analysis.key,
        "source": about.source,
        "protocol_sha256": getattr(data, "protocol_sha256", None),
        "simulated": getattr(data, "simulated", False),
        "exploratory": analysis.key not in getattr(data, "prespecified", ()),
        "options": options.echo(),
        "borderline": str(getattr(about, "borderline", BorderlinePolicy.BENIGN)),
    }


def _asked(options: type[Options]) -> list[str]:
    return [name for name, (_, control) in options.controls().items() if control.flag is not None]


def _parameter(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _unsaid(name: str) -> object:
    """What a switch or another option is where nothing was said."""
    return False if name in ("reverse_ratings", "stage_3", "include_trained", "without_marked") else None


def _option(parameter: str, name: str, options: type[Options]) -> inspect.Parameter:
    info, control = options.controls()[name]
    bounds: dict[str, Any] = {}
    kind = _listed(info.annotation)
    if set(get_args(kind) or (kind,)) & {int, float}:
        for part in info.metadata:
            bounds |= {to: getattr(part, at) for at, to in (("ge", "min"), ("le", "max")) if hasattr(part, at)}
    flag = control.flag or f"--{name.replace('_', '-')}"
    return _parameter(parameter, Annotated[kind, typer.Option(flag, help=info.description, **bounds)], info.default)


def _listed(kind: Any) -> Any:
    """The type as the command line knows it: a tuple of any length is a list, an option that is repeated."""
    if get_origin(kind) in (Union, UnionType):
        parts = [_listed(part) for part in get_args(kind) if part is not NoneType]
        return parts[0] | None
    if get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        return list[get_args(kind)[0]]  # type: ignore[misc]
    return kind


def _hashable(value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value
