"""What a new run of a page leaves of what its session has to say to its browser."""

from unittest.mock import MagicMock

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.script_data import ScriptData
from tests import own_loop

from dermdash.ui import server_start
from dermdash.ui.browser_queue import QueueThatAnswers


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server does at its start, without what goes on beside it."""
    for name in ("ForwardMsgQueue", "_populate_theme_msg"):
        monkeypatch.setattr(app_session, name, getattr(app_session, name))  # put back after the test
    for beside in ("Maintenance", "limit_log", "_after_start", "raise_open_files_limit"):
        monkeypatch.setattr(server_start, beside, MagicMock())

    async def start() -> None:
        async with server_start.at_start(None):
            pass

    own_loop.run(start)


async def asked_while_a_run_begins() -> list[str | None]:
    """The kinds of what is sent to a browser that asks where to upload a file, at the moment at which a run begins."""
    session = app_session.AppSession(
        script_data=ScriptData("app.py", is_hello=False),
        uploaded_file_manager=MemoryUploadedFileManager("/_stcore/upload_file"),
        script_cache=MagicMock(),
        message_enqueued_callback=None,
        user_info={},
    )
    asked = BackMsg()
    asked.file_urls_request.request_id = "where"
    asked.file_urls_request.file_names.append("lesions.csv")
    session.handle_backmsg(asked)
    session._clear_queue()  # as at the start of a run
    return [message.WhichOneof("type") for message in session.flush_browser_queue()]


@pytest.mark.usefixtures("started")
def test_a_browser_is_told_where_to_upload_though_a_run_begins_before_that_was_sent() -> None:
    assert own_loop.run(asked_while_a_run_begins) == ["file_urls_response"]


@pytest.mark.parametrize("fragments", [None, ["part"]])
def test_what_a_run_drew_goes_and_what_was_asked_for_stays_once(fragments: list[str] | None) -> None:
    drawn, answer, more = ForwardMsg(), ForwardMsg(), ForwardMsg()
    drawn.delta.fragment_id = "part"
    answer.file_urls_response.response_id = "where"
    more.backend_operation_response.request_id = "rows"
    queue = QueueThatAnswers()
    for message in (drawn, answer, more):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    assert queue.flush() == [answer, more]
    assert queue.is_empty()
