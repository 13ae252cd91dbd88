"""A protocol as YAML that people read and change: what the template says may be left out."""

import difflib
import math
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import yaml

from dermdash.errors import InvalidInput
from dermdash.reader_study.protocol import NATURE_MEDICINE_2020, Protocol
from dermdash.reader_study.templates import get_template
from dermdash.records.yaml_text import read_yaml_text

SUFFIX = ".yaml"
MOST_BYTES = 256 * 1024
_ENTRIES = tuple(f.name for f in fields(Protocol))
_FIRST = ("template", "name", "question", "dataset_id", "model_id", "taxonomy", "seed", "cases_per_round", "rounds")
_NEEDED = ("name", "dataset_id", "taxonomy")
_TEXTS = ("name", "question", "consent_text", "consent_version", "dataset_id", "model_id")
"""What is text also where it looks like a number: a consent of version 2."""


def protocol_yaml(protocol: Protocol) -> str:
    """The protocol as a file that `parse_protocol` reads as an equal one."""
    values = protocol.as_values()
    ordered = {name: values[name] for name in (*_FIRST, *(n for n in _ENTRIES if n not in _FIRST))}
    body = yaml.safe_dump(_plain(ordered), sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    return f"# The protocol of a reader study. What is left out is as the template says.\n{body}"


def parse_entries(text: str, *, file: str, **given: Any) -> dict[str, Any]:
    """Read the entries of a protocol, which need not make one; ``given`` as of `parse_protocol`.

    Raises
    ------
    InvalidInput
        No YAML, or an entry that is missing or unknown; the message names the file.
    """
    raw = read_yaml_text(text, file=file, most_bytes=MOST_BYTES, what="protocol")
    if not isinstance(raw, dict):
        raise InvalidInput(f"{file}: expected entries such as name: and template:, one per line")
    values = {str(name): _of_json(value, f"{file}: {name}") for name, value in raw.items()} | given
    for name in _TEXTS:
        if isinstance(values.get(name), int | float) and not isinstance(values[name], bool):
            values[name] = str(values[name])
        if not isinstance(values.get(name), str | None):
            raise InvalidInput(f"{file}: {name} is {values[name]!r}: expected a text")
    for name in values:
        if name not in _ENTRIES:
            near = difflib.get_close_matches(name, _ENTRIES, 1)
            hint = f": did you mean {near[0]}?" if near else f"; there are {', '.join(_ENTRIES)}"
            raise InvalidInput(f"{file}: there is no entry {name!r}{hint}")
    if missing := [name for name in _NEEDED if not values.get(name)]:
        raise InvalidInput(f"{file} lacks {', '.join(missing)}")
    return values


def parse_protocol(text: str, *, file: str, **given: Any) -> Protocol:
    """Read a protocol; ``given`` entries come before those of the file (a data set of this workspace, say).

    Raises
    ------
    InvalidInput
        No YAML, an entry that is missing, unknown or not of its kind, or a design that cannot be; the message names the
        file.
    """
    values = parse_entries(text, file=file, **given)
    template = values.pop("template", NATURE_MEDICINE_2020)
    values.setdefault("model_id", None)
    values.setdefault("seed", 0)
    if not isinstance(template, str):
        raise InvalidInput(f"{file}: template is {template!r}: expected the key of one")
    try:
        return get_template(template).protocol(**values)
    except InvalidInput as error:
        raise InvalidInput(f"{file}: {error}") from None
    except (TypeError, ValueError, AttributeError, KeyError) as error:  # a list where a text should be, and the like
        raise InvalidInput(f"{file}: an entry is not of its kind ({error})") from None


def _of_json(value: Any, place: str) -> Any:
    """A value of a file as JSON has it; a day as it was written. Raises InvalidInput of what JSON cannot hold."""
    if isinstance(value, dict):
        return {str(key): _of_json(inner, place) for key, inner in value.items()}
    if isinstance(value, list):
        return [_of_json(inner, place) for inner in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str | int | None) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise InvalidInput(f"{place} holds neither a text nor a number: a text goes between quotation marks")


def _plain(value: Any) -> Any:
    """Enumerations as their text, tuples as lists: what YAML has."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
