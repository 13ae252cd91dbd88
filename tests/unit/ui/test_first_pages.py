"""The door before readers' first pages: one after the other, and nobody is kept out by a page that hangs."""

import threading

import pytest

from dermdash.ui.first_pages import Door


def test_whoever_comes_waits_until_the_one_before_is_in() -> None:
    door, came = Door(1), threading.Event()

    def come() -> None:
        with door.in_turn():
            came.set()

    with door.in_turn():
        second = threading.Thread(target=come)
        second.start()
        assert not came.wait(0.05)
    assert came.wait(60)
    second.join()


def test_a_page_that_hangs_keeps_nobody_out() -> None:
    door = Door(1, patience_s=0.01)
    with door.in_turn(), door.in_turn():
        pass


def test_a_page_that_fails_gives_its_place_back() -> None:
    door = Door(1, patience_s=60)
    for _ in range(2):
        with pytest.raises(ValueError, match="it failed"), door.in_turn():
            raise ValueError("it failed")
    with door.in_turn():
        pass
