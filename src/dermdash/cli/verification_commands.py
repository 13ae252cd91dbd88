"""`dermdash verify-log` and `dermdash verification status | assign | histology | outstanding | reopen`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, say, tell
from dermdash.cli.here_or_in_the_app import here_or_in_the_app
from dermdash.cli.private_options import RAW_HINT, HideNames, KeyId
from dermdash.cli.where_option import Where
from dermdash.wording import counted, form

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="The ladder of labels: initial annotation, reviews, consensus, histology.")
Dataset = Annotated[str | None, typer.Option(help="Only this data set.")]


def register(main: typer.Typer) -> None:
    """Add the commands to the command line."""
    main.command("verify-log")(verify_log)
    main.add_typer(app, name="verification")


def verify_log(
    head: Annotated[
        Path | None, typer.Option(help="A head that was written down earlier (the JSON of this command).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that the change log is whole and explains every record. Exit code 1 where it does not."""
    with errors_explained():
        from dermdash.workflows.verification.change_log import load_head
        from dermdash.workflows.workspace.app_verbs import VERBS

        arguments = {} if head is None else {"head": load_head(head)}
        found = here_or_in_the_app("verify_log", arguments, "Change log", VERBS["verify_log"])
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["whole"]:
        raise typer.Exit(1)


def _show(found: Mapping[str, Any]) -> None:
    for problem in found.get("problems", ()):
        tell(problem)
    if found["whole"]:
        tell(f"Whole: {counted(found['entries'], 'entry', 'entries')}, {counted(found['records'], 'record')}.")
        if "compared_with" in found:
            tell(f"It holds the head of entry {found['compared_with']['entries']:,} that was written down.")
        say("Head, to be written down elsewhere:")
        say(f"  entries    {found['entries']}")
        say(f"  hash       {found['hash']}")
        say(f"  at         {found['at']}")
        say(f"  signature  {found['signature']}")
        say(f"  public key {found['public_key']}")
    elif found["first_broken"] is not None:
        tell(f"First broken entry: {found['first_broken']}.")


