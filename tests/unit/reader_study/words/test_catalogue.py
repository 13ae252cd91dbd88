"""Readers' texts: every one in every language, with the same places to fill in, and none written anywhere else."""

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tests.parsed_sources import parsed

from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import CONSENT_TEXT, Protocol
from dermdash.reader_study.protocol_parts import SHOWN_FIELDS
from dermdash.reader_study.words import (
    assistance,
    between,
    case_fields,
    closing,
    consent,
    countries,
    help,
    names,
    pages,
    participation,
    questions,
    refusals,
    running,
    screen,
    study_texts,
)
from dermdash.reader_study.words.for_screen import SCREEN_WORDS, screen_words
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import FORMS, Counted, Message, places, plural_form, sort_key
from dermdash.reader_study.words.study_texts import study_levels, study_text
from dermdash.records.sites import GENERAL_SITES, TORSO
from dermdash.records.taxonomy import ASAN12, HAM7
from dermdash.ui.frontend.modules import read_module

CATALOGUE = (
    assistance, between, case_fields, closing, consent, countries, help, names, pages, participation, questions,
    refusals, running, screen, study_texts,
)  # fmt: skip
PACKAGE = Path(__file__).parents[4] / "src" / "dermdash"
SCRIPTS = (
    "assistance", "case_beside", "certificate", "compare_view", "lesion_dialog", "own_results", "picture_fetch",
    "picture_strip", "pictures", "question_tabs", "rating_slider", "reader_frame", "reader_parts", "reading_clock",
    "reading_help", "reading_keys", "reading_panel",
    "reading_questions", "reading_screen", "reading_state", "typed_number", "words",
)  # fmt: skip
"""Modules that only readers' pages are made of."""
PAGES = (
    "ui/reading_view.py",
    "ui/reader_forms.py",
    "ui/reader_frame.py",
    "ui/reading_interlude.py",
    "ui/reading_closing.py",
    "ui/consent_file.py",
    "ui/participation_view.py",
    "ui/joining_view.py",
)


def messages(module: ModuleType) -> Iterator[tuple[str, Message | Counted]]:
    """Every text of a module by a name, those in dictionaries and tuples too."""
    for name, value in vars(module).items():
        if isinstance(value, Message | Counted):
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key}]", v) for key, v in value.items() if isinstance(v, Message))
        elif isinstance(value, tuple):
            yield from ((f"{name}[{i}]", v) for i, v in enumerate(value) if isinstance(v, Message))


def texts(message: Message | Counted, language: Language) -> list[str]:
    if isinstance(message, Counted):
        return list(message.forms(language).values())
    return [message.text(language)]


