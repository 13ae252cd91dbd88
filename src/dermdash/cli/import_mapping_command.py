"""`dermdash import mapping | mappings`: how a table may be read, as a file to edit; and those saved."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, tell
from dermdash.wording import counted, percent

Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Of the table (utf-8, cp1251, koi8-r, cp866 ...); found out otherwise.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("mapping", help="Propose how a table is read, column by column, as YAML to edit and use.")(_propose)
    app.command("mappings", help="The mappings of the workspace: list, show, save, delete.")(_saved)


def _propose(
    tables: Annotated[
        list[Path],
        typer.Argument(help="The table, of any kind (CSV, Excel, Parquet, JSON), or several that belong together."),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Write the YAML here; printed otherwise.")] = None,
    taxonomy: Annotated[str | None, typer.Option("--taxonomy", help="Of its diagnoses; else that which fits.")] = None,
    encoding: Encoding = None,
    as_json: Json = False,
) -> None:
    with errors_explained():
        from dermdash.dataset.formats.source_proposal import share_matched
        from dermdash.records.taxonomy import TAXONOMIES, get_taxonomy
        from dermdash.settings import Settings
        from dermdash.workflows.dataset.propose_mapping import proposal_of, proposal_yaml
        from dermdash.workflows.dataset.saved_mappings import fitting_mappings
        from dermdash.workflows.write_output import write_output

        home = Settings().home
        TAXONOMIES.use_workspace(home.resolve())
        if taxonomy is not None:
            get_taxonomy(taxonomy)
        proposal = proposal_of(tables, taxonomy=taxonomy, encoding=encoding)
        text = proposal_yaml(proposal)
        fitting = fitting_mappings(home, [table.table.columns for table, _ in proposal.tables])
        shown = " ".join(map(str, tables))
        if out is not None:
            write_output(out, text.encode())
    if as_json:
        columns = [
            {"table": table.name, "name": c.name, "to": c.to, "confidence": c.confidence, "why": c.why,
             "examples": list(c.examples), "unit": c.unit, "picture": c.picture, "left_out": c.left_out}
            for table, found in proposal.tables
            for c in found.columns
        ]  # fmt: skip
        print_json(
            {
                "taxonomy": proposal.taxonomy,
                "columns": columns,
                "joins": [asdict(join) for join in proposal.joins],
                "fits": [asdict(fit) for fit in proposal.fits],
                "unused": list(proposal.unused),
                "fitting": [name for name, _ in fitting],
            }
        )
    elif out is None:
        tell(text.rstrip("\n"))
    else:
        say(f"Written to {out}: edit it, then `dermdash import table {shown} --mapping {out} --dry-run`.")
    for fit in proposal.fits:
        say(f"{fit.table} is joined by {fit.column}: {share_matched(fit)} of images find a row there"
            + (f"; not {', '.join(one[3] for one in fit.absent[:5])}" if fit.absent else "")
            + (f"; {counted(len(fit.spare), 'row')} of no image" if fit.spare else ""))  # fmt: skip
    for name in proposal.unused:
        say(f"{name} is not used: no column of it fits to another table.")
    for name, share in fitting:
        say(f"The saved mapping {name} fits ({percent(share, 0)} of its columns): --mapping {name}")


def _saved(
    show: Annotated[str | None, typer.Option("--show", help="Print the one of this name as YAML.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Check this YAML file and keep it.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Under which name; that of the file otherwise.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of the one of that name.")] = False,
    delete: Annotated[str | None, typer.Option("--delete", help="Take the one of this name away.")] = None,
    as_json: Json = False,
) -> None:
    with errors_explained():
        from dermdash.dataset.formats.mapping_text import mapping_yaml
        from dermdash.records.taxonomy import TAXONOMIES
        from dermdash.settings import Settings
        from dermdash.workflows.dataset.saved_mappings import (
            delete_mapping,
            find_mapping,
            list_mappings,
            read_mapping_file,
            save_mapping,
        )

        home = Settings().home
        TAXONOMIES.use_workspace(home.resolve())
        if show is not None:
            tell(mapping_yaml(find_mapping(home, show)).rstrip("\n"))
            return
        if save is not None:
            kept = save_mapping(home, name or save.stem.lower(), read_mapping_file(save), replace=replace)
            say(f"Saved as {kept.stem}.")
        if delete is not None:
            delete_mapping(home, delete)
            say(f"{delete} was deleted.")
        saved = list_mappings(home)
    if as_json:
        listed = [{"name": n, "columns": list(m.columns), "taxonomy": m.taxonomy, "dataset": m.dataset}
                  for n, m in saved.mappings.items()]  # fmt: skip
        print_json({"mappings": listed, "problems": saved.problems})
        return
    for called, mapping in saved.mappings.items():
        tell(f"{called:<20} {mapping.taxonomy or 'any taxonomy'}: {', '.join(mapping.columns)}")
    for problem in saved.problems.values():
        say(f"Cannot be used: {problem}")
    if not saved.mappings and not saved.problems:
        say("No mapping is saved. `dermdash import mapping TABLE --out FILE.yaml` proposes one.")
