"""What the page of one's own participation says: consent, how far, withdrawal and its receipt."""

from dermdash.reader_study.words.message import Counted, Message

YOUR_PARTICIPATION = Message("Your participation", de="Ihre Teilnahme", ru="Ваше участие", es="Su participación")
BACK_TO_STUDY = Message("Back to the study", de="Zurück zur Studie", ru="Назад к исследованию", es="Volver al estudio")
READ_SO_FAR = Counted(
    en=("{n} of {total} cases read.", "{n} of {total} cases read."),
    de=("{n} von {total} Fällen gelesen.", "{n} von {total} Fällen gelesen."),
    ru=("Пройдено случаев: {n} из {total}.", "Пройдено случаев: {n} из {total}.", "Пройдено случаев: {n} из {total}."),
    es=("{n} de {total} casos leídos.", "{n} de {total} casos leídos."),
)
WITHDRAW = Message(
    "Withdraw from the study", de="Aus der Studie ausscheiden", ru="Выйти из исследования", es="Retirarse del estudio"
)
WITHDRAW_PAUSE = Message(
    "To stop for now you need not withdraw: close the page, and this link brings you back.",
    de="Um nur aufzuhören, müssen Sie nicht ausscheiden: Schließen Sie die Seite, dieser Link bringt Sie zurück.",
    ru="Чтобы просто прерваться, выходить не нужно: закройте страницу, и эта ссылка вернёт вас обратно.",
    es="Para parar por ahora no hace falta retirarse: cierre la página y este enlace le devolverá aquí.",
)
WITHDRAW_KEEPS = Message(
    "Your link then ends. What you answered until now is kept, marked as of somebody who withdrew.",
    de="Ihr Link endet dann. Was Sie bisher geantwortet haben, bleibt erhalten und wird als von einer ausgeschiedenen "
    "Person gekennzeichnet.",
    ru="После этого ссылка перестанет действовать. Данные до сих пор ответы сохраняются с отметкой, что участник "
    "вышел.",
    es="Su enlace termina entonces. Lo respondido hasta ahora se conserva, marcado como de alguien que se retiró.",
)
WITHDRAW_DELETES = Message(
    "Your link then ends. Your answers, times and profile are deleted for good, and you get a receipt. Your consent "
    "and the fact that somebody withdrew are kept under a random number.",
    de="Ihr Link endet dann. Ihre Antworten, Zeiten und Angaben zur Person werden endgültig gelöscht, und Sie erhalten "
    "einen Beleg. Ihre Einwilligung und dass jemand ausgeschieden ist, bleiben unter einer Zufallszahl erhalten.",
    ru="После этого ссылка перестанет действовать. Ваши ответы, время и анкета удаляются навсегда, и вы получаете "
    "подтверждение. Ваше согласие и то, что кто-то вышел, хранятся под случайным номером.",
    es="Su enlace termina entonces. Sus respuestas, tiempos y perfil se borran para siempre y usted recibe un "
    "comprobante. Su consentimiento y el hecho de que alguien se retiró se conservan bajo un número aleatorio.",
)
WITHDRAW_SURE = Message(
    "I want to withdraw. This cannot be undone.",
    de="Ich möchte ausscheiden. Das lässt sich nicht rückgängig machen.",
    ru="Я хочу выйти. Это нельзя отменить.",
    es="Quiero retirarme. No se puede deshacer.",
)
WITHDRAWN_TITLE = Message(
    "You have withdrawn", de="Sie sind ausgeschieden", ru="Вы вышли из исследования", es="Usted se ha retirado"
)
WITHDRAWN_KEPT = Counted(
    en=(
        "{n} answer is kept and marked. Thank you for your time.",
        "{n} answers are kept and marked. Thank you for your time.",
    ),
    de=(
        "{n} Antwort bleibt erhalten und ist gekennzeichnet. Vielen Dank für Ihre Zeit.",
        "{n} Antworten bleiben erhalten und sind gekennzeichnet. Vielen Dank für Ihre Zeit.",
    ),
    ru=(
        "{n} ответ сохранён с отметкой. Спасибо за ваше время.",
        "{n} ответа сохранены с отметкой. Спасибо за ваше время.",
        "{n} ответов сохранены с отметкой. Спасибо за ваше время.",
    ),
    es=(
        "Se conserva {n} respuesta, marcada. Gracias por su tiempo.",
        "Se conservan {n} respuestas, marcadas. Gracias por su tiempo.",
    ),
)
WITHDRAWN_DELETED = Counted(
    en=(
        "{n} answer and your profile were deleted. Thank you for your time.",
        "{n} answers and your profile were deleted. Thank you for your time.",
    ),
    de=(
        "{n} Antwort und Ihre Angaben zur Person wurden gelöscht. Vielen Dank für Ihre Zeit.",
        "{n} Antworten und Ihre Angaben zur Person wurden gelöscht. Vielen Dank für Ihre Zeit.",
    ),
    ru=(
        "{n} ответ и ваша анкета удалены. Спасибо за ваше время.",
        "{n} ответа и ваша анкета удалены. Спасибо за ваше время.",
        "{n} ответов и ваша анкета удалены. Спасибо за ваше время.",
    ),
    es=(
        "Se borraron {n} respuesta y su perfil. Gracias por su tiempo.",
        "Se borraron {n} respuestas y su perfil. Gracias por su tiempo.",
    ),
)
RECEIPT_LINE = Message(
    "Receipt {receipt} · {moment} (UTC) · SHA-256 of the answers {sha256}",
    de="Beleg {receipt} · {moment} (UTC) · SHA-256 der Antworten {sha256}",
    ru="Подтверждение {receipt} · {moment} (UTC) · SHA-256 ответов {sha256}",
    es="Comprobante {receipt} · {moment} (UTC) · SHA-256 de las respuestas {sha256}",
)
RECEIPT_DOWNLOAD = Message(
    "Download the receipt", de="Beleg herunterladen", ru="Скачать подтверждение", es="Descargar el comprobante"
)
