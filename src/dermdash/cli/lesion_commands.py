"""`dermdash lesions ledger`: decisions about which images show one lesion, as a file that leaves and comes in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.cli.private_options import KeyId
from dermdash.errors import InvalidInput
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.workflows.lesion_identity.ledger_files import LedgerPlan

app = typer.Typer(no_args_is_help=True, help="Which images show one lesion: decisions, groups, and ledgers of them.")
ledger = typer.Typer(no_args_is_help=True, help="The ledger of lesion identity.")
app.add_typer(ledger, name="ledger")

LedgerFile = Annotated[Path, typer.Argument(help="A ledger, as `dermdash lesions ledger export` writes one.")]
Source = Annotated[str | None, typer.Option("--source", help="What the ledger is called; else its file's name.")]
_SHOWN = 5


@ledger.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="File to write: .csv or .json.")],
    names: Annotated[
        bool, typer.Option("--names", help="Accounts as they are; else whoever decided has a keyed pseudonym.")
    ] = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write every decision that holds: images, decision, evidence, person, date, source."""
    if out.suffix.lower() not in (".csv", ".json"):
        raise InvalidInput(f"a ledger is written as .csv or .json, not {out.suffix or 'without an ending'}")
    with command_workspace() as workspace:
        from dermdash.dataset.identity_ledger import write_ledger_csv, write_ledger_json
        from dermdash.whole_files import whole_file
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.lesion_identity.ledger import ledger_rows

        rows = ledger_rows(workspace, privacy=Privacy(names=not names, key_id=key))
        write = write_ledger_json if out.suffix.lower() == ".json" else write_ledger_csv
        with whole_file(out) as passing:
            passing.write_bytes(write(rows))
    if as_json:
        print_json({"out": str(out), "decisions": len(rows), "pseudonyms": not names})
        return
    tell(f"{counted(len(rows), 'decision')} written to {out}")
    if not names:
        say("Whoever decided has a pseudonym; --names writes accounts as they are. Notes leave as they were written.")


@ledger.command("import")
def import_(
    file: LedgerFile,
    source: Source = None,
    overrule: Annotated[
        bool, typer.Option("--overrule", help="Let it overrule what people here decided otherwise; else only listed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the decisions of a ledger in, in one act; the same ledger again changes nothing."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.lesion_identity.ledger_files import import_ledger

        found = import_ledger(workspace, OPERATOR, file, source=source, overrule=overrule)
    if as_json:
        print_json(found.to_json())
        return
    tell(f"{counted(found.decided, 'decision')} taken in{f' as act {found.act_id}' if found.act_id else ''}")
    _tell_plan(found.plan)
    if found.act_id:
        say(f"`dermdash lesions ledger undo {found.act_id}` takes them back as one.")


@ledger.command("compare")
def compare(file: LedgerFile, source: Source = None, as_json: Json = False) -> None:
    """Say what a ledger decides that is not decided here, otherwise here, or not known here; nothing is stored."""
    with command_workspace() as workspace:
        from dermdash.workflows.lesion_identity.ledger_files import plan_ledger

        plan = plan_ledger(workspace, file, source=source)
    if as_json:
        print_json(plan.to_json())
        return
    tell(f"{counted(len(plan.to_decide), 'decision')} only there")
    _tell_plan(plan)
    tell(f"{counted(len(plan.only_here), 'decision')} only here")


@ledger.command("undo")
def undo(
    act: Annotated[str, typer.Argument(help="Id of the act, as `dermdash lesions ledger import` prints it.")],
    as_json: Json = False,
) -> None:
    """Take back all that an import or an applied list decided; pairs decided anew since keep that."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.lesion_identity.ledger import undo_act

        back, others = undo_act(workspace, OPERATOR, act)
    if as_json:
        print_json({"act": act, "taken_back": back, "decided_anew": others})
        return
    tell(f"{counted(back, 'decision')} taken back, {others:,} decided anew since and left")


@app.command("lists")
def lists(as_json: Json = False) -> None:
    """List the published lists of duplicates that lie among the findings, and how many of their pairs are decided."""
    with command_workspace() as workspace:
        from dermdash.workflows.lesion_identity.apply_list import lists_here

        found = lists_here(workspace)
    if as_json:
        print_json({"lists": [{"source": f.source, "pairs": f.pairs, "decided": f.decided} for f in found]})
        return
    for one in found:
        tell(f"{one.source}: {counted(one.pairs, 'pair')}, {one.decided:,} decided")
    if not found:
        say("No list is here: `dermdash import duplicates` reads one.")


@app.command("apply")
def apply(
    source: Annotated[str, typer.Argument(help="What the list is called, as `dermdash lesions lists` says.")],
    decision: Annotated[
        str, typer.Option("--as", help="What its open pairs are decided to be: same_lesion or same_image.")
    ] = "same_lesion",
    note: Annotated[str, typer.Option("--note", help="Why it is applied.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would change.")] = False,
    as_json: Json = False,
) -> None:
    """Decide all open pairs of a published list alike, in one act; --dry-run says what it would change."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.lesion_identity import apply_list

        preview = apply_list.preview_list(workspace, source, decision=decision)
        done = None if dry_run else apply_list.apply_list(workspace, OPERATOR, source, decision=decision, note=note)
    if as_json:
        print_json(
            {"act": None if done is None else done.act_id, "decided": 0 if done is None else done.decided}
            | preview.to_json()
        )
        return
    tell(f"{counted(len(preview.plan.to_decide), 'pair')} {'to decide' if done is None else 'decided'}: {decision}")
    tell(f"lesions: {preview.outlook.lesions[0]:,} before, {preview.outlook.lesions[1]:,} after")
    tell(f"independent groups: {preview.outlook.groups[0]:,} before, {preview.outlook.groups[1]:,} after")
    _tell_plan(preview.plan)
    for affected in preview.outlook.affected:
        tell(f"{affected.kind} {affected.name}: {affected.text}")
    for conflict in preview.outlook.conflicts:
        tell(f"contradiction: {conflict.text}")
    if done is not None and done.act_id:
        say(f"`dermdash lesions ledger undo {done.act_id}` takes them back as one.")


@ledger.command("groups")
def groups(
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Only groups in which something contradicts.")] = False,
    as_json: Json = False,
) -> None:
    """List what decisions merge: images that show one lesion, and what contradicts within a group."""
    with command_workspace() as workspace:
        from dermdash.workflows.lesion_identity.lesion_groups import lesion_groups

        found = [group for group in lesion_groups(workspace) if group.conflicts or not conflicts]
    if as_json:
        tell(json.dumps([group.to_json() for group in found], allow_nan=False))
        return
    if not found:
        say("No decision merges anything." if not conflicts else "No group contradicts itself.")
        return
    for group in found:
        tell(f"{' '.join(group.image_ids)}  ({counted(len(group.lesions), 'lesion id')})")
        for conflict in group.conflicts:
            tell(f"  {conflict.text}")
    say(f"{counted(len(found), 'group')}. Resolve what contradicts on the app's page Images of one lesion.")


def _tell_plan(plan: LedgerPlan) -> None:
    tell(f"{plan.same:,} decided the same way here")
    for found in plan.disagreements:
        tell(f"  otherwise here: {' '.join(found.images)}: {found.here} here, {found.there} there")
    if plan.unknown:
        more = f" and {len(plan.unknown) - _SHOWN:,} more; --json lists all" if len(plan.unknown) > _SHOWN else ""
        tell(f"{counted(len(plan.unknown), 'image')} not here: {', '.join(plan.unknown[:_SHOWN])}{more}")
