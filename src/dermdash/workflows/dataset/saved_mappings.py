"""Mappings of a workspace: files in its folder, each under a name, so that the next table of that kind is read at once.

They need no database: the app has it open while a command saves one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dermdash.dataset.formats.mapped_source import fit_of_tables
from dermdash.dataset.formats.mapping import MAPPINGS, TableMapping
from dermdash.dataset.formats.mapping_file import MOST_BYTES, SUFFIX, read_mapping_bytes
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.yaml_entry import near
from dermdash.errors import DermdashError, InvalidInput
from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import whole_file

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
FITS = 0.8
"""Share of the columns of a mapping that a table must have for the mapping to be suggested."""


@dataclass(frozen=True, slots=True)
class SavedMappings:
    """Those that can be used by name, and what is wrong with the others."""

    mappings: dict[str, TableMapping]
    problems: dict[str, str]


def list_mappings(home: Path) -> SavedMappings:
    """All mappings of the workspace in that folder, by name."""
    found, problems = {}, {}
    for path in sorted((home / MAPPINGS).glob(f"*{SUFFIX}")):
        if not _NAME.fullmatch(path.stem):
            continue
        try:
            found[path.stem] = read_mapping_file(path)
        except DermdashError as error:
            problems[path.stem] = str(error)
    return SavedMappings(found, problems)


def find_mapping(home: Path, name_or_file: str) -> TableMapping:
    """The mapping of that name in the workspace, or in that file.

    Raises
    ------
    InvalidInput
        There is none, or it cannot be used.
    """
    if _NAME.fullmatch(name_or_file) and (saved := _path(home, name_or_file)).exists():
        return read_mapping_file(saved)
    path = Path(name_or_file)
    if path.is_file():
        return read_mapping_file(path)
    names = [p.stem for p in (home / MAPPINGS).glob(f"*{SUFFIX}")]
    said = f"; the workspace has {', '.join(sorted(names))}" if names else "; the workspace has none"
    raise InvalidInput(f"there is no mapping {name_or_file!r}{near(name_or_file, names)}: name a YAML file or a saved "
                       f"mapping{said}")  # fmt: skip


def read_mapping_file(path: Path) -> TableMapping:
    """Read one file; raises InvalidInput where it cannot be read or is no mapping."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    return read_mapping_bytes(data, file=path.name)


def save_mapping(home: Path, name: str, mapping: TableMapping, *, replace: bool = False) -> Path:
    """Keep a mapping in the workspace.

    Raises
    ------
    InvalidInput
        The name is not usable, or another mapping has it and may not be replaced.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"the name {name[:60]!r} is not usable: up to 40 small letters, digits, - and _, beginning with a letter "
            "or digit"
        )
    path, text = _path(home, name), mapping_yaml(mapping)
    if path.exists() and not replace and path.read_text("utf-8", "replace") != text:
        raise InvalidInput(f"the workspace has another mapping called {name}: replace it, or choose another name")
    keep_files_private()
    with whole_file(path) as passing:
        passing.write_text(text, "utf-8")
    return path


def delete_mapping(home: Path, name: str) -> None:
    """Take a mapping out of the workspace; raises InvalidInput where there is none of that name."""
    names = [p.stem for p in (home / MAPPINGS).glob(f"*{SUFFIX}")]
    if not _NAME.fullmatch(name) or name not in names:
        raise InvalidInput(f"the workspace has no mapping {name[:60]!r}{near(name, names)}")
    try:
        _path(home, name).unlink(missing_ok=True)
    except OSError as error:
        raise DermdashError(f"The folder {home / MAPPINGS} cannot be written: {error.strerror}") from error


def fitting_mappings(home: Path, tables: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Names of saved mappings that tables with these columns can be read by, the best first, with how many fit."""
    fits = [(name, fit_of_tables(mapping, tables)) for name, mapping in list_mappings(home).mappings.items()]
    return sorted((pair for pair in fits if pair[1] >= FITS), key=lambda pair: (-pair[1], pair[0]))


def _path(home: Path, name: str) -> Path:
    return home / MAPPINGS / f"{name}{SUFFIX}"
