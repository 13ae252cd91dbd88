"""Diagnoses in the words of people, read into classes: every case with the reason that is given for it."""

import pytest

from dermdash.records.diagnosis_words import Decision, read_diagnosis, read_diagnosis_path
from dermdash.records.taxonomies.phrases import phrase_key
from dermdash.records.taxonomies.vocabulary import vocabulary
from dermdash.records.taxonomy import (
    ASAN12,
    CLINICAL9,
    HAM7,
    ISIC2019,
    MALIGNANCY2,
    MILK11,
    PADUFES6,
    TAXONOMIES,
    Taxonomy,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MEL", "mel"),
        ("  Malignant melanoma of the skin ", "mel"),
        ("melanomas", "mel"),
        ("melanoma (0.76 to 1.5 mm)", "mel"),
        ("Superficial spreading melanoma, Breslow 0.8 mm, Clark II, pT1a", "mel"),
        ("malignes Melanom", "mel"),
        ("Меланома кожи", "mel"),
        ("меланомы", "mel"),
        ("злокачественная меланома", "mel"),
        ("nev", "nv"),
        ("Naevi", "nv"),
        ("Nevus, melanocytic, congenital", "nv"),
        ("Nävuszellnävus", "nv"),
        ("Blauer Naevus", "nv"),
        ("Невусы", "nv"),
        ("пигментный невус", "nv"),
        ("Родинка", "nv"),
        ("Clark nevus", "nv"),
        ("seborrhoeic keratoses", "bkl"),
        ("keratosis, seborrheic", "bkl"),
        ("Seborrhoische Keratosen", "bkl"),
        ("Себорейный кератоз", "bkl"),
        ("Lichen planus-like keratosis", "bkl"),
        ("Bowen\u2019s disease", "akiec"),
        ("Squamous cell carcinoma in-situ", "akiec"),
        ("Morbus Bowen", "akiec"),
        ("болезнь Боуэна", "akiec"),
        ("актинический кератоз", "akiec"),
        ("Basaliom", "bcc"),
        ("Basalzellkarzinom, nodulär", "bcc"),
        ("Базальноклеточный рак кожи", "bcc"),
        ("базалиомы", "bcc"),
        ("Hämangiom", "vasc"),
        ("Haemangioma, cherry", "vasc"),
        ("гемангиома", "vasc"),
        ("Nevus flammeus", "vasc"),
        ("пиогенная гранулёма", "vasc"),
        ("Дерматофиброма", "df"),
        ("Histiozytom", "df"),
    ],
)
def test_english_german_and_russian_words_mean_a_class_in_any_case_number_and_order(text: str, code: str) -> None:
    reading = read_diagnosis(text, HAM7)
    assert reading.code == code, reading.how
    assert reading.how
    assert reading.candidates == ()
    assert reading.text == text


@pytest.mark.parametrize(
    ("text", "code", "decision"),
    [
        ("Benign nevus-like formation", "nv", Decision.WORDS),
        ("benign nevus-like lesion without signs of malignancy", "nv", Decision.WORDS),
        ("Доброкачественное невусоподобное образование", "nv", Decision.WORDS),
        ("Невусоподобное образование без признаков малигнизации", "nv", Decision.WORDS),
        ("nävusartige Läsion ohne Hinweis auf Malignität", "nv", Decision.WORDS),
        ("benign nevus-like formation with signs of malignancy", None, Decision.SIGNS),
        ("невусоподобное образование с признаками малигнизации", None, Decision.SIGNS),
        ("nevus with atypia", None, Decision.SIGNS),
        ("malignant nevus-like formation", None, Decision.CONTRADICTION),
    ],
)
def test_what_is_like_a_nevus_is_one_only_without_signs_of_malignancy(
    text: str, code: str | None, decision: Decision
) -> None:
    reading = read_diagnosis(text, HAM7)
    assert (reading.code, reading.decision) == (code, decision), reading.how


