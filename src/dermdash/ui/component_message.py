"""A component's data on its way to the browser, without two looks that Streamlit takes at it in every run.

It searches the entries for tables, with the help of pandas; ours have none. And it writes all of the data a second
time, pictures included, to name a component without a key after them; ours have one (`our_component` asks for it).
"""

from typing import Any

from streamlit.components.v2.bidi_component import main, serialization

_identity = main.BidiComponentMixin._build_bidi_identity_kwargs


def _as_it_is(data: dict[str, Any], _tables: dict[str, bytes] | None = None) -> dict[str, Any]:
    return data


def _by_its_key(self: main.BidiComponentMixin, *, proto: Any, data: Any = None, **others: Any) -> dict[str, Any]:
    return _identity(self, proto=main.BidiComponentProto(), data=None, **others)


def send_data_as_it_is() -> None:
    """Let every run from now on do so."""
    serialization._extract_dataframes_from_dict = _as_it_is  # type: ignore[assignment]
    main.BidiComponentMixin._build_bidi_identity_kwargs = _by_its_key  # type: ignore[method-assign]
