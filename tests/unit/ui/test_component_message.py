"""What is sent to a component of ours."""

import json

import pytest
from streamlit.components.v2.bidi_component import main, serialization
from streamlit.proto.BidiComponent_pb2 import BidiComponent

from dermdash.ui.component_message import send_data_as_it_is

DATA = {"tiles": [{"id": "a"}], "label": "x", "of": {"rows": [1]}, "none": None, "picture": "data:image/jpeg;base64,AA"}


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serialization, "_extract_dataframes_from_dict", serialization._extract_dataframes_from_dict)
    mixin = main.BidiComponentMixin
    monkeypatch.setattr(mixin, "_build_bidi_identity_kwargs", mixin._build_bidi_identity_kwargs)


def sent(data: dict[str, object]) -> str:
    message = BidiComponent()
    serialization.serialize_mixed_data(data, message)
    return message.json


def identity(message: BidiComponent, data: dict[str, object]) -> dict[str, object]:
    return main.BidiComponentMixin()._build_bidi_identity_kwargs(
        component_name="panel", isolate_styles=True, width="stretch", height="content", proto=message, data=data,
        default={"outbox": None},
    )  # fmt: skip


def test_the_same_reaches_a_browser_and_nothing_is_searched_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    as_ever = sent(DATA)
    send_data_as_it_is()
    monkeypatch.setattr(serialization, "is_dataframe_like", lambda _: pytest.fail("searched"))
    assert json.loads(sent(DATA)) == json.loads(as_ever) == DATA


def test_a_component_is_not_named_after_its_data() -> None:
    before = identity(BidiComponent(json=json.dumps(DATA)), DATA)
    send_data_as_it_is()
    after = identity(BidiComponent(json=json.dumps(DATA)), DATA)
    assert {name: value for name, value in before.items() if name != "json"} == after
