import pytest

from dermdash.records.sites import GENERAL_SITES, TORSO, general_site, harmonised_site

HAM10000 = {
    "abdomen": "anterior torso", "acral": "palms/soles", "back": "posterior torso", "chest": "anterior torso",
    "ear": "head/neck", "face": "head/neck", "foot": "lower extremity", "genital": "oral/genital",
    "hand": "upper extremity", "lower extremity": "lower extremity", "neck": "head/neck", "scalp": "head/neck",
    "trunk": "torso", "upper extremity": "upper extremity",
}  # fmt: skip
OTHERS = {
    "NOSE": "head/neck", "FOREARM": "upper extremity", "THIGH": "lower extremity", "head_neck_face": "head/neck",
    "lower limbs": "lower extremity", "genital areas": "oral/genital", "buttocks": "posterior torso",
    "TORSO_FRONT": "anterior torso", "back_of_hand": "upper extremity", "palms/soles": "palms/soles",
    "Rücken": "posterior torso", "GESÄSS": "posterior torso", "Fuß": "lower extremity", "спина": "posterior torso",
    "Волосистая часть головы": "head/neck", "torso": "torso",
}  # fmt: skip


@pytest.mark.parametrize(("written", "site"), [*HAM10000.items(), *OTHERS.items()])
def test_words_of_data_sets_mean_one_general_site(written: str, site: str) -> None:
    assert general_site(written) == site
    assert site in (*GENERAL_SITES, TORSO)


@pytest.mark.parametrize("site", [*GENERAL_SITES, TORSO])
def test_a_general_site_stays_itself(site: str) -> None:
    assert general_site(site) == site


def test_a_word_that_nobody_knows_stays_and_what_says_nothing_is_none() -> None:
    assert general_site("left flange") is None
    assert harmonised_site("left flange") == "left flange"
    assert harmonised_site("unknown") is None
    assert harmonised_site(None) is None
