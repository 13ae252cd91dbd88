"""Names that a person would take for one, and names that only look a little alike."""

import random
import unicodedata
from collections.abc import Callable

import pytest

from dermdash.records.alike_names import alike_key, alike_names, composed, folded, shown_name

NAMES = (
    "Reader A",
    "Dr. José Müller-Straße 07",
    "R12",
    "Øystein Łukasz",
    "ISIC_0000012",
    "Вера 3",
    "Zoë O'Neil",
    "İpek",
)


def as_somebody_else_types(text: str, rng: random.Random) -> str:
    """The name in another case, normal form, with other blanks and with characters that nobody sees."""
    changes: list[Callable[[str], str]] = [
        str.upper,
        str.lower,
        str.title,
        str.swapcase,
        *(lambda s, form=form: unicodedata.normalize(form, s) for form in ("NFC", "NFD", "NFKC", "NFKD")),
        lambda s: s.replace(" ", rng.choice(["\u00a0", "  ", "\u2003", " \t "])),
        lambda s: f" {s}\u00a0",
        lambda s: "\u200b".join((s[: len(s) // 2], s[len(s) // 2 :])),
        lambda s: "\ufeff" + s,
    ]
    for change in rng.sample(changes, rng.randint(1, 4)):
        text = change(text)
    return text


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_case_form_and_spacing_is_alike(name: str) -> None:
    rng = random.Random(name)
    for _ in range(200):
        other = as_somebody_else_types(name, rng)
        assert alike_key(other) == alike_key(name), ascii(other)
        assert folded(other) == folded(name), ascii(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reader A", "reader_a"),
        ("Reader A", "READER-A"),
        ("Reader 1", "reader01"),
        ("Reader 1", "Reader 1.0"),
        ("Dr. Smith", "dr smith"),
        ("Reader A", "Reader \u0410"),  # a Cyrillic A
        ("ISIC_0000001", "isic-1"),
        ("ＡＢ１", "ab1"),
    ],
)
def test_separators_leading_zeros_and_look_alikes_are_asked_about_and_never_joined(one: str, other: str) -> None:
    assert alike_key(one) == alike_key(other)
    assert folded(one) != folded(other) or one.startswith("Ａ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reader A", "Reader B"),
        ("1_12", "11_2"),
        ("112", "1_12"),
        ("dose 0.05", "dose 0.5"),
        ("1.5", "15"),
        ("AI+", "AI-"),
        ("AI", "AI+"),
        ("-1", "1"),
        ("Müller", "Muller"),
        ("5 µm", "5 mm"),
        ("---", "_"),
        ("", "0"),
        ("100", "10"),
    ],
)
def test_names_that_mean_something_else_are_not_alike(one: str, other: str) -> None:
    assert alike_key(one) != alike_key(other)


def test_groups_do_not_depend_on_the_order_and_begin_with_the_usual_spelling() -> None:
    rows = {"reader A": 3, "B": 9, "Reader A": 57, "READER  A": 3, "b": 1, "C": 5}
    expected = alike_names("reader", rows)
    assert [group.names for group in expected] == [("Reader A", "READER  A", "reader A"), ("B", "b")]
    assert (
        expected[0].text == "'Reader A' (57 rows), 'READER  A' (with two blanks in a row) (3 rows), 'reader A' (3 rows)"
    )
    for seed in range(5):
        shuffled = list(rows.items())
        random.Random(seed).shuffle(shuffled)
        assert alike_names("reader", dict(shuffled)) == expected


def test_what_nobody_can_see_is_named() -> None:
    assert shown_name("Reader\u00a0A") == "'Reader\u00a0A' (with U+00A0)"
    assert shown_name("Reader\u200b\u0410") == "'Reader\u200b\u0410' (with U+200B, U+0410)"
    assert shown_name("Вера") == "'Вера'"
    assert shown_name("x" * 100) == f"'{'x' * 40}...'"


def test_two_forms_of_one_text_are_composed_to_the_same() -> None:
    assert composed("Jose\u0301") == composed("Jos\u00e9") == "Jos\u00e9"
    assert composed("Reader A") == "Reader A"
