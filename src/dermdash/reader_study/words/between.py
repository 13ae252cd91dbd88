"""What stands between the parts of a study: before the first case, after practice, between rounds."""

from dermdash.reader_study.words.message import Counted, Message

BEFORE_START = Message("Before you start", de="Bevor Sie beginnen", ru="Перед началом", es="Antes de empezar")
HOW_IT_WORKS = Message(
    "Look at the image, choose a diagnosis and how sure you are, then lock in your answer.",
    de="Sehen Sie sich das Bild an, wählen Sie eine Diagnose und wie sicher Sie sind, und legen Sie die Antwort fest.",
    ru="Рассмотрите изображение, выберите диагноз и степень уверенности и зафиксируйте ответ.",
    es="Mire la imagen, elija un diagnóstico y su grado de seguridad, y fije su respuesta.",
)
THEN_ASSISTANCE = Message(
    "After that assistance may be shown: you keep your answer or change it. A locked answer cannot be taken back.",
    de="Danach wird gegebenenfalls eine Hilfe gezeigt: Sie behalten Ihre Antwort oder ändern sie. Eine festgelegte "
    "Antwort kann nicht zurückgenommen werden.",
    ru="После этого может появиться подсказка: вы оставляете ответ или меняете его. Зафиксированный ответ отменить "
    "нельзя.",
    es="Después puede mostrarse una ayuda: mantiene su respuesta o la cambia. Una respuesta fijada no se puede "
    "retirar.",
)
NO_ASSISTANCE = Message(
    "A locked answer cannot be taken back.",
    de="Eine festgelegte Antwort kann nicht zurückgenommen werden.",
    ru="Зафиксированный ответ отменить нельзя.",
    es="Una respuesta fijada no se puede retirar.",
)
PRACTICE_FIRST = Counted(
    en=(
        "You begin with {n} practice case: it shows the diagnosis afterwards and does not count.",
        "You begin with {n} practice cases: they show the diagnosis afterwards and do not count.",
    ),
    de=(
        "Sie beginnen mit {n} Übungsfall: Danach wird die Diagnose gezeigt, er zählt nicht.",
        "Sie beginnen mit {n} Übungsfällen: Danach wird jeweils die Diagnose gezeigt, sie zählen nicht.",
    ),
    ru=(
        "Сначала {n} тренировочный случай: после него показывается диагноз, он не учитывается.",
        "Сначала {n} тренировочных случая: после каждого показывается диагноз, они не учитываются.",
        "Сначала {n} тренировочных случаев: после каждого показывается диагноз, они не учитываются.",
    ),
    es=(
        "Empieza con {n} caso de práctica: después se muestra el diagnóstico y no cuenta.",
        "Empieza con {n} casos de práctica: después se muestra el diagnóstico y no cuentan.",
    ),
)
START_PRACTICE = Message("Start practice", de="Übung beginnen", ru="Начать тренировку", es="Empezar la práctica")
START = Message("Start", de="Beginnen", ru="Начать", es="Empezar")
PRACTICE_OVER = Message(
    "Practice is over, from now on it counts",
    de="Die Übung ist vorbei, ab jetzt zählt es",
    ru="Тренировка окончена, теперь ответы учитываются",
    es="La práctica terminó: a partir de ahora cuenta",
)
PRACTICE_OVER_TEXT = Counted(
    en=(
        "{n} case follows. You are not told whether an answer was right. You can pause at any time.",
        "{n} cases follow. You are not told whether an answer was right. You can pause at any time.",
    ),
    de=(
        "Es folgt {n} Fall. Ob eine Antwort richtig war, erfahren Sie dabei nicht. Sie können jederzeit pausieren.",
        "Es folgen {n} Fälle. Ob eine Antwort richtig war, erfahren Sie dabei nicht. Sie können jederzeit pausieren.",
    ),
    ru=(
        "Впереди {n} случай. Верен ли ответ, не сообщается. Паузу можно сделать в любой момент.",
        "Впереди {n} случая. Верен ли ответ, не сообщается. Паузу можно сделать в любой момент.",
        "Впереди {n} случаев. Верен ли ответ, не сообщается. Паузу можно сделать в любой момент.",
    ),
    es=(
        "Sigue {n} caso. No se le dirá si una respuesta era correcta. Puede hacer una pausa en cualquier momento.",
        "Siguen {n} casos. No se le dirá si una respuesta era correcta. Puede hacer una pausa en cualquier momento.",
    ),
)
ROUND_DONE = Message(
    "Round {round} of {rounds} is done",
    de="Runde {round} von {rounds} ist geschafft",
    ru="Раунд {round} из {rounds} пройден",
    es="Ronda {round} de {rounds} terminada",
)
ROUND_DONE_TEXT = Counted(
    en=(
        "The next round has {n} case. Go on now, or come back later with the same link: every answer is saved.",
        "The next round has {n} cases. Go on now, or come back later with the same link: every answer is saved.",
    ),
    de=(
        "Die nächste Runde hat {n} Fall. Machen Sie gleich weiter, oder kommen Sie später mit demselben Link wieder: "
        "Jede Antwort ist gespeichert.",
        "Die nächste Runde hat {n} Fälle. Machen Sie gleich weiter, oder kommen Sie später mit demselben Link wieder: "
        "Jede Antwort ist gespeichert.",
    ),
    ru=(
        "В следующем раунде {n} случай. Продолжайте сейчас или вернитесь позже по той же ссылке: все ответы сохранены.",
        "В следующем раунде {n} случая. Продолжайте сейчас или вернитесь позже по той же ссылке: все ответы сохранены.",
        "В следующем раунде {n} случаев. Продолжайте сейчас или вернитесь позже по той же ссылке: все ответы "
        "сохранены.",
    ),
    es=(
        "La siguiente ronda tiene {n} caso. Siga ahora o vuelva más tarde con el mismo enlace: todas las respuestas "
        "están guardadas.",
        "La siguiente ronda tiene {n} casos. Siga ahora o vuelva más tarde con el mismo enlace: todas las respuestas "
        "están guardadas.",
    ),
)
START_ROUND = Message(
    "Start round {round}", de="Runde {round} beginnen", ru="Начать раунд {round}", es="Empezar la ronda {round}"
)