@pytest.mark.parametrize(
    ("text", "decision", "candidates"),
    [
        ("Melanoma?", Decision.UNCERTAIN, ("mel",)),
        ("V.a. malignes Melanom", Decision.UNCERTAIN, ("mel",)),
        ("подозрение на меланому", Decision.UNCERTAIN, ("mel",)),
        ("melanoma vs nevus", Decision.UNCERTAIN, ("mel", "nv")),
        ("nevus, ddx melanoma", Decision.UNCERTAIN, ("mel", "nv")),
        ("melanoma ruled out", Decision.NEGATED, ("mel",)),
        ("no melanoma", Decision.NEGATED, ("mel",)),
        ("Z.n. Melanom", Decision.NEGATED, ("mel",)),
        ("history of basal cell carcinoma", Decision.NEGATED, ("bcc",)),
        ("melanoma in situ on a nevus", Decision.SEVERAL, ("mel", "nv")),
        ("malignant nevus", Decision.CONTRADICTION, ("akiec", "bcc", "mel", "nv")),
        ("nevus unius lateris", Decision.UNKNOWN, ("nv",)),
        ("Spitzoid tumour", Decision.UNKNOWN, ()),
        ("lentigo", Decision.NO_CLASS, ("bkl",)),
        ("SCC", Decision.NO_CLASS, ("akiec",)),
        ("wart", Decision.NO_CLASS, ()),
        ("benign", Decision.NO_CLASS, ("bkl", "df", "nv", "vasc")),
        ("unknown", Decision.EMPTY, ()),
        ("keine Angabe", Decision.EMPTY, ()),
        ("n.d.", Decision.EMPTY, ()),
        ("unklar", Decision.EMPTY, ()),
        ("неясный", Decision.EMPTY, ()),
        ("miscellaneous", Decision.EMPTY, ()),
        (" ", Decision.EMPTY, ()),
    ],
)
def test_no_class_is_guessed_where_the_words_leave_a_choice(
    text: str, decision: Decision, candidates: tuple[str, ...]
) -> None:
    reading = read_diagnosis(text, HAM7)
    assert reading.code is None
    assert (reading.decision, reading.candidates) == (decision, candidates), reading.how
    assert reading.how


def test_words_that_were_not_read_beside_a_diagnosis_are_named() -> None:
    reading = read_diagnosis("Nodular basal cell carcinoma with central ulceration", HAM7)
    assert (reading.code, reading.decision) == ("bcc", Decision.PART)
    assert reading.how.endswith("not read: with central ulceration")


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Bowen's disease", {"ham7": "akiec", "asan12": "iec", "isic2019": "ak", "milk11": "akiec", "padufes6": "scc"}),
        ("dysplastic nevus", {"ham7": "nv", "clinical9": "dysplastic_nevus", "padufes6": "nev", "milk11": "nv"}),
        ("AKIEC", {"ham7": "akiec", "isic2019": "ak", "asan12": None, "padufes6": None}),
        ("vascular lesion", {"ham7": "vasc", "milk11": "vasc", "clinical9": None, "asan12": None, "padufes6": None}),
        ("lipoma", {"ham7": None, "isic2019": "unk", "milk11": "ben_oth", "malignancy2": "benign"}),
        ("psoriasis", {"ham7": None, "asan12": None, "isic2019": "unk", "milk11": "inf"}),
        ("keratoacanthoma", {"milk11": "sccka", "ham7": None, "padufes6": None, "malignancy2": "malignant"}),
        ("ACK", {"padufes6": "ack", "asan12": "ak", "ham7": "akiec", "isic2019": "ak"}),
        ("papilloma", {"clinical9": "papilloma", "ham7": None}),
        ("actinic keratosis", {"malignancy2": None}),
    ],
)
def test_one_diagnosis_has_the_class_that_each_taxonomy_gives_it(text: str, classes: dict[str, str | None]) -> None:
    assert {name: read_diagnosis(text, TAXONOMIES[name]).code for name in classes} == classes


@pytest.mark.parametrize(
    ("levels", "taxonomy", "code"),
    [
        (("Benign", "Benign melanocytic proliferations", "Nevus", "Nevus, Congenital"), HAM7, "nv"),
        (("Benign::Benign melanocytic proliferations::Nevus::Nevus, Meyerson",), HAM7, "nv"),
        (("Benign", "Benign melanocytic proliferations", "Nevus", "Nevus, of a kind named later"), HAM7, "nv"),
        (
            ("Malignant", "Malignant melanocytic proliferations (Melanoma)", "Melanoma Invasive", None, None),
            CLINICAL9,
            "melanoma",
        ),
        (("Malignant", "Malignant melanocytic proliferations (Melanoma)"), HAM7, "mel"),
        (
            ("Indeterminate", "Indeterminate epidermal proliferations", "Solar or actinic keratosis"),
            PADUFES6,
            "ack",
        ),
        (("Benign", "Flat melanotic pigmentations - not melanocytic nevus", "Lentigo NOS"), ASAN12, "lentigo"),
        (("Benign", "Flat melanotic pigmentations - not melanocytic nevus"), HAM7, None),
        (("Benign", "Inflammatory or infectious diseases", "Verruca"), MILK11, "inf"),
        (("Benign", "Benign soft tissue proliferations - Vascular", "Hemangioma", "Hemangioma, Cherry"), HAM7, "vasc"),
        (("Benign", "Benign soft tissue proliferations - Fibro-histiocytic"), HAM7, None),
        (("Benign", "Collision - Only benign proliferations"), MILK11, "ben_oth"),
        (("Malignant", "Malignant epidermal proliferations", "Keratoacanthoma"), MILK11, "sccka"),
        (("Malignant", "Malignant epidermal proliferations", "Squamous cell carcinoma in situ"), MILK11, "akiec"),
        (
            (
                "Malignant",
                "Malignant melanocytic proliferations (Melanoma)",
                "Melanoma Invasive",
                "Melanoma Invasive, Associated with a nevus",
            ),
            HAM7,
            "mel",
        ),
        (
            (
                "Malignant",
                "Malignant epidermal proliferations",
                "Squamous cell carcinoma, Invasive",
                "Squamous cell carcinoma, Invasive, Keratoacanthoma-type",
            ),
            ISIC2019,
            "scc",
        ),
        (
            (
                "Benign",
                "Benign soft tissue proliferations - Neural",
                "Granular cell tumor",
                "Granular cell tumor, non-neural and s100 negative",
            ),
            MILK11,
            "ben_oth",
        ),
        (("Benign",), MALIGNANCY2, "benign"),
        (("Benign",), HAM7, None),
    ],
)
def test_a_path_of_the_isic_archive_is_read_from_its_deepest_level(
    levels: tuple[str | None, ...], taxonomy: Taxonomy, code: str | None
) -> None:
    reading = read_diagnosis_path(levels, taxonomy)
    assert reading.code == code, reading.how