@pytest.mark.parametrize("module", CATALOGUE, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_text_is_there_in_every_language_with_the_same_places(module: ModuleType) -> None:
    found = dict(messages(module))
    assert found
    for name, message in found.items():
        english = set().union(*map(places, texts(message, Language.ENGLISH)))
        for language in Language:
            for text in texts(message, language):
                assert text == text.strip(), (name, language)
                assert text, (name, language)
                assert places(text) == english, (name, language, text)
                assert "  " not in text, (name, language)


@pytest.mark.parametrize("module", CATALOGUE, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_russian_text_is_in_russian(module: ModuleType) -> None:
    allowed = {"ENTER_KEY"}
    for name, message in messages(module):
        if name in allowed or name.startswith("AGE_NAMES"):
            continue
        for text in texts(message, Language.RUSSIAN):
            assert re.search("[а-яё]", text, re.IGNORECASE), (name, text)


def test_a_longer_text_is_not_left_in_english() -> None:
    for module in CATALOGUE:
        if module is countries:
            continue
        for name, message in messages(module):
            english = texts(message, Language.ENGLISH)
            for language in (Language.GERMAN, Language.SPANISH):
                for text in texts(message, language):
                    assert len(text) < 16 or text not in english, (name, language)


@pytest.mark.parametrize(
    ("count", "form"),
    [(0, "many"), (1, "one"), (2, "few"), (4, "few"), (5, "many"), (11, "many"), (12, "many"), (14, "many"),
     (21, "one"), (22, "few"), (25, "many"), (100, "many"), (101, "one"), (111, "many"), (112, "many"), (122, "few")],
)  # fmt: skip
def test_russian_nouns_follow_their_number(count: int, form: str) -> None:
    assert plural_form(Language.RUSSIAN, count) == form


def test_a_count_is_said_in_the_form_of_its_language() -> None:
    assert pages.CASES.said(Language.RUSSIAN, 22) == "22 случая с дерматоскопическими изображениями"
    assert pages.CASES.said(Language.GERMAN, 1) == "1 Fall mit einem dermatoskopischen Bild"
    assert pages.CASES.said(Language.ENGLISH, 28) == "28 cases with dermatoscopic images"
    assert [len(FORMS[language]) for language in Language] == [2, 2, 3, 2]


def test_a_message_is_its_english_text_and_stays_whole_when_it_is_copied() -> None:
    assert screen.PAUSE == "Pause"
    for again in (copy.deepcopy(refusals.NOT_SENT), pickle.loads(pickle.dumps(refusals.NOT_SENT))):
        assert (again, again.text(Language.SPANISH)) == (refusals.NOT_SENT, refusals.NOT_SENT.text(Language.SPANISH))
    filled = screen.CASE_OF.filled(position=2, total=9)
    assert (filled, filled.text(Language.GERMAN)) == ("Case 2 of 9", "Fall 2 von 9")


def test_names_stand_where_a_reader_looks_for_them() -> None:
    assert sorted(["Zypern", "Ägypten", "Albanien", "afrika"], key=sort_key) == [
        "afrika", "Ägypten", "Albanien", "Zypern",
    ]  # fmt: skip


def test_every_diagnosis_of_ham7_has_a_name_in_every_language_and_other_taxonomies_stay_in_english() -> None:
    assert names.names_in_every_language(HAM7)
    assert not names.names_in_every_language(ASAN12)
    german = {code: names.HAM7_NAMES[code].text(Language.GERMAN) for code in HAM7.codes}
    assert german["mel"] == "Melanom"
    shown = names.diagnosis_names(ASAN12)
    assert shown == {c.code: c.name for c in ASAN12.classes}


def test_the_standard_words_of_a_protocol_are_in_the_catalogue() -> None:
    fields = Protocol.__dataclass_fields__
    assert CONSENT_TEXT in study_texts.STANDARD
    assert fields["consent_text"].default in study_texts.STANDARD
    assert set(fields["confidence_levels"].default) <= set(study_texts.STANDARD)


def test_what_a_study_says_itself_is_in_the_language_it_was_written_in_unless_its_authors_translated_it() -> None:
    said = {"de": {"question": "Was ist das?", "confidence_levels": ["eher nicht", "schon"]}}

    def asked(text: str, language: Language) -> tuple[str, Language]:
        return study_text(text, "question", language, own=Language.ENGLISH, translations=said)

    assert asked("What is it?", Language.GERMAN) == ("Was ist das?", Language.GERMAN)
    assert asked("What is it?", Language.RUSSIAN) == ("What is it?", Language.ENGLISH)
    assert asked("What is your diagnosis?", Language.RUSSIAN) == ("Каков ваш диагноз?", Language.RUSSIAN)
    assert study_levels(["no", "yes"], Language.GERMAN, translations=said) == ["eher nicht", "schon"]
    # Of another number they are not of these levels.
    assert study_levels(["no", "so", "yes"], Language.GERMAN, translations=said) == ["no", "so", "yes"]


def test_the_panel_gets_all_its_words_and_its_scripts_use_every_one() -> None:
    used: set[str] = set()
    for name in SCRIPTS:
        code = read_module(name)
        used |= set(re.findall(r"\btext\.([A-Z][A-Z_]+)\b", code)) | set(re.findall(r'\btext: "([A-Z_]+)"', code))
        used |= set(re.findall(r'\.fail\("([A-Z_]+)"\)', code))
    assert used == set(SCREEN_WORDS)
    for language in Language:
        assert set(screen_words(language)) == set(SCREEN_WORDS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_of_a_readers_page_has_words_of_its_own(name: str) -> None:
    code = re.sub(r"^\s*//.*$", "", read_module(name), flags=re.MULTILINE)
    code = re.sub(r"throw new \w+\([^;]*;", "", code)
    for _, text in re.findall(r"([\"'`])((?:(?!\1).)*)\1", code):
        sentence = re.search(r"[A-Za-z]{2,}[ ,.:][A-Za-z ]*[a-z]{2,}", text)
        assert not sentence or is_no_text(text), f"{name}.mjs: {text!r}"
        assert not re.fullmatch(r"[A-Z][a-z]{2,}", text) or text in KEYS, f"{name}.mjs: {text!r}"


KEYS = {"Enter", "Arrow", "Esc", "Escape", "Tab", "Home", "End"}
NO_TEXT = re.compile(
    r"^(\.|\[data|button|input|data:|text/|[a-z-]+ ?\()|\$\{| \{ .*; \}$|<!doctype"
    r"|^[a-z]+\.html$|^[a-z]+(, \.?[a-z]+)+$|use strict"
)
INNER = {
    "all done",
    "paused by the reader",
    "between parts",
    "no step",
    "closed to the reader",
    "covered by a curtain",
    "in a hidden tab",
}
"""Names that a script has for itself; nobody sees them."""


def is_no_text(text: str) -> bool:
    return text in INNER or NO_TEXT.search(text) is not None or all(part in CLASSES for part in text.split())


CLASSES = {
    "choices",
    "levels",
    "visible",
    "text",
    "lesion",
    "feedback",
    "answer",
    "probabilities",
    "mat",
    "clinical",
    "managements",
    "share",
    "top",
    "tile",
    "tiles",
    "kept",
    "shown",
    "compared",
}


@pytest.mark.parametrize("file", PAGES)
def test_no_page_of_readers_has_words_of_its_own(file: str) -> None:
    tree = parsed(PACKAGE / file)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    logged = {
        arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log.")
        for arg in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings | logged:
            assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", node.value) or "<" in node.value, (file, node.value)
            assert not re.fullmatch(r"[A-Z][a-z]{2,}", node.value), (file, node.value)


def test_what_is_said_to_readers_whose_link_is_refused_is_in_the_catalogue() -> None:
    folder = PACKAGE / "workflows" / "reader_study"
    raised = [
        (path.name, ast.unparse(node.args[0]))
        for path in (folder / "join_study.py", folder / "invitations.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "AccessDenied"
    ]
    assert raised
    for file, said in raised:
        assert said.startswith(("refusals.", "running.")), (file, said)


def test_every_field_that_readers_may_see_has_a_name_and_every_value_that_records_are_harmonised_to() -> None:
    assert set(case_fields.FIELD_NAMES) == set(SHOWN_FIELDS)
    harmonised = {"female", "male", *GENERAL_SITES, TORSO}
    assert harmonised == set(case_fields.VALUE_NAMES)
    assert set(questions.MANAGEMENT_NAMES) == set(Management)


def test_a_value_is_said_with_its_unit_and_a_missing_one_as_missing() -> None:
    def said(name: str, value: object, language: Language = Language.ENGLISH) -> str:
        return case_fields.field_value(name, value, language)

    assert said("age_at_exam", 55.0) == "55 years"
    assert said("age_at_exam", 21, Language.RUSSIAN) == "21 год"
    assert said("lesion_diameter_mm", 4.5, Language.GERMAN) == "4,5 mm"
    assert said("anatomical_site", "posterior torso", Language.SPANISH) == "tronco posterior"
    assert said("anatomical_site", "left ear lobe") == "left ear lobe"
    assert [said("sunburn_history", value) for value in (True, False, None)] == ["yes", "no", "not recorded"]
    assert said("fitzpatrick_type", "IV") == "IV"
