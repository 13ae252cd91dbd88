"""Which language a reader gets: what they chose, then what they agreed in, then what their browser asks for."""

import pytest

from dermdash.reader_study.words.language import Language, asked_for, language_of, readers_language

ALL = tuple(Language)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
        ("en;q=0.2, ru;q=0.9", "ru"),
        ("es_419", "es"),
        ("de;q=0, en;q=0.1", "en"),
        ("DE", "de"),
        ("fr", None),
        ("", None),
        (None, None),
        ("de;q=much", None),
        ("de;x=1", None),
        ("," * 5000 + "de", None),
    ],
)
def test_a_browser_asks_for_a_language(header: str | None, language: str | None) -> None:
    assert asked_for(header, ALL) == language


def test_only_what_is_on_offer_can_be_asked_for() -> None:
    assert asked_for("de,en;q=0.5", (Language.ENGLISH, Language.RUSSIAN)) == "en"


@pytest.mark.parametrize(
    ("chosen", "agreed_in", "header", "language"),
    [
        ("ru", "de", "es", "ru"),
        (None, "de", "es", "de"),
        (None, None, "es", "es"),
        (None, None, "fr", "de"),
        ("xx", None, "es", "es"),
        (["ru"], None, None, "de"),
        ("<script>", "zz", None, "de"),
    ],
)
def test_the_readers_choice_comes_before_their_browsers(
    chosen: object, agreed_in: object, header: str | None, language: str
) -> None:
    found = readers_language(
        chosen=chosen, agreed_in=agreed_in, accept_language=header, default=Language.GERMAN, offered=ALL
    )
    assert found == language


def test_a_choice_that_a_study_does_not_offer_is_none() -> None:
    offered = (Language.ENGLISH, Language.GERMAN)
    found = readers_language(
        chosen="ru", agreed_in="ru", accept_language="ru", default=Language.ENGLISH, offered=offered
    )
    assert found == "en"


def test_codes_are_read_as_browsers_and_people_write_them() -> None:
    assert [language_of(code) for code in ("de", "de-AT", "RU", "es_MX", "deu", "", None, 7)] == [
        "de", "de", "ru", "es", None, None, None, None,
    ]  # fmt: skip