@app.command("status")
def status(dataset: Dataset = None, as_json: Json = False) -> None:
    """Say how far the data sets have come and what waits for whom."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.change_log import count_entries
        from dermdash.workflows.verification.ladder_status import ladder_status
        from dermdash.workflows.verification.work import team

        _refuse_unknown(workspace, dataset)
        rows = ladder_status(workspace, OPERATOR, dataset)
        people, entries = team(workspace, OPERATOR), count_entries(workspace, OPERATOR)
    if as_json:
        print_json(
            {
                "datasets": [row.as_dict() for row in rows], "people": [p.as_dict() for p in people],
                "log_entries": entries,
            }
        )  # fmt: skip
        return
    for row in rows:
        tell(f"{row.name} ({row.dataset_id}): {counted(row.records, 'record')}")
        for words, stages in (("reached here", row.stages), ("claimed by the source", row.claimed)):
            if stages:
                said = ", ".join(f"{n:,} {_stage(stage)}" for stage, n in sorted(stages.items()))
                tell(f"  {words}: {said}")
        tell(
            f"  open: {row.queue:,} initial, {row.reviews:,} reviews, {row.overdue:,} overdue, {row.board:,} before "
            "the board"
        )
        tell(f"  malignant without histology: {row.outstanding:,}; contradictions undecided: {row.contradictions:,}")
    for person in people:
        away = "" if person.active else "  no reviewer any more"
        away += "  away" if person.absent else ""
        tell(
            f"  {person.name}: {person.open:,} open, {person.overdue:,} overdue, {person.done_this_week:,} done this "
            f"week{away}"
        )
    say(f"Change log: {counted(entries, 'entry', 'entries')}.")


def _stage(stage: str) -> str:
    return "without a stage" if stage == "none" else f"at stage {stage}"


def _refuse_unknown(workspace: Workspace, dataset: str | None) -> None:
    from dermdash.errors import NotFound
    from dermdash.workflows.dataset.browse_records import list_datasets

    known = [str(d["id"]) for d in list_datasets(workspace)]
    if dataset is not None and dataset not in known:
        raise NotFound(f"There is no data set {dataset!r}; there are: {', '.join(known) or 'none'}")


@app.command("assign")
def assign(
    where: Where = None,
    claimed: Annotated[
        bool, typer.Option("--claimed", help="Also records whose stage only the source claims: they are reviewed.")
    ] = False,
    initial: Annotated[
        bool, typer.Option("--initial", help="With --claimed: annotate them anew from the beginning.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Queue records for their initial annotation, and ask reviewers for the others."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.assign_reviews import assign_work

        chosen = RecordFilter.from_words(where or ())
        made = assign_work(workspace, OPERATOR, records=chosen, claimed=claimed, initial=initial)
    if as_json:
        print_json(made.as_dict())
        return
    tell(f"{counted(made.queued, 'record')} queued for the initial annotation.")
    tell(f"{counted(sum(made.reviews.values()), 'review')} for {counted(len(made.reviews), 'person', 'people')}.")
    for reason, n in made.left_out.items():
        say(f"Left out: {counted(n, 'record')}: {reason}.")
    if made.unmet:
        say(
            f"People are missing for {counted(len(made.unmet), 'record')}: give more accounts the role of a reviewer, "
            "and run this again."
        )
    if made.unexperienced:
        say(f"Without a specialist or expert among their reviewers: {counted(len(made.unexperienced), 'record')}.")


@app.command("histology")
def histology(
    file: Annotated[Path, typer.Argument(help="CSV with a row for each result.")],
    dataset: Annotated[str | None, typer.Option(help="Whose images and lesions the file names.")] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Store the other rows where some cannot be used.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Store histology results by record, image, lesion or report number. Exit code 1 where nothing was stored."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.import_histology import import_histology

        done = import_histology(workspace, OPERATOR, file, dataset_id=dataset, leave_out=leave_out)
    if as_json:
        print_json(done.as_dict())
    else:
        for problem in done.problems:
            tell(f"row {problem.row} ({problem.name}): {problem.reason}")
        for note in done.notes:
            say(note)
        for found in done.contradictions:
            tell(f"{found.record_id}: histology says {found.histology}, the consensus was {found.consensus}.")
        tell(
            f"{counted(done.stored, 'record')} of {counted(done.rows, 'row')} got their histology, "
            f"{done.already_present:,} had it already."
        )
        if not done.complete:
            say("Nothing was stored: correct these rows, or store the others with --leave-out.")
    if not done.complete:
        raise typer.Exit(1)


@app.command("outstanding")
def outstanding(dataset: Dataset = None, as_json: Json = False) -> None:
    """List malignant labels without histology, the oldest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.histology import list_outstanding

        _refuse_unknown(workspace, dataset)
        rows = list_outstanding(workspace, OPERATOR, dataset)
    if as_json:
        print_json({"outstanding": [row.as_dict() for row in rows]})
        return
    for row in rows:
        stage = "-" if row.stage is None else f"{row.stage}{' claimed' if row.claimed else ''}"
        tell(f"{row.days:>6} {form(row.days, 'day', 'days'):<4}  {row.dx:<12} stage {stage:<10} {row.record_id}")
    say(f"{counted(len(rows), 'malignant label')} without histology.")


@app.command("reopen")
def reopen(
    record: Annotated[str, typer.Argument(help="Record id.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the change log.")],
    to: Annotated[int, typer.Option(min=0, max=2, help="Which stage stays; 0: the record begins anew.")] = 1,
    as_json: Json = False,
) -> None:
    """Lower a record to be done again from there."""
    with command_workspace() as workspace:
        from dermdash.records.verification_stage import VerificationStage
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.reopen import reopen as reopen_record

        cycle = reopen_record(
            workspace, OPERATOR, record, reason=reason, to_stage=VerificationStage(to) if to else None
        )
    if as_json:
        print_json({"record": record, "to_stage": to or None, "cycle": cycle})
    else:
        tell(f"{record} is open again{f' from stage {to}' if to else ' from the beginning'} (cycle {cycle}).")


