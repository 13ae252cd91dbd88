"""Whether a link of an invitation admits, as what was changed of the invitation says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dermdash.storage.invitations import ADDED, RENEWED, UNTIL, WITHDRAWN


@dataclass(frozen=True, slots=True)
class LinkState:
    """``withdrawn``: the invitation is; ``replaced``: a newer link took this one's place; ``until``: to begin with."""

    withdrawn: bool
    replaced: bool
    until: datetime | None


def link_state(token_hash: str, *, first: bool, changes: Iterable[Mapping[str, Any]]) -> LinkState:
    """How a link stands; ``first``: the invitation was made with it, ``changes``: all of the invitation in order."""
    withdrawn, holds, until = False, first, None
    for change in changes:
        if change["kind"] == WITHDRAWN:
            withdrawn = True
        elif change["kind"] == RENEWED:
            withdrawn, holds = False, change["token_hash"] == token_hash
        elif change["kind"] == ADDED:
            holds = holds or change["token_hash"] == token_hash
        elif change["kind"] == UNTIL:
            until = change["until"]
    return LinkState(withdrawn, not holds, until)
