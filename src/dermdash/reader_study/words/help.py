"""What the help of the reading panel says."""

from dermdash.reader_study.words.message import Message

HELP_TITLE = Message("How to answer", de="So antworten Sie", ru="Как отвечать", es="Cómo responder")
HELP_TEXT = Message(
    "Look at the image, answer what is asked beside it, then lock in your answer. Where assistance follows, you "
    "may keep or change it. A locked answer cannot be taken back.",
    de="Sehen Sie sich das Bild an, beantworten Sie, was daneben gefragt wird, und legen Sie die Antwort fest. "
    "Folgt eine Hilfe, können Sie die Antwort behalten oder ändern. Eine festgelegte Antwort kann nicht zurückgenommen "
    "werden.",
    ru="Рассмотрите изображение, ответьте на вопросы рядом с ним и зафиксируйте ответ. Если затем появится "
    "подсказка, ответ можно оставить или изменить. Зафиксированный ответ отменить нельзя.",
    es="Mire la imagen, responda a lo que se pregunta al lado y fije su respuesta. Si sigue una ayuda, puede "
    "mantenerla o cambiarla. Una respuesta fijada no se puede retirar.",
)
HELP_DIAGNOSIS = Message("Diagnosis", de="Diagnose", ru="Диагноз", es="Diagnóstico")
HELP_SURENESS = Message(
    "How sure, from least to most",
    de="Wie sicher, von wenig bis sehr",
    ru="Уверенность, от наименьшей к наибольшей",
    es="Seguridad, de menor a mayor",
)
HELP_LOCK = Message(
    "Lock in, keep or change", de="Festlegen, behalten oder ändern", ru="Зафиксировать, оставить или изменить",
    es="Fijar, mantener o cambiar",
)  # fmt: skip
HELP_ZOOM = Message(
    "Zoom in, out, fit; or wheel, pinch, double click; drag to move",
    de="Vergrößern, verkleinern, einpassen; auch Mausrad, zwei Finger, Doppelklick; ziehen zum Verschieben",
    ru="Увеличить, уменьшить, вписать; также колесо, два пальца, двойной щелчок; перетаскивание сдвигает",
    es="Ampliar, reducir, ajustar; también rueda, pellizco, doble clic; arrastrar para mover",
)
HELP_BESIDE = Message(
    "Similar images and maps: open beside the case, another, close",
    de="Ähnliche Bilder und Karten: neben dem Fall öffnen, ein anderes, schließen",
    ru="Похожие изображения и карты: открыть рядом, другое, закрыть",
    es="Imágenes similares y mapas: abrir junto al caso, otra, cerrar",
)
HELP_PAUSE = Message("Pause, go on", de="Pause, weiter", ru="Пауза, продолжить", es="Pausa, seguir")
HELP_HELP = Message("This help", de="Diese Hilfe", ru="Эта справка", es="Esta ayuda")
HELP_BACK = Message("Back to the case", de="Zurück zum Fall", ru="Назад к случаю", es="Volver al caso")
HELP_SHORTCUTS = Message(
    "Single-key shortcuts", de="Kurzbefehle mit einer Taste", ru="Управление одной клавишей", es="Atajos de una tecla"
)
