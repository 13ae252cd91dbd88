"""What an invitation and a reminder say, in four languages; the team changes the words, places are filled in."""

from dataclasses import dataclass
from enum import StrEnum

from dermdash.errors import InvalidInput
from dermdash.reader_study.words.language import Language

LANGUAGES: dict[str, str] = {str(language): language.own_name for language in Language}
LINK = "{link}"
PLACES: dict[str, str] = {
    "{name}": "as the invitation names them",
    "{study}": "name of the study",
    LINK: "their own link",
    "{cases}": "cases that they read, as their own page counts them",
    "{minutes}": "minutes that this takes, assumed",
    "{done}": "cases they have read",
    "{until}": "until when they can begin",
}
LONGEST = 5000


class MailKind(StrEnum):
    """What a mail is for."""

    INVITATION = "invitation"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class MailText:
    """Subject and text with places to fill in (`PLACES`).

    Raises
    ------
    InvalidInput
        One of them is empty or too long, the text has no place for the link, or the subject has a line break.
    """

    subject: str
    text: str

    def __post_init__(self) -> None:
        """Refuse what cannot be sent."""
        if not self.subject.strip() or not self.text.strip():
            raise InvalidInput("a mail needs a subject and a text")
        if len(self.subject) > 200 or len(self.text) > LONGEST:
            raise InvalidInput(f"a subject has at most 200 characters, a text {LONGEST:,}")
        if len(self.subject.splitlines()) > 1:
            raise InvalidInput("the subject is one line")
        if LINK not in self.text:
            raise InvalidInput(f"the text has no place for the link: write {LINK} where it is to stand")

    def filled(self, values: dict[str, str]) -> tuple[str, str]:
        """Subject and text for one person; ``values`` by place. What else stands in braces stays as it is."""
        subject, text = self.subject, self.text
        for place in PLACES:
            value = values.get(place, "")
            subject, text = subject.replace(place, " ".join(value.split())), text.replace(place, value)
        return subject, text


_INVITATIONS: dict[str, MailText] = {
    "en": MailText(
        "Invitation to the reader study {study}",
        "Dear {name},\n\nyou are invited to take part in the reader study {study}: {cases} cases with dermatoscopic "
        "images, about {minutes} minutes in all. You can pause at any time and go on later or on another "
        "device.\n\nThis is your own link, please do not pass it on:\n\n{link}\n\nYou can begin {until}. What is "
        "stored and what becomes of it is said before you agree.\n\nWith kind regards\nthe study team\n",
    ),
    "de": MailText(
        "Einladung zur Leserstudie {study}",
        "Guten Tag {name},\n\nSie sind eingeladen, an der Leserstudie {study} teilzunehmen: {cases} Fälle mit "
        "dermatoskopischen Bildern, insgesamt etwa {minutes} Minuten. Sie können jederzeit unterbrechen und später "
        "oder an einem anderen Gerät weitermachen.\n\nDies ist Ihr eigener Link, bitte geben Sie ihn nicht "
        "weiter:\n\n{link}\n\nBeginnen können Sie {until}. Was gespeichert wird und was damit geschieht, steht vor "
        "Ihrer Zustimmung.\n\nMit freundlichen Grüßen\ndas Studienteam\n",
    ),
    "ru": MailText(
        "Приглашение в исследование {study}",
        "Здравствуйте, {name}!\n\nПриглашаем вас принять участие в исследовании {study}: случаев с "
        "дерматоскопическими изображениями – {cases}, всего около {minutes} мин. Можно сделать перерыв в любой момент "
        "и продолжить позже или на другом устройстве.\n\nЭто ваша личная ссылка, пожалуйста, никому её не "
        "передавайте:\n\n{link}\n\nНачать можно {until}. Что сохраняется и как используется, сказано до вашего "
        "согласия.\n\nС уважением,\nгруппа исследования\n",
    ),
    "es": MailText(
        "Invitación al estudio de lectores {study}",
        "Hola, {name}:\n\nLe invitamos a participar en el estudio de lectores {study}: {cases} casos con imágenes "
        "dermatoscópicas, en total alrededor de {minutes} minutos. Puede hacer una pausa en cualquier momento y "
        "seguir más tarde o en otro dispositivo.\n\nEste es su propio enlace; por favor, no lo "
        "comparta:\n\n{link}\n\nPuede empezar {until}. Qué se guarda y para qué se explica antes de dar su "
        "consentimiento.\n\nUn cordial saludo,\nel equipo del estudio\n",
    ),
}
_REMINDERS: dict[str, MailText] = {
    "en": MailText(
        "Reminder: the reader study {study}",
        "Dear {name},\n\nyou have read {done} of {cases} cases of the reader study {study}. If you would like to go "
        "on, this link brings you back to where you were; earlier links of yours go on working:\n\n{link}\n\nIf you do "
        "not want to take part, you need not do anything.\n\nWith kind regards\nthe study team\n",
    ),
    "de": MailText(
        "Erinnerung: die Leserstudie {study}",
        "Guten Tag {name},\n\nSie haben {done} von {cases} Fällen der Leserstudie {study} beurteilt. Wenn Sie "
        "weitermachen möchten, bringt Sie dieser Link dorthin, wo Sie waren; Ihre früheren Links gelten weiter:\n\n"
        "{link}\n\nWenn Sie nicht teilnehmen möchten, brauchen Sie nichts zu tun.\n\nMit freundlichen Grüßen\ndas "
        "Studienteam\n",
    ),
    "ru": MailText(
        "Напоминание: исследование {study}",
        "Здравствуйте, {name}!\n\nВы оценили {done} из {cases} случаев исследования {study}. Если вы хотите "
        "продолжить, эта ссылка вернёт вас туда, где вы остановились; прежние ссылки тоже действуют:\n\n{link}\n\nЕсли "
        "вы не хотите участвовать, ничего делать не нужно.\n\nС уважением,\nгруппа исследования\n",
    ),
    "es": MailText(
        "Recordatorio: el estudio de lectores {study}",
        "Hola, {name}:\n\nHa leído {done} de {cases} casos del estudio de lectores {study}. Si quiere seguir, este "
        "enlace le lleva a donde estaba; sus enlaces anteriores siguen funcionando:\n\n{link}\n\nSi no quiere "
        "participar, no tiene que hacer nada.\n\nUn cordial saludo,\nel equipo del estudio\n",
    ),
}
_UNTIL: dict[str, tuple[str, str]] = {
    "en": ("until {day}", "at any time"),
    "de": ("bis {day}", "jederzeit"),
    "ru": ("до {day}", "в любое время"),
    "es": ("hasta el {day}", "en cualquier momento"),
}


def mail_text(kind: MailKind, language: str) -> MailText:
    """What a mail says where nobody changed it; raises InvalidInput for a language there is no text in."""
    if language not in LANGUAGES:
        raise InvalidInput(f"there is no mail in {language!r}: expected {', '.join(LANGUAGES)}")
    return (_INVITATIONS if kind is MailKind.INVITATION else _REMINDERS)[language]


def until_words(day: str | None, language: str) -> str:
    """Until when somebody can begin, as it stands after "You can begin"."""
    some_day, ever = _UNTIL[language]
    return ever if day is None else some_day.replace("{day}", day)
