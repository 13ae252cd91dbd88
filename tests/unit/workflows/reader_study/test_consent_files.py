"""Consent texts in an archive are named by the language they are written in."""

from typing import Any

import pytest

from dermdash.errors import NotAsStored
from dermdash.reader_study.protocol import CONSENT_TEXT, Protocol
from dermdash.reader_study.standard_consent import standard_consent
from dermdash.reader_study.templates import get_template
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.storage.consents import consent_values
from dermdash.workflows.reader_study.archive.exports import consent_files


def made(**changes: Any) -> Protocol:
    values: dict[str, Any] = {"name": "S", "dataset_id": "d", "model_id": "m", "seed": 1}
    return get_template("crossover").protocol(**(values | {"pages": {"language": "de"}} | changes))


@pytest.mark.parametrize("text", [CONSENT_TEXT, standard_consent(made(), drawn_images=True)])
def test_the_standard_text_is_english_also_where_the_pages_open_in_another_language(text: str) -> None:
    german, _ = study_text(text, "consent_text", Language.GERMAN, own=Language.GERMAN, translations={})
    found = consent_files(made(consent_text=text), [{"version": "1", "language": "de", "text": german}])
    assert {name: make().decode() for name, make in found.items()} == {
        "consent/consent-1-en.txt": text, "consent/consent-1-de.txt": german,
    }  # fmt: skip


def test_a_text_of_the_studys_own_is_in_its_language() -> None:
    ((name, make),) = consent_files(made(consent_text="Machen Sie mit?"), []).items()
    assert (name, make().decode()) == ("consent/consent-1-de.txt", "Machen Sie mit?")


def test_a_text_that_was_changed_since_is_no_text_that_anybody_agreed_to() -> None:
    agreed = consent_values(version="1", language="en", pages_language="en", text="Will you?")
    whole = consent_files(made(consent_text="Machen Sie mit?"), [agreed])
    assert whole["consent/consent-1-en.txt"]() == b"Will you?"
    changed = consent_files(made(consent_text="Machen Sie mit?"), [agreed | {"text": "You will."}])
    with pytest.raises(NotAsStored, match="not the one that readers agreed to"):
        changed["consent/consent-1-en.txt"]()
