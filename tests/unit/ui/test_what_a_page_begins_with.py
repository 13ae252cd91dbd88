"""What a page begins with where nobody has chosen: what has something to show, where anything has."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from dermdash.storage.workspace import Workspace
from dermdash.ui import comparison_choice, model_and_images
from dermdash.workflows.classifier import model_in_use

NOWHERE = cast("Workspace", None)
DRAWN, PHOTOGRAPHS = True, False


def model(name: str, taxonomy: str = "ham7", *, simulated: bool = PHOTOGRAPHS, predictions: int = 1) -> dict[str, Any]:
    return {"id": name, "taxonomy": taxonomy, "simulated": simulated, "predictions": predictions}


def test_a_comparison_begins_with_a_model_that_has_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, first, second, other = (
        model("alone", "clinical9"), model("first"), model("second"), model("drawn", simulated=DRAWN)
    )  # fmt: skip
    monkeypatch.setattr(comparison_choice, "evaluable_models", lambda *_, **__: [alone, first, other, second])
    assert list(comparison_choice.comparable_models(NOWHERE, PHOTOGRAPHS)) == ["first", "second", "alone"]


@pytest.mark.parametrize(
    ("ready", "first"),
    [({PHOTOGRAPHS, DRAWN}, PHOTOGRAPHS), ({DRAWN}, DRAWN), (set(), PHOTOGRAPHS), ({PHOTOGRAPHS}, PHOTOGRAPHS)],
)
def test_a_page_begins_with_drawn_images_where_these_alone_have_what_it_is_about(
    monkeypatch: pytest.MonkeyPatch, ready: set[bool], first: bool
) -> None:
    begun: list[str] = []

    def choose_segment(*_: Any, default: str, **__: Any) -> str:
        begun.append(default)
        return default

    monkeypatch.setattr(model_and_images, "choose_segment", choose_segment)
    monkeypatch.setattr(model_and_images, "both_kinds_present", lambda _: True)
    monkeypatch.setattr(model_and_images, "default_kind", lambda _: PHOTOGRAPHS)
    monkeypatch.setattr(model_and_images, "list_models", lambda _: [model("reference"), model("own", simulated=DRAWN)])
    monkeypatch.setattr("dermdash.ui.address.asked", lambda _: [])
    chosen = model_and_images.pick_kind(NOWHERE, key="any", ready=ready.__contains__)
    assert (chosen, begun) == (first, ["drawn" if first else "real"])


@pytest.mark.parametrize(
    ("ready", "order"),
    [
        (lambda _: True, ["used", "new", "old", "drawn"]),
        (lambda m: bool(m["predictions"]), ["old", "drawn", "used", "new"]),
    ],
)
def test_models_that_have_what_is_asked_for_are_offered_before_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, ready: Callable[[Any], bool], order: list[str]
) -> None:
    used = model("used", predictions=0)
    every = [model("new", predictions=0), model("drawn", simulated=DRAWN), model("old"), used]
    monkeypatch.setattr(
        model_in_use, "find_model_in_use", lambda *_, **__: model_in_use.ModelInUse(used, model_in_use.FIRST)
    )
    found = model_in_use.offered(NOWHERE, every, simulated=PHOTOGRAPHS, ready=ready)
    assert [m["id"] for m in found] == order