Datasets = Annotated[str, typer.Argument(help="Id of the data set.")]


@app.command("agreement")
def agreement(
    dataset: Datasets,
    replicates: Annotated[int, typer.Option(min=0, max=20_000, help="Bootstrap draws of records.")] = 2000,
    where: Where = None,
    html: Annotated[Path | None, typer.Option(help="Report to write.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Folder to write every table to.")] = None,
    as_json: Json = False,
) -> None:
    """Say how far reviewers agree, by class, field, structure, month, pair and marked region."""
    with command_workspace() as workspace:
        from datetime import UTC, datetime

        from dermdash.analyses.label_agreement.options import KEY, LabelAgreementOptions
        from dermdash.analyses.label_agreement.run import label_agreement
        from dermdash.analyses.label_agreement.section import label_section
        from dermdash.cli.analyse.output import print_section
        from dermdash.records.record_filter import RecordFilter
        from dermdash.records.safe_csv import to_safe_csv
        from dermdash.report.label_report import label_report
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.annotated_records import annotated_records
        from dermdash.workflows.verification.label_facts import label_facts
        from dermdash.workflows.write_output import write_output

        chosen = RecordFilter.from_words(where or ())
        options = LabelAgreementOptions(replicates=replicates)
        facts = label_facts(workspace, OPERATOR, dataset, chosen)
        result = label_agreement(
            annotated_records(workspace, OPERATOR, dataset, chosen),
            replicates=replicates,
            confidence=options.confidence,
        )
        section = label_section(result)
        if html is not None:
            write_output(html, label_report(facts, result, made_at=datetime.now(UTC)).encode())
        for table in section.tables if csv is not None else ():
            assert csv is not None
            write_output(csv / f"{table.name}.csv", to_safe_csv(table.numbers))
    if as_json:
        assert section.answer is not None
        about = {"analysis": KEY, "options": options.echo(), "answer_in_words": section.answer.as_dict()}
        print_json({**about, "labels": facts.as_dict(), **result.as_dict()})
        return
    if facts.only:
        say(f"Only records with {facts.only}: {counted(facts.records, 'record')}, {facts.left_out:,} left out.")
    print_section(section)


@app.command("export")
def export(
    dataset: Datasets,
    out: Annotated[Path, typer.Option("--out", help="Zip to write.")],
    where: Where = None,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write records, every person's decisions, consensus, histology, change log and how the labels came about."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.verification.label_export import export_labels
        from dermdash.workflows.write_output import write_output

        privacy = Privacy(hide_names, key_id=key)
        made = export_labels(workspace, OPERATOR, dataset, RecordFilter.from_words(where or ()), privacy=privacy)
        write_output(out, made.archive())
    if as_json:
        print_json({"out": str(out), "files": sorted(made.files), "withheld": made.withheld,
                    "left_out": made.left_out, "hidden": {"pseudonyms": hide_names}})  # fmt: skip
        return
    if where:
        left = made.left_out
        say(
            f"Left out by the filter: {counted(left['records'], 'record')}, {counted(left['decisions'], 'decision')}, "
            f"{counted(left['log_entries'], 'entry of the change log', 'entries of the change log')}."
        )
    say(f"{counted(len(made.files), 'file')} written to {out}. {made.statement}{'' if hide_names else f' {RAW_HINT}'}")


@app.command("methods")
def methods(dataset: Datasets, where: Where = None, as_json: Json = False) -> None:
    """Print the paragraph of a methods section that says how the labels of a data set came about."""
    with command_workspace() as workspace:
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.verification.label_facts import label_facts, methods_paragraphs

        facts = label_facts(workspace, OPERATOR, dataset, RecordFilter.from_words(where or ()))
    if as_json:
        print_json({"labels": facts.as_dict(), "paragraphs": list(methods_paragraphs(facts))})
        return
    for text in methods_paragraphs(facts):
        tell(text)
