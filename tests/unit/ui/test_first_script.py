"""Every page begins with our script, before Streamlit's own, and nothing else of what is served changes."""

from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from dermdash.ui.first_script import FirstScript, with_first_script
from dermdash.ui.frontend.served import PATH, served_script

STATIC = Path(streamlit.__file__).parent / "static"
OURS = f'src="./{PATH}/{served_script("first_script").name}"'


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/words", lambda _: PlainTextResponse("words", headers={"etag": "w"})),
        Mount("/", StaticFiles(directory=STATIC, html=True)),
    ]
    # Streamlit packs its page, too.
    middleware = [Middleware(FirstScript), Middleware(GZipMiddleware)]
    client = TestClient(Starlette(routes=routes, middleware=middleware))
    client.headers["accept"] = "text/html,*/*"
    return client


def test_the_script_stands_before_every_other_module_of_the_page(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.text.count(OURS) == 1
    assert answer.text.index(OURS) < answer.text.index("./static/js/index.")
    assert "etag" not in answer.headers
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    assert int(plain.headers["content-length"]) == len(plain.content) > int(answer.headers["content-length"])


def test_a_page_that_a_browser_kept_without_the_script_is_sent_anew(client: TestClient) -> None:
    plain = client.get("/", headers={"accept": "*/*"})
    assert OURS not in plain.text
    again = client.get("/", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, OURS in again.text) == (200, True)


def test_what_is_no_page_of_modules_stays_as_it_is(client: TestClient) -> None:
    assert (client.get("/words").text, client.get("/words").headers["etag"]) == ("words", "w")
    assert client.get("/nothing").status_code == 404
    assert with_first_script(b"<html>a page</html>") == b"<html>a page</html>"
