"""Every dermoscopic structure of the information model has a title, a short definition and a drawing."""

from xml.etree import ElementTree

import pytest

from dermdash.records.fields import STRUCTURES
from dermdash.verification.structures import StructureSpec, structures

SVG = "{http://www.w3.org/2000/svg}"


def test_the_structures_are_those_of_the_field_in_its_order() -> None:
    assert tuple(spec.name for spec in structures()) == STRUCTURES
    assert len({spec.title for spec in structures()}) == len(STRUCTURES)


@pytest.mark.parametrize("spec", structures(), ids=lambda spec: spec.name)
def test_a_structure_is_defined_in_a_sentence_or_two(spec: StructureSpec) -> None:
    assert spec.title[0].isupper()
    assert spec.definition.endswith(".")
    assert 40 <= len(spec.definition) <= 160


@pytest.mark.parametrize("spec", structures(), ids=lambda spec: spec.name)
def test_a_drawing_is_small_whole_svg_of_shapes_alone(spec: StructureSpec) -> None:
    drawn = ElementTree.fromstring(spec.example)
    used = {node.tag.removeprefix(SVG) for node in drawn.iter()}
    assert used <= {"svg", "rect", "path", "ellipse", "filter", "feGaussianBlur"}
    assert len(spec.example) < 16_000
    # Beyond skin and lesion there is the structure itself.
    assert len(list(drawn)) > 3


def test_no_two_drawings_are_alike() -> None:
    assert len({spec.example for spec in structures()}) == len(STRUCTURES)
