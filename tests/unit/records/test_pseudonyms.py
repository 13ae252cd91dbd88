import hashlib
import hmac
from datetime import date

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.pseudonyms import Pseudonyms, age_bin, pseudonym_once

ONE = Pseudonyms(b"a" * 32, "k1")
OTHER = Pseudonyms(b"b" * 32, "k2")


def test_a_pseudonym_is_stable_and_of_its_key_data_set_and_kind() -> None:
    name = ONE.patient("clinic", "Erika Mustermann")
    assert name == Pseudonyms(b"a" * 32, "again").patient("clinic", "Erika Mustermann")
    others = [
        OTHER.patient("clinic", "Erika Mustermann"), ONE.patient("other", "Erika Mustermann"),
        ONE.lesion("clinic", "Erika Mustermann"), ONE.examiner("Erika Mustermann"),
        ONE.patient("clinic", "Erika Musterman"),
    ]  # fmt: skip
    assert len({name, *others}) == 6
    assert "erika" not in name.lower()
    assert len(name) == 18


def test_the_digest_is_hmac_sha256_over_parts_with_their_lengths() -> None:
    digest = hmac.new(b"a" * 32, b"7:patient3:a:b1:c", hashlib.sha256).digest()
    assert ONE._digest("patient", "a:b", "c") == digest
    assert ONE.patient("a:b", "c") != ONE.patient("a", "b:c")


def test_one_examiner_is_one_person_however_their_name_is_spelt() -> None:
    assert ONE.examiner(" Dr. Weber") == ONE.examiner("dr. weber ")


def test_dates_of_a_patient_move_back_together() -> None:
    first, second = date(2020, 2, 27), date(2021, 3, 1)
    moved = [ONE.shifted(day, "clinic", "p1") for day in (first, second)]
    assert moved[1] - moved[0] == second - first
    days = {ONE.days_earlier("clinic", f"p{i}") for i in range(500)}
    assert min(days) >= 1
    assert max(days) <= 365
    assert len(days) > 250
    assert ONE.days_earlier("clinic", "p1") != OTHER.days_earlier("clinic", "p1")


def test_a_pseudonym_is_not_made_of_a_pseudonym() -> None:
    name = ONE.lesion("clinic", "L1")
    assert pseudonym_once(name, lambda value: ONE.lesion("clinic", value)) == name


@pytest.mark.parametrize(
    ("age", "width", "expected"),
    [(0, 5, "0-4"), (54, 5, "50-54"), (55, 5, "55-59"), (84.5, 5, "80-84"), (85, 5, "85+"), (97, 10, "85+"),
     (47, 10, "40-49"), (84, 10, "80-84")],
)  # fmt: skip
def test_an_age_goes_into_its_bin(age: float, width: int, expected: str) -> None:
    assert age_bin(age, width) == expected


def test_a_width_that_is_not_offered_is_refused() -> None:
    with pytest.raises(InvalidInput, match="5 or 10"):
        age_bin(50, 7)
