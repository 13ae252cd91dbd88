"""A coordinator without a browser who has the tab Readers of a study open: it is drawn anew every ten seconds."""

import asyncio
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_tabs import StudyTab
from tests.benchmarks.streamlit_client import ReadingClient


@dataclass(slots=True)
class CoordinatorClient(ReadingClient):
    """Signed in by ``cookie``; ``study_id`` is the study that is watched, ``drawn`` counts how often it was, and
    ``drawings`` says of each drawing anew when it was asked for and how many milliseconds it took.
    """

    token: str = ""
    page_name: str = "study"
    study_id: str = ""
    drawn: int = 0
    drawings: list[tuple[float, float]] = field(default_factory=list)
    _fragment: str = ""
    _every_s: float = 0.0

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the address."""
        return {**StudyTab.READERS.query, **link_to_study(self.study_id)} if self.study_id else {}

    async def watch(self, end: float) -> None:
        """Let the page draw itself anew until the event loop's clock says so; call it on an open connection."""
        if not self._fragment:
            raise RuntimeError("this page does not draw itself anew")
        now = asyncio.get_running_loop().time
        while now() < end:
            await asyncio.sleep(max(0.0, min(self._every_s, end - now())))
            await self.draw_again()

    async def draw_again(self) -> None:
        """Have the page draw itself anew, as it does by itself every ten seconds."""
        message = BackMsg()
        message.rerun_script.fragment_id = self._fragment
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.is_auto_rerun = True
        assert self._connection is not None
        now = asyncio.get_running_loop().time
        at, before = now(), self.drawn
        await self._connection.send(message.SerializeToString())
        await self._receive_until(lambda: self.drawn > before, timeout_s=60)
        self.drawings.append((at, 1000 * (now() - at)))

    def _take(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._fragment, self._every_s = message.auto_rerun.fragment_id, message.auto_rerun.interval
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(f"the page failed: {message.delta.new_element.exception.message}")
        elif kind == "script_finished":
            self.drawn += 1
            self.panel = {"drawn": self.drawn}
            return True
        return False
