"""The sentences of the standard consent; which of them a study needs says `dermdash.reader_study.standard_consent`.

A frozen protocol holds their English, by which the other languages are found: none may be changed or taken away, only
added. No sentence begins with another one.
"""

from dermdash.reader_study.words.message import Message

INVITATION = Message(
    "You are invited to take part in a study of how people read dermatoscopic images of the skin.",
    de="Sie sind eingeladen, an einer Studie darüber teilzunehmen, wie Menschen dermatoskopische Bilder der Haut "
    "beurteilen.",
    ru="Мы приглашаем вас принять участие в исследовании о том, как люди оценивают дерматоскопические изображения "
    "кожи.",
    es="Se le invita a participar en un estudio sobre cómo las personas valoran imágenes dermatoscópicas de la piel.",
)
DRAWN_IMAGES = Message(
    "The images are drawn by a computer program: they show no patients, and teach nothing about diseases of the skin.",
    de="Die Bilder hat ein Computerprogramm gezeichnet: Sie zeigen keine Patientinnen oder Patienten und lehren nichts "
    "über Krankheiten der Haut.",
    ru="Изображения нарисованы компьютерной программой: на них нет пациентов, и о болезнях кожи они ничего не говорят.",
    es="Las imágenes están dibujadas por un programa informático: no muestran a pacientes ni enseñan nada sobre "
    "enfermedades de la piel.",
)

SCREENING = Message(
    "First comes a short test; its result decides whether you take part.",
    de="Zuerst kommt ein kurzer Test; sein Ergebnis entscheidet, ob Sie teilnehmen.",
    ru="Сначала идёт небольшой тест; от его результата зависит, будете ли вы участвовать.",
    es="Primero hay una breve prueba; su resultado decide si usted participa.",
)
TASK = Message(
    "For every image you give a diagnosis and say how sure you are.",
    de="Zu jedem Bild geben Sie eine Diagnose an und wie sicher Sie sind.",
    ru="Для каждого изображения вы указываете диагноз и степень уверенности.",
    es="Para cada imagen da un diagnóstico y su grado de seguridad.",
)
DIAGNOSIS_ALONE = Message(
    "For every image you give a diagnosis.",
    de="Zu jedem Bild geben Sie eine Diagnose an.",
    ru="Для каждого изображения вы указываете диагноз.",
    es="Para cada imagen da un diagnóstico.",
)
RATING_FIRST = Message(
    "For every image you say how likely the lesion is to be malignant.",
    de="Zu jedem Bild geben Sie an, wie wahrscheinlich die Hautveränderung bösartig ist.",
    ru="Для каждого изображения вы указываете, насколько вероятно, что образование злокачественное.",
    es="Para cada imagen indica qué probabilidad hay de que la lesión sea maligna.",
)
MANAGEMENT_FIRST = Message(
    "For every image you say what you would do about the lesion.",
    de="Zu jedem Bild geben Sie an, wie Sie mit der Hautveränderung umgehen würden.",
    ru="Для каждого изображения вы указываете, как бы вы поступили с образованием.",
    es="Para cada imagen indica qué haría con la lesión.",
)
SURENESS = Message(
    "You also say how sure you are.",
    de="Außerdem geben Sie an, wie sicher Sie sind.",
    ru="Кроме того, вы указываете степень уверенности.",
    es="También indica su grado de seguridad.",
)
RATING = Message(
    "You also say how likely the lesion is to be malignant.",
    de="Außerdem geben Sie an, wie wahrscheinlich die Hautveränderung bösartig ist.",
    ru="Кроме того, вы указываете, насколько вероятно, что образование злокачественное.",
    es="También indica qué probabilidad hay de que la lesión sea maligna.",
)
MANAGEMENT = Message(
    "You also say what you would do about the lesion.",
    de="Außerdem geben Sie an, wie Sie mit der Hautveränderung umgehen würden.",
    ru="Кроме того, вы указываете, как бы вы поступили с образованием.",
    es="También indica qué haría con la lesión.",
)
TIME_LIMIT = Message(
    "There is a limit to the time for an answer.",
    de="Die Zeit für eine Antwort ist begrenzt.",
    ru="Время на ответ ограничено.",
    es="El tiempo para responder es limitado.",
)

