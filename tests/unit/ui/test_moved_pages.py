"""Old addresses lead to the page that has their content now, with all that they were asked."""

from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request
from tests import own_loop

from dermdash.analyses.registry import ANALYSES
from dermdash.ui.moved_pages import MOVED, lead_on, moved_routes, new_address
from dermdash.ui.navigation import ADDRESSES

OLD = ["results", "monitoring", "report", "cases", *(a.address for a in ANALYSES if a.page)]


def test_every_page_that_became_a_part_of_another_leads_there_and_is_none_any_more() -> None:
    assert set(OLD) == set(MOVED)
    assert not ADDRESSES & set(OLD)
    assert {address for address, _ in MOVED.values()} <= ADDRESSES


@pytest.mark.parametrize("old", OLD)
def test_an_old_address_keeps_what_it_was_asked(old: str) -> None:
    address, query = MOVED[old]
    led = urlsplit(new_address(old, "source=study%3Aone&tab=nonsense&stage-3=on"))
    assert led.path == address
    assert parse_qs(led.query) == {**{k: [v] for k, v in query.items()}, "source": ["study:one"], "stage-3": ["on"]}


def test_ratings_of_a_file_lead_to_their_own_page() -> None:
    assert new_address("mrmc", "compare=file&reversed=on") == "ratings-file?reversed=on"


def test_the_answer_is_relative_so_that_a_path_before_it_stays() -> None:
    assert [route.path for route in moved_routes()] == [f"/{old}" for old in MOVED]
    asked = {"type": "http", "method": "GET", "path": "/results", "query_string": b"source=study:one", "headers": []}
    answer = own_loop.run(lambda: lead_on(Request(asked)))
    assert (answer.status_code, answer.headers["location"]) == (307, "study?tab=results&source=study%3Aone")
