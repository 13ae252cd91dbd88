"""Pictures that readers may fetch: kept once, and never more of them than a server can hold."""

from pathlib import Path
from typing import Any

import pytest

from dermdash.ui import offered_pictures
from dermdash.ui.leaving_pictures import LeavingPicture
from dermdash.ui.offered_pictures import OfferedPictures

HERE: Any = Path("workspace")
URI = "data:image/jpeg;base64,AAAA"


def named(*names: str) -> list[LeavingPicture]:
    return [LeavingPicture(name, URI) for name in names]


def test_a_reader_has_the_pictures_of_two_payloads_and_nobody_elses() -> None:
    offers = OfferedPictures()
    offers.offer(HERE, "ada", named("a", "b"))
    offers.offer(HERE, "ada", named("b", "a"))
    offers.offer(HERE, "ada", named("b", "c"))
    assert all(offers.get(HERE, "ada", name) == ("image/jpeg", b"\0\0\0") for name in "abc")
    offers.offer(HERE, "ada", named("d"))
    assert offers.get(HERE, "ada", "a") is None
    assert offers.get(HERE, "ada", "b") is not None
    assert offers.get(HERE, "berta", "d") is None
    assert offers.get(Path("other"), "ada", "d") is None  # type: ignore[arg-type]


def test_what_is_kept_has_a_bound_and_who_was_offered_theirs_longest_ago_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered_pictures, "MOST_CHARACTERS", 3 * len(URI))
    offers = OfferedPictures()
    for reader in ("ada", "berta", "clara"):  # the same cases: each picture is kept once
        offers.offer(HERE, reader, named("a", "b", "c"))
    assert all(offers.get(HERE, reader, "c") for reader in ("ada", "berta", "clara"))
    offers.offer(HERE, "ada", named("a"))
    offers.offer(HERE, "dora", named("d"))
    assert offers.get(HERE, "dora", "d") is not None
    assert offers.get(HERE, "berta", "c") is None
    # One reader's own pictures are there whatever they weigh.
    offers.offer(HERE, "eva", named("1", "2", "3", "4", "5"))
    assert all(offers.get(HERE, "eva", name) for name in "12345")
    assert offers.get(HERE, "dora", "d") is None
    offers.offer(HERE, "eva", named("6"))
    offers.offer(HERE, "eva", named("7"))
    assert offers.get(HERE, "eva", "1") is None
    assert len(offers._pictures) == 2
