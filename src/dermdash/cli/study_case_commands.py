"""`dermdash study cases` and `study exchange`: the drawn list before it is frozen, and one case for the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.console import Json, command_workspace, print_json, tell
from dermdash.wording import counted, number

if TYPE_CHECKING:
    from dermdash.reader_study.protocol import Protocol
    from dermdash.workflows.reader_study.draw_cases import DrawnCases

ProtocolFile = Annotated[Path, typer.Argument(help="YAML, as `dermdash study protocol` writes.")]


def register(study: typer.Typer) -> None:
    """Add the commands."""
    study.command("cases")(cases)
    study.command("exchange")(exchange)


def read_protocol(path: Path) -> Protocol:
    """The protocol in a YAML file."""
    from dermdash.reader_study.protocol_text import parse_protocol
    from dermdash.records.text_file import read_text

    return parse_protocol(read_text(path, file_kind="protocol"), file=path.name)


def _as_dict(drawn: DrawnCases) -> dict[str, Any]:
    names = (
        "record_id", "truth_dx", "part", "round", "position", "held_out", "verified", "stratum", "difficulty",
    )  # fmt: skip
    return {
        "draw_sha256": drawn.digest,
        "diagnosed": drawn.selection.diagnosed,
        "left_out": drawn.selection.left_out.words,
        "cases": [{name: getattr(case, name) for name in names} for case in drawn.selection.cases],
        "exchanges": [
            {"old": row["old_record_id"], "new": row["new_record_id"], "reason": row["reason"], "seed": row["seed"],
             "account": row["account_id"], "made_at": row["made_at"]}
            for row in drawn.exchanges
        ],
    }  # fmt: skip


def cases(protocol: ProtocolFile, as_json: Json = False) -> None:
    """List the cases that a protocol would have, with the exchanges that hold; nothing is stored."""
    with command_workspace() as workspace:
        from dermdash.workflows.reader_study.draw_cases import drawn

        found = drawn(workspace, read_protocol(protocol))
    if as_json:
        print_json(_as_dict(found))
        return
    for case in found.selection.cases:
        where = case.part.value if case.practice else f"round {case.round}"
        hard = "" if case.difficulty is None else f"  stratum {case.stratum}, difficulty {number(case.difficulty, 2)}"
        known = "" if case.held_out else "  the model may know it"
        tell(f"{case.record_id}  {case.truth_dx}  {where} {case.position}{hard}{known}")
    for row in found.exchanges:
        tell(f"Exchanged: {row['old_record_id']} for {row['new_record_id']} ({row['reason']})")
    tell(
        f"{counted(len(found.selection.study_cases), 'case')} of "
        f"{counted(found.selection.diagnosed, 'diagnosed record')}; draw {found.digest[:12]}"
    )


def exchange(
    protocol: ProtocolFile,
    record: Annotated[str, typer.Argument(help="Record id of the case, as `dermdash study cases` lists it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is exchanged; it stays in the log of the study.")],
    as_json: Json = False,
) -> None:
    """Let the next draw of its class and stratum take the place of a case, before the protocol is frozen."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.reader_study.draw_cases import drawn
        from dermdash.workflows.reader_study.review_cases import exchange_case

        wanted = read_protocol(protocol)
        new = exchange_case(workspace, OPERATOR, wanted, record, reason)
        found = drawn(workspace, wanted)
    if as_json:
        print_json({"old": record, "new": new, **_as_dict(found)})
        return
    tell(f"{record} was exchanged for {new}.")
