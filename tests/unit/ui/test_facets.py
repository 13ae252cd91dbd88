"""What a browser sends as its choice of options is hostile until it was read."""

import pytest

from dermdash.ui.facets import MOST_CHOSEN, parse_selection

FACETS = ("dx", "sex")


def test_the_ids_chosen_of_each_facet_are_read_in_their_order_and_once() -> None:
    sent = {"number": 7, "selected": {"dx": ["mel", "nv", "mel"]}}
    assert parse_selection(sent, FACETS) == (7, {"dx": ("mel", "nv"), "sex": ()})


def test_a_facet_that_the_page_does_not_have_is_ignored() -> None:
    assert parse_selection({"number": 7, "selected": {"secret": ["x"]}}, FACETS) == (7, {"dx": (), "sex": ()})


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {"number": 7},
        {"number": float("nan"), "selected": {}},
        {"number": True, "selected": {}},
        {"number": "7", "selected": {}},
        {"number": 7, "selected": []},
        {"number": 7, "selected": {"dx": "mel"}},
        {"number": 7, "selected": {"dx": [1]}},
        {"number": 7, "selected": {"dx": ["x" * 201]}},
    ],
)
def test_what_is_not_of_the_form_chooses_nothing(sent: object) -> None:
    assert parse_selection(sent, FACETS) == (0, {})


def test_no_more_options_are_taken_than_an_address_holds() -> None:
    _, chosen = parse_selection({"number": 1, "selected": {"dx": [str(n) for n in range(500)]}}, FACETS)
    assert len(chosen["dx"]) == MOST_CHOSEN
