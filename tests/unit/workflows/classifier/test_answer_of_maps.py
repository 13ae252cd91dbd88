"""The sentence that says whether the evidence of a model lies on the lesion."""

import pandas as pd
import pytest

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.faithfulness_summary import FaithfulnessRow
from dermdash.workflows.classifier.faithfulness_report import FaithfulnessReport, answer_words
from dermdash.workflows.classifier.saliency_regions import LESION


def report(rows: list[FaithfulnessRow], *, region: str = LESION, simulated: bool = False) -> FaithfulnessReport:
    return FaithfulnessReport(
        "m", "predicted", region, (region,), 12, pd.DataFrame(), {}, rows, {}, [], 0, simulated=simulated
    )  # fmt: skip


def share(value: float | None, part: str = "all") -> FaithfulnessRow:
    return FaithfulnessRow("share", part, 12, Estimate(value, low=0.4, high=0.6), 0.25, 0.7, Estimate(0.25))


@pytest.mark.parametrize("rows", [[], [share(None)], [share(0.5, "wrong")]])
def test_nothing_is_said_where_nothing_was_compared(rows: list[FaithfulnessRow]) -> None:
    assert answer_words(report(rows)) == ""


def test_the_share_stands_beside_chance_and_the_middle() -> None:
    said = answer_words(report([share(0.5)])).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "50 % (40 to 60) of the evidence lies on the lesion: chance alone would give 25 %, a map that knows nothing "
        "but the middle of the image 70 %."
    )


def test_drawn_images_and_other_regions_are_named() -> None:
    said = answer_words(report([share(0.5)], region="pigment_network", simulated=True))
    assert said.startswith("Of images drawn by a program, ")
    assert "lies on the pigment network:" in said
