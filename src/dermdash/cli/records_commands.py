"""`dermdash records`: the records that filters let through, and what their columns mean, as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, say
from dermdash.cli.where_option import Where
from dermdash.records.record_filter import SORT_KEYS
from dermdash.wording import counted

app = typer.Typer(no_args_is_help=True, help="Records of the workspace.")


@app.command("export")
def export_records(
    out: Annotated[Path, typer.Option("--out", help="CSV to write.")],
    where: Where = None,
    sort: Annotated[str, typer.Option(help=f"One of {', '.join(SORT_KEYS)}.")] = "image_id",
    descending: Annotated[bool, typer.Option("--descending", help="From the highest to the lowest.")] = False,
    hide_names: Annotated[
        bool,
        typer.Option(
            "--pseudonyms",
            help="Keyed pseudonyms for patients, lesions and examiners, and dates moved per patient.",
        ),
    ] = False,
    age_bins: Annotated[
        int | None, typer.Option("--age-bins", help="Ages in bins of 5 or 10 years, from 85 on as 85+.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="An earlier key of pseudonyms, by its id.")] = None,
    as_json: Json = False,
) -> None:
    """Write records as CSV, every field: what the Records page downloads."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.dataset import browse_records
        from dermdash.workflows.dataset.burned_in_text import text_state
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.write_output import write_output

        wanted = RecordFilter.from_words(where or ())
        page = browse_records.page_of_records(workspace, wanted, sort=sort, per_page=1)
        privacy = Privacy(hide_names, age_bins, key)
        data = browse_records.records_csv(workspace, wanted, sort=sort, descending=descending, privacy=privacy)
        state = text_state(workspace, wanted.chosen("dataset_id") or None)
        write_output(out, data)
    if as_json:
        hidden = {"pseudonyms": hide_names, "age_bins": age_bins}
        print_json({"out": str(out), "records": page.matching, "of": page.total, "hidden": hidden,
                    "images": state.to_json()})  # fmt: skip
        return
    say(f"{counted(page.matching, 'record')} of {page.total:,} written to {out}.")
    say(f"Images: {state.statement}")


@app.command("dictionary")
def write_dictionary(out: Annotated[Path, typer.Option("--out", help="CSV to write.")]) -> None:
    """Write what each column of the records CSV means, one row each."""
    with errors_explained():
        from dermdash.workflows.dataset.browse_records import dictionary_csv
        from dermdash.workflows.write_output import write_output

        write_output(out, dictionary_csv())
    say(f"Written to {out}.")
