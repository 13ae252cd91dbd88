"""Makes ready what the first opening of every page would otherwise wait for: the workspace, modules, first uses.

Runs in a thread beside the server. No network is loaded: torch takes a second and 200 MB, and most visits need none.
"""

import importlib
import pkgutil
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress

import dermdash.analyses
import dermdash.ui
from dermdash.errors import DermdashError
from dermdash.ui.open_workspace import current_workspace

_BREATH = 0.005
"""Seconds between two modules: a reader's step that came meanwhile goes first."""
_USED_LATER = ("scipy.optimize", "scipy.sparse")
"""Imported inside functions; the first reader's consent waits for the former."""
_begun: set[Hashable] = set()
_beginning = threading.Lock()


def begin_once(key: Hashable, work: Callable[[], object]) -> None:
    """Do in a thread, once per process and key, what a visitor will probably ask for next; no result is waited for.

    What goes wrong is left to the page that will do the same again and can say it.
    """
    with _beginning:
        if key in _begun:
            return
        _begun.add(key)

    def quietly() -> None:
        with suppress(DermdashError, OSError):
            work()

    threading.Thread(target=quietly, name="begin-once", daemon=True).start()


def warm_up() -> None:
    """Open the workspace, import every module of the pages, and draw one small figure and table.

    A workspace that cannot be opened is left to the first page, which says why.
    """
    try:
        current_workspace()
    except DermdashError:
        return
    # An analysis imports what it computes and shows when it is asked for; the pages import all else.
    pages = [
        module.name
        for package in (dermdash.ui, dermdash.analyses)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    for name in [*pages, *_USED_LATER]:
        importlib.import_module(name)
        time.sleep(_BREATH)
    _draw()


def _draw() -> None:
    """Plotly and Arrow import most of what they need at their first use."""
    import pandas as pd
    import plotly.graph_objects as go
    from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

    from dermdash.charts.palette import Theme, plotly_template

    frame = pd.DataFrame({"name": ["one", "two"], "share": [0.5, 0.25], "n": [1, 2]})
    figure = go.Figure(layout={"template": plotly_template(Theme.LIGHT), "annotations": [{"text": "one"}]})
    figure.add_scatter(x=frame["share"], y=frame["n"], error_x={"type": "data", "array": [0.1, 0.1]})
    figure.add_bar(x=frame["n"], y=frame["share"])
    figure.update_xaxes(title_text="share").to_json()
    convert_pandas_df_to_arrow_bytes(frame)
