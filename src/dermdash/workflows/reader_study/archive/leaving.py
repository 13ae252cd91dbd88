"""Which columns of a study leave with it, and what stands in their place where it arrives.

What is not named here does not leave: a column that is added later stays behind until somebody has thought about it,
which a test asks for. Links, and what is made with secrets, never leave; nor does what somebody calls a reader.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dermdash.storage.study_rows import Row

Filled = Callable[[int], Any]
"""What stands in a column that did not leave; the number of the row counts from 1."""


def _secret(_: int) -> str:
    return secrets.token_hex(16)


HELD_BACK: dict[str, dict[str, Filled]] = {
    "study": {"image_key": _secret},
    "invitation": {"token_hash": lambda _: secrets.token_hex(32), "label": lambda number: f"Invitation {number}"},
    "invitation_change": {"token_hash": lambda _: None, "changed_by": lambda _: "archive"},
    "reader": {"browser_name": _secret},
    "study_exchange": {"account_id": lambda _: "archive"},
    "study_amendment": {"account_id": lambda _: "archive"},
    "study_act": {"account_id": lambda _: "archive"},
    "reader_withdrawal": {"receipt": _secret},
    "operating_point": {"created_by": lambda _: "archive"},
    "operating_point_withdrawal": {"withdrawn_by": lambda _: "archive"},
    "model_choice": {"chosen_by": lambda _: "archive"},
}
"""Columns that stay behind, by table."""
OF_PEOPLE = ("profession", "years_experience", "experience_group", "age_group", "gender", "country")
"""What readers said of themselves: it leaves as readings do, in groups that are large enough."""


def leaving(table: str, rows: Sequence[Row]) -> list[Row]:
    """The rows without what stays behind."""
    held = HELD_BACK.get(table, {})
    found = [{name: value for name, value in row.items() if name not in held} for row in rows]
    if table == "session_event":
        return [{**row, "detail": without_accounts(row["detail"])} for row in found]
    return found


def without_accounts(detail: Any) -> Any:
    """What an event says, without whose account it names: that somebody of the team read is kept, not who."""
    if not isinstance(detail, Mapping):
        return detail
    return {name: "archive" if name in ("account", "account_id") else value for name, value in detail.items()}


def arrived(table: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows with something in the place of what stayed behind."""
    held = HELD_BACK.get(table, {})
    return [{**row, **{name: fill(i) for name, fill in held.items()}} for i, row in enumerate(rows, start=1)]
