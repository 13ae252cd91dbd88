"""A connection lives as long as the session it was opened with: after signing out an open tab can do nothing more.

Pages ask who is at the browser when they are drawn. What stands on a page that was drawn before, its buttons, downloads
and parts that refresh themselves, would go on: Streamlit runs them from what it remembers of the page. So every message
of a browser that came with a session is let through only while that session holds; then the connection ends, and the
browser comes back as a stranger, to whom Streamlit does not hand what it remembers. The same where the person got
other roles: what stands on a page goes with the roles that it was drawn for. A page that nobody touches is looked after
too, so that it does not stay on the screen of somebody whose account was closed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from dermdash.workflows.accounts.access import Account

LOOK_EVERY_S = 5.0
"""How long a page may stay after its session ended."""
_ENDED = 1008
_PROTOCOL = b"sec-websocket-protocol"
_Standing = tuple[str, frozenset[str]]
_signed_in: dict[str, _Standing] = {}
_REMEMBERED = 10_000
"""Streamlit itself forgets a session some minutes after its page was closed."""


def same_standing(one: "Account | None", other: "Account | None") -> bool:
    """Whether two are one account with the same roles; nobody is the same as nobody else."""
    return one is not None and other is not None and _standing(one) == _standing(other)


def _standing(account: "Account") -> _Standing:
    return account.id, frozenset(account.roles)


def note_signed_in(session_id: str, account: "Account") -> None:
    """Remember of a Streamlit session of this process for whom pages were drawn in it."""
    _signed_in.pop(session_id, None)
    _signed_in[session_id] = _standing(account)
    if len(_signed_in) > _REMEMBERED:
        _signed_in.pop(next(iter(_signed_in)), None)


def old_session_was_of_another(scope: "Scope", account: "Account | None") -> bool:
    """Whether a connection wants to go on with a Streamlit session in which somebody else was signed in, or the same
    person with other roles; None: whether anybody was.
    """
    protocols = [v for n, v in scope["headers"] if n.lower() == _PROTOCOL]
    names = [name.strip().decode("latin-1") for value in protocols for name in value.split(b",")]
    ours = _standing(account) if account is not None else None
    return any(_signed_in[name] != ours for name in names if name in _signed_in)


def without_old_session(scope: "Scope") -> "Scope":
    """The same connection without the Streamlit session that it wants to go on with, its third protocol."""
    return {**scope, "headers": [(n, _first_two(v) if n.lower() == _PROTOCOL else v) for n, v in scope["headers"]]}


def _first_two(value: bytes) -> bytes:
    return b",".join(value.split(b",")[:2])


def shown_anew(receive: "Receive") -> "Receive":
    """Ask for the page, as a browser does that comes for the first time, before what the browser itself sends.

    One that comes back believes that its page is still good, and would show it until the next act.
    """
    connected = asked = False

    async def receive_after() -> "Message":
        nonlocal connected, asked
        if connected and not asked:
            asked = True
            return {"type": "websocket.receive", "bytes": BackMsg(rerun_script=ClientState()).SerializeToString()}
        message = await receive()
        connected = connected or message["type"] == "websocket.connect"
        return message

    return receive_after


def while_signed_in(receive: "Receive", send: "Send", still: Callable[[], Awaitable[bool]]) -> "Receive":
    """Hand on what a browser sends while ``still`` says so, and then end the connection, also of a silent browser."""
    over = False
    coming: asyncio.Future[Message] | None = None

    async def next_message() -> "Message | None":
        """What comes next; None where nothing came for a while."""
        nonlocal coming
        coming = coming or asyncio.ensure_future(receive())
        try:
            await asyncio.wait({coming}, timeout=LOOK_EVERY_S)
        except asyncio.CancelledError:
            coming.cancel()
            raise
        if not coming.done():
            return None
        message, coming = coming.result(), None
        return message

    async def receive_while() -> "Message":
        nonlocal over
        while not over:
            message = await next_message()
            if message is not None and message["type"] != "websocket.receive":
                return message
            if not await still():
                over = True
                if coming is not None:
                    coming.cancel()
                await send({"type": "websocket.close", "code": _ENDED})
            elif message is not None:
                return message
        return {"type": "websocket.disconnect", "code": _ENDED}

    return receive_while
