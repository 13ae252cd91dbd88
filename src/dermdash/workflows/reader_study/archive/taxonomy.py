"""The classes of a study that are not dermdash's own: they travel with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dermdash.records.taxonomies.known import OWN
from dermdash.records.taxonomies.taxonomy_file import SUFFIX, parse_taxonomy, taxonomy_yaml
from dermdash.records.taxonomy import TAXONOMIES, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.archive.layout import TAXONOMY
from dermdash.workflows.reader_study.archive.read import OpenedArchive
from dermdash.workflows.taxonomies import add_taxonomy


def taxonomy_files(names: Iterator[str] | list[str]) -> dict[str, bytes]:
    """Files of these taxonomies, but for those that every dermdash knows."""
    return {
        f"{TAXONOMY}{name}{SUFFIX}": taxonomy_yaml(get_taxonomy(name)).encode()
        for name in sorted(set(names) - set(OWN))
    }


def keep_taxonomy(workspace: Workspace, archive: OpenedArchive) -> None:
    """Add the taxonomies of an archive to a workspace; one that is there and differs is refused (InvalidInput)."""
    for name in archive.names(TAXONOMY):
        text = archive.read(name).decode("utf-8", errors="replace")
        add_taxonomy(workspace.home, text, file=f"{archive.name}: {name}")


@contextmanager
def taxonomy_known(archive: OpenedArchive) -> Iterator[None]:
    """Know the taxonomies of an archive for a while, where no workspace keeps them."""
    texts = {name: archive.read(name).decode("utf-8", errors="replace") for name in archive.names(TAXONOMY)}
    found = [parse_taxonomy(text, file=name) for name, text in texts.items()]
    with TAXONOMIES.with_added(found):
        yield
