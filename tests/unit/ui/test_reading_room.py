"""Room for assistance is the same at every case of a reader, so that nothing moves and nothing is told by it."""

import pytest

from dermdash.readings.assistance.assistance_form import ScreenPlace
from dermdash.readings.modality import Modality


@pytest.mark.parametrize(
    ("modality", "places"),
    [
        (Modality.NONE, set()),
        (Modality.MALIGNANCY_PROBABILITY, {ScreenPlace.LINE}),
        (Modality.CROWD_PROBABILITY, {ScreenPlace.ANSWERS}),
        (Modality.CBIR, {ScreenPlace.PICTURES}),
        (Modality.MULTICLASS_AND_SALIENCY, {ScreenPlace.ANSWERS, ScreenPlace.PICTURES}),
        (Modality.EVERYTHING, {ScreenPlace.ANSWERS, ScreenPlace.LINE, ScreenPlace.PICTURES}),
    ],
)
def test_a_form_says_where_it_stands_and_a_combination_stands_where_its_parts_do(
    modality: Modality, places: set[ScreenPlace]
) -> None:
    assert modality.form.places == places


def test_what_is_drawn_as_pictures_needs_some() -> None:
    for modality in Modality:
        form = modality.form
        assert (ScreenPlace.PICTURES in form.places) == (form.needs_neighbours or form.needs_saliency)
