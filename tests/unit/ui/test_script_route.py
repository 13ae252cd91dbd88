"""Scripts of components: one file for each version, kept by browsers for good, and a few lines with each page."""

import gzip
import json
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dermdash.ui import script_route
from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.modules import composed
from dermdash.ui.frontend.served import PATH, STYLES_OF, loader, served_script


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(script_route, "_routed", False)
    return TestClient(Starlette(routes=script_route.script_routes()))


@pytest.mark.parametrize("entry", STYLES_OF)
def test_a_file_is_the_script_with_its_styles_and_is_kept_for_good(entry: str, client: TestClient) -> None:
    script = served_script(entry)
    assert script.text.startswith(composed(entry).encode())
    styles = json.dumps(read_styles(*STYLES_OF[entry])).encode()
    assert script.text.endswith(b"export const STYLES = " + styles + b";\n")
    assert gzip.decompress(script.compressed) == script.text
    plain = client.get(f"/{PATH}/{script.name}", headers={"Accept-Encoding": "identity"})
    packed = client.get(f"/{PATH}/{script.name}", headers={"Accept-Encoding": "gzip"})
    for answer in (plain, packed):
        assert answer.content == script.text
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")
    assert int(packed.headers["content-length"]) < len(script.text) / 2


@pytest.mark.parametrize("name", ["reading_panel-0000000000000000.mjs", "reading_panel", "nothing-1.mjs", "..%2Fnames"])
def test_another_version_or_file_is_not_found(name: str, client: TestClient) -> None:
    assert client.get(f"/{PATH}/{name}").status_code == 404


def test_only_a_few_lines_travel_where_the_file_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, **parts: made.update({name: parts}))
    monkeypatch.setattr(script_route, "_routed", False)
    script_route.our_component("reading_panel")
    alone = made["dermdash_reading_panel"]
    assert (alone["js"], alone["css"]) == (composed("reading_panel"), read_styles(*STYLES_OF["reading_panel"]))
    script_route.script_routes()
    script_route.our_component("reading_panel")
    served = made["dermdash_reading_panel"]
    assert served["html"] == alone["html"]
    assert served["css"] is None
    assert served["js"] == loader("reading_panel")
    assert served_script("reading_panel").name in served["js"]
    assert len(served["js"]) < 1000
