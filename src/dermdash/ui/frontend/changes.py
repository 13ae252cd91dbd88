"""How a page hears of what a component sends, under the names of `dermdash.ui.frontend.exchange.sends`."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from dermdash.ui.frontend.exchange.sends import Sends

Message = TypeVar("Message")


def callback_of(name: Sends, callback: Callable[[], None]) -> dict[str, Any]:
    """Keyword arguments of a component of Streamlit that call back when it sends under that name."""
    return {f"on_{name}_change": callback}


def sent_value(state: Any, name: Sends) -> object:
    """What a component has sent under that name; None where nothing is."""
    return state.get(str(name)) if hasattr(state, "get") else None


def as_message(value: object, declared: type[Message]) -> Message | None:
    """What was sent, with the entries that its TypedDict requires; None where one is missing.

    Anybody can send anything: what the entries hold is for the caller to check.
    """
    entries: frozenset[str] = declared.__required_keys__  # type: ignore[attr-defined]
    return cast(Message, value) if isinstance(value, dict) and entries <= value.keys() else None
