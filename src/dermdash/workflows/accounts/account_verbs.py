"""What commands do with accounts, here or in the app that has the workspace open (`workflows.workspace.app_verbs`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Expertise, Role, ensure_admin
from dermdash.workflows.accounts.people import NewLink

_Say = Callable[[str, float], None]
_E = TypeVar("_E", bound=StrEnum)


def _add(workspace: Workspace, arguments: Mapping[str, Any], say: _Say) -> dict[str, Any]:
    roles = arguments.get("roles")
    if not isinstance(roles, list):
        raise InvalidInput("Roles are a list.")
    ensure_admin(workspace)
    made = people.invite_person(
        workspace, OPERATOR, name=_text(arguments, "name"), roles=[_one_of(Role, role) for role in roles],
        email=_text(arguments, "email"), expertise=_one_of(Expertise, arguments.get("expertise")),
    )  # fmt: skip
    return _link(made)


def _list(workspace: Workspace, arguments: Mapping[str, Any], say: _Say) -> dict[str, Any]:
    return {"accounts": [person.as_dict() for person in people.list_people(workspace, OPERATOR)]}


def _reset(workspace: Workspace, arguments: Mapping[str, Any], say: _Say) -> dict[str, Any]:
    person = people.find_person(workspace, OPERATOR, _text(arguments, "account"))
    return _link(people.reset_password(workspace, OPERATOR, person.account.id))


def _deactivate(workspace: Workspace, arguments: Mapping[str, Any], say: _Say) -> dict[str, Any]:
    person = people.find_person(workspace, OPERATOR, _text(arguments, "account"))
    people.close_account(workspace, OPERATOR, person.account.id)
    return {"id": person.account.id, "name": person.account.name, "standing": people.Standing.CLOSED}


ADD, LIST, RESET, DEACTIVATE = "account add", "account list", "account reset", "account deactivate"
ACCOUNT_VERBS: dict[str, Callable[[Workspace, Mapping[str, Any], _Say], dict[str, Any]]] = {
    ADD: _add, LIST: _list, RESET: _reset, DEACTIVATE: _deactivate,
}  # fmt: skip


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text.")
    return value


def _one_of(kind: type[_E], value: object) -> _E:
    try:
        return kind(str(value))
    except ValueError as error:
        raise InvalidInput(f"{value!r} is none of {', '.join(kind)}.") from error


def _link(made: NewLink) -> dict[str, Any]:
    return {"id": made.account.id, "name": made.account.name, "link": made.link, "until": made.until.isoformat()}
