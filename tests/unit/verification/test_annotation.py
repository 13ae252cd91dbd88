"""An annotation is what the nomenclature allows; anything else is refused with its field and the way out."""

import math
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.fields import CONTEXT, FIELD_NAMES
from dermdash.records.taxonomy import ASAN12, HAM7
from dermdash.verification.annotation import (
    ENTERABLE,
    MOST_COMMENT,
    Annotation,
    parse_annotation,
    parse_draft,
)
from dermdash.verification.marks import Mark, MarkShape

VALUES = {
    "age_at_exam": 61, "sex": "female", "fitzpatrick_type": "II", "sunburn_history": True,
    "personal_ca_history": False, "anatomical_site": "lower extremity", "lesion_diameter_mm": 7.5,
    "dominant_colors": ["light_brown", "black"], "elevation": "flat", "border_regularity": "irregular",
    "dermoscopic_structures": ["pigment_network", "streaks"],
}  # fmt: skip


def raw(**changes: Any) -> dict[str, Any]:
    return {"dx": "mel", "values": {}, "marks": [], "unsure": False, "comment": "", "quality": 4} | changes


def parse(data: object) -> Annotation:
    return parse_annotation(data, taxonomy=HAM7, width=600, height=450)


def test_every_enterable_field_arrives_with_its_value() -> None:
    assert {spec.name for spec in ENTERABLE} == set(VALUES)
    annotation = parse(raw(values=VALUES, comment="Edge unclear."))
    assert annotation.values == VALUES
    assert (annotation.dx, annotation.quality, annotation.comment) == ("mel", 4, "Edge unclear.")


def test_with_diagnosis_quality_and_account_all_sixteen_fields_have_a_place() -> None:
    elsewhere = {
        "clinical_diagnosis", "image_quality_score", "examiner_id", "verification_stage", "histopathology_result"
    }  # fmt: skip
    assert elsewhere | {spec.name for spec in ENTERABLE} == set(FIELD_NAMES)


def test_what_is_known_before_the_image_is_looked_at_says_nothing_about_the_image() -> None:
    assert {spec.name for spec in CONTEXT} == {
        "age_at_exam", "sex", "fitzpatrick_type", "sunburn_history", "personal_ca_history", "anatomical_site",
        "lesion_diameter_mm",
    }  # fmt: skip


def test_an_annotation_survives_storage() -> None:
    mark = {"structure": "scale", "shape": "polygon", "points": [[1, 1], [90, 2], [50, 70]]}
    annotation = parse(raw(values=VALUES, marks=[mark]))
    assert Annotation.from_json(annotation.as_json()) == annotation
    assert annotation.marks == (Mark("scale", MarkShape.POLYGON, ((1, 1), (90, 2), (50, 70))),)


def test_a_marked_structure_is_one_that_is_seen() -> None:
    mark = {"structure": "globules", "shape": "rectangle", "points": [[1, 1], [90, 90]]}
    assert parse(raw(marks=[mark])).structures == ("globules",)
    both = parse(raw(values={"dermoscopic_structures": ["scale", "streaks"]}, marks=[mark]))
    assert both.structures == ("globules", "streaks", "scale")


