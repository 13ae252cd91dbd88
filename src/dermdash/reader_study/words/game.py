"""What readers are told of points and the high score."""

from dermdash.reader_study.words.message import Counted, Message

PLAY = Message("Points and high score", de="Punkte und Bestenliste", ru="Очки и рекорды", es="Puntos y clasificación")
HOW = Message(
    "You may play along: each case you complete gives {points} points, and more points a higher level. Choose a name "
    "of your own for the list that other readers see, but not your real one. You can leave it at any time.",
    de="Sie können mitspielen: Jeder abgeschlossene Fall gibt {points} Punkte, und mehr Punkte eine höhere Stufe. "
    "Wählen Sie einen eigenen Namen für die Liste, die andere Teilnehmende sehen, aber nicht Ihren wirklichen. Sie "
    "können jederzeit wieder aussteigen.",
    ru="Вы можете играть: каждый завершённый случай даёт {points} очков, а чем больше очков, тем выше уровень. "
    "Выберите имя для списка, который видят другие участники, но не настоящее. Выйти можно в любой момент.",
    es="Puede jugar: cada caso completado da {points} puntos, y con más puntos se sube de nivel. Elija un nombre para "
    "la lista que ven los demás lectores, pero no el verdadero. Puede dejarlo en cualquier momento.",
)
RIGHT_COUNTS = Message(
    "A right answer gives {points} points more.",
    de="Eine richtige Antwort gibt {points} Punkte mehr.",
    ru="Верный ответ даёт ещё {points} очков.",
    es="Una respuesta correcta da {points} puntos más.",
)
RIGHT_DOES_NOT_COUNT = Message(
    "Whether an answer is right changes nothing of your points while the study is read.",
    de="Ob eine Antwort richtig ist, ändert nichts an Ihren Punkten, solange die Studie läuft.",
    ru="Пока исследование идёт, верность ответов на очки не влияет.",
    es="Mientras el estudio está en marcha, acertar o no no cambia sus puntos.",
)
YOUR_NAME = Message("Name for the list", de="Name für die Liste", ru="Имя для списка", es="Nombre para la lista")
PLAY_ALONG = Message("Play along", de="Mitspielen", ru="Играть", es="Jugar")
LEAVE = Message("Play no more", de="Nicht mehr mitspielen", ru="Больше не играть", es="Dejar de jugar")
NAME_REFUSED = Message(
    "A name has {low} to {high} characters: letters and digits, blanks and - _ . ' between them.",
    de="Ein Name hat {low} bis {high} Zeichen: Buchstaben und Ziffern, dazwischen Leerzeichen und - _ . '",
    ru="Имя состоит из {low}–{high} знаков: буквы и цифры, между ними пробелы и - _ . '",
    es="Un nombre tiene de {low} a {high} caracteres: letras y cifras, y entre ellas espacios y - _ . '",
)
NAME_TAKEN = Message(
    "Another reader plays under this name, or one much like it: please choose another.",
    de="Unter diesem oder einem sehr ähnlichen Namen spielt schon jemand: Bitte wählen Sie einen anderen.",
    ru="Под таким или очень похожим именем уже кто-то играет: выберите, пожалуйста, другое.",
    es="Otra persona juega con este nombre o uno muy parecido: elija otro, por favor.",
)
NAME_TOO_OFTEN = Message(
    "You have changed your name too often: the last one stays, or you play no more.",
    de="Sie haben den Namen zu oft geändert: Es bleibt beim letzten, oder Sie spielen nicht mehr mit.",
    ru="Вы слишком часто меняли имя: остаётся последнее, или можно больше не играть.",
    es="Ha cambiado de nombre demasiadas veces: se queda el último, o deje de jugar.",
)
STANDING = Message(
    "Level {level} · {points} points",
    de="Stufe {level} · {points} Punkte",
    ru="Уровень {level} · очков: {points}",
    es="Nivel {level} · {points} puntos",
)
RIGHT_IN_A_ROW = Counted(
    en=("{n} right in a row", "{n} right in a row"),
    de=("{n} richtig in Folge", "{n} richtig in Folge"),
    ru=("{n} верный подряд", "{n} верных подряд", "{n} верных подряд"),
    es=("{n} acierto seguido", "{n} aciertos seguidos"),
)
CASES_IN_A_ROW = Counted(
    en=("{n} case in a row", "{n} cases in a row"),
    de=("{n} Fall in Folge", "{n} Fälle in Folge"),
    ru=("{n} случай подряд", "{n} случая подряд", "{n} случаев подряд"),
    es=("{n} caso seguido", "{n} casos seguidos"),
)
NEXT_LEVEL = Message(
    "The next level begins at {points} points.",
    de="Die nächste Stufe beginnt bei {points} Punkten.",
    ru="Следующий уровень начинается с {points} очков.",
    es="El siguiente nivel empieza con {points} puntos.",
)
RANK = Message(
    "Place {place} of {players} in the high score, with {points} points",
    de="Platz {place} von {players} der Bestenliste, mit {points} Punkten",
    ru="Место {place} из {players} в таблице рекордов, очков: {points}",
    es="Puesto {place} de {players} en la clasificación, con {points} puntos",
)
PLACE = Message("Place", de="Platz", ru="Место", es="Puesto")
NAME = Message("Name", de="Name", ru="Имя", es="Nombre")
POINTS = Message("Points", de="Punkte", ru="Очки", es="Puntos")
LEVEL = Message("Level", de="Stufe", ru="Уровень", es="Nivel")
NOBODY_PLAYS = Message(
    "Nobody plays yet.", de="Noch spielt niemand mit.", ru="Пока никто не играет.", es="Todavía no juega nadie."
)
ON_YOUR_PAGE = Message(
    "This study has points and a high score for who likes to play along: see “Your participation” in the help.",
    de="Diese Studie hat Punkte und eine Bestenliste für alle, die mitspielen möchten: siehe „Ihre Teilnahme“ in der "
    "Hilfe.",
    ru="В этом исследовании есть очки и рекорды для желающих играть: см. «Ваше участие» в справке.",
    es="Este estudio tiene puntos y una clasificación para quien quiera jugar: vea «Su participación» en la ayuda.",
)
