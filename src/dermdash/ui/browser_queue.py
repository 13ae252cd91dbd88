"""What a page's session has to say to its browser, of which a new run of the page throws away more than it should.

Streamlit empties the queue when a run begins, as what the run before drew is out of date. With it goes the answer to a
browser that has just asked where to upload a file: it waits for ever, and whoever chose the file finds the field empty,
if they typed into another one a moment later or the server was busy.
"""

from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_ANSWERS = frozenset({"file_urls_response", "backend_operation_response"})
"""What a browser has asked for by itself: no run of the page says it again."""


class QueueThatAnswers(ForwardMsgQueue):
    """Streamlit's queue, which keeps answers until they are sent."""

    def clear(self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        """Take out what a run drew; everything where ``retain_lifecycle_msgs`` is false: then it was sent."""
        waiting = list(self._queue) if retain_lifecycle_msgs else []
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        left = {id(message) for message in self._queue}
        self._queue += [m for m in waiting if m.WhichOneof("type") in _ANSWERS and id(m) not in left]


def never_lose_answers() -> None:
    """Let every session from now on have such a queue."""
    app_session.ForwardMsgQueue = QueueThatAnswers  # type: ignore[misc]
