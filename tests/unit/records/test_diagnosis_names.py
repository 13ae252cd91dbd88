"""Codes of diagnoses in words."""

from dermdash.records.taxonomy import TAXONOMIES, diagnosis_name, short_diagnosis_name


def test_a_code_has_the_same_name_in_every_taxonomy_so_that_it_can_be_named_without_one() -> None:
    for taxonomy in TAXONOMIES.values():
        for c in taxonomy.classes:
            assert diagnosis_name(c.code) == c.name


def test_a_diagnosis_of_no_known_taxonomy_stays_as_the_log_spells_it() -> None:
    assert diagnosis_name("SCCKA") == "SCCKA"


def test_labels_of_figures_hold_the_first_of_two_names() -> None:
    assert short_diagnosis_name("akiec") == "Actinic keratosis"
    assert short_diagnosis_name("nv") == "Melanocytic nevus"
