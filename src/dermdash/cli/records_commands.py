"""`dermdash records`: the records that filters let through as CSV or DICOM files, and what the columns mean."""

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, progress_bar, say
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.cli.where_option import Where
from dermdash.records.record_filter import SORT_KEYS
from dermdash.wording import counted, percent

app = typer.Typer(no_args_is_help=True, help="Records of the workspace.")


@app.command("export")
def export_records(
    out: Annotated[Path, typer.Option("--out", help="CSV to write.")],
    where: Where = None,
    sort: Annotated[str, typer.Option(help=f"One of {', '.join(SORT_KEYS)}.")] = "image_id",
    descending: Annotated[bool, typer.Option("--descending", help="From the highest to the lowest.")] = False,
    hide_names: HideNames = False,
    age_bins: Annotated[
        int | None, typer.Option("--age-bins", help="Ages in bins of 5 or 10 years, from 85 on as 85+.")
    ] = None,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write records as CSV, every field: what the Records page downloads."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.dataset import browse_records
        from dermdash.workflows.dataset.deidentification_state import text_state
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.write_output import write_output

        wanted = RecordFilter.from_words(where or ())
        numbers = browse_records.record_numbers(workspace, wanted)
        privacy = Privacy(hide_names, age_bins, key)
        data = browse_records.records_csv(workspace, wanted, sort=sort, descending=descending, privacy=privacy)
        state = text_state(workspace, wanted.chosen("dataset_id") or None)
        write_output(out, data)
    if as_json:
        hidden = {"pseudonyms": hide_names, "age_bins": age_bins}
        print_json({"out": str(out), "records": numbers.matching, "of": numbers.total, "rejected": numbers.rejected,
                    "hidden": hidden, "images": state.to_json()})  # fmt: skip
        return
    say(f"{counted(numbers.matching, 'record')} of {numbers.total:,} written to {out}.")
    if numbers.rejected:
        left_out = counted(numbers.rejected, "record")
        say(f"{left_out} left out: rejected for image quality (`--where acquisition=rejected`).")
    say(names_words(privacy.words, hidden=hide_names))
    say(f"Images: {state.statement}")


@app.command("completeness")
def show_completeness(where: Where = None, as_json: Json = False) -> None:
    """How complete the records are: by data set, block and field, and which details they have."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.dataset.browse_records import dataset_names
        from dermdash.workflows.dataset.completeness import completeness_of_datasets

        found = completeness_of_datasets(workspace, RecordFilter.from_words(where or ()))
        names = dataset_names(workspace)
    if as_json:
        print_json(found.as_dict())
        return
    if not found.together.records:
        say("No record passes.")
        return
    for key, of_dataset in found.datasets.items():
        n = counted(of_dataset.records, "record")
        say(f"{names.get(key, key)}: {percent(of_dataset.share)} of the fields of {n}")
        for block in of_dataset.blocks:
            fields = ", ".join(f"{field.field.title} {percent(field.share, 0)}" for field in block.fields)
            say(f"  {block.block} {percent(block.share, 0)}: {fields}")
        said = [detail for detail in of_dataset.details if detail.filled]
        if said:
            say(f"  Beside the fields: {', '.join(f'{d.field.title} {percent(d.share, 0)}' for d in said)}")
        if of_dataset.further:
            say(f"  Further columns of the source: {counted(of_dataset.further, 'record')}")


@app.command("export-dicom")
def export_dicom_files(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to; made where it is missing.")],
    where: Where = None,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write the images of records as DICOM files (dermoscopy of Supplement 221), with age, sex and site."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.dataset.deidentification_state import text_state
        from dermdash.workflows.dataset.export_dicom import export_dicom
        from dermdash.workflows.dataset.private_export import Privacy

        wanted = RecordFilter.from_words(where or ())
        privacy = Privacy(hide_names, key_id=key)
        with progress_bar("Writing", unit="images") as advance:
            done = export_dicom(workspace, wanted, out, privacy=privacy, progress=lambda at, of: advance(at, of, ""))
        state = text_state(workspace, wanted.chosen("dataset_id") or None)
    for record_id, why in done.left_out.items():
        say(f"Left out: {record_id}: {why}")
    if as_json:
        hidden = {"pseudonyms": hide_names}
        print_json({"out": str(out), "written": done.written, "left_out": done.left_out, "hidden": hidden,
                    "images": state.to_json()})  # fmt: skip
        return
    say(f"{counted(done.written, 'DICOM file')} written to {out}.")
    say(names_words(privacy.words, hidden=hide_names))
    say(f"Images: {state.statement}")


@app.command("dictionary")
def write_dictionary(out: Annotated[Path, typer.Option("--out", help="CSV to write.")]) -> None:
    """Write what each column of the records CSV means, one row each."""
    with errors_explained():
        from dermdash.workflows.dataset.browse_records import dictionary_csv
        from dermdash.workflows.write_output import write_output

        write_output(out, dictionary_csv())
    say(f"Written to {out}.")
