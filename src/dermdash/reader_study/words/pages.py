"""What the pages around the reading panel say: invitation, consent, profile, withdrawal."""

from dermdash.reader_study.words.message import Counted, Message

READER_STUDY = Message("Reader study", de="Lesestudie", ru="Исследование чтения снимков", es="Estudio de lectores")
LANGUAGE_CHOICE = Message("Language", de="Sprache", ru="Язык", es="Idioma")
IMAGES = Counted(
    en=("{n} dermatoscopic image", "{n} dermatoscopic images"),
    de=("{n} dermatoskopisches Bild", "{n} dermatoskopische Bilder"),
    ru=(
        "{n} дерматоскопическое изображение",
        "{n} дерматоскопических изображения",
        "{n} дерматоскопических изображений",
    ),
    es=("{n} imagen dermatoscópica", "{n} imágenes dermatoscópicas"),
)
AFTER_PRACTICE = Counted(
    en=("after {n} for practice", "after {n} for practice"),
    de=("nach {n} zur Übung", "nach {n} zur Übung"),
    ru=("после {n} тренировочного", "после {n} тренировочных", "после {n} тренировочных"),
    es=("después de {n} de práctica", "después de {n} de práctica"),
)
PAUSE_ANY_TIME = Message(
    "You can pause at any time: this link brings you back to the open case, on another day too.",
    de="Sie können jederzeit pausieren: Dieser Link bringt Sie zum offenen Fall zurück, auch an einem anderen Tag.",
    ru="Паузу можно сделать в любой момент: эта ссылка вернёт вас к открытому случаю, даже в другой день.",
    es="Puede hacer una pausa en cualquier momento: este enlace le devuelve al caso abierto, también otro día.",
)
CONSENT = Message("Consent", de="Einwilligung", ru="Согласие", es="Consentimiento")
CONSENT_VERSION_LINE = Message(
    "Consent text, version {version}",
    de="Einwilligungstext, Version {version}",
    ru="Текст согласия, версия {version}",
    es="Texto de consentimiento, versión {version}",
)
CONSENT_CHANGED = Message(
    "The consent text has changed since you agreed. Please read it again; your answers are kept.",
    de="Der Einwilligungstext hat sich geändert, seit Sie zugestimmt haben. Bitte lesen Sie ihn noch einmal; Ihre "
    "Antworten bleiben erhalten.",
    ru="Текст согласия изменился с тех пор, как вы его дали. Прочтите его, пожалуйста, ещё раз; ваши ответы сохранены.",
    es="El texto de consentimiento cambió desde que usted lo aceptó. Léalo otra vez, por favor; sus respuestas se "
    "conservan.",
)
OTHER_LANGUAGE = Message(
    "The study team wrote this text in {written_in} only.",
    de="Das Studienteam hat diesen Text nur auf {written_in} geschrieben.",
    ru="Организаторы написали этот текст только на одном языке: {written_in}.",
    es="El equipo del estudio escribió este texto solo en {written_in}.",
)
DIAGNOSES_IN_ENGLISH = Message(
    "Diagnoses are named in English in this study.",
    de="Die Diagnosen sind in dieser Studie auf Englisch benannt.",
    ru="Диагнозы в этом исследовании названы по-английски.",
    es="En este estudio los diagnósticos están en inglés.",
)
I_AGREE = Message(
    "I have read this and take part voluntarily.",
    de="Ich habe das gelesen und nehme freiwillig teil.",
    ru="Я прочитал(а) это и участвую добровольно.",
    es="He leído esto y participo voluntariamente.",
)
TAKE_PART = Message("Take part", de="Teilnehmen", ru="Участвовать", es="Participar")
CONSENT_DOWNLOAD = Message(
    "Download my consent",
    de="Meine Einwilligung herunterladen",
    ru="Скачать моё согласие",
    es="Descargar mi consentimiento",
)
AGREED_LINE = Message(
    "Agreed {moment} (UTC) · SHA-256 of the text {sha256}",
    de="Zugestimmt {moment} (UTC) · SHA-256 des Textes {sha256}",
    ru="Согласие дано {moment} (UTC) · SHA-256 текста {sha256}",
    es="Aceptado {moment} (UTC) · SHA-256 del texto {sha256}",
)

ABOUT_YOU = Message("About you", de="Über Sie", ru="О вас", es="Sobre usted")
PROFILE_WHY = Message(
    "These answers let the results be read by experience. They are stored under a random number.",
    de="Damit lassen sich die Ergebnisse nach Erfahrung auswerten. Die Angaben werden unter einer Zufallszahl "
    "gespeichert.",
    ru="Эти ответы позволяют рассматривать результаты с учётом опыта. Они хранятся под случайным номером.",
    es="Estas respuestas permiten leer los resultados según la experiencia. Se guardan bajo un número aleatorio.",
)
PROFESSION = Message("Profession", de="Beruf", ru="Профессия", es="Profesión")
YEARS = Message(
    "Years of experience with dermatoscopy",
    de="Jahre Erfahrung mit Dermatoskopie",
    ru="Опыт дерматоскопии, лет",
    es="Años de experiencia con dermatoscopia",
)
YEARS_HELP = Message(
    "Completed years; 0 when you have just begun. Leave empty if you prefer not to say.",
    de="Volle Jahre; 0, wenn Sie gerade begonnen haben. Leer lassen für keine Angabe.",
    ru="Полных лет; 0, если вы только начали. Оставьте пустым, если не хотите указывать.",
    es="Años completos; 0 si acaba de empezar. Déjelo vacío si prefiere no decirlo.",
)
AGE_GROUP = Message("Age group", de="Altersgruppe", ru="Возраст", es="Grupo de edad")
GENDER = Message("Gender", de="Geschlecht", ru="Пол", es="Género")
COUNTRY = Message(
    "Country you work in", de="Land, in dem Sie arbeiten", ru="Страна, где вы работаете", es="País en el que trabaja"
)
CHOOSE = Message("Choose an option", de="Bitte wählen", ru="Выберите", es="Elija una opción")
CONTINUE = Message("Continue", de="Weiter", ru="Далее", es="Continuar")
ANSWER_EVERY = Message(
    "Please answer every question. Each list offers “Prefer not to say”; the years may stay empty.",
    de="Bitte beantworten Sie jede Frage. Jede Liste bietet „Keine Angabe“; die Jahre dürfen leer bleiben.",
    ru="Ответьте, пожалуйста, на каждый вопрос. В каждом списке есть «Не хочу указывать»; стаж можно не указывать.",
    es="Responda todas las preguntas, por favor. Cada lista ofrece «Prefiero no decirlo»; los años pueden quedar "
    "vacíos.",
)
SOME_ADVICE_IS_WRONG = Message(
    "Some of the assistance that you will be shown may be wrong on purpose. Your answers to it are kept.",
    de="Ein Teil der gezeigten Hilfe kann absichtlich falsch sein. Ihre Antworten dazu bleiben erhalten.",
    ru="Часть показанных Вам подсказок может быть намеренно неверной. Ваши ответы на них сохраняются.",
    es="Parte de la ayuda que se le mostrará puede ser errónea a propósito. Sus respuestas a ella se conservan.",
)
