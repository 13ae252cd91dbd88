"""Names that a reader sees: diagnoses, professions, age groups, genders, degrees of confidence.

Only HAM7 has its diagnoses in every language; those of other taxonomies are in English, and the page says so.
"""

from dermdash.reader_study.words.message import Message
from dermdash.records.taxonomy import Taxonomy

# Soft hyphens: a word may break there on a phone, whose browser may know no rules of its language.
HAM7_NAMES: dict[str, Message] = {
    "akiec": Message(
        "Actinic keratosis / Bowen's disease",
        de="Aktinische Keratose / Morbus Bowen",
        ru="Актини\N{SOFT HYPHEN}ческий кератоз / болезнь Боуэна",
        es="Queratosis actínica / enfermedad de Bowen",
    ),
    "bcc": Message(
        "Basal cell carcinoma",
        de="Basal\N{SOFT HYPHEN}zell\N{SOFT HYPHEN}karzinom",
        ru="Базально\N{SOFT HYPHEN}клеточный рак",
        es="Carcinoma baso\N{SOFT HYPHEN}celular",
    ),
    "bkl": Message(
        "Benign keratosis",
        de="Benigne Keratose",
        ru="Добро\N{SOFT HYPHEN}качественный кератоз",
        es="Queratosis benigna",
    ),
    "df": Message(
        "Dermatofibroma",
        de="Dermato\N{SOFT HYPHEN}fibrom",
        ru="Дермато\N{SOFT HYPHEN}фиброма",
        es="Dermato\N{SOFT HYPHEN}fibroma",
    ),
    "mel": Message("Melanoma", de="Melanom", ru="Меланома", es="Melanoma"),
    "nv": Message(
        "Melanocytic nevus",
        de="Melano\N{SOFT HYPHEN}zytärer Nävus",
        ru="Мелано\N{SOFT HYPHEN}цитарный невус",
        es="Nevo melano\N{SOFT HYPHEN}cítico",
    ),
    "vasc": Message(
        "Vascular lesion", de="Vaskuläre Läsion", ru="Сосудистое обра\N{SOFT HYPHEN}зование", es="Lesión vascular"
    ),
}


def names_in_every_language(taxonomy: Taxonomy) -> bool:
    """Whether the diagnoses of a taxonomy have names in every language."""
    return all(HAM7_NAMES.get(c.code) == c.name for c in taxonomy.classes)


def diagnosis_names(taxonomy: Taxonomy) -> dict[str, str]:
    """The name of each class by its code; `Message` where it has one in every language."""
    return {c.code: HAM7_NAMES[c.code] if HAM7_NAMES.get(c.code) == c.name else c.name for c in taxonomy.classes}


NOT_SAID = Message("Prefer not to say", de="Keine Angabe", ru="Не хочу указывать", es="Prefiero no decirlo")
PROFESSION_NAMES: dict[str, Message] = {
    "dermatologist": Message(
        "Dermatologist, board-certified",
        de="Fachärztin/Facharzt für Dermatologie",
        ru="Врач-дерматолог",
        es="Dermatología, especialista",
    ),
    "dermatology_resident": Message(
        "Dermatology resident",
        de="In Weiterbildung zur Dermatologie",
        ru="Ординатор-дерматолог",
        es="Dermatología, residente",
    ),
    "general_practitioner": Message(
        "General practitioner", de="Allgemeinmedizin", ru="Врач общей практики", es="Medicina general"
    ),
    "other_physician": Message(
        "Physician of another specialty",
        de="Ärztlich tätig in einem anderen Fach",
        ru="Врач другой специальности",
        es="Medicina, otra especialidad",
    ),
    "nurse": Message("Nurse", de="Pflege", ru="Медицинская сестра / медбрат", es="Enfermería"),
    "medical_student": Message("Medical student", de="Medizinstudium", ru="Студент-медик", es="Estudiante de medicina"),
    "researcher": Message("Researcher", de="Forschung", ru="Научный сотрудник", es="Investigación"),
    "other": Message("Other", de="Andere", ru="Другое", es="Otra"),
    "prefer_not_to_say": NOT_SAID,
}
AGE_NAMES: dict[str, Message] = {
    "under_25": Message("Under 25", de="Unter 25", ru="До 25", es="Menos de 25"),
    **{
        f"{low}_{low + 9}": Message(
            f"{low} to {low + 9}", de=f"{low} bis {low + 9}", ru=f"{low}–{low + 9}", es=f"{low} a {low + 9}"
        )
        for low in (25, 35, 45, 55)
    },
    "65_over": Message("65 or over", de="65 oder älter", ru="65 и старше", es="65 o más"),
    "prefer_not_to_say": NOT_SAID,
}
GENDER_NAMES: dict[str, Message] = {
    "female": Message("Female", de="Weiblich", ru="Женский", es="Femenino"),
    "male": Message("Male", de="Männlich", ru="Мужской", es="Masculino"),
    "non_binary": Message("Non-binary", de="Nicht-binär", ru="Небинарный", es="No binario"),
    "other": Message("Other", de="Anderes", ru="Другой", es="Otro"),
    "prefer_not_to_say": NOT_SAID,
}
CONFIDENCE_NAMES = (
    Message("Not sure", de="Unsicher", ru="Неуверенно", es="Poca seguridad"),
    Message("Fairly sure", de="Ziemlich sicher", ru="Довольно уверенно", es="Bastante seguridad"),
    Message("Very sure", de="Sehr sicher", ru="Очень уверенно", es="Mucha seguridad"),
)
