"""A connection lives as long as the session it was opened with: after signing out an open tab can do nothing more.

Pages ask who is at the browser when they are drawn. What stands on a page that was drawn before, its buttons, downloads
and parts that refresh themselves, would go on: Streamlit runs them from what it remembers of the page. So every message
of a browser that came with a session is let through only while that session holds; then the connection ends, and the
browser comes back as a stranger, to whom Streamlit does not hand what it remembers.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_ENDED = 1008
_PROTOCOL = b"sec-websocket-protocol"
_signed_in: dict[str, None] = {}
_REMEMBERED = 10_000
"""Streamlit itself forgets a session some minutes after its page was closed."""


def note_signed_in(session_id: str) -> None:
    """Remember of a Streamlit session of this process that pages for somebody signed in were drawn in it."""
    _signed_in.pop(session_id, None)
    _signed_in[session_id] = None
    if len(_signed_in) > _REMEMBERED:
        _signed_in.pop(next(iter(_signed_in)), None)


def old_session_was_signed_in(scope: "Scope") -> bool:
    """Whether a connection wants to go on with a Streamlit session in which somebody was signed in."""
    protocols = [v for n, v in scope["headers"] if n.lower() == _PROTOCOL]
    return any(name.strip().decode("latin-1") in _signed_in for value in protocols for name in value.split(b","))


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
    """Hand on what a browser sends while ``still`` says so, and then end the connection."""
    over = False

    async def receive_while() -> "Message":
        nonlocal over
        message = await receive() if not over else {"type": "websocket.disconnect", "code": _ENDED}
        if message["type"] != "websocket.receive" or await still():
            return message
        over = True
        await send({"type": "websocket.close", "code": _ENDED})
        return {"type": "websocket.disconnect", "code": _ENDED}

    return receive_while
