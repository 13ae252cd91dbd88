"""What a browser may send to the reading panel: a number that cannot be is no delivery and never makes a page loop."""

import json
import math
import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import streamlit as st

from dermdash.deliveries import MAX_ITEMS, MAX_TEXT
from dermdash.reader_study.answer_time import MAX_CLIENT_MS
from dermdash.reader_study.assistance import build_assistance, shown_form
from dermdash.reader_study.crowd import CrowdOpinion
from dermdash.reader_study.outbox import EventKind
from dermdash.reader_study.protocol import NATURE_MEDICINE_MODALITIES
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import HAM7
from dermdash.ui import reading_panel
from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.facets import parse_selection
from dermdash.ui.frontend.exchange.step import AssistancePayload, NeighbourPayload

NO_NUMBERS = [math.nan, math.inf, -math.inf, 1.0, True, -1, 2**53, 10**400, "1", None, [], {}]
CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"


class RunsAgain(Exception):
    pass


def show(monkeypatch: pytest.MonkeyPatch, value: object, state: dict[str, Any]) -> list[Any]:
    """One run of a page whose browser has sent `value`; returns what was delivered."""
    delivered: list[Any] = []

    def run_again() -> None:
        raise RunsAgain

    monkeypatch.setattr(reading_panel, "_panel", lambda **_: {"outbox": value})
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "html", lambda _: None)
    monkeypatch.setattr(st, "rerun", run_again)
    reading_panel.reading_panel({}, key="reading", on_answers=delivered.append)
    return delivered


def event() -> dict[str, str]:
    return {"kind": "event", "id": str(uuid4()), "event": "pause", "step_key": "", "at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("seq", NO_NUMBERS)
def test_a_delivery_without_a_whole_number_is_ignored_and_the_page_stands_still(
    monkeypatch: pytest.MonkeyPatch, seq: object
) -> None:
    assert show(monkeypatch, {"seq": seq, "items": [event()]}, {}) == []


def test_a_delivery_of_a_new_session_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    value = {"seq": 7, "items": [event()]}
    with pytest.raises(RunsAgain):
        show(monkeypatch, value, state)
    assert show(monkeypatch, value, state) == []


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_facets_take_no_other_numbers_either(number: object) -> None:
    assert delivery_number(number) is None
    assert parse_selection({"number": number, "selected": {"dx": ["nv"]}}, ["dx"]) == (0, {})


def test_the_largest_outbox_passes_the_limit_of_a_message() -> None:
    limit = tomllib.loads(CONFIG.read_text("utf-8"))["server"]["maxWidgetStateSize"] * 1024 * 1024
    longest = {
        "kind": "answer", "id": str(uuid4()), "step_key": "x" * MAX_TEXT, "phase": "unaided", "dx": "x" * 40,
        "confidence": 5, "client_ms": MAX_CLIENT_MS, "event": max(EventKind, key=len),
        "shown_at": "2026-01-01T00:00:00.000000+00:00", "submitted_at": "2026-01-01T00:00:00.000000+00:00",
    }  # fmt: skip
    message = json.dumps({"outbox": {"seq": 2**53 - 1, "items": [longest] * MAX_ITEMS}})
    assert len(message) < limit / 8


def test_every_shown_form_of_assistance_is_declared_for_the_browser() -> None:
    shares = dict.fromkeys(HAM7.codes, 1 / len(HAM7.codes))
    made = build_assistance(
        taxonomy=HAM7, probabilities=shares, neighbours=[("r", "mel", 0.9)], crowd=CrowdOpinion(shares, readers=5)
    )
    assert set(made) == {*NATURE_MEDICINE_MODALITIES, Modality.MULTICLASS_AND_CBIR}
    for stored in made.values():
        shown = shown_form(stored)
        assert set(shown) <= set(AssistancePayload.__annotations__)
        for neighbour in shown.get("neighbours", []):
            assert set(neighbour) | {"image"} == set(NeighbourPayload.__annotations__)


def test_a_delivery_without_items_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert show(monkeypatch, {"seq": 7}, {}) == []
