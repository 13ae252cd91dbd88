import pytest

from dermdash.records.details import DETAIL_NAMES, DETAILS, detail, details_of, of_dermoscopic_type
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELD_NAMES, Block, DetailGroup, FieldSpec, Filter, Kind
from dermdash.records.record_columns import data_dictionary
from dermdash.records.record_filter import FACETS, RANGES, RecordFilter


def test_each_detail_is_in_one_group_and_none_is_a_field() -> None:
    assert tuple(d for group in DetailGroup for d in details_of(group)) == DETAILS
    assert not set(DETAIL_NAMES) & set(FIELD_NAMES)


def test_every_detail_is_a_filter_and_stands_in_the_data_dictionary() -> None:
    columns = {spec.column for spec in (*FACETS.values(), *RANGES.values())}
    assert {*DETAIL_NAMES, "source_label"} <= columns
    rows = {row["column"]: row for row in data_dictionary()}
    assert rows["image_type"]["block"] == "Image"
    assert rows["licence"]["isic"] == "copyright_license"
    assert rows["acquisition_date"]["values"] == "YYYY-MM-DD, YYYY-MM or YYYY"
    assert "further:NAME" in rows


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("dermoscopic", "dermoscopic"),
        ("clinical: close-up", "clinical_close_up"),
        ("Clinical:  Overview", "clinical_overview"),
        ("TBP tile: close-up", "tbp_tile"),
        ("tbp_tile", "tbp_tile"),
        ("RCM: mosaic", "other"),
        ("unknown", None),
    ],
)
def test_image_types_of_the_isic_archive_are_ours(written: str, kind: str | None) -> None:
    assert parse_field(detail("image_type"), written) == kind


def test_a_kind_of_picture_that_nobody_knows_is_not_taken_for_another() -> None:
    with pytest.raises(UnusableValue, match="none of dermoscopic"):
        parse_field(detail("image_type"), "ultrasound")


@pytest.mark.parametrize(
    ("written", "polarisation", "contact"),
    [
        ("contact polarized", "polarised", "contact"),
        ("Contact non-polarised", "non_polarised", "contact"),
        ("non-contact polarized", "polarised", "non_contact"),
    ],
)
def test_a_dermoscopic_type_says_polarisation_and_contact(written: str, polarisation: str, contact: str) -> None:
    assert of_dermoscopic_type(written) == {"polarisation": polarisation, "contact": contact}


@pytest.mark.parametrize("written", ["", "unknown", "immersion"])
def test_other_words_say_neither(written: str) -> None:
    assert of_dermoscopic_type(written) == {}


@pytest.mark.parametrize("written", ["2019-02-28", "2019-02", "2019", " 2020-02-29 "])
def test_a_date_is_kept_to_the_day_the_month_or_the_year(written: str) -> None:
    assert parse_field(detail("acquisition_date"), written) == written.strip()


@pytest.mark.parametrize("written", ["2019-02-30", "2019-13", "28.02.2019", "19-02-28", "2019-2-3", "0000"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(UnusableValue, match="is no d"):
        parse_field(detail("acquisition_date"), written)


def test_a_spelling_stands_for_a_choice_and_a_date_is_filtered_by_years() -> None:
    base = {"name": "x", "title": "X", "block": Block.SERVICE, "meaning": ""}
    with pytest.raises(ValueError, match="one of the choices"):
        FieldSpec(**base, kind=Kind.TEXT, choices=("a",), spellings={"one": "b"})
    for kind, how in ((Kind.TEXT, Filter.YEARS), (Kind.DATE, Filter.OPTIONS)):
        with pytest.raises(ValueError, match="filtered by its years"):
            FieldSpec(**base, kind=kind, filter=how)


def test_details_stand_in_an_address_as_other_filters_do() -> None:
    chosen = RecordFilter(image_type=("tbp_tile", "unknown"), acquisition_year=("2019",), breslow_min=0.8)
    assert chosen.to_query() == {
        "image_type": ["tbp_tile", "unknown"], "acquisition_year": ["2019"], "breslow_min": ["0.8"]
    }  # fmt: skip
    assert RecordFilter.from_query(chosen.to_query()) == chosen
