"""Addresses of small pictures: to whom they are given, who may fetch under them, and for how long."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests import labels_routes
from tests.filled_workspace import fill_records
from tests.labels_routes import signed_in
from tests.made_once import MadeOnce
from tests.signed_in import account_with

from dermdash.errors import DatabaseLost
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.object_store import THUMBNAILS
from dermdash.storage.records import image_hashes, record_ids
from dermdash.storage.workspace import Workspace
from dermdash.ui import access as shown
from dermdash.ui import labels_route, thumbnail_address, thumbnail_route
from dermdash.ui.record_tiles import thumbnail_uri, tile_picture
from dermdash.ui.thumbnail_address import HOLDS_S, image_of_address
from dermdash.ui.thumbnail_address import thumbnail_address as address_of
from dermdash.workflows.accounts import access, people
from dermdash.workflows.accounts.access import OPERATOR, Role


def fill(workspace: Workspace) -> list[str]:
    return fill_records(workspace, per_class=1)


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill, tmp_path / "workspace")
    yield opened
    opened.close()


@pytest.fixture
def image(workspace: Workspace) -> str:
    ids = sorted(record_ids(workspace.engine, RecordFilter()))
    return image_hashes(workspace.engine, ids[:1])[ids[0]]


def client(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, session: str | None) -> TestClient:
    monkeypatch.setattr(thumbnail_address, "_served", False)
    return labels_routes.client(workspace, monkeypatch, thumbnail_route.thumbnail_routes, session)


def test_the_account_that_an_address_was_made_for_gets_the_picture_and_no_cache_keeps_it(
    workspace: Workspace, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    answer = client(workspace, monkeypatch, session).get("/" + address_of(workspace.home, account.id, image))
    assert answer.status_code == 200
    assert answer.content == workspace.files.get(THUMBNAILS, image)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/jpeg", "no-store")


def test_nobody_else_gets_it_and_a_changed_address_opens_nothing(
    workspace: Workspace, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, account = signed_in(workspace, Role.CURATOR)
    place = "/" + address_of(workspace.home, account.id, image)
    other, _ = signed_in(workspace, Role.CURATOR, name="Eve")
    for session in (None, "made up", other):
        assert client(workspace, monkeypatch, session).get(place).status_code == 403
    session, account = signed_in(workspace, Role.STATISTICIAN, name="Mia")
    name = address_of(workspace.home, account.id, image).rpartition("/")[2]
    another, until, code = name.split(".")
    browser = client(workspace, monkeypatch, session)
    wrong = (
        f"{'0' * 64}.{until}.{code}", f"{another}.{int(until) + 1}.{code}", f"{another}.{until}.{'0' * 32}", another,
        f"{another}.{until}", f"{another}..{code}", f"{another}.²³.{code}", "..%2f..%2fworkspace.toml", "%00",
    )  # fmt: skip
    for changed in wrong:
        answer = browser.get(f"/{thumbnail_address.THUMBNAILS_PATH}/{changed}")
        assert answer.status_code in (403, 404), changed
        assert not answer.content.startswith(b"\xff\xd8")


def test_a_reviewer_gets_nothing_under_an_address_that_was_theirs_while_they_curated(
    workspace: Workspace, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    place = "/" + address_of(workspace.home, account.id, image)
    browser = client(workspace, monkeypatch, session)
    assert browser.get(place).status_code == 200
    people.change_roles(workspace, OPERATOR, account.id, roles=[Role.REVIEWER])
    assert browser.get(place).status_code == 403
    access.sign_out(workspace, session)
    assert browser.get(place).status_code == 403


def test_an_address_stays_the_same_for_a_while_and_then_expires(workspace: Workspace, image: str) -> None:
    home, begun = workspace.home, 1_000_000 * HOLDS_S
    made = {address_of(home, "a", image, clock=lambda at=at: begun + at) for at in (0, HOLDS_S - 1)}
    assert len(made) == 1
    name = made.pop().rpartition("/")[2]
    for late, expected in ((0, image), (2 * HOLDS_S - 1, image), (2 * HOLDS_S, None), (9 * HOLDS_S, None)):
        assert image_of_address(home, "a", name, clock=lambda late=late: begun + late) == expected
    assert image_of_address(home, "b", name, clock=lambda: begun) is None


def test_what_is_lost_is_said_to_be(workspace: Workspace, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    browser = client(workspace, monkeypatch, session)
    place = "/" + address_of(workspace.home, account.id, image)
    workspace.files.path(THUMBNAILS, image).unlink()
    assert browser.get(place).status_code == 404

    def lost() -> Workspace:
        raise DatabaseLost("away")

    monkeypatch.setattr(labels_route, "current_workspace", lost)
    assert browser.get(place).status_code == 503


def test_only_whose_pages_show_every_label_are_given_addresses(
    workspace: Workspace, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_address, "_served", True)
    for role in Role:
        account = account_with(workspace, role, name=f"A {role}")
        monkeypatch.setattr(shown, "shown_to", lambda account=account: account)
        picture = tile_picture(workspace, image)
        if role is Role.REVIEWER:
            assert picture == thumbnail_uri(workspace, image)
        else:
            assert image_of_address(workspace.home, account.id, picture.rpartition("/")[2]) == image
    monkeypatch.setattr(shown, "shown_to", lambda: None)
    assert tile_picture(workspace, image) == thumbnail_uri(workspace, image)