THEN_ASSISTANCE = Message(
    "Then you see assistance, and may keep your answer or change it.",
    de="Dann sehen Sie eine Hilfe und können Ihre Antwort behalten oder ändern.",
    ru="Затем вы видите подсказку и можете оставить ответ или изменить его.",
    es="Después ve una ayuda y puede mantener su respuesta o cambiarla.",
)
LATER_ASSISTANCE = Message(
    "After all images of a round you see them once more, now with assistance, and may keep your answers "
    "or change them.",
    de="Nach allen Bildern einer Runde sehen Sie diese noch einmal, nun mit einer Hilfe, und können Ihre Antworten "
    "behalten oder ändern.",
    ru="После всех изображений раунда вы видите их ещё раз, теперь с подсказкой, и можете оставить ответы или изменить "
    "их.",
    es="Tras todas las imágenes de una ronda las ve otra vez, ahora con una ayuda, y puede mantener sus respuestas o "
    "cambiarlas.",
)
WITH_ASSISTANCE = Message(
    "Assistance is shown together with each image.",
    de="Zu jedem Bild wird von Anfang an eine Hilfe gezeigt.",
    ru="Вместе с каждым изображением показывается подсказка.",
    es="Junto con cada imagen se muestra una ayuda.",
)
SOME_WITHOUT = Message(
    "For some images there is no assistance.",
    de="Zu manchen Bildern gibt es keine Hilfe.",
    ru="К некоторым изображениям подсказки нет.",
    es="En algunas imágenes no hay ayuda.",
)
PARTS = Message(
    "You read the images in several parts.",
    de="Sie beurteilen die Bilder in mehreren Teilen.",
    ru="Вы оцениваете изображения в несколько этапов.",
    es="Usted valora las imágenes en varias partes.",
)
PARTS_WITH_AND_WITHOUT = Message(
    "You read the images in several parts, with and without assistance.",
    de="Sie beurteilen die Bilder in mehreren Teilen, mit und ohne Hilfe.",
    ru="Вы оцениваете изображения в несколько этапов, с подсказкой и без неё.",
    es="Usted valora las imágenes en varias partes, con ayuda y sin ella.",
)
PARTS_WITH = Message(
    "You read the images in several parts, each with assistance.",
    de="Sie beurteilen die Bilder in mehreren Teilen, jeweils mit einer Hilfe.",
    ru="Вы оцениваете изображения в несколько этапов, каждый раз с подсказкой.",
    es="Usted valora las imágenes en varias partes, siempre con ayuda.",
)
BREAK = Message(
    "Between the parts there is a break; the page says when the next one opens.",
    de="Zwischen den Teilen liegt eine Pause; die Seite sagt, wann der nächste öffnet.",
    ru="Между этапами есть перерыв; страница сообщает, когда откроется следующий.",
    es="Entre las partes hay un descanso; la página dice cuándo se abre la siguiente.",
)
CHANCE_ORDER = Message(
    "Chance decides in which order the parts come.",
    de="Der Zufall entscheidet, in welcher Reihenfolge die Teile kommen.",
    ru="Порядок этапов определяет случай.",
    es="El azar decide en qué orden vienen las partes.",
)
CHANCE_ASSISTANCE = Message(
    "Chance decides whether you see assistance: some readers do, and others do not.",
    de="Der Zufall entscheidet, ob Sie eine Hilfe sehen: Manche Teilnehmende sehen eine, andere nicht.",
    ru="Увидите ли вы подсказку, определяет случай: одни участники её видят, другие нет.",
    es="El azar decide si usted ve una ayuda: unas personas la ven y otras no.",
)
CHANCE_GROUP = Message(
    "Chance decides to which group of readers you belong; the groups read the images in different ways.",
    de="Der Zufall entscheidet, zu welcher Gruppe von Teilnehmenden Sie gehören; die Gruppen beurteilen die Bilder auf "
    "verschiedene Weise.",
    ru="В какую группу участников вы попадёте, определяет случай; группы оценивают изображения по-разному.",
    es="El azar decide a qué grupo de participantes pertenece; los grupos valoran las imágenes de maneras distintas.",
)
CHANCE_KIND = Message(
    "Chance decides which kind of assistance you see for an image.",
    de="Der Zufall entscheidet, welche Art von Hilfe Sie zu einem Bild sehen.",
    ru="Какую подсказку вы увидите к изображению, определяет случай.",
    es="El azar decide qué tipo de ayuda ve en cada imagen.",
)
FROM_PROGRAM = Message(
    "The assistance comes from a computer program, which can be mistaken.",
    de="Die Hilfe stammt von einem Computerprogramm, das sich irren kann.",
    ru="Подсказка исходит от компьютерной программы, которая может ошибаться.",
    es="La ayuda procede de un programa informático, que puede equivocarse.",
)
FROM_READERS = Message(
    "The assistance comes from the answers of other readers, who can be mistaken.",
    de="Die Hilfe stammt aus den Antworten anderer Teilnehmender, die sich irren können.",
    ru="Подсказка основана на ответах других участников, которые могут ошибаться.",
    es="La ayuda procede de las respuestas de otras personas, que pueden equivocarse.",
)
FROM_BOTH = Message(
    "The assistance comes from a computer program or from the answers of other readers; both can be mistaken.",
    de="Die Hilfe stammt von einem Computerprogramm oder aus den Antworten anderer Teilnehmender; beide können sich "
    "irren.",
    ru="Подсказка исходит от компьютерной программы или основана на ответах других участников; и то и другое может "
    "быть ошибочным.",
    es="La ayuda procede de un programa informático o de las respuestas de otras personas; ambos pueden equivocarse.",
)
SHOWN_TO_LATER = Message(
    "Later readers may be shown your answers pooled with those of others, without any name.",
    de="Spätere Teilnehmende können Ihre Antworten, mit denen anderer zusammengefasst, ohne Namen gezeigt bekommen.",
    ru="Следующим участникам могут показать ваши ответы, объединённые с ответами других, без имён.",
    es="A participantes posteriores se les pueden mostrar sus respuestas reunidas con las de otros, sin ningún nombre.",
)

