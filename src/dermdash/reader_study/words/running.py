"""What readers are told about how a study runs: links, places, pauses, its end, messages of its team."""

from dermdash.reader_study.words.message import Message

LINK_ENDED = Message(
    "This invitation could be taken up until {until}. Please ask the study team for a new one.",
    de="Diese Einladung konnte bis {until} angenommen werden. Bitte fragen Sie das Studienteam nach einer neuen.",
    ru="Это приглашение действовало до {until}. Пожалуйста, попросите у организаторов новое.",
    es="Esta invitación podía aceptarse hasta {until}. Pida una nueva al equipo del estudio.",
)
GROUP_LINK = Message(
    "This link is for everybody who was invited with you. When you begin you get a link of your own, which brings you "
    "back to where you were, on another day or device too. Have you begun already? Then please open your own link.",
    de="Dieser Link ist für alle, die mit Ihnen eingeladen wurden. Wenn Sie beginnen, bekommen Sie einen eigenen Link, "
    "der Sie an die Stelle zurückbringt, an der Sie waren, auch an einem anderen Tag oder Gerät. Haben Sie schon "
    "begonnen? Dann öffnen Sie bitte Ihren eigenen Link.",
    ru="Эта ссылка общая для всех, кого пригласили вместе с вами. Когда вы начнёте, вы получите свою личную ссылку: "
    "она вернёт вас туда, где вы остановились, в другой день и на другом устройстве тоже. Вы уже начали? Тогда "
    "откройте свою личную ссылку.",
    es="Este enlace es para todas las personas invitadas con usted. Al empezar recibe un enlace propio, que le lleva a "
    "donde estaba, también otro día o en otro dispositivo. ¿Ya ha empezado? Entonces abra su propio enlace.",
)
BEGIN = Message("Begin", de="Beginnen", ru="Начать", es="Empezar")
OWN_LINK = Message(
    "This is your own link. Keep it, for example as a bookmark: it brings you back to where you were, and nobody can "
    "tell it to you again.",
    de="Dies ist Ihr eigener Link. Bewahren Sie ihn auf, zum Beispiel als Lesezeichen: Er bringt Sie an die Stelle "
    "zurück, an der Sie waren, und niemand kann ihn Ihnen noch einmal sagen.",
    ru="Это ваша личная ссылка. Сохраните её, например в закладках: она вернёт вас туда, где вы остановились, и "
    "никто не сможет сообщить её вам ещё раз.",
    es="Este es su propio enlace. Guárdelo, por ejemplo como marcador: le lleva a donde estaba y nadie puede decírselo "
    "otra vez.",
)
BEGUN_HERE = Message(
    "This study was begun in this browser. Go on where you were, so that you do not take part twice.",
    de="Diese Studie wurde in diesem Browser begonnen. Machen Sie dort weiter, wo Sie waren, damit Sie nicht zweimal "
    "teilnehmen.",
    ru="Это исследование уже начато в этом браузере. Продолжите с того места, где остановились, чтобы не участвовать "
    "дважды.",
    es="Este estudio se empezó en este navegador. Siga donde estaba, para no participar dos veces.",
)
BEGUN_AT = Message("Begun {moment}", de="Begonnen {moment}", ru="Начато {moment}", es="Empezado {moment}")
NOT_BEGUN_YET = Message(
    "Opened, and not begun yet",
    de="Geöffnet und noch nicht begonnen",
    ru="Открыто, но ещё не начато",
    es="Abierto y aún no empezado",
)
TOLD_HERE = Message(
    "In this study the diagnosis of a case is told once it is answered, and in this browser somebody was told already. "
    "Nobody else can begin here: please use another device, or ask the study team for a link of your own.",
    de="In dieser Studie wird die Diagnose eines Falls genannt, sobald er beantwortet ist, und in diesem Browser "
    "wurden schon welche genannt. Hier kann niemand sonst beginnen: Bitte nehmen Sie ein anderes Gerät, oder "
    "bitten Sie das Studienteam um einen eigenen Link.",
    ru="В этом исследовании диагноз сообщается сразу после ответа, и в этом браузере диагнозы уже были показаны. "
    "Никто другой не может начать здесь: воспользуйтесь другим устройством или попросите у организаторов личную "
    "ссылку.",
    es="En este estudio se dice el diagnóstico de un caso en cuanto se responde, y en este navegador ya se dijo "
    "alguno. Nadie más puede empezar aquí: use otro dispositivo o pida al equipo del estudio un enlace propio.",
)
"""Of a study with feedback at once."""
SOMEBODY_ELSE = Message("It is somebody else", de="Es ist jemand anders", ru="Это другой человек", es="Es otra persona")
QR_CODE = Message(
    "QR code, to go on on another device",
    de="QR-Code, um auf einem anderen Gerät weiterzumachen",
    ru="QR-код, чтобы продолжить на другом устройстве",
    es="Código QR, para seguir en otro dispositivo",
)
PLACES_TAKEN = Message(
    "All places of this link are taken. Whoever has begun goes on by the link of their own; for more places please ask "
    "the study team.",
    de="Alle Plätze dieses Links sind vergeben. Wer begonnen hat, macht mit dem eigenen Link weiter; wegen weiterer "
    "Plätze fragen Sie bitte das Studienteam.",
    ru="Все места по этой ссылке заняты. Кто уже начал, продолжает по своей личной ссылке; о новых местах спросите "
    "организаторов.",
    es="Todas las plazas de este enlace están ocupadas. Quien ha empezado sigue con su propio enlace; para más plazas, "
    "pregunte al equipo del estudio.",
)
NO_STUDY_HERE = Message(
    "No study looks for readers at this address now. Whoever has begun goes on by the link of their own.",
    de="Unter dieser Adresse sucht derzeit keine Studie nach Teilnehmenden. Wer begonnen hat, macht mit dem eigenen "
    "Link weiter.",
    ru="По этому адресу сейчас нет набора участников. Кто уже начал, продолжает по своей личной ссылке.",
    es="En esta dirección ningún estudio busca lectores ahora. Quien ha empezado sigue con su propio enlace.",
)
TOO_MANY_AT_ONCE = Message(
    "Many have begun from this network just now. Please wait {minutes} minutes and try again.",
    de="Aus diesem Netz haben eben viele begonnen. Bitte warten Sie {minutes} Minuten und versuchen Sie es noch "
    "einmal.",
    ru="Из этой сети только что начали многие. Подождите, пожалуйста, {minutes} мин. и попробуйте ещё раз.",
    es="Desde esta red acaban de empezar muchas personas. Espere {minutes} minutos e inténtelo de nuevo.",
)
FULL_FOR = Message(
    "All places are taken for: {groups}.",
    de="Alle Plätze sind vergeben für: {groups}.",
    ru="Все места заняты для: {groups}.",
    es="Todas las plazas están ocupadas para: {groups}.",
)
THANK_YOU_FOR_INTEREST = Message(
    "Thank you for your interest", de="Danke für Ihr Interesse", ru="Спасибо за интерес", es="Gracias por su interés"
)
NO_PLACE = Message(
    "All places for readers like you are taken ({group}). The study needs readers of every kind in numbers that were "
    "decided beforehand. The study team can tell you whether places come free.",
    de="Alle Plätze für Teilnehmende wie Sie sind vergeben ({group}). Die Studie braucht verschiedene Teilnehmende in "
    "vorab festgelegter Zahl. Das Studienteam kann Ihnen sagen, ob Plätze frei werden.",
    ru="Все места для таких участников, как вы, заняты ({group}). Исследованию нужны разные участники в числе, "
    "определённом заранее. Организаторы могут сказать, освободятся ли места.",
    es="Todas las plazas para lectores como usted están ocupadas ({group}). El estudio necesita lectores de cada "
    "tipo en un número decidido de antemano. El equipo del estudio puede decirle si quedan plazas libres.",
)
ENOUGH_READERS = Message(
    "As many have taken part as this study needs. Whoever has begun goes on by the link of their own.",
    de="Es haben so viele teilgenommen, wie diese Studie braucht. Wer begonnen hat, macht mit dem eigenen Link weiter.",
    ru="В исследовании приняло участие столько человек, сколько нужно. Кто уже начал, продолжает по своей личной "
    "ссылке.",
    es="Ya ha participado el número de personas que este estudio necesita. Quien ha empezado sigue con su propio "
    "enlace.",
)
PAUSED = Message(
    "The study is paused", de="Die Studie pausiert", ru="Исследование на паузе", es="El estudio está en pausa"
)
PAUSED_TEXT = Message(
    "The study team has paused this study. Your answers are kept, and you go on where you are.",
    de="Das Studienteam hat diese Studie unterbrochen. Ihre Antworten bleiben erhalten, und Sie machen an dieser "
    "Stelle weiter.",
    ru="Организаторы приостановили исследование. Ваши ответы сохранены, вы продолжите с этого места.",
    es="El equipo ha puesto este estudio en pausa. Sus respuestas se conservan y seguirá donde está.",
)
GOES_ON_BY_ITSELF = Message(
    "This page goes on by itself when the study does.",
    de="Diese Seite geht von selbst weiter, sobald die Studie weitergeht.",
    ru="Страница продолжится сама, когда возобновится исследование.",
    es="Esta página sigue por sí sola cuando sigue el estudio.",
)
OVER = Message(
    "The study is over", de="Die Studie ist beendet", ru="Исследование завершено", es="El estudio ha terminado"
)
CLOSED_TEXT = Message(
    "The study team has closed this study. Your answers are kept. Thank you for taking part.",
    de="Das Studienteam hat diese Studie geschlossen. Ihre Antworten bleiben erhalten. Danke für Ihre Teilnahme.",
    ru="Организаторы завершили исследование. Ваши ответы сохранены. Спасибо за участие.",
    es="El equipo ha cerrado este estudio. Sus respuestas se conservan. Gracias por participar.",
)
ENDED_TEXT = Message(
    "The time of this study is over. Your answers are kept. Thank you for taking part.",
    de="Die Zeit dieser Studie ist abgelaufen. Ihre Antworten bleiben erhalten. Danke für Ihre Teilnahme.",
    ru="Срок исследования истёк. Ваши ответы сохранены. Спасибо за участие.",
    es="El plazo de este estudio ha terminado. Sus respuestas se conservan. Gracias por participar.",
)
WAS_CLOSED = Message(
    "the study was closed {when}",
    de="die Studie wurde geschlossen ({when})",
    ru="исследование завершено ({when})",
    es="el estudio se cerró ({when})",
)
HAS_ENDED = Message(
    "the study ended {when}",
    de="die Studie ist abgelaufen ({when})",
    ru="срок исследования истёк ({when})",
    es="el estudio terminó ({when})",
)
FROM_THE_TEAM = Message(
    "A message from the study team",
    de="Eine Nachricht des Studienteams",
    ru="Сообщение от организаторов",
    es="Un mensaje del equipo del estudio",
)
GO_ON = Message("Go on", de="Weiter", ru="Продолжить", es="Seguir")
EXPERIENCE = Message("Experience", de="Erfahrung", ru="Опыт", es="Experiencia")
YEARS_RANGE = Message(
    "{low} to {high} years", de="{low} bis {high} Jahre", ru="от {low} до {high} лет", es="de {low} a {high} años"
)
