"""What the pages around the reading panel say: invitation, consent, profile, withdrawal."""

from dermdash.reader_study.words.message import Counted, Message

READER_STUDY = Message("Reader study", de="Lesestudie", ru="Исследование чтения снимков", es="Estudio de lectores")
LANGUAGE_CHOICE = Message("Language", de="Sprache", ru="Язык", es="Idioma")
CASES = Counted(
    en=("{n} case with a dermatoscopic image", "{n} cases with dermatoscopic images"),
    de=("{n} Fall mit einem dermatoskopischen Bild", "{n} Fälle mit dermatoskopischen Bildern"),
    ru=(
        "{n} случай с дерматоскопическим изображением",
        "{n} случая с дерматоскопическими изображениями",
        "{n} случаев с дерматоскопическими изображениями",
    ),
    es=("{n} caso con una imagen dermatoscópica", "{n} casos con imágenes dermatoscópicas"),
)
MOST_CASES = Counted(
    en=("up to {n} case with a dermatoscopic image", "up to {n} cases with dermatoscopic images"),
    de=("bis zu {n} Fall mit einem dermatoskopischen Bild", "bis zu {n} Fälle mit dermatoskopischen Bildern"),
    ru=(
        "до {n} случая с дерматоскопическими изображениями",
        "до {n} случаев с дерматоскопическими изображениями",
        "до {n} случаев с дерматоскопическими изображениями",
    ),
    es=("hasta {n} caso con una imagen dermatoscópica", "hasta {n} casos con imágenes dermatoscópicas"),
)
"""Where chance gives some readers fewer."""
ANSWERS = Counted(
    en=("{n} answer", "{n} answers"),
    de=("{n} Antwort", "{n} Antworten"),
    ru=("{n} ответ", "{n} ответа", "{n} ответов"),
    es=("{n} respuesta", "{n} respuestas"),
)
MOST_ANSWERS = Counted(
    en=("up to {n} answer", "up to {n} answers"),
    de=("bis zu {n} Antwort", "bis zu {n} Antworten"),
    ru=("до {n} ответа", "до {n} ответов", "до {n} ответов"),
    es=("hasta {n} respuesta", "hasta {n} respuestas"),
)
IN_PARTS = Counted(
    en=("in {n} part", "in {n} parts"),
    de=("in {n} Teil", "in {n} Teilen"),
    ru=("в {n} этап", "в {n} этапа", "в {n} этапов"),
    es=("en {n} parte", "en {n} partes"),
)
MOST_PARTS = Counted(
    en=("in up to {n} part", "in up to {n} parts"),
    de=("in bis zu {n} Teil", "in bis zu {n} Teilen"),
    ru=("не более чем в {n} этап", "не более чем в {n} этапа", "не более чем в {n} этапов"),
    es=("en hasta {n} parte", "en hasta {n} partes"),
)
AFTER_TEST = Counted(
    en=("after a test of {n} case", "after a test of {n} cases"),
    de=("nach einem Test mit {n} Fall", "nach einem Test mit {n} Fällen"),
    ru=("после теста из {n} случая", "после теста из {n} случаев", "после теста из {n} случаев"),
    es=("después de una prueba de {n} caso", "después de una prueba de {n} casos"),
)
MINUTES = Counted(
    en=("about {n} minute in all", "about {n} minutes in all"),
    de=("insgesamt etwa {n} Minute", "insgesamt etwa {n} Minuten"),
    ru=("всего около {n} минуты", "всего около {n} минут", "всего около {n} минут"),
    es=("en total alrededor de {n} minuto", "en total alrededor de {n} minutos"),
)
MOST_MINUTES = Counted(
    en=("up to about {n} minute in all", "up to about {n} minutes in all"),
    de=("insgesamt bis zu etwa {n} Minute", "insgesamt bis zu etwa {n} Minuten"),
    ru=("всего примерно до {n} минуты", "всего примерно до {n} минут", "всего примерно до {n} минут"),
    es=("en total hasta unos {n} minuto", "en total hasta unos {n} minutos"),
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
