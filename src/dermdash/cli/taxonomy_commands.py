"""`dermdash taxonomy list | show | map | read | check | add`: which classes there are, and what words mean in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, tell
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, get_taxonomy
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.records.taxonomy import Taxonomy

app = typer.Typer(
    no_args_is_help=True,
    help="Taxonomies: dermdash's own and those of the workspace. They need no database, so the app may be open.",
)


@contextmanager
def _known() -> Iterator[Path]:
    """The folder of the workspace, whose taxonomies are known within; errors end the command with their message."""
    with errors_explained():
        from dermdash.settings import Settings

        home = Settings().home.resolve()
        TAXONOMIES.use_workspace(home)
        yield home


Name = Annotated[str, typer.Argument(help="Name of a taxonomy.")]
File = Annotated[
    Path,
    typer.Argument(help=f"YAML file; `dermdash taxonomy show {DEFAULT_TAXONOMY} --yaml` prints one to start from."),
]


@app.command("list")
def list_taxonomies(as_json: Json = False) -> None:
    """All taxonomies that can be named, and files of the workspace that cannot be used."""
    with _known():
        every, problems = dict(TAXONOMIES), dict(TAXONOMIES.problems)
        added = set(TAXONOMIES.added)
    if as_json:
        print_json(
            {
                "taxonomies": [
                    {"name": t.name, "title": t.title, "classes": list(t.codes), "of_the_workspace": t.name in added}
                    for t in every.values()
                ],
                "problems": problems,
            }
        )
        return
    for t in every.values():
        own = " (of the workspace)" if t.name in added else ""
        tell(f"{t.name:<14} {t.title}{own}: {', '.join(t.codes)}")
    for problem in problems.values():
        say(f"Cannot be used: {problem}")


@app.command("show")
def show(
    name: Name,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print it as a file to begin one's own with.")] = False,
    as_json: Json = False,
) -> None:
    """The classes of a taxonomy: code, name, origin, status, and how others spell it."""
    with _known():
        taxonomy = get_taxonomy(name)
        if as_yaml:
            from dermdash.records.taxonomies.taxonomy_file import taxonomy_yaml

            tell(taxonomy_yaml(taxonomy).rstrip("\n"))
            return
    if as_json:
        print_json(_as_dict(taxonomy))
        return
    tell(f"{taxonomy.title} ({taxonomy.name})")
    for text in (taxonomy.source, taxonomy.note):
        if text:
            tell(text)
    for c in taxonomy.classes:
        also = f"; also {', '.join(c.aliases)}" if c.aliases else ""
        tell(f"  {c.code:<24} {c.name}: {c.origin}, {c.status}{also}")


@app.command("map")
def map_classes(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The taxonomy whose classes are looked for.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The taxonomy they are looked for in.")],
    as_json: Json = False,
) -> None:
    """What becomes of each class of one taxonomy in another, and what is lost."""
    with _known():
        from dermdash.records.taxonomies.mapping import map_taxonomy

        of, to = get_taxonomy(source), get_taxonomy(target)
        mapped = map_taxonomy(of, to)
    if as_json:
        print_json({"from": of.name, "to": to.name, "classes": [m.as_dict() for m in mapped]})
        return
    for m in mapped:
        becomes = m.code or (f"{' or '.join(m.candidates)} (not decided)" if m.candidates else "nothing")
        tell(f"{m.source.code:<24} becomes {becomes}")
        for lost in m.lost:
            tell(f"    {lost}")


@app.command("read")
def read(
    texts: Annotated[list[str], typer.Argument(help="Diagnoses in words, or paths as Benign::...::Nevus.")],
    taxonomy: Annotated[str, typer.Option("--taxonomy", help="Into whose classes.")] = DEFAULT_TAXONOMY,
    as_json: Json = False,
) -> None:
    """Which class words of people mean, and how that was decided."""
    with _known():
        from dermdash.records.diagnosis_words import read_diagnosis, read_diagnosis_path

        of = get_taxonomy(taxonomy)
        found = [read_diagnosis_path([t], of) if "::" in t else read_diagnosis(t, of) for t in texts]
    if as_json:
        print_json({"taxonomy": of.name, "readings": [r.as_dict() for r in found]})
        return
    for r in found:
        may_be = f"; may be {', '.join(r.candidates)}" if r.candidates else ""
        tell(f"{r.text}: {r.code or 'no class'} ({r.how}{may_be})")


@app.command("check")
def check(file: File, as_json: Json = False) -> None:
    """Whether a file declares a taxonomy that could be added; nothing is kept."""
    with _known():
        from dermdash.workflows.taxonomies import check_taxonomy

        _tell_taxonomy(check_taxonomy(file), "can be added", as_json)


@app.command("add")
def add(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of the one of that name, which has the same codes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a taxonomy to the workspace: imports, models, studies and analyses then know it by its name."""
    with _known() as home:
        from dermdash.workflows.taxonomies import add_taxonomy

        _tell_taxonomy(add_taxonomy(home, file, replace=replace), "added", as_json)


def _tell_taxonomy(taxonomy: Taxonomy, what: str, as_json: bool) -> None:
    if as_json:
        print_json(_as_dict(taxonomy))
        return
    tell(f"{taxonomy.title} ({taxonomy.name}): {what}, {counted(len(taxonomy.classes), 'class', 'classes')}")
    for c in taxonomy.classes:
        if not c.covers:
            say(f"Of {c.code} it is not known which diagnoses it covers: words are read by its name and aliases alone.")


def _as_dict(taxonomy: Taxonomy) -> dict[str, object]:
    return {
        "name": taxonomy.name,
        "title": taxonomy.title,
        "source": taxonomy.source,
        "note": taxonomy.note,
        "classes": [
            {
                "code": c.code, "name": c.name, "origin": str(c.origin), "status": str(c.status),
                "aliases": list(c.aliases), "covers": list(c.covers),
            }
            for c in taxonomy.classes
        ],
    }  # fmt: skip
