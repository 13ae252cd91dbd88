"""What a protocol says in its own words: standard texts in every language, others as their authors translated them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dermdash.reader_study.words.consent import SENTENCES
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Message
from dermdash.reader_study.words.names import CONFIDENCE_NAMES

STANDARD_QUESTION = Message(
    "What is your diagnosis?",
    de="Wie lautet Ihre Diagnose?",
    ru="Каков ваш диагноз?",
    es="¿Cuál es su diagnóstico?",
)
STANDARD_CONSENT = Message(
    "You are invited to rate dermatoscopic images. For every image you give a diagnosis and say how sure you are; then "
    "you see assistance and may keep or change your answer. We store your answers, the time you took and the profile "
    "you declare under a random number, not under your name. Taking part is voluntary: you can stop at any time, and "
    "what you answered until then is kept. The results are published only in a form from which nobody can be "
    "recognised.",
    de="Sie sind eingeladen, dermatoskopische Bilder zu beurteilen. Zu jedem Bild geben Sie eine Diagnose an und wie "
    "sicher Sie sind; dann sehen Sie eine Hilfe und können Ihre Antwort behalten oder ändern. Wir speichern Ihre "
    "Antworten, die benötigte Zeit und Ihre Angaben zur Person unter einer Zufallszahl, nicht unter Ihrem Namen. Die "
    "Teilnahme ist freiwillig: Sie können jederzeit aufhören, und was Sie bis dahin geantwortet haben, bleibt "
    "erhalten. Die Ergebnisse werden nur in einer Form veröffentlicht, in der niemand zu erkennen ist.",
    ru="Мы приглашаем вас оценить дерматоскопические изображения. Для каждого изображения вы указываете диагноз и "
    "степень уверенности; затем вы видите подсказку и можете оставить ответ или изменить его. Мы храним ваши ответы, "
    "затраченное время и указанные вами сведения под случайным номером, а не под вашим именем. Участие добровольное: "
    "вы можете прекратить его в любой момент, данные до этого ответы сохраняются. Результаты публикуются только в "
    "виде, по которому никого нельзя узнать.",
    es="Se le invita a valorar imágenes dermatoscópicas. Para cada imagen da un diagnóstico y su grado de seguridad; "
    "después ve una ayuda y puede mantener o cambiar su respuesta. Guardamos sus respuestas, el tiempo que tardó y el "
    "perfil que declara bajo un número aleatorio, no bajo su nombre. La participación es voluntaria: puede dejarlo en "
    "cualquier momento, y lo respondido hasta entonces se conserva. Los resultados se publican solo de forma que nadie "
    "pueda ser reconocido.",
)
STANDARD: dict[str, Message] = {str(text): text for text in (STANDARD_QUESTION, STANDARD_CONSENT, *CONFIDENCE_NAMES)}
"""The standard texts of protocols by their English."""


def study_text(
    text: str, entry: str, language: Language, *, own: Language, translations: Mapping[str, Mapping[str, Any]]
) -> tuple[str, Language]:
    """A text of a protocol in a language, and the language it is in after all.

    Parameters
    ----------
    text, entry
        As the protocol says it, and the name of the entry that says so.
    own
        The language that the protocol is written in.
    translations
        What its authors say in other languages: code of the language, entry, text.
    """
    translated = translations.get(language, {}).get(entry)
    if isinstance(translated, str) and translated.strip():
        return translated, language
    if text in STANDARD:
        return STANDARD[text].text(language), language
    if (sentences := consent_sentences(text)) is not None:
        return "\n\n".join(" ".join(one.text(language) for one in paragraph) for paragraph in sentences), language
    return text, own


def language_of(text: str, *, own: Language) -> Language:
    """The language a protocol's text is written in: English of a standard one, whatever the study's own is."""
    return Language.ENGLISH if text in STANDARD or consent_sentences(text) is not None else own


def question_is_asked(question: str, *, diagnosis: bool) -> bool:
    """Whether readers see the question: the standard one speaks of a diagnosis, which not every study asks for."""
    return diagnosis or question != STANDARD_QUESTION


@lru_cache(maxsize=256)
def consent_sentences(text: str) -> tuple[tuple[Message, ...], ...] | None:
    """The sentences of the standard consent that a text is made of, by paragraph; None where it has any other."""
    found = tuple(_sentences(paragraph) for paragraph in text.strip().split("\n\n"))
    return found if all(found) else None


def _sentences(paragraph: str) -> tuple[Message, ...]:
    """Empty where one is not in the catalogue."""
    found: list[Message] = []
    rest = paragraph.strip()
    while rest:
        one = next((known for known in SENTENCES if rest.startswith(known)), None)
        if one is None:
            return ()
        found.append(one)
        rest = rest.removeprefix(one).lstrip()
    return tuple(found)


def study_levels(
    levels: Sequence[str], language: Language, *, translations: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Degrees of confidence in a language, as many as the protocol has."""
    translated = translations.get(language, {}).get("confidence_levels")
    if isinstance(translated, list | tuple) and len(translated) == len(levels):
        return [str(level) for level in translated]
    return [STANDARD[level].text(language) if level in STANDARD else level for level in levels]
