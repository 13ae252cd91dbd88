"""What the end of a study says: own results, certificate."""

from dermdash.reader_study.words.message import Counted, Message

OWN_RESULTS = Message("Your results", de="Ihre Ergebnisse", ru="Ваши результаты", es="Sus resultados")
RESULTS_UNAIDED = Message(
    "Right without assistance", de="Richtig ohne Hilfe", ru="Верно без подсказки", es="Aciertos sin ayuda"
)
RESULTS_AIDED = Message(
    "Right with assistance", de="Richtig mit Hilfe", ru="Верно с подсказкой", es="Aciertos con ayuda"
)
RESULTS_OF = Message("{right} of {cases}", de="{right} von {cases}", ru="{right} из {cases}", es="{right} de {cases}")
RESULTS_NOTE = Message(
    "Which cases they were is not told: others still read them.",
    de="Welche Fälle es waren, wird nicht gesagt: Andere lesen sie noch.",
    ru="Какие это случаи, не сообщается: их ещё читают другие.",
    es="No se dice qué casos fueron: otros aún los leen.",
)
CERTIFICATE = Message(
    "Certificate of participation",
    de="Teilnahmebestätigung",
    ru="Свидетельство об участии",
    es="Certificado de participación",
)
CERTIFICATE_NAME = Message(
    "Your name, as it is to stand "
    "there", de="Ihr Name, wie er dort stehen soll", ru="Ваше имя, как оно должно там стоять",
    es="Su nombre, tal como debe figurar",
)  # fmt: skip
CERTIFICATE_STAYS = Message(
    "It stays on this device: it is neither sent nor stored.",
    de="Er bleibt auf diesem Gerät: Er wird weder gesendet noch gespeichert.",
    ru="Оно остаётся на этом устройстве: его не отправляют и не сохраняют.",
    es="Se queda en este dispositivo: no se envía ni se guarda.",
)
CERTIFICATE_SAVE = Message(
    "Save the certificate", de="Bestätigung speichern", ru="Сохранить свидетельство", es="Guardar el certificado"
)
CERTIFICATE_TEXT = Counted(
    en=(
        "has taken part in the reader study “{study}” and read {n} dermatoscopic case.",
        "has taken part in the reader study “{study}” and read {n} dermatoscopic cases.",
    ),
    de=(
        "hat an der Lesestudie „{study}“ teilgenommen und {n} dermatoskopischen Fall beurteilt.",
        "hat an der Lesestudie „{study}“ teilgenommen und {n} dermatoskopische Fälle beurteilt.",
    ),
    ru=(
        "участвует в исследовании «{study}»; оценён {n} дерматоскопический случай.",
        "участвует в исследовании «{study}»; оценено {n} дерматоскопических случая.",
        "участвует в исследовании «{study}»; оценено {n} дерматоскопических случаев.",
    ),
    es=(
        "ha participado en el estudio de lectores «{study}» y ha valorado {n} caso dermatoscópico.",
        "ha participado en el estudio de lectores «{study}» y ha valorado {n} casos dermatoscópicos.",
    ),
)
YOUR_PARTICIPATION_LINK = Message(
    "Your participation: consent, withdrawal…",
    de="Ihre Teilnahme: Einwilligung, Ausscheiden …",
    ru="Ваше участие: согласие, выход…",
    es="Su participación: consentimiento, retirada…",
)
DEBRIEF = Counted(
    en=(
        "In {n} case the assistance was wrong on purpose, to see how readers deal with wrong advice: case {which}.",
        "In {n} cases the assistance was wrong on purpose, to see how readers deal with wrong advice: cases {which}.",
    ),
    de=(
        "In {n} Fall war die Hilfe absichtlich falsch, um den Umgang mit falschem Rat zu sehen: Fall {which}.",
        "In {n} Fällen war die Hilfe absichtlich falsch, um den Umgang mit falschem Rat zu sehen: Fälle {which}.",
    ),
    ru=(
        "В {n} случае подсказка была намеренно неверной, чтобы увидеть отношение к неверному совету: случай {which}.",
        "В {n} случаях подсказка была намеренно неверной, чтобы увидеть отношение к неверному совету: случаи {which}.",
        "В {n} случаях подсказка была намеренно неверной, чтобы увидеть отношение к неверному совету: случаи {which}.",
    ),
    es=(
        "En {n} caso la ayuda era errónea a propósito, para ver cómo se actúa ante un mal consejo: caso {which}.",
        "En {n} casos la ayuda era errónea a propósito, para ver cómo se actúa ante un mal consejo: casos {which}.",
    ),
)
DEBRIEF_FOLLOWED = Message(
    "Of {named} such that named a diagnosis you answered with it in {followed}.",
    de="Von {named} davon, die eine Diagnose nannten, antworteten Sie in {followed} mit dieser.",
    ru="Из {named} таких подсказок с диагнозом Вы ответили этим диагнозом в {followed}.",
    es="De {named} que nombraban un diagnóstico, usted respondió con él en {followed}.",
)
DEBRIEF_KEPT = Message(
    "Your answers to them are kept and analysed as answers to wrong advice.",
    de="Ihre Antworten dazu bleiben erhalten und werden als Antworten auf falschen Rat ausgewertet.",
    ru="Ваши ответы на них сохраняются и учитываются как ответы на неверный совет.",
    es="Sus respuestas a ellos se conservan y se analizan como respuestas a un mal consejo.",
)
DEBRIEF_NONE = Message(
    "In none of your cases was the assistance made wrong on purpose.",
    de="In keinem Ihrer Fälle war die Hilfe absichtlich falsch.",
    ru="Ни в одном из Ваших случаев подсказка не была намеренно неверной.",
    es="En ninguno de sus casos la ayuda era errónea a propósito.",
)
