"""YAML that somebody wrote by hand, as plain values: nothing is constructed, nothing multiplies itself."""

from typing import Any

import yaml

from dermdash.errors import InvalidInput

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml_text(text: str, *, file: str, most_bytes: int, what: str) -> Any:
    """The value of a document.

    Parameters
    ----------
    file, what
        How the file is called, and what it holds ("taxonomy"), for messages.
    most_bytes
        Longest text that is read.

    Raises
    ------
    InvalidInput
        It is longer, no YAML, or uses an alias.
    """
    if len(text.encode()) > most_bytes:
        raise InvalidInput(f"{file}: larger than {most_bytes // 1024} KiB, which no {what} is")
    try:
        # A few lines of aliases of aliases stand for a list of billions of words.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_LOADER)):
            raise InvalidInput(f"{file}: an alias (*name) is not read here; write out what it stands for")
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2020-13-45, which looks like a date
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"{file} is no YAML: {' '.join(str(error).split())}") from None
