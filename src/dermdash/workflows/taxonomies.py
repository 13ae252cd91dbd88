"""Taxonomies that a workspace adds to dermdash's own: files in its folder, read and written here.

They need no database: the app has it open while a command adds a taxonomy, and knows it from then on.
"""

from __future__ import annotations

from pathlib import Path

from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.taxonomies.known import read_taxonomy_file
from dermdash.records.taxonomies.taxonomy_file import SUFFIX, parse_taxonomy, taxonomy_yaml
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy
from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import whole_file


def check_taxonomy(source: Path | str, *, file: str = "") -> Taxonomy:
    """Read a taxonomy, from a file or from its text, that could be added.

    Raises
    ------
    InvalidInput
        It is none, has the name of one of dermdash's own, or a code that means another class elsewhere; the message
        names the place.
    """
    taxonomy = read_taxonomy_file(source) if isinstance(source, Path) else parse_taxonomy(source, file=file)
    TAXONOMIES.refuse_clash(taxonomy, file=source.name if isinstance(source, Path) else file)
    return taxonomy


def add_taxonomy(home: Path, source: Path | str, *, file: str = "", replace: bool = False) -> Taxonomy:
    """Check a taxonomy and keep it in the workspace, where everything knows it by its name from then on.

    Parameters
    ----------
    home
        Folder of the workspace.
    replace
        Take the place of one of that name. Its codes and their order must be the same: data sets, models and studies
        hold them; titles, names, status, aliases and covered diagnoses may change.

    Raises
    ------
    InvalidInput
        As `check_taxonomy`; or the workspace has one of that name that it may not take the place of.
    DermdashError
        The folder cannot be written.
    """
    taxonomy = check_taxonomy(source, file=file)
    folder = home / TAXONOMIES.FOLDER
    path = folder / f"{taxonomy.name}{SUFFIX}"
    if path.exists():
        there = read_taxonomy_file(path)
        if there != taxonomy and not replace:
            raise InvalidInput(
                f"the workspace has a taxonomy {taxonomy.name} already, and this one differs: give it another name, or "
                "replace that one, which needs the same codes in the same order"
            )
        if there.codes != taxonomy.codes:
            raise InvalidInput(
                f"{taxonomy.name} has the codes {', '.join(there.codes)}, and data sets and models may hold them: the "
                f"new one has {', '.join(taxonomy.codes)}. Give it another name"
            )
    keep_files_private()
    try:
        with whole_file(path) as passing:
            passing.write_text(taxonomy_yaml(taxonomy), "utf-8")
    except OSError as error:
        raise DermdashError(f"The folder {folder} cannot be written: {error.strerror}") from error
    return taxonomy
