"""A reviewer without a browser, as `streamlit_client` has readers: signed in, on the page Annotate."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.benchmarks.streamlit_client import RESEND_AFTER_S, ReadingClient, ReadingRefused


@dataclass(slots=True)
class AnnotatorClient(ReadingClient):
    """One reviewer with a session; `token` is not used."""

    token: str = ""
    page_name: str = "annotate"
    component: str = "dermdash_annotation_panel"

    @property
    def query(self) -> dict[str, str]:
        """The address names the task that is open, as the page writes it."""
        task = self.panel.get("task")
        return {"task": task["key"]} if task else {}

    @property
    def task(self) -> dict[str, Any] | None:
        """The open record, None where there is nothing to do."""
        return self.panel.get("task")

    async def annotate(self, annotation: dict[str, Any], *, client_ms: float) -> float:
        """Submit the open record; milliseconds until that was acknowledged and another record, or none, had come."""
        task = self.task
        assert task is not None
        now = datetime.now(UTC).isoformat()
        item = {
            "id": str(uuid4()), "kind": "annotation", "task": task["key"], "annotation": annotation,
            "client_ms": client_ms, "shown_at": now, "submitted_at": now,
        }  # fmt: skip
        self.submitted.add(item["id"])
        started = time.perf_counter()
        wait = RESEND_AFTER_S

        def arrived() -> bool:
            for refusal in self.panel["refused"]:
                if refusal["id"] == item["id"]:
                    raise ReadingRefused(refusal["reason"])
            moved = "task" in self.panel and (self.task is None or self.task["key"] != task["key"])
            return item["id"] in self.panel["acknowledged"] and moved

        while True:
            await self.send([item])
            try:
                await self._receive_until(arrived, timeout_s=wait)
            except TimeoutError:
                wait *= 1.6
                if wait > 60:
                    raise
                continue
            self.acknowledged.add(item["id"])
            return (time.perf_counter() - started) * 1000

    async def look_again(self) -> None:
        """Ask whether there is something to do now, as somebody who reloads the page."""
        await self._send_run(None)
        await self._receive_until(lambda: True, timeout_s=60)
