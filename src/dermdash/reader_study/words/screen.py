"""What the reading panel says. Its scripts read these texts by their names here; a test holds the two together."""

from dermdash.reader_study.words.message import Counted, Message

# The case.
IMAGE = Message(
    "Dermatoscopic image of the lesion to assess",
    de="Dermatoskopisches Bild der zu beurteilenden Läsion",
    ru="Дерматоскопическое изображение образования, которое нужно оценить",
    es="Imagen dermatoscópica de la lesión que hay que valorar",
)
IMAGE_GROUP = Message(
    "Image. Plus and minus zoom, zero fits.",
    de="Bild. Plus und Minus vergrößern und verkleinern, Null passt ein.",
    ru="Изображение. Плюс и минус меняют масштаб, ноль вписывает в окно.",
    es="Imagen. Más y menos amplían y reducen, cero la ajusta.",
)
LOADING_IMAGE = Message(
    "Loading the image…", de="Das Bild wird geladen …", ru="Загрузка изображения…", es="Cargando la imagen…"
)
IMAGE_FAILED = Message(
    "The image could not be shown. Reload the page; if that does not help, tell the study team.",
    de="Das Bild konnte nicht angezeigt werden. Laden Sie die Seite neu; hilft das nicht, sagen Sie es dem "
    "Studienteam.",
    ru="Не удалось показать изображение. Обновите страницу; если это не поможет, сообщите организаторам исследования.",
    es="No se pudo mostrar la imagen. Vuelva a cargar la página; si no ayuda, avise al equipo del estudio.",
)
ZOOM_OUT = Message("Zoom out (minus)", de="Verkleinern (Minus)", ru="Уменьшить (минус)", es="Reducir (menos)")
ZOOM_IN = Message("Zoom in (plus)", de="Vergrößern (Plus)", ru="Увеличить (плюс)", es="Ampliar (más)")
ZOOM_FIT = Message("Fit the image (0)", de="Bild einpassen (0)", ru="Вписать в окно (0)", es="Ajustar la imagen (0)")

# The bar above it.
CASE_OF = Message(
    "Case {position} of {total}",
    de="Fall {position} von {total}",
    ru="Случай {position} из {total}",
    es="Caso {position} de {total}",
)
PRACTICE_CASE_OF = Message(
    "Practice case {position} of {total}",
    de="Übungsfall {position} von {total}",
    ru="Тренировочный случай {position} из {total}",
    es="Caso de práctica {position} de {total}",
)
TEST_CASE_OF = Message(
    "Test case {position} of {total}",
    de="Testfall {position} von {total}",
    ru="Случай теста {position} из {total}",
    es="Caso de la prueba {position} de {total}",
)
MILESTONE = Counted(
    en=("{n} case done", "{n} cases done"),
    de=("{n} Fall geschafft", "{n} Fälle geschafft"),
    ru=("пройден {n} случай", "пройдено {n} случая", "пройдено {n} случаев"),
    es=("{n} caso hecho", "{n} casos hechos"),
)
MILESTONE_LEFT = Message("{left} to go", de="noch {left}", ru="осталось {left}", es="quedan {left}")
ALL_CASES_DONE = Message(
    "All cases done", de="Alle Fälle bearbeitet", ru="Все случаи пройдены", es="Todos los casos terminados"
)
SECONDS_LEFT = Counted(
    en=("{n} s left", "{n} s left"),
    de=("noch {n} s", "noch {n} s"),
    ru=("осталась {n} с", "осталось {n} с", "осталось {n} с"),
    es=("queda {n} s", "quedan {n} s"),
)
TIME_IS_UP = Message(
    "Time is up: please answer now",
    de="Die Zeit ist um: Bitte antworten Sie jetzt",
    ru="Время вышло: пожалуйста, ответьте",
    es="Se acabó el tiempo: responda ahora, por favor",
)
PAUSE = Message("Pause", de="Pause", ru="Пауза", es="Pausa")
HELP = Message("Help", de="Hilfe", ru="Справка", es="Ayuda")
LANGUAGE = Message("Language", de="Sprache", ru="Язык", es="Idioma")

