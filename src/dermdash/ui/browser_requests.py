"""What a browser may ask of Streamlit: to run its page, and little else.

Streamlit does whatever any connection asks: empty the caches of everybody, and with them close and open the workspace
under running studies; make addresses for half a million uploads, while nobody else is served; tell the state of the
folder it was started from. No page of ours asks for any of that.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.BackMsg_pb2 import BackMsg

if TYPE_CHECKING:
    from starlette.types import Message, Receive

ANYBODY = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
SIGNED_IN = ANYBODY | {"backend_operation_request"}
"""The further rows of a long table."""
UPLOADING = frozenset({"file_urls_request"})


def only_asking_for(receive: "Receive", kinds: Collection[str]) -> "Receive":
    """Hand on what a browser sends where it is of these kinds of message; everything else is dropped.

    In silence: a browser itself may ask for more than we want, and must not lose its page for it.
    """

    async def receive_those() -> "Message":
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _kind(message) in kinds:
                return message

    return receive_those


def _kind(message: "Message") -> str | None:
    try:
        return BackMsg.FromString(message.get("bytes") or b"").WhichOneof("type")
    except DecodeError:
        return None