def test_a_path_whose_levels_contradict_one_another_has_no_class() -> None:
    reading = read_diagnosis_path(("Malignant", "Benign melanocytic proliferations", "Nevus"), HAM7)
    assert (reading.code, reading.decision) == (None, Decision.CONTRADICTION)
    assert "Malignant" in reading.how


TUMOURS_OF_FITZPATRICK17K = {
    "nv": ("nevocytic nevus", "congenital nevus", "halo nevus"),
    "mel": ("melanoma", "malignant melanoma", "superficial spreading melanoma ssm", "lentigo maligna"),
    "bcc": ("basal cell carcinoma", "basal cell carcinoma morpheiform", "solid cystic basal cell carcinoma"),
    "scc": ("squamous cell carcinoma",),
    "ak": ("actinic keratosis",),
    "bkl": ("seborrheic keratosis",),
    "df": ("dermatofibroma",),
    "vasc": ("pyogenic granuloma", "granuloma pyogenic", "port wine stain", "lymphangioma", "telangiectases"),
    "unk": (
        "becker nevus", "epidermal nevus", "nevus sebaceous of jadassohn", "naevus comedonicus", "syringoma",
        "pilomatricoma", "porokeratosis actinic", "porokeratosis of mibelli", "keloid", "milia",
        "disseminated actinic porokeratosis", "mucous cyst", "pilar cyst", "xanthomas", "juvenile xanthogranuloma",
        "neurofibromatosis", "fordyce spots", "urticaria pigmentosa", "langerhans cell histiocytosis",
        "kaposi sarcoma", "mycosis fungoides", "psoriasis", "eczema", "lichen planus", "rosacea", "acne vulgaris",
        "granuloma annulare", "lupus erythematosus", "scabies", "allergic contact dermatitis", "sarcoidosis",
        "prurigo nodularis", "seborrheic dermatitis", "folliculitis",
    ),
}  # fmt: skip


def test_the_labels_of_fitzpatrick17k_that_name_lesions_have_the_classes_of_isic_2019() -> None:
    read = {label: read_diagnosis(label, ISIC2019) for labels in TUMOURS_OF_FITZPATRICK17K.values() for label in labels}
    expected = {label: code for code, labels in TUMOURS_OF_FITZPATRICK17K.items() for label in labels}
    assert {label: reading.code for label, reading in read.items()} == expected
    for label in ("vitiligo", "ehlers danlos syndrome", "drug induced pigmentary changes", "livedo reticularis"):
        assert read_diagnosis(label, ISIC2019).decision is Decision.UNKNOWN


def test_no_phrase_of_the_vocabulary_means_two_diagnoses() -> None:
    meant: dict[tuple[str, ...], str] = {}
    for key, diagnosis in vocabulary().items():
        for phrase in diagnosis.words:
            assert phrase_key(phrase), phrase
            assert meant.setdefault(phrase_key(phrase), key) == key, phrase
        for other in (*diagnosis.one_of, *diagnosis.may_be, *filter(None, (diagnosis.under,))):
            assert other in vocabulary()


def test_every_phrase_is_read_as_its_own_diagnosis_in_a_taxonomy_that_covers_it() -> None:
    for taxonomy in TAXONOMIES.values():
        for c in taxonomy.classes:
            for key in c.covers:
                for phrase in vocabulary()[key].words:
                    assert read_diagnosis(phrase, taxonomy).code == c.code, (taxonomy.name, phrase)


def test_unicode_forms_and_unseen_characters_make_no_other_diagnosis() -> None:
    for text in (
        "Ha\u0308mangiom",
        "H\u00e4mangiom",
        "h\u00e4m\u00adangiom",
        "\ufeffHaemangiom\u200b",
        "ＨÄＭＡＮＧＩＯＭ",
    ):
        assert read_diagnosis(text, HAM7).code == "vasc", text