# The question and the answer.
YOUR_ANSWER = Message("Your answer", de="Ihre Antwort", ru="Ваш ответ", es="Su respuesta")
PHASE_UNAIDED = Message(
    "Your own answer, without assistance",
    de="Ihre eigene Antwort, ohne Hilfe",
    ru="Ваш собственный ответ, без подсказки",
    es="Su propia respuesta, sin ayuda",
)
PHASE_AIDED = Message(
    "With assistance: keep or change your answer",
    de="Mit Hilfe: Antwort behalten oder ändern",
    ru="С подсказкой: оставьте ответ или измените его",
    es="Con ayuda: mantenga o cambie su respuesta",
)
PHASE_ASSISTED = Message(
    "Your answer, with assistance", de="Ihre Antwort, mit Hilfe", ru="Ваш ответ, с подсказкой",
    es="Su respuesta, con ayuda",
)  # fmt: skip
HOW_SURE = Message(
    "How sure are you?", de="Wie sicher sind Sie?", ru="Насколько вы уверены?", es="¿Qué grado de seguridad tiene?"
)
TRUE_DIAGNOSIS = Message("diagnosis", de="Diagnose", ru="диагноз", es="diagnóstico")
YOUR_CHOICE = Message("your answer", de="Ihre Antwort", ru="ваш ответ", es="su respuesta")
BEFORE = Message("before", de="zuvor", ru="ранее", es="antes")
LOCK_ANSWER = Message("Lock in answer", de="Antwort festlegen", ru="Зафиксировать ответ", es="Fijar la respuesta")
ANSWER_LOCKED = Message("Answer locked", de="Antwort festgelegt", ru="Ответ зафиксирован", es="Respuesta fijada")
KEEP_ANSWER = Message("Keep my answer", de="Antwort behalten", ru="Оставить мой ответ", es="Mantener mi respuesta")
KEEP = Message("Keep: {name}", de="Behalten: {name}", ru="Оставить: {name}", es="Mantener: {name}")
CHANGE_TO = Message("Change to {name}", de="Ändern: {name}", ru="Изменить: {name}", es="Cambiar a: {name}")
CHANGE_SURENESS = Message(
    "Change how sure I am", de="Sicherheit ändern", ru="Изменить уверенность", es="Cambiar mi seguridad"
)
CONTINUE = Message("Continue", de="Weiter", ru="Далее", es="Continuar")
ENTER_KEY = Message("Enter", de="Enter", ru="Enter", es="Intro")
CHOOSE_DIAGNOSIS = Message(
    "Choose a diagnosis first (keys 1 to {last}).",
    de="Wählen Sie zuerst eine Diagnose (Tasten 1 bis {last}).",
    ru="Сначала выберите диагноз (клавиши 1–{last}).",
    es="Elija primero un diagnóstico (teclas 1 a {last}).",
)
SAY_HOW_SURE = Message(
    "Say how sure you are first (keys A, S, D …).",
    de="Geben Sie zuerst an, wie sicher Sie sind (Tasten A, S, D …).",
    ru="Сначала укажите, насколько вы уверены (клавиши A, S, D …).",
    es="Indique primero su grado de seguridad (teclas A, S, D …).",
)
NOT_ACCEPTED = Message(
    "An answer was not accepted: {reason}",
    de="Eine Antwort wurde nicht angenommen: {reason}",
    ru="Ответ не принят: {reason}",
    es="No se aceptó una respuesta: {reason}",
)
CORRECT = Message("Correct", de="Richtig", ru="Верно", es="Correcto")
NOT_CORRECT = Message("Not correct", de="Nicht richtig", ru="Неверно", es="Incorrecto")
DIAGNOSIS_IS = Message(
    "The diagnosis is: {name}.",
    de="Die Diagnose lautet: {name}.",
    ru="Диагноз: {name}.",
    es="El diagnóstico es: {name}.",
)

# One question after the other, where the screen is small.
ASKED_DIAGNOSIS = Message("Diagnosis", de="Diagnose", ru="Диагноз", es="Diagnóstico")
ASKED_RATING = Message("Malignant", de="Bösartig", ru="Злокач.", es="Maligna")
ASKED_MANAGEMENT = Message("Action", de="Vorgehen", ru="Тактика", es="Conducta")
QUESTIONS = Message("Questions", de="Fragen", ru="Вопросы", es="Preguntas")

# Said to a screen reader.
SAY_SAVING = Message(
    "Answer locked. Saving.",
    de="Antwort festgelegt. Wird gespeichert.",
    ru="Ответ зафиксирован. Сохраняется.",
    es="Respuesta fijada. Guardando.",
)
SAY_PAUSED = Message("Paused.", de="Pausiert.", ru="Пауза.", es="En pausa.")
SAY_RESUMED = Message("Resumed.", de="Fortgesetzt.", ru="Продолжено.", es="Reanudado.")
SAY_ASSISTANCE = Message(
    "Assistance is shown. Keep or change your answer.",
    de="Die Hilfe wird gezeigt. Behalten oder ändern Sie Ihre Antwort.",
    ru="Показана подсказка. Оставьте ответ или измените его.",
    es="Se muestra la ayuda. Mantenga o cambie su respuesta.",
)

