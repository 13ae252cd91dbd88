"""The words that the reading panel gets in its reader's language."""

from functools import cache

from dermdash.reader_study.words import assistance, closing, help, questions, screen
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Counted, Message

# Nothing of wrong advice travels before its time: readers need not know that there is such a thing.
_SAID_BY_THE_SERVER = {
    *("RESULTS_AIDED", "RESULTS_UNAIDED", "CERTIFICATE_TEXT", "THIS_IS_A_CHECK", "THIS_IS_A_CHECK_OF_DIAGNOSIS"),
    *("RESULTS_NOTE", "NONE_MISSED"),
    *("DEBRIEF", "DEBRIEF_FOLLOWED", "DEBRIEF_KEPT", "DEBRIEF_NONE"),
}
SCREEN_WORDS: dict[str, Message | Counted] = {
    name: value
    for module in (screen, questions, help, assistance, closing)
    for name, value in vars(module).items()
    if isinstance(value, Message | Counted) and name not in _SAID_BY_THE_SERVER
}
"""By the names under which the scripts read them."""


@cache
def screen_words(language: Language) -> dict[str, str | dict[str, str]]:
    """Name to text, or to the forms of a text that follows a count."""
    return {
        name: word.text(language) if isinstance(word, Message) else word.forms(language)
        for name, word in SCREEN_WORDS.items()
    }
