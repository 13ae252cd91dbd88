"""Why a link or an answer of a reader is not taken."""

from dermdash.reader_study.words.message import Message

LINK_INVALID = Message(
    "This invitation link is not valid. Check that it was copied whole, or ask the study team for a new one.",
    de="Dieser Einladungslink ist nicht gültig. Prüfen Sie, ob er vollständig kopiert wurde, oder bitten Sie das "
    "Studienteam um einen neuen.",
    ru="Эта ссылка-приглашение недействительна. Проверьте, что она скопирована целиком, или попросите у организаторов "
    "новую.",
    es="Este enlace de invitación no es válido. Compruebe que se copió entero o pida uno nuevo al equipo del estudio.",
)
LINK_WITHDRAWN = Message(
    "This invitation was withdrawn by the study team. The answers given so far are kept. Please contact them if you "
    "think this is a mistake.",
    de="Diese Einladung wurde vom Studienteam zurückgezogen. Die bisherigen Antworten bleiben erhalten. Bitte wenden "
    "Sie sich an das Team, wenn Sie das für einen Irrtum halten.",
    ru="Организаторы отозвали это приглашение. Данные до сих пор ответы сохранены. Если вы считаете это ошибкой, "
    "свяжитесь с ними.",
    es="El equipo del estudio retiró esta invitación. Las respuestas dadas hasta ahora se conservan. Póngase en "
    "contacto con el equipo si cree que es un error.",
)
LINK_REPLACED = Message(
    "This link was replaced by a newer one, and your answers are kept. Please use the link that the study team sent "
    "last, or ask them for it.",
    de="Dieser Link wurde durch einen neueren ersetzt; Ihre Antworten bleiben erhalten. Bitte benutzen Sie den zuletzt "
    "vom Studienteam gesendeten Link, oder bitten Sie darum.",
    ru="Эта ссылка заменена более новой, ваши ответы сохранены. Пользуйтесь последней присланной ссылкой или попросите "
    "её у организаторов.",
    es="Este enlace fue sustituido por uno más nuevo y sus respuestas se conservan. Use el último enlace que envió el "
    "equipo del estudio o pídalo.",
)
CLOSED = Message(
    "no answer is open at the moment",
    de="im Augenblick ist keine Antwort offen",
    ru="сейчас ответ не ожидается",
    es="en este momento no hay ninguna respuesta pendiente",
)
NOT_STARTED = Message(
    "consent and profile come before the first answer",
    de="vor der ersten Antwort kommen Einwilligung und Angaben zur Person",
    ru="до первого ответа нужны согласие и анкета",
    es="el consentimiento y el perfil van antes de la primera respuesta",
)
UNKNOWN_CASE = Message(
    "this case is not assigned to this reader",
    de="dieser Fall gehört nicht zu dieser Person",
    ru="этот случай не назначен этому участнику",
    es="este caso no está asignado a este lector",
)
WRONG_PHASE = Message(
    "this case is read without assistance and has no aided answer",
    de="dieser Fall wird ohne Hilfe gelesen und hat keine Antwort mit Hilfe",
    ru="этот случай оценивается без подсказки, ответа с подсказкой у него нет",
    es="este caso se lee sin ayuda y no tiene respuesta con ayuda",
)
ALREADY_ANSWERED = Message(
    "this case and phase already hold an answer; the first one stands",
    de="dieser Schritt ist schon beantwortet; die erste Antwort gilt",
    ru="на этот шаг ответ уже дан; действует первый",
    es="este paso ya tiene una respuesta; vale la primera",
)
ID_REUSED = Message(
    "this answer's id already belongs to another case or phase",
    de="die Kennung dieser Antwort gehört schon zu einem anderen Schritt",
    ru="номер этого ответа уже относится к другому шагу",
    es="el identificador de esta respuesta ya pertenece a otro paso",
)
UNAIDED_NOT_LOCKED = Message(
    "the unaided answer must be locked before the aided one",
    de="vor der Antwort mit Hilfe muss die ohne Hilfe festgelegt sein",
    ru="сначала должен быть зафиксирован ответ без подсказки",
    es="la respuesta sin ayuda debe fijarse antes que la respuesta con ayuda",
)
NOT_SENT = Message(
    "what was to be judged had not been shown yet; it is shown now, please answer again",
    de="was zu beurteilen war, war noch nicht gezeigt worden; jetzt wird es gezeigt, bitte antworten Sie noch einmal",
    ru="то, что нужно было оценить, ещё не было показано; сейчас оно показано, ответьте, пожалуйста, ещё раз",
    es="lo que había que juzgar aún no se había mostrado; ahora se muestra, responda otra vez, por favor",
)
OUT_OF_TURN = Message(
    "another answer is open before this one",
    de="vorher ist eine andere Antwort offen",
    ru="перед этим ответом открыт другой",
    es="hay otra respuesta abierta antes que esta",
)
NOT_OFFERED = Message(
    "it is none of the choices of this study",
    de="sie ist in dieser Studie nicht vorgesehen",
    ru="такого варианта в этом исследовании нет",
    es="no es una de las opciones de este estudio",
)
WITHDRAWN = Message(
    "you have withdrawn from the study",
    de="Sie sind aus der Studie ausgeschieden",
    ru="вы вышли из исследования",
    es="usted se retiró del estudio",
)
TOO_MANY_EVENTS = Message(
    "More happened on this page than is kept of one reader.",
    de="Auf dieser Seite ist mehr geschehen, als von einer Person aufbewahrt wird.",
    ru="На этой странице произошло больше событий, чем хранится об одном участнике.",
    es="En esta página ocurrió más de lo que se guarda de un lector.",
)
NOT_TAKING_PART = Message(
    "Nobody takes part under this link yet.",
    de="Unter diesem Link nimmt noch niemand teil.",
    ru="По этой ссылке пока никто не участвует.",
    es="Todavía no participa nadie con este enlace.",
)
SOMETHING_WRONG = Message(
    "This study cannot be shown. Please tell the study team; your answers are kept.",
    de="Diese Studie kann nicht angezeigt werden. Bitte sagen Sie es dem Studienteam; Ihre Antworten bleiben erhalten.",
    ru="Это исследование не удаётся показать. Сообщите, пожалуйста, организаторам; ваши ответы сохранены.",
    es="Este estudio no se puede mostrar. Avise al equipo del estudio; sus respuestas se conservan.",
)
