"""Room for assistance is the same at every case of a reader, so that nothing moves and nothing is told by it."""

import pytest

from dermdash.readings.assistance.assistance_form import Place
from dermdash.readings.modality import Modality


@pytest.mark.parametrize(
    ("modality", "places"),
    [
        (Modality.NONE, set()),
        (Modality.MALIGNANCY_PROBABILITY, {Place.LINE}),
        (Modality.CROWD_PROBABILITY, {Place.ANSWERS}),
        (Modality.CBIR, {Place.PICTURES}),
        (Modality.MULTICLASS_AND_SALIENCY, {Place.ANSWERS, Place.PICTURES}),
        (Modality.EVERYTHING, {Place.ANSWERS, Place.LINE, Place.PICTURES}),
    ],
)
def test_a_form_says_where_it_stands_and_a_combination_stands_where_its_parts_do(
    modality: Modality, places: set[Place]
) -> None:
    assert modality.form.places == places


def test_what_is_drawn_as_pictures_needs_some() -> None:
    for modality in Modality:
        form = modality.form
        assert (Place.PICTURES in form.places) == (form.needs_neighbours or form.needs_saliency)
