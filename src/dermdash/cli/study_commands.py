"""`dermdash study`: studies and their results."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.wording import counted

app = typer.Typer(no_args_is_help=True, help="Reader studies and their results.")


class ExportFormat(StrEnum):
    """Layouts of exported readings."""

    READINGS = "readings"
    NATURE_MEDICINE = "nature-medicine"


class Decimal(StrEnum):
    """Decimal sign of the Nature Medicine layout."""

    COMMA = "comma"
    POINT = "point"

    @property
    def sign(self) -> Literal[",", "."]:
        """The character."""
        return "," if self is Decimal.COMMA else "."


@app.command("list")
def list_studies(as_json: Json = False) -> None:
    """List the studies, newest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study import study_results

        known = study_results.list_studies(workspace)
    shown = ("id", "name", "dataset_id", "readers", "readings", "simulated", "frozen_at", "protocol_sha256")
    if as_json:
        print_json({"studies": [{key: study[key] for key in shown} for study in known]})
        return
    if not known:
        say("There is no study yet: the app's page New study makes one.")
    for s in known:
        simulated = "  simulated" if s["simulated"] else ""
        tell(
            f"{s['id']}  {counted(s['readers'], 'reader')}  {counted(s['readings'], 'reading')}  {s['name']}{simulated}"
        )


@app.command("export")
def export_study(
    study: Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")],
    out: Annotated[Path, typer.Option("--out", help="CSV to write.")],
    layout: Annotated[
        ExportFormat, typer.Option("--format", help="readings: one row per reading, every column.")
    ] = ExportFormat.READINGS,
    decimal: Annotated[
        Decimal, typer.Option(help="Decimal sign of nature-medicine; its authors used commas.")
    ] = Decimal.COMMA,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write the readings of a study as CSV."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.reader_study import study_results
        from dermdash.workflows.write_output import write_output

        privacy = Privacy(hide_names, key_id=key)
        study = study_results.find_study(workspace, study)["id"]
        written = [out]
        merged: dict[str, int] = {}
        note = None
        if layout is ExportFormat.NATURE_MEDICINE:
            data = study_results.export_nature_medicine(workspace, study, decimal=decimal.sign)
        else:
            data = study_results.export_readings(workspace, study, privacy=privacy)
            shared = study_results.readings_to_share(workspace, study)
            merged, note = dict(shared.readers), shared.note
            written.append(out.with_name(f"{out.stem}-data-dictionary.csv"))
            write_output(written[1], study_results.export_data_dictionary(workspace, study))
        write_output(out, data)
    if as_json:
        print_json(
            {
                "study": study,
                "format": layout.value,
                "files": [str(path) for path in written],
                "readers_merged": merged,
                "hidden": {"pseudonyms": hide_names},
            }
        )
    else:
        tell("Written: " + ", ".join(str(path) for path in written))
        if layout is ExportFormat.READINGS:
            tell(names_words(privacy.words, hidden=hide_names))
        if note:
            tell(note)
