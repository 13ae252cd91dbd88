"""`dermdash study ...` for a study that runs: invite, watch, mark, pause, close. The app may run meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, tell
from dermdash.cli.here_or_in_the_app import here_or_in_the_app
from dermdash.errors import InvalidInput
from dermdash.wording import counted, moment

Study = Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")]
InvitationId = Annotated[str, typer.Argument(help="Id of the invitation, as `dermdash study invitations` shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence: it stays on record and in every archive.")]
Told = Annotated[str, typer.Option("--tell", help="What readers are told with it.")]
Until = Annotated[str, typer.Option("--until", help="A day (its end) or a moment (UTC): 2026-12-31, 2026-12-31T18:00.")]
Places = Annotated[int | None, typer.Option("--places", help="How many may come; any number where it is left out.")]


def invite(
    study: Study,
    who: Annotated[list[str] | None, typer.Argument(help="Names, or 'Name <address>', one for each link.")] = None,
    people: Annotated[
        Path | None, typer.Option("--from", help="Text file with one person per line: name, and address if any.")
    ] = None,
    group: Annotated[str, typer.Option("--group", help="Make one link for several instead, under this name.")] = "",
    places: Places = None,
    until: Until = "",
    language: Annotated[str, typer.Option(help="Of mail to them: en, de, ru, es.")] = "en",
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write the links to.")] = None,
    as_json: Json = False,
) -> None:
    """Make invitation links. They are shown once: only their hashes are kept."""
    with errors_explained():
        from dermdash.workflows.reader_study.invitations import read_to_invite

        lines = list(who or []) + ([] if people is None else people.read_text("utf-8").splitlines())
        if bool(group) == bool(lines):
            raise InvalidInput("name people to invite, or a group with --group")
        if places is not None and not group:
            raise InvalidInput("--places is for the link of a group")
        asked = [[each.label, each.address] for each in read_to_invite("\n".join(lines))]
        made = _do(
            "study invite",
            {"study": study, "people": asked, "group": group, "places": places, "until": _until(until)}
            | {"language": language},
        )
        if out is not None:
            _write_links(out, made["invitations"])
    if as_json:
        print_json(made)
        return
    for each in made["invitations"]:
        tell(f"{each['label']}\t{each['link']}")


def _write_links(out: Path, made: list[dict[str, Any]]) -> None:
    import pandas as pd

    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.write_output import write_output

    write_output(out, to_safe_csv(pd.DataFrame(made, columns=["id", "label", "link"])))
    say(f"Written: {out}")


def list_invitations(study: Study, as_json: Json = False) -> None:
    """List the invitations of a study, without their links."""
    made = _run("study invitations", {"study": study})
    if as_json:
        print_json(made)
        return
    for each in made["invitations"]:
        state = "withdrawn" if each["withdrawn"] else each["reader"] or "not opened yet"
        if each["is_group"] and not each["withdrawn"]:
            state = f"group, {each['came']} came" + (f" of {each['places']}" if each["places"] else "")
        tell(f"{each['id']}  {state}  {each['label']}")


def renew(invitation: InvitationId, as_json: Json = False) -> None:
    """Make another link for an invitation; those before it stop working, and the reader goes on where they were."""
    made = _run("study renew", {"invitation": invitation})
    print_json(made) if as_json else tell(made["link"])


def withdraw(invitation: InvitationId, as_json: Json = False) -> None:
    """Close an invitation at once; what its reader answered is kept."""
    made = _run("study withdraw", {"invitation": invitation})
    print_json(made) if as_json else tell(f"Withdrawn: {made['id']}")


def recruit(
    study: Study,
    close: Annotated[bool, typer.Option("--close", help="Close the page; who has begun goes on.")] = False,
    places: Places = None,
    as_json: Json = False,
) -> None:
    """Open the page on which anybody may begin, where the protocol allows it, and print its address; or close it."""
    made = _run("study recruit", {"study": study, "open": not close, "places": places})
    if as_json:
        print_json(made)
    else:
        tell(made["address"] or "The page is closed.")


def set_places(
    study: Study,
    places: Annotated[
        list[str] | None, typer.Argument(help="Such as profession=nurse:20, country=AT:30, years_experience=0-2:10.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how many readers of a kind there are places for, in place of what was said before; none: no limits."""
    made = _run("study places", {"study": study, "quotas": list(places or [])})
    print_json(made) if as_json else tell("\n".join(made["quotas"]) or "No limits.")


