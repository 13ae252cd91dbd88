"""What the panel asks beside the diagnosis, and what stands beside the image."""

from dermdash.reader_study.management import Management
from dermdash.reader_study.words.message import Counted, Message

RATING_QUESTION = Message(
    "How likely is it malignant?",
    de="Wie wahrscheinlich ist sie bösartig?",
    ru="Насколько вероятно, что это злокачественно?",
    es="¿Qué probabilidad hay de que sea maligna?",
)
RATING_LOW = Message("certainly benign", de="sicher gutartig", ru="точно доброкачественное", es="benigna con seguridad")
RATING_HIGH = Message(
    "certainly malignant", de="sicher bösartig", ru="точно злокачественное", es="maligna con seguridad"
)
RATING_UNSET = Message("not set", de="nicht gesetzt", ru="не указано", es="sin indicar")
RATE_FIRST = Message(
    "Say how likely it is malignant first: move the slider, or press M and type a number from 0 to 100.",
    de="Geben Sie zuerst an, wie wahrscheinlich sie bösartig ist: Bewegen Sie den Regler, oder drücken Sie M und "
    "tippen Sie eine Zahl von 0 bis 100.",
    ru="Сначала укажите, насколько вероятна злокачественность: передвиньте ползунок или нажмите M и введите число от 0 "
    "до 100.",
    es="Indique primero la probabilidad de que sea maligna: mueva el control o pulse M y escriba un número de 0 a 100.",
)
MANAGEMENT_QUESTION = Message(
    "What would you do?", de="Was würden Sie tun?", ru="Что бы вы сделали?", es="¿Qué haría usted?"
)
CHOOSE_MANAGEMENT = Message(
    "Choose what you would do first (keys Q, W, E, R).",
    de="Wählen Sie zuerst, was Sie tun würden (Tasten Q, W, E, R).",
    ru="Сначала выберите, что бы вы сделали (клавиши Q, W, E, R).",
    es="Elija primero qué haría (teclas Q, W, E, R).",
)
CHANGE_ANSWER = Message(
    "Change my answer", de="Meine Antwort ändern", ru="Изменить мой ответ", es="Cambiar mi respuesta"
)
CLINICAL_IMAGE = Message(
    "Clinical image of the same lesion",
    de="Klinisches Bild derselben Läsion",
    ru="Клинический снимок того же образования",
    es="Imagen clínica de la misma lesión",
)
NO_CLINICAL_IMAGE = Message(
    "There is no clinical image of this lesion.",
    de="Von dieser Läsion gibt es kein klinisches Bild.",
    ru="Клинического снимка этого образования нет.",
    es="No hay imagen clínica de esta lesión.",
)
OTHER_LESIONS = Counted(
    en=("{n} other lesion of this patient", "{n} other lesions of this patient"),
    de=("{n} andere Läsion dieser Person", "{n} andere Läsionen dieser Person"),
    ru=(
        "Ещё {n} образование этого пациента",
        "Ещё {n} образования этого пациента",
        "Ещё {n} образований этого пациента",
    ),
    es=("{n} lesión más de esta persona", "{n} lesiones más de esta persona"),
)
NO_OTHER_LESIONS = Message(
    "No other lesion of this patient is known.",
    de="Von dieser Person ist keine andere Läsion bekannt.",
    ru="Других образований этого пациента нет в данных.",
    es="No se conoce ninguna otra lesión de esta persona.",
)
LESIONS_LEFT_OUT = Counted(
    en=("{n} more is not shown", "{n} more are not shown"),
    de=("{n} weitere wird nicht gezeigt", "{n} weitere werden nicht gezeigt"),
    ru=("ещё {n} не показано", "ещё {n} не показаны", "ещё {n} не показано"),
    es=("{n} más no se muestra", "{n} más no se muestran"),
)
LESION_OF = Message(
    "Other lesion {number} of {total}",
    de="Andere Läsion {number} von {total}",
    ru="Другое образование {number} из {total}",
    es="Otra lesión {number} de {total}",
)
NEXT_LESION = Message("Next lesion", de="Nächste Läsion", ru="Следующее образование", es="Lesión siguiente")
PREVIOUS_LESION = Message("Previous lesion", de="Vorige Läsion", ru="Предыдущее образование", es="Lesión anterior")
HELP_RATING = Message(
    "How likely malignant: then arrows, or a number",
    de="Wie wahrscheinlich bösartig: dann Pfeile oder eine Zahl",
    ru="Вероятность злокачественности: затем стрелки или число",
    es="Probabilidad de malignidad: luego flechas o un número",
)
HELP_MANAGEMENT = Message("What you would do", de="Was Sie tun würden", ru="Что бы вы сделали", es="Qué haría usted")

MANAGEMENT_NAMES: dict[str, Message] = {
    Management.DISMISS: Message("Dismiss", de="Belassen", ru="Не наблюдать", es="Descartar"),
    Management.MONITOR: Message("Monitor", de="Kontrollieren", ru="Наблюдать", es="Vigilar"),
    Management.BIOPSY: Message(
        "Biopsy or excise", de="Biopsie oder Exzision", ru="Биопсия или иссечение", es="Biopsia o extirpación"
    ),
    Management.LOCAL_THERAPY: Message(
        "Treat locally", de="Lokal behandeln", ru="Лечить местно", es="Tratar localmente"
    ),
}
THIS_IS_A_CHECK_OF_DIAGNOSIS = Message(
    "This is a check: choose {name}.",
    de="Dies ist eine Kontrolle: Wählen Sie {name}.",
    ru="Это проверка: выберите «{name}».",
    es="Esto es una comprobación: elija {name}.",
)
THIS_IS_A_CHECK = Message(
    "This is a check: choose {name} and {level}.",
    de="Dies ist eine Kontrolle: Wählen Sie {name} und {level}.",
    ru="Это проверка: выберите «{name}» и «{level}».",
    es="Esto es una comprobación: elija {name} y {level}.",
)
"""Said by the server in place of the question."""
