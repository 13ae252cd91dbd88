"""What the drawings of assistance say."""

from dermdash.reader_study.words.message import Counted, Message

ASSISTANCE = Message("Assistance", de="Hilfe", ru="Подсказка", es="Ayuda")
ASSISTANCE_PLACE = Message(
    "Assistance may follow here, after your own answer",
    de="Hier folgt gegebenenfalls eine Hilfe, nach Ihrer eigenen Antwort",
    ru="Здесь может появиться подсказка после вашего ответа",
    es="Aquí puede aparecer una ayuda tras su propia respuesta",
)
OPEN_BESIDE = Message(
    "Open beside the case", de="Neben dem Fall öffnen", ru="Открыть рядом со случаем", es="Abrir junto al caso"
)
BESIDE_OF = Message(
    "{name} ({number} of {total})",
    de="{name} ({number} von {total})",
    ru="{name} ({number} из {total})",
    es="{name} ({number} de {total})",
)
PREVIOUS_PICTURE = Message("Previous picture", de="Vorheriges Bild", ru="Предыдущее изображение", es="Imagen anterior")
NEXT_PICTURE = Message("Next picture", de="Nächstes Bild", ru="Следующее изображение", es="Imagen siguiente")
CLOSE_PICTURE = Message("Close (Esc)", de="Schließen (Esc)", ru="Закрыть (Esc)", es="Cerrar (Esc)")
SALIENCY_SHORT = Message("Map of the CNN", de="Karte der CNN", ru="Карта CNN", es="Mapa de la CNN")
MALIGNANCY_TITLE = Message(
    "CNN: probability that this lesion is malignant",
    de="CNN: Wahrscheinlichkeit, dass diese Läsion bösartig ist",
    ru="CNN: вероятность, что образование злокачественное",
    es="CNN: probabilidad de que esta lesión sea maligna",
)
MALIGNANT = Message("malignant", de="bösartig", ru="злокачественное", es="maligna")
BENIGN = Message("benign", de="gutartig", ru="доброкачественное", es="benigna")
MULTICLASS_TITLE = Message(
    "CNN: probability of each diagnosis",
    de="CNN: Wahrscheinlichkeit jeder Diagnose",
    ru="CNN: вероятность каждого диагноза",
    es="CNN: probabilidad de cada diagnóstico",
)
CROWD_TITLE = Counted(
    en=(
        "Answers of {n} earlier reader, without assistance",
        "Answers of {n} earlier readers, without assistance",
    ),
    de=(
        "Antworten von {n} früheren Teilnehmenden, ohne Hilfe",
        "Antworten von {n} früheren Teilnehmenden, ohne Hilfe",
    ),
    ru=(
        "Ответы {n} прежнего участника, без подсказки",
        "Ответы {n} прежних участников, без подсказки",
        "Ответы {n} прежних участников, без подсказки",
    ),
    es=("Respuestas de {n} lector anterior, sin ayuda", "Respuestas de {n} lectores anteriores, sin ayuda"),
)
SIMILAR_TITLE = Message(
    "Similar images with known diagnosis",
    de="Ähnliche Bilder mit bekannter Diagnose",
    ru="Похожие изображения с известным диагнозом",
    es="Imágenes similares con diagnóstico conocido",
)
SIMILARITY = Message("similarity {value}", de="Ähnlichkeit {value}", ru="сходство {value}", es="similitud {value}")
SALIENCY_TITLE = Message(
    "CNN: where it found its evidence",
    de="CNN: wo sie ihre Anhaltspunkte fand",
    ru="CNN: где она нашла признаки",
    es="CNN: dónde encontró sus indicios",
)
SALIENCY_NOTE = Message(
    "Colour: what spoke for the diagnosis that the CNN thinks likeliest. It does not say that the diagnosis is right.",
    de="Farbe: was für die Diagnose sprach, die die CNN für die wahrscheinlichste hält. Ob sie stimmt, sagt es nicht.",
    ru="Цвет: что говорило за диагноз, который CNN считает наиболее вероятным. Верен ли он, это не показывает.",
    es="Color: lo que hablaba a favor del diagnóstico que la CNN cree más probable. No dice que sea correcto.",
)
NO_EVIDENCE = Message("none", de="nichts", ru="нет", es="nada")
MOST_EVIDENCE = Message("most", de="am meisten", ru="больше всего", es="lo máximo")
SALIENCY_SHOWN = Message("Show the map", de="Karte zeigen", ru="Показать карту", es="Mostrar el mapa")
SALIENCY_OPACITY = Message("Opacity", de="Deckkraft", ru="Непрозрачность", es="Opacidad")
HIGHEST = Message("highest", de="höchste", ru="наибольшая", es="la más alta")
