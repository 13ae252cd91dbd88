"""YAML that somebody wrote by hand, as plain values: nothing is constructed, nothing multiplies itself."""

from typing import Any

import yaml

from dermdash.errors import InvalidInput

DEEPEST = 12
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml_text(text: str, *, file: str, most_bytes: int, what: str) -> Any:
    """The value of a document; parameters and errors are those of `refuse_hostile_yaml`."""
    refuse_hostile_yaml(text, file=file, most_bytes=most_bytes, what=what)
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 2020-13-45, which looks like a date
        raise no_yaml(file, error) from None


def refuse_hostile_yaml(text: str, *, file: str, most_bytes: int, what: str) -> None:
    """Return where a document may be read whole.

    Parameters
    ----------
    file, what
        How the file is called, and what it holds ("taxonomy"), for messages.
    most_bytes
        Longest text that is read.

    Raises
    ------
    InvalidInput
        It is longer, no YAML, nested more than `DEEPEST` deep, or refers to another of its places: a few lines of
        references to references stand for a list of billions of words.
    """
    if len(text.encode("utf-8", "replace")) > most_bytes:
        raise InvalidInput(f"{file}: larger than {most_bytes // 1024} KiB, which no {what} is")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise InvalidInput(f"{file}, line {line}: *{event.anchor} refers to another place: write it out")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    raise InvalidInput(f"{file}, line {line}: nested more than {DEEPEST} deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        raise no_yaml(file, error) from None


def no_yaml(file: str, error: Exception) -> InvalidInput:
    """The error to raise where the parser stopped."""
    return InvalidInput(f"{file} is no YAML: {' '.join(str(error).split())}")
