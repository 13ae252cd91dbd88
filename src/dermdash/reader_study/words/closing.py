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
MISSED = Message(
    "Cases to look at again", de="Fälle zum Nachsehen", ru="Случаи, к которым стоит вернуться",
    es="Casos para volver a mirar",
)  # fmt: skip
MISSED_HOW = Message(
    "Your last answer to these was not right. Open one to see it large.",
    de="Ihre letzte Antwort dazu war nicht richtig. Öffnen Sie einen, um ihn groß zu sehen.",
    ru="Ваш последний ответ здесь был неверен. Откройте случай, чтобы увидеть его крупно.",
    es="Su última respuesta a estos no fue correcta. Abra uno para verlo en grande.",
)
MISSED_CASE = Message(
    "Case {position}: {truth}. You answered: {answered}.",
    de="Fall {position}: {truth}. Ihre Antwort: {answered}.",
    ru="Случай {position}: {truth}. Ваш ответ: {answered}.",
    es="Caso {position}: {truth}. Su respuesta: {answered}.",
)
YOU_ANSWERED = Message(
    "You answered: {name}", de="Ihre Antwort: {name}", ru="Ваш ответ: {name}", es="Su respuesta: {name}"
)
MISSED_LEFT_OUT = Counted(
    en=("{n} more is not shown", "{n} more are not shown"),
    de=("{n} weiterer wird nicht gezeigt", "{n} weitere werden nicht gezeigt"),
    ru=("ещё {n} не показан", "ещё {n} не показаны", "ещё {n} не показано"),
    es=("{n} más no se muestra", "{n} más no se muestran"),
)
NONE_MISSED = Message(
    "You had every case right in the end.",
    de="Am Ende hatten Sie jeden Fall richtig.",
    ru="В итоге все ваши ответы верны.",
    es="Al final acertó todos los casos.",
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
