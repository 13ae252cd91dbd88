"""`dermdash export`: a data set in one of the formats that others read, and the documents about it."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, progress_bar, say, tell
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.cli.where_option import Where
from dermdash.dataset.documents.registry import DOCUMENTS
from dermdash.dataset.exports.registry import EXPORTS
from dermdash.wording import counted, moment

app = typer.Typer(no_args_is_help=True, help="Write a data set in a format that others read, or a document about it.")
answers = typer.Typer(no_args_is_help=True, help="The questions of documents about a data set, and answers to them.")
INTERRUPTED = "Interrupted. Nothing was written."
Dataset = Annotated[str, typer.Option("--dataset", help="Id of the data set.")]
_FOLDER, _PER_CLASS = "folder", "folder-per-class"


def register(main: typer.Typer) -> None:
    """Add a command for each format."""
    for key, form in EXPORTS.items():
        if key != _PER_CLASS:
            app.command(key, help=form.description)(_command(key))
    app.command("datasheet", help="Write a document about a data set: datasheet, healthsheet and others.")(document)
    main.add_typer(app, name="export")
    main.add_typer(answers, name="document")


def _command(key: str) -> Callable[..., None]:
    alone = EXPORTS[key].alone
    place = "Folder (empty or not there) or .zip file"
    if alone:
        place = f"{place}; {' or '.join(alone)}: the table alone"

    def command(
        dataset: Dataset,
        out: Annotated[Path, typer.Option("--out", help=f"{place}.")],
        where: Where = None,
        stage: Annotated[
            list[int] | None,
            typer.Option("--stage", min=1, max=3, help="Only this verification stage; may be repeated."),
        ] = None,
        quality: Annotated[
            int | None, typer.Option("--quality", min=1, max=5, help="Only images of this quality or better.")
        ] = None,
        split: Annotated[str, typer.Option("--split", help="By a split of the data set, by its name.")] = "",
        part: Annotated[str, typer.Option("--part", help="Only this part of the split.")] = "",
        version: Annotated[str, typer.Option("--version", help="As of this version of the data set.")] = "",
        hide_names: HideNames = False,
        age_bins: Annotated[
            int | None, typer.Option("--age-bins", help="Ages in bins of 5 or 10 years, from 85 on as 85+.")
        ] = None,
        key_id: KeyId = None,
        per_class: Annotated[bool, typer.Option("--per-class", help="A folder per class, and no table.")] = False,
        as_json: Json = False,
    ) -> None:
        with command_workspace(INTERRUPTED) as workspace:
            from dermdash.dataset.exports.registry import get_export
            from dermdash.records.record_filter import RecordFilter
            from dermdash.storage.private_files import usual_mode
            from dermdash.workflows.accounts.access import OPERATOR
            from dermdash.workflows.dataset.private_export import Privacy
            from dermdash.workflows.exports.export_dataset import export_dataset
            from dermdash.workflows.exports.export_report import left_out_words
            from dermdash.workflows.exports.selection import Selection

            privacy = Privacy(hide_names, age_bins, key_id)
            selection = Selection(
                dataset_id=dataset, record_filter=RecordFilter.from_words(where or ()), stages=tuple(stage or ()),
                quality=quality, split=split, part=part, version=version,
            )  # fmt: skip
            form = get_export(_PER_CLASS if per_class else key)
            described = None
            if key == "croissant":
                from dermdash.report.dataset_documents import croissant_description

                described = croissant_description(workspace, OPERATOR, dataset)
            with progress_bar("Writing", unit="records") as advance:
                report = export_dataset(
                    workspace, OPERATOR, form, selection, out, privacy=privacy, described=described, mode=usual_mode(),
                    progress=lambda done, of: advance(done, of, ""),
                )  # fmt: skip
        if as_json:
            print_json(report.as_dict())
            return
        say(f"{counted(report.records, 'record')} of {report.of:,} written to {out} ({counted(report.files, 'file')}).")
        for words in (left_out_words(report), *report.notes):
            if words:
                say(words)
        if report.withheld:
            say(f"What others said of {counted(report.withheld, 'record')} is left out: you have yet to answer.")
        say(names_words(report.statement, hidden=hide_names))
        say(f"Images: {report.images['statement']}")

    # The options of all commands are the same, but for one.
    kept = [p for p in inspect.signature(command).parameters.values() if p.name != "per_class" or key == _FOLDER]
    command.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
    return command


def document(
    dataset: Dataset,
    out: Annotated[Path, typer.Option("--out", help="File to write: .md, .html or .pdf.")],
    kind: Annotated[str, typer.Option("--document", help=f"One of {', '.join(DOCUMENTS)}.")] = "datasheet",
    as_json: Json = False,
) -> None:
    """Write a document about a data set, numbers and answers as they stand."""
    with command_workspace(INTERRUPTED) as workspace:
        from dermdash.dataset.documents.registry import get_document
        from dermdash.report.dataset_documents import dataset_document, written
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.write_output import write_output

        filled = dataset_document(workspace, OPERATOR, get_document(kind), dataset)
        write_output(out, written(filled, out.suffix.lower()))
    if as_json:
        print_json({"format": out.suffix.lower().lstrip("."), "out": str(out), **filled.as_dict()})
        return
    say(f"{filled.document.title} of {filled.dataset}: {filled.completeness}; written to {out}.")


@answers.command("show")
def show_answers(
    dataset: Dataset,
    kind: Annotated[str, typer.Option("--document", help=f"One of {', '.join(DOCUMENTS)}.")] = "datasheet",
    as_json: Json = False,
) -> None:
    """Say which questions are answered, by numbers or by whom, and which are open."""
    with command_workspace() as workspace:
        from dermdash.dataset.documents.registry import get_document
        from dermdash.report.dataset_documents import dataset_document
        from dermdash.workflows.accounts.access import OPERATOR

        filled = dataset_document(workspace, OPERATOR, get_document(kind), dataset)
    if as_json:
        said = [
            {
                "id": one.item.id, "key": one.item.answer, "question": one.item.question, "state": one.state,
                "computed": one.computed, "text": one.text, "by": one.by, "on": one.on,
            }
            for one in filled.items.values()
        ]  # fmt: skip
        print_json({**filled.as_dict(), "answers": said})
        return
    for one in filled.items.values():
        tell(f"{one.item.id:<4} {one.item.answer:<20} {one.item.question}")
        for text in one.words:
            tell(f"     {text}")
    say(f"{filled.document.title}: {filled.completeness}.")


@answers.command("history")
def history(
    dataset: Dataset,
    key: Annotated[str | None, typer.Option("--key", help="Only answers to this question.")] = None,
    as_json: Json = False,
) -> None:
    """Say who answered what when, and what stood there before, the latest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.dataset_answers import answer_changes, answer_words

        changes = answer_changes(workspace, dataset, key)
    if as_json:
        print_json({"dataset": dataset, "changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        said = change.answer
        tell(f"{moment(said.at)}  {said.by}  {said.key}: {answer_words(said)}  (before: {answer_words(change.before)})")
    if not changes:
        say("Nobody has answered anything yet.")


@answers.command("answer")
def answer(
    key: Annotated[str, typer.Argument(help="Key of the answer, as `dermdash document show` names it.")],
    text: Annotated[str, typer.Argument(help="The answer; empty: it is taken back.")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="Id of the data set.")] = "",
    unknown: Annotated[bool, typer.Option("--unknown", help="Somebody looked, and it is not known.")] = False,
    as_json: Json = False,
) -> None:
    """Answer a question of the documents about a data set; earlier answers stay in the history."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.dataset_answers import answer_question

        changed = answer_question(workspace, OPERATOR, dataset, key, text, unknown=unknown)
    if as_json:
        print_json({"dataset": dataset, "key": key, "changed": changed})
    else:
        say("Kept." if changed else "It says that already.")
