"""Pictures that a reader's panel fetches itself on a slow line: to whom they are given, and from where they go on."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.filled_workspace import answer_next, begin, fill_study_without_practice, invite
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import DatabaseLost
from dermdash.storage.workspace import Workspace
from dermdash.ui import picture_route
from dermdash.ui.frontend.exchange.reading import INVITATION_HEADER, PICTURES_PATH
from dermdash.ui.offered_pictures import OFFERED
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import invitations, join_study, reading_standing
from dermdash.workflows.reader_study.run_reading import Receipt


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    workspace, study_id = made_once.open_copy(fill_study_without_practice, tmp_path / "workspace")
    yield workspace, study_id
    let_go(workspace)


@pytest.fixture
def client(filled: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(picture_route, "current_workspace", lambda: filled[0])
    return TestClient(Starlette(routes=picture_route.picture_routes()))


def sent(workspace: Workspace, study_id: str, reader_id: str, *, fetches: bool) -> Any:
    session = reading_standing.load_session(workspace, study_id, reader_id)
    return panel_data(workspace, session, Receipt(), fetches=fetches)


def get(client: TestClient, name: str, token: str, first: int | None = None) -> Any:
    headers = {INVITATION_HEADER: token} | ({} if first is None else {"Range": f"bytes={first}-"})
    return client.get(f"/{PICTURES_PATH}/{name}", headers=headers)


def test_a_picture_goes_on_from_any_byte_and_is_the_one_that_would_have_come_along(
    filled: tuple[Workspace, str], client: TestClient
) -> None:
    workspace, study_id = filled
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    along = sent(workspace, study_id, reader_id, fetches=False)["pictures"]
    data = sent(workspace, study_id, reader_id, fetches=True)
    assert data["pictures"] == {}
    for name in (data["step"]["image"], data["prefetch"]["image"]):
        whole = base64.b64decode(along[name].partition(",")[2])
        answer = get(client, name, token)
        assert (answer.status_code, answer.content) == (200, whole)
        assert answer.headers["cache-control"] == "no-store"
        assert along[name].startswith(f"data:{answer.headers['content-type']};")
        for first in (0, 1, len(whole) // 2, len(whole) - 1):
            rest = get(client, name, token, first)
            assert (rest.status_code, rest.content) == (206, whole[first:])
            assert rest.headers["content-range"] == f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        assert get(client, name, token, len(whole)).status_code == 416


def test_a_picture_is_for_the_reader_to_whom_it_was_named_and_no_other(
    filled: tuple[Workspace, str], client: TestClient
) -> None:
    workspace, study_id = filled
    mine, other = invite(workspace, study_id, "Ada", "Eve")
    _, reader_id = begin(workspace, mine)
    begin(workspace, other)
    name = sent(workspace, study_id, reader_id, fetches=True)["step"]["image"]
    assert get(client, name, mine).status_code == 200
    assert get(client, name, other).status_code == 404
    assert get(client, "0" * 32, mine).status_code == 404
    for token in ("", "guess", "x" * 5000):
        assert get(client, name, token).status_code == 403
    assert client.get(f"/{PICTURES_PATH}/{name}").status_code == 403
    invitations.withdraw_invitation(workspace, join_study.open_invitation(workspace, mine).invitation_id)
    assert get(client, name, mine).status_code == 403


def test_assistance_cannot_be_fetched_before_the_unaided_answer_and_old_cases_no_more(
    filled: tuple[Workspace, str], client: TestClient
) -> None:
    workspace, study_id = filled
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    named: list[set[str]] = []
    while len(named) < 7:
        data = sent(workspace, study_id, reader_id, fetches=True)
        shown = data["step"]
        images = {shown["image"], *(n["image"] for n in (shown["assistance"] or {}).get("neighbours", []))}
        for name in images - set().union(*named):
            assert get(client, name, token).status_code == 200
        named.append(images)
        answer_next(workspace, reading_standing.load_session(workspace, study_id, reader_id), "nv")
    gone = next(iter(named[0]))
    assert gone not in named[-1] | named[-2]
    assert get(client, gone, token).status_code == 404


def test_a_database_that_is_away_is_no_refusal(
    filled: tuple[Workspace, str], client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, study_id = filled
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    name = sent(workspace, study_id, reader_id, fetches=True)["step"]["image"]

    def lost(*_: object) -> None:
        raise DatabaseLost("away")

    with monkeypatch.context() as away:
        away.setattr(join_study, "open_invitation", lost)
        assert get(client, name, token).status_code == 503
    assert OFFERED.get(workspace, reader_id, name) is not None
    assert get(client, name, token).status_code == 200
