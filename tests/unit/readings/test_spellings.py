"""Which spellings are one name: what is asked, what was decided, how it is kept and said."""

import json

import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns, NamesAlike
from dermdash.readings.spellings import (
    APART,
    MERGE,
    NamesRead,
    SpellingChoice,
    alike_warnings,
    read_with_spellings,
    spelling_rule,
)
from dermdash.records.alike_names import AlikeNames, alike_names

READERS = AlikeNames("reader", (("Reader A", 57), ("reader A", 3)))
CASES = AlikeNames("case", (("n1", 2), ("N1", 1)))


def rows(*readers: str, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"reader": readers, "case": "c1", "modality": "none", "phase": "unaided", **more})


def test_names_that_look_alike_are_kept_apart_counted_and_said() -> None:
    names = NamesRead()
    frame = names.frame(rows("Reader A", "reader A", "Reader A", "B"))
    assert list(frame["reader"]) == ["Reader A", "reader A", "Reader A", "B"]
    assert names.undecided == (AlikeNames("reader", (("Reader A", 2), ("reader A", 1))),)
    assert alike_warnings(names.undecided) == (
        "These spellings look like one reader and are kept apart: 'Reader A' (2 rows), 'reader A' (1 row).",
    )


def test_a_copied_reading_does_not_count_twice() -> None:
    names = NamesRead()
    names.frame(rows("A", "a", "a", copied=[None, None, True]))
    assert names.undecided[0].spellings == (("A", 1), ("a", 1))


def test_diagnoses_answered_true_and_advised_are_one_kind_of_name() -> None:
    names = NamesRead()
    names.frame(rows("A", "B", dx=["Melanoma", "nevus"], truth_dx=["melanoma", "nevus"], profession=["Nurse", "nurse"]))
    assert {group.kind: group.names for group in names.undecided} == {
        "diagnosis": ("Melanoma", "melanoma"),
        "profession": ("Nurse", "nurse"),
    }


def test_sessions_made_of_modalities_are_not_asked_about_again() -> None:
    names = NamesRead()
    names.frame(rows("A", "A", modality=["AI", "ai"], session=["AI", "ai"]))
    assert [group.kind for group in names.undecided] == ["modality"]


def test_two_unicode_forms_are_one_name_and_noted() -> None:
    names = NamesRead()
    frame = names.frame(rows("Jos\u00e9", "Jose\u0301"))
    assert set(frame["reader"]) == {"Jos\u00e9"}
    assert names.undecided == ()
    assert names.notes[0].startswith("1 name was written with accents as characters of their own (Unicode NFD)")
    assert NamesRead().notes == ()


def test_what_is_decided_is_not_asked_again_and_said_in_the_notes() -> None:
    merged = SpellingChoice().taking([READERS], MERGE)
    names = NamesRead(merged)
    assert set(names.frame(rows("Reader A", "reader A"))["reader"]) == {"Reader A"}
    assert names.undecided == ()
    assert names.notes == ("Taken for one reader, as was decided: 'Reader A' (also 'reader A').",)
    apart = SpellingChoice().taking([READERS], APART)
    names = NamesRead(apart)
    assert set(names.frame(rows("Reader A", "reader A"))["reader"]) == {"Reader A", "reader A"}
    assert names.undecided == ()
    assert names.notes == ("Different readers, as was decided: 'Reader A' and 'reader A'.",)
    # A third spelling was not among those decided.
    names = NamesRead(apart)
    names.frame(rows("Reader A", "reader A", "READER A"))
    assert len(names.undecided[0].names) == 3


def test_a_choice_is_kept_as_json_and_comes_back() -> None:
    choice = SpellingChoice().taking([READERS], MERGE).taking([CASES], APART)
    assert SpellingChoice.of_dict(json.loads(json.dumps(choice.as_dict()))) == choice
    assert SpellingChoice.of_dict(None) == SpellingChoice()
    assert not SpellingChoice()
    assert SpellingChoice().as_dict() == {}


def test_a_name_merged_into_a_merged_name_follows_it() -> None:
    later = AlikeNames("reader", (("READER A", 99), ("Reader A", 60)))
    choice = SpellingChoice().taking([READERS], MERGE).taking([later], MERGE)
    assert {choice.name("reader", text) for text in ("READER A", "Reader A", "reader A")} == {"READER A"}


def test_a_rule_decides_everything_or_one_kind() -> None:
    def read(names: NamesRead) -> pd.DataFrame:
        return names.frame(rows("A", "a", modality=["AI", "ai"]))

    frame, names = read_with_spellings(read, None, {"reader": MERGE})
    assert set(frame["reader"]) == {"A"}
    assert set(frame["modality"]) == {"AI", "ai"}
    assert [group.kind for group in names.undecided] == ["modality"]
    frame, names = read_with_spellings(read, None, {"*": MERGE, "modality": APART})
    assert set(frame["modality"]) == {"AI", "ai"}
    assert names.undecided == ()
    assert names.choice.apart == {"modality": (("AI", "ai"),)}


def test_an_error_about_a_name_says_how_else_it_is_spelt() -> None:
    def read(names: NamesRead) -> None:
        cases = [names.one("case", text) for text in ("N1", "n1", "x", "X")]
        if len(set(cases[:2])) > 1:
            raise InvalidInput("case n1 has no truth")

    with pytest.raises(NamesAlike, match=r"case n1 has no truth\. These spellings look like one case") as caught:
        read_with_spellings(read, None)
    assert [group.names for group in caught.value.groups] == [("N1", "n1")]
    read_with_spellings(read, None, {"case": MERGE})
    with pytest.raises(InvalidInput, match=r"^case n1 has no truth$"):
        read_with_spellings(read, SpellingChoice().taking(alike_names("case", {"N1": 1, "n1": 1}), APART))


def test_an_error_that_merging_makes_names_what_was_merged() -> None:
    def read(names: NamesRead) -> None:
        if names.one("reader", "reader A") == "Reader A":
            raise InvalidInput("reader Reader A has a second answer")

    with pytest.raises(InvalidInput, match=r"second answer\. 'Reader A' is one reader with 'reader A'"):
        read_with_spellings(read, SpellingChoice().taking([READERS], MERGE))


def test_other_errors_stay_as_they_are() -> None:
    def read(names: NamesRead) -> None:
        names.one("reader", "a")
        names.one("reader", "A")
        raise MissingColumns("it lacks a column")

    with pytest.raises(MissingColumns, match=r"^it lacks a column$"):
        read_with_spellings(read, None)


def test_a_long_list_is_bounded() -> None:
    groups = alike_names("case", {name: 1 for i in range(40) for name in (f"case {i}", f"Case {i}")})
    (said,) = alike_warnings(groups)
    assert "look like one case each" in said
    assert said.endswith("; and 35 more groups.")
    merged = SpellingChoice().taking(groups, MERGE)
    assert merged.notes[0].endswith("and 35 more.")


@pytest.mark.parametrize("given", ["yes", "readers=merge", "reader=maybe", "=merge", "reader="])
def test_a_rule_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="--spellings is"):
        spelling_rule([given])


def test_a_rule_is_put_together_and_the_last_word_wins() -> None:
    assert spelling_rule([]) == {}
    assert spelling_rule(["merge", "reader=apart", "reader=merge"]) == {"*": MERGE, "reader": MERGE}
