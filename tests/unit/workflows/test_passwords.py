"""Which passwords are good enough, and what is kept of them."""

import pytest

from dermdash.errors import InvalidInput
from dermdash.workflows.accounts.passwords import LONGEST, check_password, hash_password, password_fits


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "12 or more"),
        ("elevencharz", "12 or more"),
        ("x" * (LONGEST + 1), "longer than"),
        ("abababababababab", "different characters"),
        ("ada reyes 2026!", "account's name"),
        ("REYESREYES2026", "account's name"),
        ("r e y e s 2026 ok", "account's name"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_and_the_reason_named(password: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_password(password, "Dr Ada Reyes")


@pytest.mark.parametrize("password", ["four unrelated words", "Dr Adamant horses", "ÄÖÜäöüßéñçøå", "x9$kQ2!mPz7&"])
def test_a_long_one_is_good_enough_whatever_it_consists_of(password: str) -> None:
    check_password(password, "Dr Ada Reyes")


def test_a_hash_is_argon2id_with_64_mib_and_a_salt_of_its_own_and_fits_its_password_alone() -> None:
    one, other = hash_password("four unrelated words"), hash_password("four unrelated words")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other
    assert password_fits(one, "four unrelated words")
    assert not password_fits(one, "Four unrelated words")
    assert not password_fits(None, "no password")


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    composed, apart = "Mu\u0308ller lieft Ka\u0308se", "M\u00fcller lieft K\u00e4se"
    assert password_fits(hash_password(composed), apart)