# Where the answers are.
SAVED = Message("Saved", de="Gespeichert", ru="Сохранено", es="Guardado")
SAVING = Message("Saving…", de="Wird gespeichert …", ru="Сохраняется…", es="Guardando…")
OFFLINE = Message(
    "Not connected: your answers are kept on this device",
    de="Nicht verbunden: Ihre Antworten bleiben auf diesem Gerät",
    ru="Нет связи: ваши ответы хранятся на этом устройстве",
    es="Sin conexión: sus respuestas se guardan en este dispositivo",
)
UNREACHABLE = Message(
    "The study cannot be reached at the moment: your answers are kept on this device",
    de="Die Studie ist im Moment nicht erreichbar: Ihre Antworten bleiben auf diesem Gerät",
    ru="Исследование сейчас недоступно: ваши ответы хранятся на этом устройстве",
    es="El estudio no está disponible en este momento: sus respuestas se guardan en este dispositivo",
)
NOT_KEPT = Message(
    "Not connected: please keep this page open",
    de="Nicht verbunden: Bitte lassen Sie diese Seite offen",
    ru="Нет связи: пожалуйста, не закрывайте эту страницу",
    es="Sin conexión: no cierre esta página, por favor",
)

SLOW_LINE = Message(
    "The connection is slow; answers are kept.",
    de="Die Verbindung ist langsam; Antworten bleiben erhalten.",
    ru="Связь медленная; ответы сохраняются.",
    es="La conexión es lenta; las respuestas se conservan.",
)
PICTURE_COMES = Message("Image: {share}", de="Bild: {share}", ru="Изображение: {share}", es="Imagen: {share}")

# Curtains.
ALMOST_DONE = Message("Almost done", de="Fast fertig", ru="Почти готово", es="Casi terminado")
LAST_ANSWERS = Message(
    "The last answers are being saved. Please keep this page open for a moment.",
    de="Die letzten Antworten werden gespeichert. Bitte lassen Sie diese Seite noch einen Moment offen.",
    ru="Последние ответы сохраняются. Пожалуйста, не закрывайте страницу ещё немного.",
    es="Se están guardando las últimas respuestas. No cierre esta página todavía, por favor.",
)
FINISHED = Message(
    "All cases are done",
    de="Alle Fälle sind bearbeitet",
    ru="Все случаи пройдены",
    es="Todos los casos están terminados",
)
FINISHED_TEXT = Message(
    "Thank you. Every answer is saved; you can close this page.",
    de="Vielen Dank. Jede Antwort ist gespeichert; Sie können diese Seite schließen.",
    ru="Спасибо. Все ответы сохранены; страницу можно закрыть.",
    es="Gracias. Todas las respuestas están guardadas; puede cerrar esta página.",
)
PAUSED = Message("Paused", de="Pausiert", ru="Пауза", es="En pausa")
PAUSED_TEXT = Message(
    "Go on whenever you like, also on another day with the same link. You continue with the case that is open now.",
    de="Machen Sie weiter, wann Sie möchten, mit demselben Link auch an einem anderen Tag. Sie setzen bei dem Fall "
    "fort, der jetzt offen ist.",
    ru="Продолжайте, когда вам удобно, хоть в другой день, по той же ссылке. Вы вернётесь к случаю, который открыт "
    "сейчас.",
    es="Siga cuando quiera, también otro día con el mismo enlace. Continuará con el caso que está abierto ahora.",
)
GO_ON_READING = Message("Continue reading", de="Weiterlesen", ru="Продолжить", es="Seguir leyendo")
ONE_MOMENT = Message("One moment", de="Einen Moment", ru="Одну минуту", es="Un momento")
NEXT_IS_PREPARED = Message(
    "The next case is being prepared.",
    de="Der nächste Fall wird vorbereitet.",
    ru="Следующий случай готовится.",
    es="Se está preparando el siguiente caso.",
)
TRIES_AGAIN = Message(
    "The study cannot be reached at the moment. This page tries again by itself; what was answered is kept.",
    de="Die Studie ist im Moment nicht erreichbar. Diese Seite versucht es von selbst wieder; Ihre Antworten bleiben "
    "erhalten.",
    ru="Исследование сейчас недоступно. Страница сама повторит попытку; данные ответы сохранены.",
    es="El estudio no está disponible en este momento. Esta página lo intenta de nuevo sola; lo respondido se "
    "conserva.",
)
