"""Runs the app as `streamlit run` does, with one slow computation; all else is as it is."""

import sys
import time
from typing import Any

from streamlit.web import cli

from dermdash.analyses.benefit import run

SECONDS = 3.0
_quick = run.analyse_benefit


def _slow(*arguments: Any, **options: Any) -> Any:
    time.sleep(SECONDS)
    return _quick(*arguments, **options)


if __name__ == "__main__":
    run.analyse_benefit = _slow
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    cli.main()
