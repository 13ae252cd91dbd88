"""While an import is followed its page hears clicks, which Streamlit looks for where something is drawn."""

from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from dermdash.ui import import_watch
from dermdash.workflows.dataset.import_report import ImportProgress


@pytest.mark.parametrize(("done", "total"), [(0, 0), (3, 9)], ids=["tables are read", "images are stored"])
def test_something_is_drawn_at_every_turn(monkeypatch: pytest.MonkeyPatch, done: int, total: int) -> None:
    drawn = MagicMock()
    drawn.button.return_value = False
    monkeypatch.setattr(import_watch, "st", drawn)
    turns = iter([False, False, True])
    job = SimpleNamespace(
        stopping=False, stop=None, wait=lambda _: next(turns), progress=ImportProgress(done, total), begun=0.0
    )
    import_watch._follow(job)  # type: ignore[arg-type]
    assert drawn.progress.return_value.progress.call_count == 2
