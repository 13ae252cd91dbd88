"""A filter that is kept with what was made of its records: its form, its words, and what it refuses."""

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.chosen_records import check_kept, filter_in_words, kept_filter, kept_in_words, read_kept
from dermdash.records.record_filter import RecordFilter


def test_equal_choices_are_kept_as_equal_text_whatever_their_order() -> None:
    one = RecordFilter.from_words(["quality=5", "verification_stage=3", "quality=4", "age_min=40"])
    other = RecordFilter.from_words(["age_min=40", "quality=4", "quality=5", "verification_stage=3"])
    kept = kept_filter(one)
    assert list(kept.items()) == list(kept_filter(other).items())
    assert kept == {"age_min": ["40"], "quality": ["4", "5"], "verification_stage": ["3"]}
    assert kept_filter(read_kept(kept)) == kept


def test_no_filter_is_kept_as_nothing_and_has_no_words() -> None:
    assert kept_filter(RecordFilter()) == {}
    assert (read_kept({}), kept_in_words({})) == (RecordFilter(), "")


def test_the_words_name_each_filter_with_its_options() -> None:
    words = kept_in_words({"agreement": ["all"], "claimed": ["false"], "quality": ["4", "5"], "reviewers": ["unknown"]})
    assert words.split(" \N{MIDDLE DOT} ", 3) == [
        "Stage claimed: Reached here", "Agreement: All agreed", "Reviewers: Not recorded",
        "Image quality: 4 or 5 \N{MIDDLE DOT} reference",
    ]  # fmt: skip


def test_the_words_of_a_filter_name_data_sets_ranges_and_texts() -> None:
    chosen = RecordFilter.from_words(["dataset_id=a", "age_min=40", "text=ISIC_00", "quality_source=human"])
    words = filter_in_words(chosen, {"a": "Clinic A"})
    for part in ("Clinic A", "Id contains: ISIC_00", "Quality: Human score", ": 40 to "):
        assert part in words


def test_what_a_later_version_no_longer_knows_is_told_and_chooses_nothing() -> None:
    kept = {"polarised": ["yes"], "quality": ["5"]}
    assert check_kept(kept) == kept
    assert "polarised: yes" in kept_in_words(kept)
    with pytest.raises(InvalidInput, match="'polarised=yes' is no filter"):
        read_kept(kept)


def test_the_data_set_is_named_beside_the_filter() -> None:
    with pytest.raises(InvalidInput, match="leave dataset_id out"):
        kept_filter(RecordFilter(dataset_id=("a",)))
    with pytest.raises(InvalidInput, match="leave dataset_id out"):
        check_kept({"dataset_id": ["a"]})


@pytest.mark.parametrize("kept", [["quality=5"], {"quality": "5"}, {"quality": []}, {"quality": [5]}, {5: ["a"]}, None])
def test_what_has_not_the_form_of_a_filter_is_refused(kept: object) -> None:
    with pytest.raises(InvalidInput, match="kept as lists of texts"):
        check_kept(kept)
