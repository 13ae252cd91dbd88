"""What commands do with a running study, here or in the app that has the workspace open (`workspace.app_verbs`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.reader_study.conduct import ActKind, SessionMark
from dermdash.reader_study.mail_texts import MailKind
from dermdash.reader_study.quotas import parse_quota
from dermdash.storage.invitations import list_invitations
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study import blinding, conduct, invitations, recruitment, reminders
from dermdash.workflows.reader_study.invitations import Invitation, ToInvite
from dermdash.workflows.reader_study.mail_readers import MailReport, due_invitations, due_reminders, send_mails
from dermdash.workflows.reader_study.monitor_study import monitor_study
from dermdash.workflows.reader_study.study_results import find_study
from dermdash.workflows.reader_study.watch_as_json import act_as_json, watch_as_json

_Say = Callable[[str, float], None]
_Arguments = Mapping[str, Any]


def _study(workspace: Workspace, arguments: _Arguments) -> str:
    return str(find_study(workspace, _text(arguments, "study"))["id"])


def _invite(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    until, group = _moment(arguments, "until"), _text(arguments, "group")
    if group:
        made = [
            invitations.invite_group(
                workspace, study_id, group, places=_number(arguments, "places"), until=until, made_by=OPERATOR.id
            )
        ]
    else:
        people = [ToInvite(str(label), str(address)) for label, address in _list(arguments, "people")]
        language = _text(arguments, "language") or "en"
        made = invitations.invite_readers(
            workspace, study_id, people, until=until, language=language, made_by=OPERATOR.id
        )
    return {"study": study_id, "group": bool(group), "invitations": [_link(each) for each in made]}


def _list_invitations(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    rows = list_invitations(workspace.engine, study_id).to_dict("records")
    return {"study": study_id, "invitations": [_invitation(row) for row in rows]}


def _renew(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    return _link(invitations.renew_invitation(workspace, _text(arguments, "invitation"), renewed_by=OPERATOR.id))


def _withdraw(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    invitation_id = _text(arguments, "invitation")
    invitations.withdraw_invitation(workspace, invitation_id, withdrawn_by=OPERATOR.id)
    return {"id": invitation_id, "state": "withdrawn"}


def _recruit(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    if arguments.get("open"):
        places = _number(arguments, "places")
        address = recruitment.open_recruitment(workspace, study_id, places=places, by=OPERATOR.id)
        return {"study": study_id, "open": True, "address": address}
    recruitment.close_recruitment(workspace, study_id, by=OPERATOR.id)
    return {"study": study_id, "open": False, "address": None}


def _reminders(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    days = _number(arguments, "days")
    days = reminders.USUAL_DAYS if days is None else days
    waiting = reminders.to_remind(workspace, study_id, days=days)
    return {
        "study": study_id,
        "days": days,
        "waiting": [
            {
                "invitation": each.invitation_id, "label": each.label, "waiting": each.waiting,
                "since": each.since.isoformat(), "cases_done": each.cases_done, "cases": each.cases_total,
                "reader": each.reader_id, "can_be_mailed": each.address is not None,
                "mailed_at": None if each.mailed_at is None else each.mailed_at.isoformat(),
            }
            for each in waiting
        ],
    }  # fmt: skip


def _mail(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    kind = MailKind.REMINDER if arguments.get("reminders") else MailKind.INVITATION
    days = _number(arguments, "days")
    if kind is MailKind.INVITATION:
        due = due_invitations(workspace, study_id)
    else:
        due = due_reminders(workspace, study_id, days=reminders.USUAL_DAYS if days is None else days)
    report = MailReport(left=len(due))
    if due and not arguments.get("dry_run"):
        report = send_mails(
            workspace, study_id, due, by=OPERATOR.id,
            progress=lambda done, total: say(f"{done} of {total} mails", done / total),
        )  # fmt: skip
    return {
        "study": study_id, "kind": kind, "due": [each.label for each in due], "sent": report.sent,
        "failed": [{"label": label, "why": why} for label, why in report.failed],
        "unknown": [{"label": label, "why": why} for label, why in report.unknown],
        "begun_elsewhere": report.others, "left": report.left, "stopped_by": report.stopped_by,
    }  # fmt: skip


def _monitor(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    blinded = blinding.is_blinded(workspace, study_id)
    return watch_as_json(monitor_study(workspace, study_id), blinded=blinded)


def _mark(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id, reader_id = _study(workspace, arguments), _text(arguments, "reader")
    mark = SessionMark.CLEARED if arguments.get("clear") else SessionMark.SUSPICIOUS
    conduct.mark_reader(workspace, study_id, reader_id, mark, by=OPERATOR.id, reason=_text(arguments, "reason"))
    return {"study": study_id, "reader": reader_id, "mark": mark}


def _let_on(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id, reader_id = _study(workspace, arguments), _text(arguments, "reader")
    conduct.let_reader_on(workspace, study_id, reader_id, by=OPERATOR.id, reason=_text(arguments, "reason"))
    return {"study": study_id, "reader": reader_id}


def _message(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id, reader = _study(workspace, arguments), _text(arguments, "reader") or None
    message = conduct.send_message(workspace, study_id, _text(arguments, "text"), by=OPERATOR.id, reader_id=reader)
    return {"study": study_id, "reader": reader, "message": message}


def _quotas(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    quotas = [parse_quota(str(text)) for text in _list(arguments, "quotas")]
    conduct.set_quotas(workspace, study_id, quotas, by=OPERATOR.id)
    return {"study": study_id, "quotas": [quota.text for quota in quotas]}


def _steer(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id, act = _study(workspace, arguments), _text(arguments, "act")
    reason, text, by = _text(arguments, "reason"), _text(arguments, "text"), OPERATOR.id
    match act:
        case ActKind.PAUSE:
            conduct.pause_study(workspace, study_id, by=by, reason=reason, text=text)
        case ActKind.RESUME:
            conduct.resume_study(workspace, study_id, by=by)
        case ActKind.CLOSE:
            conduct.close_study(workspace, study_id, by=by, reason=reason, text=text)
        case ActKind.REOPEN:
            conduct.reopen_study(workspace, study_id, by=by, reason=reason)
        case ActKind.UNTIL:
            conduct.set_end(workspace, study_id, _moment(arguments, "until"), by=by, reason=reason)
        case ActKind.UNBLIND:
            blinding.unblind_study(workspace, study_id, by=by, reason=reason)
        case _:
            raise InvalidInput(f"{act!r} is nothing that is done with a study.")
    watched = monitor_study(workspace, study_id)
    until = watched.conduct.until
    return {
        "study": study_id, "standing": watched.standing, "until": None if until is None else until.isoformat(),
        "blinded": blinding.is_blinded(workspace, study_id),
    }  # fmt: skip


def _acts(workspace: Workspace, arguments: _Arguments, say: _Say) -> dict[str, Any]:
    study_id = _study(workspace, arguments)
    return {"study": study_id, "acts": [act_as_json(act) for act in conduct.acts_of_study(workspace, study_id)]}


STUDY_VERBS: dict[str, Callable[[Workspace, _Arguments, _Say], dict[str, Any]]] = {
    "study invite": _invite, "study invitations": _list_invitations, "study renew": _renew,
    "study withdraw": _withdraw, "study recruit": _recruit, "study reminders": _reminders, "study mail": _mail,
    "study monitor": _monitor, "study mark": _mark, "study let-on": _let_on,
    "study message": _message, "study places": _quotas,
    "study steer": _steer, "study acts": _acts,
}  # fmt: skip


def _text(arguments: _Arguments, name: str) -> str:
    value = arguments.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text.")
    return value


def _list(arguments: _Arguments, name: str) -> list[Any]:
    value = arguments.get(name)
    if not isinstance(value, list):
        raise InvalidInput(f"{name} are a list.")
    return value


def _number(arguments: _Arguments, name: str) -> int | None:
    value = arguments.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidInput(f"{name} is a whole number.")
    return value


def _moment(arguments: _Arguments, name: str) -> datetime | None:
    text = _text(arguments, name)
    return datetime.fromisoformat(text) if text else None


def _link(made: Invitation) -> dict[str, Any]:
    return {"id": made.id, "label": made.label, "link": made.link}


def _invitation(row: Mapping[Any, Any]) -> dict[str, Any]:
    def at(name: str) -> str | None:
        return None if pd.isna(row[name]) else row[name].isoformat()

    group = not pd.isna(row["public"])
    return {
        "id": row["id"], "label": row["label"], "made": at("created_at"), "renewed": at("renewed_at"),
        "withdrawn": at("withdrawn_at"), "until": at("until"), "reader": row["reader_id"], "is_group": group,
        "places": None if pd.isna(row["places"]) else int(row["places"]), "came": int(row["came"]) if group else None,
        "by_group": row["group_id"], "can_be_mailed": row["address"] is not None,
    }  # fmt: skip