def reminders(
    study: Study,
    days: Annotated[int, typer.Option(min=0, help="Not heard of for so many days.")] = 7,
    as_json: Json = False,
) -> None:
    """List who has not begun, and who stopped half way, since when."""
    made = _run("study reminders", {"study": study, "days": days})
    if as_json:
        print_json(made)
        return
    for each in made["waiting"]:
        since = moment(datetime.fromisoformat(each["since"]))
        tell(f"{since}  {each['waiting']}  {each['cases_done']}/{each['cases']}  {each['label']}")


def mail(
    study: Study,
    reminders: Annotated[
        bool, typer.Option("--reminders", help="To who has not begun or stopped half way, not their first link.")
    ] = False,
    days: Annotated[int, typer.Option(min=0, help="Reminders: not heard of, nor written to, for so many days.")] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say to whom, and send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Send invitations or reminders by mail, each with a link of its own; what was sent is never sent again."""
    made = _run("study mail", {"study": study, "reminders": reminders, "days": days, "dry_run": dry_run})
    if as_json:
        print_json(made)
    elif dry_run or not made["due"]:
        tell("\n".join(made["due"]) or "Nobody is to be written to.")
    else:
        tell(f"{counted(len(made['sent']), 'mail')} sent")
        for what in ("failed", "unknown"):
            for each in made[what]:
                tell(f"{what}: {each['label']}  {each['why']}")
        if made["left"]:
            tell(f"{made['left']} not begun: {made['stopped_by']}")
    if made["failed"] or made["unknown"] or (made["left"] and not dry_run):
        raise typer.Exit(1)


def monitor(study: Study, as_json: Json = False) -> None:
    """Say how a study stands: who takes part, how far, how even, what is odd. Nothing tells how right anybody is."""
    made = _run("study monitor", {"study": study})
    if as_json:
        print_json(made)
        return
    readers = [each for each in made["readers"] if each["turned_away"] is None]
    finished = sum(each["cases_done"] >= each["cases"] for each in readers)
    tell(f"{made['standing']}  {counted(made['invited'], 'invitation')}  {counted(len(readers), 'reader')}  "
         f"{finished} finished")  # fmt: skip
    for each in made["balance"]:
        tell(f"{each['modality']}: {each['completed']} of {each['assigned']} completed")
    for each in readers:
        odd = "; ".join(one["words"] for one in each["odd"])
        mark = f"  [{each['mark']['detail']['mark']}]" if each["mark"] else ""
        tell(
            f"{each['reader']}  {each['cases_done']}/{each['cases']}{mark}  {each['label']}{'  ' + odd if odd else ''}"
        )


def mark(
    study: Study,
    reader: Annotated[str, typer.Argument(help="Id of the reader, as `dermdash study monitor` shows it.")],
    reason: Reason,
    clear: Annotated[bool, typer.Option("--clear", help="Say that nothing is wrong, or take a mark back.")] = False,
    as_json: Json = False,
) -> None:
    """Mark what a reader answered as suspicious: every analysis can leave marked readers out, and exports say so."""
    made = _run("study mark", {"study": study, "reader": reader, "reason": reason, "clear": clear})
    print_json(made) if as_json else tell(f"{made['reader']}: {made['mark']}")


def let_on(
    study: Study,
    reader: Annotated[str, typer.Argument(help="Id of the reader, as `dermdash study monitor` shows it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Let a reader go on who stayed away for longer than the protocol allows."""
    made = _run("study let-on", {"study": study, "reader": reader, "reason": reason})
    print_json(made) if as_json else tell(f"{made['reader']} can go on.")


def message(
    study: Study,
    text: Annotated[str, typer.Argument(help="What to say.")],
    reader: Annotated[str, typer.Option("--reader", help="To this reader alone.")] = "",
    as_json: Json = False,
) -> None:
    """Leave a message for the readers, which they are shown at their next case and never in the middle of one."""
    made = _run("study message", {"study": study, "text": text, "reader": reader})
    print_json(made) if as_json else tell("Left for " + (made["reader"] or "every reader of now"))


def pause(study: Study, reason: Reason, told: Told = "", as_json: Json = False) -> None:
    """Send nobody a next case until the study goes on."""
    _steer(study, "pause", as_json, reason=reason, text=told)


def resume(study: Study, as_json: Json = False) -> None:
    """Let a paused study go on."""
    _steer(study, "resume", as_json)


def close(study: Study, reason: Reason, told: Told = "", as_json: Json = False) -> None:
    """End a study: no answer is stored any more, and its results may be seen."""
    _steer(study, "close", as_json, reason=reason, text=told)


def reopen(study: Study, reason: Reason, as_json: Json = False) -> None:
    """Let a closed study be read again; results that were opened stay open."""
    _steer(study, "reopen", as_json, reason=reason)


def extend(study: Study, until: Until = "", reason: Reason = "", as_json: Json = False) -> None:
    """Say until when a study is read, or, without --until, that it is read until it is closed."""
    _steer(study, "until", as_json, reason=reason, until=_until(until))


def unblind(study: Study, reason: Reason, as_json: Json = False) -> None:
    """Open the results of a study that is still read, though its protocol keeps them. Nothing takes this back."""
    _steer(study, "unblind", as_json, reason=reason)


def acts(study: Study, as_json: Json = False) -> None:
    """List what was decided of a study while it ran: by whom, when and why."""
    made = _run("study acts", {"study": study})
    if as_json:
        print_json(made)
        return
    for each in made["acts"]:
        about = f" {each['reader']}" if each["reader"] else ""
        tell(
            f"{moment(datetime.fromisoformat(each['at']))}  {each['account']}  {each['kind']}{about}  {each['reason']}"
        )


def _steer(study: str, act: str, as_json: bool, **said: str) -> None:
    made = _run("study steer", {"study": study, "act": act, **said})
    if as_json:
        print_json(made)
        return
    ends = f" until {moment(datetime.fromisoformat(made['until']))}" if made["until"] else ""
    tell(f"{made['standing']}{ends}" + (", results kept" if made["blinded"] else ""))


def _run(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    with errors_explained():
        return _do(verb, arguments)


def _do(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    from dermdash.workflows.reader_study.study_verbs import STUDY_VERBS

    return here_or_in_the_app(verb, arguments, "Study", STUDY_VERBS[verb])


def _until(text: str) -> str:
    """A day or a moment of a command in UTC, as ISO 8601; a day counts to its end."""
    if not text:
        return ""
    with errors_explained():
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            raise InvalidInput(f"{text!r} is no day and no moment: expected 2026-12-31 or 2026-12-31T18:00") from None
    if len(text) == len("2026-12-31"):
        read = read.replace(hour=23, minute=59, second=59)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).isoformat()


_COMMANDS: dict[str, Callable[..., None]] = {
    "invite": invite,
    "invitations": list_invitations,
    "renew": renew,
    "withdraw": withdraw,
    "recruit": recruit,
    "places": set_places,
    "reminders": reminders,
    "mail": mail,
    "monitor": monitor,
    "mark": mark,
    "let-on": let_on,
    "message": message,
    "pause": pause,
    "resume": resume,
    "close": close,
    "reopen": reopen,
    "extend": extend,
    "unblind": unblind,
    "acts": acts,
}


def register(app: typer.Typer) -> None:
    """Add the commands to `dermdash study`."""
    for name, command in _COMMANDS.items():
        app.command(name)(command)