RECORDED = Message(
    "We record your answers, when each image was shown and when you answered, how long you looked at it, how long the "
    "page was hidden meanwhile, when you paused, left the window or loaded the page again, and what you say about "
    "yourself.",
    de="Wir zeichnen auf: Ihre Antworten, wann jedes Bild gezeigt wurde und wann Sie geantwortet haben, wie lange "
    "Sie es "
    "angesehen haben, wie lange die Seite dabei verdeckt war, wann Sie pausiert, das Fenster verlassen oder die Seite "
    "neu geladen haben, und Ihre Angaben zur Person.",
    ru="Мы записываем ваши ответы, время показа каждого изображения и время ответа, сколько вы на него смотрели, "
    "сколько при этом страница была скрыта, когда вы делали паузу, покидали окно или заново загружали страницу, "
    "а также "
    "сведения, которые вы указываете о себе.",
    es="Registramos sus respuestas, cuándo se mostró cada imagen y cuándo respondió, cuánto tiempo la miró, cuánto "
    "tiempo estuvo oculta la página entretanto, cuándo hizo una pausa, dejó la ventana o volvió a cargar la página, y "
    "lo que dice sobre usted.",
)
RANDOM_NUMBER = Message(
    "All of it is stored under a random number, not under your name.",
    de="All das wird unter einer Zufallszahl gespeichert, nicht unter Ihrem Namen.",
    ru="Всё это хранится под случайным номером, а не под вашим именем.",
    es="Todo ello se guarda bajo un número aleatorio, no bajo su nombre.",
)

VOLUNTARY = Message(
    "Taking part is voluntary: you can stop at any time, without giving a reason.",
    de="Die Teilnahme ist freiwillig: Sie können jederzeit aufhören, ohne einen Grund anzugeben.",
    ru="Участие добровольное: вы можете прекратить его в любой момент, не объясняя причин.",
    es="La participación es voluntaria: puede dejarlo en cualquier momento, sin dar motivos.",
)
KEPT = Message(
    "If you withdraw, what you answered until then is kept, and marked as that of somebody who withdrew.",
    de="Wenn Sie ausscheiden, bleibt erhalten, was Sie bis dahin geantwortet haben, und wird als das einer "
    "ausgeschiedenen Person gekennzeichnet.",
    ru="Если вы выйдете из исследования, данные до этого ответы сохраняются с отметкой, что участник вышел.",
    es="Si se retira, lo respondido hasta entonces se conserva, marcado como de alguien que se retiró.",
)
DELETED = Message(
    "If you withdraw, your answers, times and profile are deleted for good, and you get a receipt; your consent, and "
    "that somebody withdrew, are kept under the random number.",
    de="Wenn Sie ausscheiden, werden Ihre Antworten, Zeiten und Angaben zur Person endgültig gelöscht, und "
    "Sie erhalten "
    "einen Beleg; Ihre Einwilligung und dass jemand ausgeschieden ist, bleiben unter der Zufallszahl erhalten.",
    ru="Если вы выйдете из исследования, ваши ответы, время и анкета удаляются навсегда, и вы получаете подтверждение; "
    "ваше согласие и то, что кто-то вышел, хранятся под случайным номером.",
    es="Si se retira, sus respuestas, tiempos y perfil se borran para siempre y recibe un comprobante; su "
    "consentimiento y el hecho de que alguien se retiró se conservan bajo el número aleatorio.",
)

TOLD_AT_THE_END = Message(
    "Some details of the study can only be told at its end; you are told them then.",
    de="Einige Einzelheiten der Studie können erst an ihrem Ende gesagt werden; dann erfahren Sie diese.",
    ru="О некоторых подробностях исследования можно рассказать только в конце; тогда вы их узнаете.",
    es="Algunos detalles del estudio solo pueden decirse al final; entonces se le dirán.",
)
PUBLISHED = Message(
    "The results are published only in a form from which nobody can be recognised.",
    de="Die Ergebnisse werden nur in einer Form veröffentlicht, in der niemand zu erkennen ist.",
    ru="Результаты публикуются только в виде, по которому никого нельзя узнать.",
    es="Los resultados se publican solo de forma que nadie pueda ser reconocido.",
)

SENTENCES: tuple[Message, ...] = tuple(value for value in vars().copy().values() if isinstance(value, Message))
"""All of them."""
