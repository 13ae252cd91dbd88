import re
from pathlib import Path

import dermdash
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, HAM7, TAXONOMIES

# Formats whose columns, codes or pictures are of the seven classes of HAM10000 by definition.
OF_HAM7 = {
    "dataset/formats/ham10000.py",
    "dataset/formats/isic2018_task3.py",
    "dataset/synthetic/demo_taxonomy.py",
    "reader_study/nature_medicine_export.py",
    "readings/formats/dermachallenge.py",
    "readings/formats/nature_medicine.py",
    "readings/formats/phase_study.py",
}


def test_no_code_but_the_taxonomies_and_formats_of_them_names_a_taxonomy() -> None:
    package = Path(dermdash.__file__).parent
    names = re.compile("|".join(TAXONOMIES), re.IGNORECASE)
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if names.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"records/taxonomy.py", *OF_HAM7}


def test_a_code_a_name_and_the_spellings_of_others_mean_one_class() -> None:
    for taxonomy in TAXONOMIES.values():
        for c in taxonomy.classes:
            for text in (c.code, c.code.upper(), f" {c.name} ", c.name.replace(" ", "_"), *c.aliases):
                assert taxonomy.code_of(text) == c.code
    assert HAM7.code_of("Actinic keratosis") == "akiec"
    assert HAM7.code_of("wart") is None


def test_no_spelling_means_two_classes_of_one_taxonomy() -> None:
    for taxonomy in TAXONOMIES.values():
        every = [text for c in taxonomy.classes for text in {c.code, c.name.lower(), *c.aliases}]
        assert len(every) == len(set(every)), taxonomy.name


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_TAXONOMY in TAXONOMIES
