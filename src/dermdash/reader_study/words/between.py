"""What stands between the parts of a study: before the first case, after practice, between rounds."""

from dermdash.reader_study.words.message import Counted, Message

BEFORE_START = Message("Before you start", de="Bevor Sie beginnen", ru="Перед началом", es="Antes de empezar")
HOW_IT_WORKS = Message(
    "Look at the image, choose a diagnosis and how sure you are, then lock in your answer.",
    de="Sehen Sie sich das Bild an, wählen Sie eine Diagnose und wie sicher Sie sind, und legen Sie die Antwort fest.",
    ru="Рассмотрите изображение, выберите диагноз и степень уверенности и зафиксируйте ответ.",
    es="Mire la imagen, elija un diagnóstico y su grado de seguridad, y fije su respuesta.",
)
HOW_IT_WORKS_OTHERWISE = Message(
    "Look at the image, answer what is asked, then lock in your answer.",
    de="Sehen Sie sich das Bild an, beantworten Sie, was gefragt wird, und legen Sie die Antwort fest.",
    ru="Рассмотрите изображение, ответьте на вопросы и зафиксируйте ответ.",
    es="Mire la imagen, responda a lo que se pregunta y fije su respuesta.",
)
"""Where diagnosis or confidence is not asked for, or more is."""
THEN_ASSISTANCE = Message(
    "After that assistance may be shown: you keep your answer or change it. A locked answer cannot be taken back.",
    de="Danach wird gegebenenfalls eine Hilfe gezeigt: Sie behalten Ihre Antwort oder ändern sie. Eine festgelegte "
    "Antwort kann nicht zurückgenommen werden.",
    ru="После этого может появиться подсказка: вы оставляете ответ или меняете его. Зафиксированный ответ отменить "
    "нельзя.",
    es="Después puede mostrarse una ayuda: mantiene su respuesta o la cambia. Una respuesta fijada no se puede "
    "retirar.",
)
LATER_ASSISTANCE = Message(
    "After all cases of a round they come once more, now with assistance: you keep your answers or change them. A "
    "locked answer cannot be taken back.",
    de="Nach allen Fällen einer Runde kommen diese noch einmal, nun mit einer Hilfe: Sie behalten Ihre Antworten oder "
    "ändern sie. Eine festgelegte Antwort kann nicht zurückgenommen werden.",
    ru="После всех случаев раунда они идут ещё раз, теперь с подсказкой: вы оставляете ответы или меняете их. "
    "Зафиксированный ответ отменить нельзя.",
    es="Tras todos los casos de una ronda vienen otra vez, ahora con una ayuda: mantiene sus respuestas o las cambia. "
    "Una respuesta fijada no se puede retirar.",
)
WITH_ASSISTANCE = Message(
    "Assistance is shown together with the image. A locked answer cannot be taken back.",
    de="Zum Bild wird von Anfang an eine Hilfe gezeigt. Eine festgelegte Antwort kann nicht zurückgenommen werden.",
    ru="Вместе с изображением показывается подсказка. Зафиксированный ответ отменить нельзя.",
    es="Junto con la imagen se muestra una ayuda. Una respuesta fijada no se puede retirar.",
)
SOME_WITH_ASSISTANCE = Message(
    "In a part of the study assistance is shown together with the image. A locked answer cannot be taken back.",
    de="In einem Teil der Studie wird zum Bild eine Hilfe gezeigt. Eine festgelegte Antwort kann nicht zurückgenommen "
    "werden.",
    ru="В одной из частей исследования вместе с изображением показывается подсказка. Зафиксированный ответ отменить "
    "нельзя.",
    es="En una parte del estudio se muestra una ayuda junto con la imagen. Una respuesta fijada no se puede retirar.",
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
TIME_FOR_EACH = Counted(
    en=(
        "You have {n} second for each answer, which is shown above the image; after that you can still answer.",
        "You have {n} seconds for each answer, which are shown above the image; after that you can still answer.",
    ),
    de=(
        "Für jede Antwort haben Sie {n} Sekunde, die über dem Bild angezeigt wird; danach können Sie noch antworten.",
        "Für jede Antwort haben Sie {n} Sekunden, die über dem Bild angezeigt werden; danach können Sie noch "
        "antworten.",
    ),
    ru=(
        "На каждый ответ даётся {n} секунда, счёт идёт над изображением; ответить можно и после этого.",
        "На каждый ответ даётся {n} секунды, счёт идёт над изображением; ответить можно и после этого.",
        "На каждый ответ даётся {n} секунд, счёт идёт над изображением; ответить можно и после этого.",
    ),
    es=(
        "Tiene {n} segundo para cada respuesta, que se muestra sobre la imagen; después aún puede responder.",
        "Tiene {n} segundos para cada respuesta, que se muestran sobre la imagen; después aún puede responder.",
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
PRACTICE_OVER_TOLD = Counted(
    en=(
        "{n} case follows. You can pause at any time.",
        "{n} cases follow. You can pause at any time.",
    ),
    de=(
        "Es folgt {n} Fall. Sie können jederzeit pausieren.",
        "Es folgen {n} Fälle. Sie können jederzeit pausieren.",
    ),
    ru=(
        "Впереди {n} случай. Паузу можно сделать в любой момент.",
        "Впереди {n} случая. Паузу можно сделать в любой момент.",
        "Впереди {n} случаев. Паузу можно сделать в любой момент.",
    ),
    es=(
        "Sigue {n} caso. Puede hacer una pausa en cualquier momento.",
        "Siguen {n} casos. Puede hacer una pausa en cualquier momento.",
    ),
)
TOLD_AT_ONCE = Message(
    "As soon as a case is complete you are told whether your answer was right.",
    de="Sobald ein Fall abgeschlossen ist, erfahren Sie, ob Ihre Antwort richtig war.",
    ru="Как только случай завершён, вы узнаете, был ли ваш ответ верен.",
    es="En cuanto un caso está completo se le dice si su respuesta era correcta.",
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
SCREENING = Message("A short test", de="Ein kurzer Test", ru="Небольшой тест", es="Una breve prueba")
SCREENING_TEXT = Counted(
    en=(
        "{n} case decides whether you take part. You are not told whether an answer was right.",
        "{n} cases decide whether you take part. You are not told whether an answer was right.",
    ),
    de=(
        "{n} Fall entscheidet, ob Sie teilnehmen. Ob eine Antwort richtig war, erfahren Sie nicht.",
        "{n} Fälle entscheiden, ob Sie teilnehmen. Ob eine Antwort richtig war, erfahren Sie nicht.",
    ),
    ru=(
        "{n} случай решает, участвуете ли вы. Верен ли ответ, не сообщается.",
        "{n} случая решают, участвуете ли вы. Верен ли ответ, не сообщается.",
        "{n} случаев решают, участвуете ли вы. Верен ли ответ, не сообщается.",
    ),
    es=(
        "{n} caso decide si participa. No se le dirá si una respuesta era correcta.",
        "{n} casos deciden si participa. No se le dirá si una respuesta era correcta.",
    ),
)
START_TEST = Message("Start the test", de="Test beginnen", ru="Начать тест", es="Empezar la prueba")
TEST_PASSED = Message(
    "You passed the test, from now on it counts",
    de="Sie haben den Test bestanden, ab jetzt zählt es",
    ru="Тест пройден, теперь ответы учитываются",
    es="Ha superado la prueba: a partir de ahora cuenta",
)
NEXT_PART = Message(
    "The next part begins",
    de="Der nächste Teil beginnt",
    ru="Начинается следующая часть",
    es="Empieza la siguiente parte",
)
NEXT_PART_TEXT = Counted(
    en=("{n} case follows. You have read it before.", "{n} cases follow. You have read them before."),
    de=(
        "Es folgt {n} Fall. Sie haben ihn schon einmal beurteilt.",
        "Es folgen {n} Fälle. Sie haben sie schon einmal beurteilt.",
    ),
    ru=(
        "Впереди {n} случай. Вы его уже оценивали.",
        "Впереди {n} случая. Вы их уже оценивали.",
        "Впереди {n} случаев. Вы их уже оценивали.",
    ),
    es=("Sigue {n} caso. Ya lo ha valorado antes.", "Siguen {n} casos. Ya los ha valorado antes."),
)

# Where there is no step.
WASHOUT = Message(
    "This part is done", de="Dieser Teil ist geschafft", ru="Эта часть пройдена", es="Esta parte está terminada"
)
WASHOUT_TEXT = Message(
    "The next part opens on {when}. Come back then with the same link: every answer is saved.",
    de="Der nächste Teil öffnet am {when}. Kommen Sie dann mit demselben Link wieder: Jede Antwort ist gespeichert.",
    ru="Следующая часть откроется {when}. Вернитесь тогда по той же ссылке: все ответы сохранены.",
    es="La siguiente parte se abre el {when}. Vuelva entonces con el mismo enlace: todas las respuestas están "
    "guardadas.",
)
NOT_ADMITTED = Message(
    "Thank you for taking the test",
    de="Vielen Dank für Ihren Test",
    ru="Спасибо, что прошли тест",
    es="Gracias por hacer la prueba",
)
NOT_ADMITTED_TEXT = Message(
    "This study is for readers with more of the test cases right, so it ends here for you. Your answers are saved.",
    de="Diese Studie ist für Personen, die mehr Testfälle richtig haben; sie endet hier für Sie. Ihre Antworten sind "
    "gespeichert.",
    ru="Для этого исследования нужно больше верных ответов в тесте, поэтому для вас оно заканчивается здесь. Ваши "
    "ответы сохранены.",
    es="Este estudio es para lectores con más aciertos en la prueba, así que termina aquí para usted. Sus respuestas "
    "están guardadas.",
)
HELD = Message(
    "Your reading was interrupted",
    de="Ihre Teilnahme war unterbrochen",
    ru="Ваше участие было прервано",
    es="Su lectura se interrumpió",
)
HELD_TEXT = Message(
    "You were away longer than this study allows. Please write to the study team: they can let you go on. Your answers "
    "are saved.",
    de="Sie waren länger weg, als diese Studie erlaubt. Bitte schreiben Sie dem Studienteam: Es kann Sie weiterlesen "
    "lassen. Ihre Antworten sind gespeichert.",
    ru="Вас не было дольше, чем допускает это исследование. Напишите, пожалуйста, организаторам: они могут разрешить "
    "продолжить. Ваши ответы сохранены.",
    es="Estuvo ausente más tiempo del que permite este estudio. Escriba al equipo del estudio, por favor: puede "
    "permitirle seguir. Sus respuestas están guardadas.",
)
