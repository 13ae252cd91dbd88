"""`dermdash import duplicates`: published lists of duplicates as evidence beside the findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.dataset.duplicate_lists import KnownPairs
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.lesion_identity.listed_duplicates import ListedDuplicates

_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("duplicates")(import_duplicates)


def import_duplicates(
    list_file: Annotated[
        Path,
        typer.Option(
            "--list",
            help="Table with two columns of images (image_id_1, image_id_2, or image_name_1, image_name_2, or "
            "from_img, to_img), or a file with one image a line.",
        ),
    ],
    dataset: Annotated[str, typer.Option("--dataset", help="Id of the data set that the list is about.")],
    source: Annotated[
        str | None, typer.Option("--source", help="What the list is called and where it is from; else its file's name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep what a published list of duplicates says as evidence beside the findings; nothing is removed."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.lesion_identity.listed_duplicates import import_duplicate_list

        listed = import_duplicate_list(workspace, OPERATOR, list_file, dataset_id=dataset, source=source)
    if as_json:
        print_json(listed.to_json())
    else:
        tell_listed(listed)


def keep_lists(workspace: Workspace, lists: Sequence[KnownPairs], dataset_id: str) -> list[ListedDuplicates]:
    """Keep what lists that lay among the files of a data set say of it; one about other images is said and left."""
    from dermdash.workflows.lesion_identity.listed_duplicates import keep_found

    kept, others = keep_found(workspace, lists, dataset_id=dataset_id)
    for problem in others:
        say(f"Note: {problem}")
    return kept


def tell_listed(listed: ListedDuplicates) -> None:
    """Print what a list says of a data set."""
    what = [counted(n, one) for n, one in ((listed.pairs, "pair"), (listed.images, "image")) if n]
    tell(f"{listed.source}: {' and '.join(what) or 'nothing'} listed, about data set {listed.dataset}")
    for words, count in (
        ("new findings", listed.new), ("known before", listed.joined), ("one lesion", listed.one_lesion),
        ("not any more", listed.dropped), ("not here", len(listed.unknown)), ("unusable", len(listed.unusable)),
    ):  # fmt: skip
        if count:
            tell(f"  {words:<15}  {count:>8,}")
    for title, names in (("not in the data set", listed.unknown), ("unusable", listed.unusable)):
        if names:
            more = f" and {len(names) - _SHOWN:,} more; --json lists all" if len(names) > _SHOWN else ""
            tell(f"  {title}: {', '.join(names[:_SHOWN])}{more}")
    for note in listed.notes:
        tell(f"  note: {note}")
    say("A list is evidence: decide about its pairs on the app's page Possible errors.")
