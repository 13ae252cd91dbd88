from typing import Any

from dermdash.dataset.source_records import SourceRecord
from dermdash.dataset.stored_values import notes_on_sites, stored_values
from dermdash.records.details import DETAIL_NAMES, FURTHER
from dermdash.records.fields import FIELD_NAMES, empty_values


def record(site: str | None, **more: Any) -> SourceRecord:
    values = empty_values() | {"anatomical_site": site}
    return SourceRecord("A", "A", None, "nevus", "nv", None, values, **more)


def test_what_is_stored_has_every_field_and_detail_and_the_further_columns() -> None:
    stored = stored_values(record(None, details={"licence": "CC0"}, further={"tbp_lv_A": "20.1"}))
    assert stored.keys() == {*FIELD_NAMES, *DETAIL_NAMES, FURTHER}
    assert (stored["licence"], stored["image_type"], stored[FURTHER]) == ("CC0", None, {"tbp_lv_A": "20.1"})
    assert stored_values(record(None))[FURTHER] is None


def test_a_site_is_a_general_one_and_the_words_of_the_source_stay() -> None:
    def sites(source: SourceRecord) -> tuple[Any, Any]:
        stored = stored_values(source)
        return stored["anatomical_site"], stored["source_site"]

    assert sites(record("Back")) == ("posterior torso", "Back")
    assert sites(record("planet")) == ("planet", "planet")
    assert sites(record(None)) == (None, None)
    # Harmonised before, as in a file of ours.
    assert sites(record("posterior torso", details={"source_site": "Rücken"})) == ("posterior torso", "Rücken")
    assert sites(record(None, details={"source_site": "trunk"})) == ("torso", "trunk")


def test_nothing_of_the_source_record_is_changed() -> None:
    source = record("back")
    stored_values(source)
    assert source.values["anatomical_site"] == "back"


def test_words_without_a_general_site_are_listed_with_their_records() -> None:
    notes = notes_on_sites([record("planet"), record("back"), record("planet"), record(None), record("moon")])
    assert [note.split(" is no")[0] for note in notes] == ["anatomical site 'planet'", "anatomical site 'moon'"]
    assert notes[0].endswith("(2 records)")
    many = notes_on_sites([record(f"word {i}") for i in range(53)])
    assert len(many) == 51
    assert many[-1].startswith("3 more words")
