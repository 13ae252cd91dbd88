"""Places of the points of a map: to whom they are named, who may fetch them, and how many are kept."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from tests import labels_routes
from tests.labels_routes import signed_in
from tests.made_once import MadeOnce
from tests.signed_in import account_with

from dermdash.charts.point_colours import of_numbers
from dermdash.errors import DatabaseLost
from dermdash.storage.workspace import Workspace
from dermdash.ui import access as shown
from dermdash.ui import offered_places, places_route, point_map
from dermdash.ui.frontend.exchange.point_map import PointMapPayload
from dermdash.ui.offered_places import OfferedPlaces, name_of
from dermdash.workflows.accounts import access, people
from dermdash.workflows.accounts.access import OPERATOR, Role

PLACES = b"\0\0\xff\xff"


def nothing(workspace: Workspace) -> None:
    """An empty workspace."""


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(nothing, tmp_path / "workspace")
    yield opened
    opened.close()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> OfferedPlaces:
    """What is offered in this test alone."""
    mine = OfferedPlaces()
    for module in (offered_places, places_route, point_map):
        monkeypatch.setattr(module, "OFFERED_PLACES", mine)
    return mine


def client(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, session: str | None) -> TestClient:
    return labels_routes.client(workspace, monkeypatch, places_route.places_routes, session)


def test_the_account_whose_page_named_them_gets_them_and_nobody_else(
    workspace: Workspace, offered: OfferedPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    other, _ = signed_in(workspace, Role.CURATOR, name="Eve")
    place = "/" + offered.offer(workspace, account.id, name_of(PLACES), PLACES)
    answer = client(workspace, monkeypatch, session).get(place)
    assert (answer.status_code, answer.content) == (200, PLACES)
    assert answer.headers["cache-control"] == "no-store"
    for somebody, status in ((None, 403), ("made up", 403), (other, 404)):
        assert client(workspace, monkeypatch, somebody).get(place).status_code == status
    assert client(workspace, monkeypatch, session).get(place[:-1] + "x").status_code == 404


def test_who_reviews_now_gets_nothing_that_was_named_while_they_curated(
    workspace: Workspace, offered: OfferedPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    place = "/" + offered.offer(workspace, account.id, name_of(PLACES), PLACES)
    browser = client(workspace, monkeypatch, session)
    assert browser.get(place).status_code == 200
    people.change_roles(workspace, OPERATOR, account.id, roles=[Role.REVIEWER])
    assert browser.get(place).status_code == 403
    access.sign_out(workspace, session)
    assert browser.get(place).status_code == 403


def test_a_lost_database_is_no_refusal(
    workspace: Workspace, offered: OfferedPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, account = signed_in(workspace, Role.CURATOR)
    place = "/" + offered.offer(workspace, account.id, name_of(PLACES), PLACES)
    browser = client(workspace, monkeypatch, session)

    def lost(*_: object) -> None:
        raise DatabaseLost("gone")

    monkeypatch.setattr(access, "account_of", lost)
    assert browser.get(place).status_code == 503


@pytest.mark.parametrize(("role", "by_address"), [(Role.CURATOR, True), (Role.REVIEWER, False)])
def test_a_map_names_places_to_who_sees_every_label_and_brings_them_along_else(
    workspace: Workspace,
    offered: OfferedPlaces,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
    by_address: bool,
) -> None:
    account = account_with(workspace, role)
    sent: list[PointMapPayload] = []
    monkeypatch.setattr(shown, "shown_to", lambda: account)
    monkeypatch.setattr(shown, "current_workspace", lambda: workspace)

    def seen(*, data: PointMapPayload, **_: Any) -> dict[str, None]:
        sent.append(data)
        return {"lasso": None}

    monkeypatch.setattr(point_map, "_map", seen)
    points = point_map.map_points(np.array([[0, 0], [1, 1]], np.float32), of="these")
    for served in (False, True):
        offered.served = served
        point_map.point_map(points, of_numbers(np.array([1.0, 2.0])), key="map", label="Two")
    along, named = (one["points"] for one in sent)
    assert base64.b64decode(along) == points.shares
    if by_address:
        assert offered.get(workspace, account.id, named.rpartition("/")[2]) == points.shares
    else:
        assert named == along


def test_what_is_kept_has_a_bound_and_what_was_offered_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered_places, "MOST_BYTES", 8)
    here: Any = Path("workspace")
    kept = OfferedPlaces()
    for name in ("a", "b", "a", "c"):
        kept.offer(here, "ada", name, PLACES)
    assert [kept.get(here, "ada", name) for name in "abc"] == [PLACES, None, PLACES]
    kept.offer(here, "ada", "d", PLACES * 9)
    assert kept.get(here, "ada", "d") == PLACES * 9  # one alone is kept, however large
