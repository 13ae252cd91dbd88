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