def test_empty_fields_are_none() -> None:
    empty = {"age_at_exam": None, "anatomical_site": "", "dominant_colors": []}
    assert parse(raw(values=empty)).values == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dx": None}, "The diagnosis is missing: choose one, or mark the record as unsure"),
        ({"dx": "melanoma"}, "The diagnosis is none of HAM10000, seven classes: choose one of akiec, bcc"),
        ({"dx": ["mel"]}, "The diagnosis is none of"),
        ({"quality": None}, "The image quality is missing: choose 1 to 5"),
        ({"quality": 6}, "no whole number from 1 to 5"),
        ({"quality": True}, "no whole number"),
        ({"quality": 3.0}, "no whole number"),
        ({"unsure": 1}, "Unsure is either yes or no"),
        ({"comment": 7}, "The comment is no text"),
        ({"comment": "x" * (MOST_COMMENT + 1)}, "has 2,001 characters, and 2,000 are the most: shorten it"),
        ({"comment": "a\x00b"}, "cannot be shown"),
        ({"comment": "a\u202eb"}, "cannot be shown"),
        ({"marks": "none"}, "marks are no list"),
        ({"values": ["age"]}, "fields are no list of names and values"),
        ({"values": {"verification_stage": 3}}, "'verification_stage' follows from what has been done"),
        ({"values": {"histopathology_result": "mel"}}, "is entered as histology"),
        ({"values": {"examiner_id": "me"}}, "is the account that annotates"),
        ({"values": {"horoscope": "lion"}}, "'horoscope' is no field of a record"),
        ({"values": {7: "lion"}}, "'7' is no name"),
        ({"values": {"age_at_exam": 130}}, "Age at examination is outside 0-120 years: correct it or leave it empty"),
        ({"values": {"age_at_exam": 61.5}}, "Age at examination is not a whole number"),
        ({"values": {"age_at_exam": "61"}}, "Age at examination is no number"),
        ({"values": {"age_at_exam": math.nan}}, "is no number"),
        ({"values": {"lesion_diameter_mm": True}}, "Lesion diameter is no number"),
        ({"values": {"sex": "other"}}, "Sex is none of female, male"),
        ({"values": {"sex": {"a": 1}}}, "Sex is no text"),
        ({"values": {"sunburn_history": "yes"}}, "History of sunburn is neither yes nor no"),
        ({"values": {"dominant_colors": "black"}}, "Dominant colours is no list of words"),
        ({"values": {"dominant_colors": ["pink"]}}, "Dominant colours is none of light_brown"),
        ({"values": {"anatomical_site": "x" * 201}}, "Anatomical site has 201 characters, and 200 are the most"),
        ({"values": {"anatomical_site": "back\x07"}}, "Anatomical site holds characters that cannot be shown"),
        ({"account": "somebody"}, "no annotation of this version"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_and_the_way_out(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        parse(raw(**changes))


@pytest.mark.parametrize("data", [None, 1, "x", [], [raw()]])
def test_anything_that_is_no_annotation_is_refused(data: object) -> None:
    with pytest.raises(InvalidInput, match="no annotation"):
        parse(data)


def test_who_is_unsure_need_not_name_a_diagnosis_but_may() -> None:
    assert parse(raw(dx=None, unsure=True)).dx is None
    assert parse(raw(dx="nv", unsure=True)).unsure


def test_the_diagnosis_is_one_of_the_data_sets_own_taxonomy() -> None:
    assert parse_annotation(raw(dx="lentigo"), taxonomy=ASAN12, width=9, height=9).dx == "lentigo"


def test_both_missing_things_are_said_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"diagnosis is missing.*image quality is missing"):
        parse(raw(dx=None, quality=None))


def test_lines_of_a_comment_stay_and_space_around_them_goes() -> None:
    assert parse(raw(comment="  first \r\nsecond\t2  \n\n")).comment == "first\nsecond 2"


def test_a_draft_is_kept_as_it_was_typed_right_or_not() -> None:
    half = {"dx": None, "values": {"age_at_exam": "6x"}, "comment": "unfin", "reader": "dropped"}
    assert parse_draft(half) == {"dx": None, "values": {"age_at_exam": "6x"}, "comment": "unfin"}


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def test_half_a_character_in_a_draft_is_replaced_and_nothing_else() -> None:
    halves = {"dx": "\ud800", "values": {"a\udfff": "b"}, "comment": "ok \U0001f600 \ud83d"}
    assert parse_draft(halves) == {"dx": "?", "values": {"a?": "b"}, "comment": "ok \U0001f600 ?"}


@pytest.mark.parametrize(
    "data",
    [
        None, [], {"dx": math.nan}, {"dx": object()}, {"comment": "x" * 500_000}, {"comment": nested(12)},
        {"marks": nested(5000)},
    ],
)  # fmt: skip
def test_what_no_draft_can_be_is_refused(data: object) -> None:
    with pytest.raises(InvalidInput):
        parse_draft(data)
