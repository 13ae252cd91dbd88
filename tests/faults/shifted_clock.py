"""Runs the app as `streamlit run` does, with a clock that a file moves: seconds to add, read at every look."""

import os
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

from streamlit.web import cli

from dermdash.storage import engine

FILE = "DERMDASH_TEST_CLOCK"
"""The variable that names the file."""


class _Shifted(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The time of this machine and what the file adds."""
        try:
            seconds = float(Path(os.environ[FILE]).read_text())
        except (OSError, ValueError):  # just being written
            seconds = 0.0
        moved = datetime.now(tz) + timedelta(seconds=seconds)
        return cls.fromtimestamp(moved.timestamp(), tz)


if __name__ == "__main__":
    engine.datetime = _Shifted  # type: ignore[attr-defined]  # every timestamp of the database comes from there
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    cli.main()
