"""How a page hears of what a component sends, under the names of `dermdash.ui.frontend.exchange`."""

from collections.abc import Callable
from typing import Any

from dermdash.ui.frontend.exchange import Sends


def callback_of(name: Sends, callback: Callable[[], None]) -> dict[str, Any]:
    """Keyword arguments of a component of Streamlit that call back when it sends under that name."""
    return {f"on_{name}_change": callback}


def sent_value(state: Any, name: Sends) -> object:
    """What a component has sent under that name; None where nothing is."""
    return state.get(str(name)) if hasattr(state, "get") else None
