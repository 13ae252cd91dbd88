"""No cell of fewer readers than the minimum leaves the workspace, and none can be computed from the others."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.reader_study.profile import NOT_SAID
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES, data_dictionary
from dermdash.readings.small_cells import (
    OTHER,
    PROFILE_COLUMNS,
    SAYS_NOTHING,
    table_without_small_cells,
    values_to_merge,
    without_small_cells,
)


def people(**columns: list[object]) -> pd.DataFrame:
    """Two readings of each reader."""
    made = pd.DataFrame({"reader": [f"r{i}" for i in range(len(next(iter(columns.values()))))], **columns})
    return pd.concat([made, made], ignore_index=True)


def counts_of(frame: pd.DataFrame, column: str) -> dict[str, int]:
    return frame.drop_duplicates("reader")[column].value_counts().to_dict()


def test_the_only_reader_from_a_country_stands_with_others() -> None:
    frame = people(country=["AT"] * 6 + ["DE"] * 3 + ["MT", "IS", "LU"])
    found = without_small_cells(frame, minimum=3)
    assert counts_of(found.frame, "country") == {"AT": 6, "DE": 3, OTHER: 3}
    assert found.readers == {"country": 3}
    assert "country of 3 readers" in str(found.note)
    assert counts_of(frame, "country")["MT"] == 1


def test_a_single_small_value_takes_the_next_smallest_along_so_that_no_total_gives_it_away() -> None:
    frame = people(profession=["dermatologist"] * 8 + ["medical_student"] * 4 + ["nurse"])
    found = without_small_cells(frame, minimum=3)
    assert counts_of(found.frame, "profession") == {"dermatologist": 8, OTHER: 5}
    assert found.readers == {"profession": 5}


def test_small_values_that_are_too_few_together_take_the_next_smallest_along() -> None:
    assert values_to_merge({"a": 9, "b": 5, "c": 1, "d": 1}, 3) == {"b", "c", "d"}
    assert values_to_merge({"a": 9, "b": 5, "c": 2, "d": 1}, 3) == {"c", "d"}


@pytest.mark.parametrize("minimum", [2, 3, 5])
def test_whatever_the_counts_every_cell_left_is_large_enough_and_other_has_two_values(minimum: int) -> None:
    for sizes in product((0, 1, 2, 3, 6), repeat=4):
        counts = {name: n for name, n in zip(("a", "b", "c", OTHER), sizes, strict=True) if n}
        merged = values_to_merge(counts, minimum)
        left = {name: n for name, n in counts.items() if name not in merged}
        assert all(n >= minimum for n in left.values())
        if not merged:
            continue
        # With nobody left beside them the group is everybody, whose number is known anyway.
        assert not left or (len(merged) >= 2 and sum(counts[name] for name in merged) >= minimum)


def test_a_minimum_of_one_turns_it_off() -> None:
    frame = people(country=["AT", "DE"], years_experience=[1, 2])
    found = without_small_cells(frame, minimum=1, single_readers=True)
    pd.testing.assert_frame_equal(found.frame, frame)
    assert (found.readers, found.note) == ({}, None)


def test_who_would_rather_not_say_is_no_cell_that_says_something() -> None:
    assert NOT_SAID in SAYS_NOTHING
    frame = people(gender=["female"] * 4 + ["male"] * 3 + [NOT_SAID])
    assert without_small_cells(frame, minimum=3).readers == {}


def test_years_are_left_empty_where_few_have_them_or_their_group_was_merged() -> None:
    frame = people(
        years_experience=pd.array([0, 0, 0, 4, 4, 4, 4, 20, 1], "Int64"),
        experience_group=["under 1 year"] * 3 + ["3 to 5 years"] * 4 + ["over 10 years", "1 to 2 years"],
    )
    found = without_small_cells(frame, minimum=3, single_readers=True)
    # The two that stand alone are two readers together, so that those under 1 year join them.
    assert counts_of(found.frame, "experience_group") == {"3 to 5 years": 4, OTHER: 5}
    one = found.frame.drop_duplicates("reader")
    assert one["years_experience"].dropna().tolist() == [4, 4, 4, 4]
    assert found.readers == {"experience_group": 5}
    assert found.emptied == {"years_experience": 5}
    kept = without_small_cells(frame, minimum=3)
    assert kept.frame["years_experience"].notna().all()


def test_readings_to_analyse_hold_no_group_of_one_reader_and_a_note_says_so() -> None:
    table = make_readings(readers=7)
    frame = table.frame.assign(profession=table.frame["profession"].where(table.frame["reader"] != "r00", "nurse"))
    found = table_without_small_cells(type(table)(frame, "Made-up", "study"), 3)
    for column in PROFILE_COLUMNS:
        assert all(n >= 3 for n in counts_of(found.frame, column).values())
    assert "profession of" in found.notes[-1]
    large = table_without_small_cells(make_readings(readers=30), 3)
    assert large.notes == make_readings(readers=30).notes


@pytest.mark.parametrize("minimum", [2, 3, 5])
@pytest.mark.parametrize("seed", range(8))
def test_in_a_file_of_single_readers_no_combination_of_answers_is_rare(minimum: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    frame = people(
        country=list(rng.choice(["AT", "DE", "US", "MT"], n)),
        gender=list(rng.choice(["female", "male", NOT_SAID], n)),
        profession=list(rng.choice(["dermatologist", "nurse", None], n)),
        experience_group=list(rng.choice(["under 1 year", "over 10 years"], n)),
        years_experience=list(rng.integers(0, 12, n)),
    )
    found = without_small_cells(frame, minimum=minimum, single_readers=True)
    one = found.frame.drop_duplicates("reader").drop(columns="reader").astype(object)
    said = one.where(one.notna(), "").replace(NOT_SAID, "").astype(str)
    sizes = said.groupby(list(said.columns))["country"].transform("size")
    assert (sizes[(said != "").any(axis=1)] >= minimum).all()
    # What a reader says is kept or left out, never changed, but for what was merged.
    kept = found.frame.notna() & (found.frame != OTHER)
    assert (found.frame[kept] == frame[kept]).to_numpy()[kept.to_numpy()].all()
    gone = (frame.notna() & found.frame.isna() & ~frame.isin(SAYS_NOTHING)).groupby(frame["reader"]).any().sum()
    assert {c: n for c, n in gone.items() if n} == dict(found.emptied)


def test_what_analyses_need_least_is_left_empty_first() -> None:
    frame = people(
        country=["AT", "AT", "AT", "DE", "DE", "DE"], gender=["female"] * 6,
        experience_group=["under 1 year"] * 2 + ["over 10 years"] * 2 + ["under 1 year", "over 10 years"],
    )  # fmt: skip
    found = without_small_cells(frame, minimum=3, single_readers=True)
    assert found.emptied == {"country": 6}
    assert "country of 6 readers" in str(found.note)
    assert counts_of(found.frame, "experience_group") == {"under 1 year": 3, "over 10 years": 3}


def test_the_data_dictionary_counts_what_was_merged_and_what_was_left_empty() -> None:
    frame = people(
        country=["AT"] * 4 + ["DE"] * 4 + ["MT", "IS", "LU"],
        gender=["female", "female", "female", "male"] + ["male", "male", "male", "female"] + ["female"] * 3,
    )
    found = without_small_cells(frame.reindex(columns=READING_COLUMN_NAMES), minimum=3, single_readers=True)
    merged = data_dictionary(found).set_index("column")["merged"]
    assert merged["country"].startswith("other for 3 readers: fewer than 3 share the value")
    assert merged["country"].split("; ")[1].startswith("empty for 2 readers: fewer than 3 share the value, alone or")
    assert merged["gender"] == "empty for 2 readers: " + merged["country"].split("empty for 2 readers: ")[1]
    assert merged["reader"] == ""
