"""`dermdash study`: studies and their results."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.records.taxonomy import DEFAULT_TAXONOMY
from dermdash.wording import counted, moment

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.dataset.private_export import Privacy

app = typer.Typer(no_args_is_help=True, help="Reader studies and their results.")


class ExportFormat(StrEnum):
    """Layouts of exported readings."""

    READINGS = "readings"
    NATURE_MEDICINE = "nature-medicine"
    DERMACHALLENGE = "dermachallenge"
    IMRMC = "imrmc"
    PARQUET = "parquet"


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


@app.command("templates")
def list_templates(as_json: Json = False) -> None:
    """List the designs to start a study from."""
    from dermdash.reader_study.templates import STUDY_TEMPLATES

    if as_json:
        print_json(
            [
                {
                    "key": t.key,
                    "title": t.title,
                    "source": t.source,
                    "summary": t.summary,
                    "needs_model": t.needs_model,
                }
                for t in STUDY_TEMPLATES.values()
            ]
        )
        return
    for t in STUDY_TEMPLATES.values():
        tell(f"{t.key}  {t.title}{f' ({t.source})' if t.source else ''}\n    {t.summary}")


@app.command("protocol")
def write_protocol(
    out: Annotated[Path, typer.Option("--out", help="YAML to write.")],
    template: Annotated[
        str | None, typer.Option(help="Key of a template, as `dermdash study templates` lists.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Id or name of a study whose protocol is written.")] = None,
    name: Annotated[str, typer.Option(help="Name of the new study.")] = "New study",
    dataset: Annotated[str, typer.Option(help="Data set the cases are drawn from.")] = "",
    model: Annotated[str | None, typer.Option(help="Model that assists.")] = None,
    taxonomy: Annotated[str, typer.Option(help="Classes to choose from.")] = DEFAULT_TAXONOMY,
) -> None:
    """Write a protocol to edit: of a template, or of a study."""
    from dermdash.errors import InvalidInput
    from dermdash.reader_study.protocol_text import protocol_yaml
    from dermdash.reader_study.templates import get_template
    from dermdash.workflows.write_output import write_output

    if (template is None) is (study is None):
        raise InvalidInput("name either a template or a study")
    if study is not None:
        with command_workspace() as workspace:
            from dermdash.workflows.reader_study import study_results

            found = study_results.find_study(workspace, study)["id"]
            protocol = study_results.study_protocol(workspace, found)
    else:
        protocol = get_template(template or "").protocol(
            name=name,
            dataset_id=dataset or "-",
            model_id=model or "-",
            seed=0,
            taxonomy=taxonomy,
        )
    write_output(out, protocol_yaml(protocol).encode())
    tell(f"Written: {out}")


@app.command("create")
def create(
    protocol: Annotated[Path, typer.Argument(help="YAML, as `dermdash study protocol` writes.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Draw the cases and store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Freeze a protocol: draw its cases and fix what each modality shows."""
    from dermdash.analyses.fitting import unfit_words
    from dermdash.reader_study.before_freezing import warnings_before_freezing
    from dermdash.reader_study.protocol_text import parse_protocol
    from dermdash.records.text_file import read_text

    text = read_text(protocol, file_kind="protocol")
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study import create_study
        from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent

        wanted = with_fitting_consent(workspace, parse_protocol(text, file=protocol.name))
        drawn = create_study.draw_cases(workspace, wanted)
        study = None if dry_run else create_study.create_study(workspace, wanted)
    warnings = [each for each in (*warnings_before_freezing(wanted), unfit_words(wanted)) if each]
    if as_json:
        print_json(
            {
                "study": study,
                "protocol_sha256": wanted.sha256,
                "cases": len(drawn.study_cases),
                "practice_cases": len(drawn.practice_cases),
                "not_held_out": drawn.not_held_out,
                "unverified": drawn.unverified,
                "warnings": warnings,
            }
        )
        return
    tell(f"{counted(len(drawn.study_cases), 'case')}, {len(drawn.practice_cases)} for practice.")
    for warning in warnings:
        tell(f"Note: {warning}")
    tell("Nothing is stored." if study is None else f"Frozen: {study}, protocol {wanted.sha256}")


@app.command("amend")
def amend(
    study: Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")],
    protocol: Annotated[Path, typer.Argument(help="YAML of the protocol as it is to be from now on.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in every export.")],
    as_json: Json = False,
) -> None:
    """Amend the protocol of a study: numbered, with a reason; cases and assignments stay."""
    from dermdash.reader_study.protocol_text import parse_protocol
    from dermdash.records.text_file import read_text

    text = read_text(protocol, file_kind="protocol")
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.reader_study import amend_study, study_results

        found = study_results.find_study(workspace, study)["id"]
        after = parse_protocol(text, file=protocol.name)
        amend_study.amend_study(workspace, found, after, reason=reason, actor=OPERATOR)
        made, changed = amend_study.amendment_changes(workspace, found)[-1]
    if as_json:
        print_json(_amendment(found, made, changed))
        return
    tell(f"Amendment {made.number}: " + ", ".join(change.entry for change in changed))


@app.command("amendments")
def amendments(
    study: Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")],
    as_json: Json = False,
) -> None:
    """List the amendments of a study with what each changed."""
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study import amend_study, study_results

        found = study_results.find_study(workspace, study)["id"]
        every = amend_study.amendment_changes(workspace, found)
    if as_json:
        print_json({"study": found, "amendments": [_amendment(found, made, changed) for made, changed in every]})
        return
    if not every:
        say("The protocol has not been amended since its freeze.")
    for made, changed in every:
        tell(f"{made.number}  {moment(made.made_at)}  {made.reason}")
        for change in changed:
            tell(f"    {change.entry}: {change.before} -> {change.after}")


def _amendment(study: str, made: Any, changed: Any) -> dict[str, Any]:
    return {
        "study": study,
        "number": made.number,
        "reason": made.reason,
        "made_at": made.made_at,
        "account": made.account_id,
        "protocol_sha256": made.protocol_sha256,
        "changes": [{"entry": c.entry, "before": c.before, "after": c.after} for c in changed],
    }


def _in_another_form(workspace: "Workspace", study: str, layout: ExportFormat, privacy: "Privacy") -> bytes:
    """Readings as they may leave, in a form that is no CSV of ours."""
    from dermdash.reader_study.dermachallenge_export import to_dermachallenge_csv
    from dermdash.reader_study.imrmc_export import to_imrmc
    from dermdash.workflows.reader_study import study_results
    from dermdash.workflows.reader_study.archive.exports import to_parquet
    from dermdash.workflows.reader_study.readings_source import study_readings

    shared = study_results.readings_to_share(workspace, study, privacy=privacy).frame
    if layout is ExportFormat.DERMACHALLENGE:
        return to_dermachallenge_csv(shared)
    return to_parquet(shared) if layout is ExportFormat.PARQUET else to_imrmc(study_readings(workspace, study, shared))


@app.command("export")
def export_study(
    study: Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")],
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    layout: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="readings: one row per reading, every column, as CSV; parquet: the same with types; nature-medicine: "
            "counts per image; dermachallenge: the log of that game; imrmc: ratings of malignancy.",
        ),
    ] = ExportFormat.READINGS,
    decimal: Annotated[
        Decimal, typer.Option(help="Decimal sign of nature-medicine; its authors used commas.")
    ] = Decimal.COMMA,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write the readings of a study in one of the formats that other programs read."""
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
        elif layout is not ExportFormat.READINGS:
            data = _in_another_form(workspace, study, layout, privacy)
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
