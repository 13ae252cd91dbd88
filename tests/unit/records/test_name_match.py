"""Two files joined by name: the same, nearly the same, and nothing that stays alone in silence."""

import random

from tests.unit.records.test_alike_names import as_somebody_else_types

from dermdash.records.name_match import match_names


def test_the_same_name_goes_before_one_like_it() -> None:
    match = match_names(["a", "A", "b"], ["A", "a", "c"])
    assert match.found == {"a": "a", "A": "A"}
    assert (match.respelt, match.near) == ({}, {})
    assert match.warnings("cases", "the file") == ()


def test_case_blanks_and_normal_form_are_joined_where_one_is_meant_and_said() -> None:
    match = match_names(["Jos\u00e9", "ISIC_1", "x"], ["Jose\u0301", "isic_1", "y"])
    assert match.found == match.respelt == {"Jos\u00e9": "Jose\u0301", "ISIC_1": "isic_1"}
    (said,) = match.warnings("cases", "the truth file")
    assert said.startswith("Matched though spelt otherwise in the truth file, 2 of the cases: ")
    assert "'ISIC_1' (there 'isic_1')" in said


def test_what_could_be_two_is_not_joined_and_listed() -> None:
    match = match_names(["IM 1", "im 1"], ["Im 1"])
    assert match.found == {}
    assert match.near == {"IM 1": "Im 1", "im 1": "Im 1"}
    (said,) = match.warnings("images", "the file")
    assert said.startswith(
        "Not matched though names like them stand in the file, 2 of the images: 'IM 1' (there 'Im 1')"
    )
    assert match_names(["im 1"], ["Im 1", "IM 1"]).found == {}
    # The known name is taken by its own spelling already.
    taken = match_names(["im1", "IM1"], ["im1"])
    assert (taken.found, taken.near) == ({"im1": "im1"}, {"IM1": "im1"})


def test_separators_and_zeros_are_only_named() -> None:
    match = match_names(["img_01"], ["img-1"])
    assert (match.found, match.near) == ({}, {"img_01": "img-1"})


def test_many_pairs_are_counted_and_a_few_named() -> None:
    wanted = [f"Case {i}" for i in range(20)]
    (said,) = match_names(wanted, [name.lower() for name in wanted]).warnings("cases", "the file")
    assert "20 of the cases" in said
    assert said.endswith("and 15 more.")


def test_any_retyping_of_distinct_names_is_found_again() -> None:
    names = [f"Réader {letter}{number}" for letter in "abc" for number in range(1, 6)]
    for seed in range(30):
        rng = random.Random(seed)
        retyped = {as_somebody_else_types(name, rng): name for name in names}
        match = match_names(names, retyped)
        assert {name: retyped[other] for name, other in match.found.items()} == {name: name for name in names}
