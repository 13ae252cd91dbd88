"""Fields of a record that readers may be shown (`protocol_parts.SHOWN_FIELDS`), and their values."""

from typing import Any

from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Counted, Message

NOT_RECORDED = Message("not recorded", de="nicht erfasst", ru="не указано", es="no consta")
YES = Message("yes", de="ja", ru="да", es="sí")
NO = Message("no", de="nein", ru="нет", es="no")
YEARS = Counted(
    en=("{n} year", "{n} years"),
    de=("{n} Jahr", "{n} Jahre"),
    ru=("{n} год", "{n} года", "{n} лет"),
    es=("{n} año", "{n} años"),
)
MILLIMETRES = Message("{value} mm", de="{value} mm", ru="{value} мм", es="{value} mm")

FIELD_NAMES: dict[str, Message] = {
    "age_at_exam": Message("Age", de="Alter", ru="Возраст", es="Edad"),
    "sex": Message("Sex", de="Geschlecht", ru="Пол", es="Sexo"),
    "fitzpatrick_type": Message("Skin type", de="Hauttyp", ru="Фототип кожи", es="Fototipo"),
    "sunburn_history": Message("History of sunburn", de="Sonnenbrände", ru="Солнечные ожоги", es="Quemaduras solares"),
    "personal_ca_history": Message(
        "Skin cancer before", de="Früher Hautkrebs", ru="Рак кожи ранее", es="Cáncer de piel previo"
    ),
    "anatomical_site": Message("Site", de="Stelle", ru="Локализация", es="Localización"),
    "lesion_diameter_mm": Message("Diameter", de="Durchmesser", ru="Диаметр", es="Diámetro"),
}
VALUE_NAMES: dict[str, Message] = {
    "female": Message("female", de="weiblich", ru="женский", es="femenino"),
    "male": Message("male", de="männlich", ru="мужской", es="masculino"),
    "head/neck": Message("head/neck", de="Kopf/Hals", ru="голова/шея", es="cabeza/cuello"),
    "upper extremity": Message("upper extremity", de="Arm", ru="верхняя конечность", es="brazo"),
    "lower extremity": Message("lower extremity", de="Bein", ru="нижняя конечность", es="pierna"),
    "anterior torso": Message(
        "anterior torso", de="Rumpf vorne", ru="передняя поверхность туловища", es="tronco anterior"
    ),
    "posterior torso": Message(
        "posterior torso", de="Rumpf hinten", ru="задняя поверхность туловища", es="tronco posterior"
    ),
    "lateral torso": Message(
        "lateral torso", de="Rumpf seitlich", ru="боковая поверхность туловища", es="tronco lateral"
    ),
    "palms/soles": Message("palms/soles", de="Handflächen/Fußsohlen", ru="ладони/подошвы", es="palmas/plantas"),
    "oral/genital": Message("oral/genital", de="Mund/Genitalien", ru="рот/половые органы", es="boca/genitales"),
    "torso": Message("torso", de="Rumpf", ru="туловище", es="tronco"),
}
"""Words that records are harmonised to; any other word of a source is shown as it stands there."""


def field_value(name: str, value: Any, language: Language) -> str:
    """A stored value in words, with its unit; what is missing is said to be so."""
    if value is None or value == "":
        return NOT_RECORDED.said(language)
    if isinstance(value, bool):
        return (YES if value else NO).said(language)
    if name == "age_at_exam":
        return YEARS.said(language, int(value))
    if name == "lesion_diameter_mm":
        return MILLIMETRES.said(language, value=f"{value:g}".replace(".", _DECIMAL_MARK[language]))
    known = VALUE_NAMES.get(str(value))
    return str(value) if known is None else known.said(language)


_DECIMAL_MARK = {Language.ENGLISH: ".", Language.GERMAN: ",", Language.RUSSIAN: ",", Language.SPANISH: ","}
