import re
from pathlib import Path

import dermdash
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, HAM7, TAXONOMIES

# Besides formats (modules that declare one), which may be of the classes of one taxonomy by definition: what the demo
# draws, and the public file of a study of seven classes.
OF_ONE_TAXONOMY = {
    "dataset/synthetic/demo_taxonomy.py",
    "reader_study/nature_medicine_export.py",
    "reader_study/words/names.py",  # its diagnoses in four languages
}


def test_no_code_but_the_taxonomies_and_formats_of_them_names_a_taxonomy() -> None:
    package = Path(dermdash.__file__).parent
    names = re.compile("|".join(TAXONOMIES), re.IGNORECASE)
    sources = {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    found = {name for name, source in sources.items() if names.search(source)}
    formats = {name for name in found if "/formats/" in name and re.search(r"^FORMAT = ", sources[name], re.MULTILINE)}
    lists = {"records/taxonomy.py", "records/taxonomies/known.py", "dataset/formats/registry.py"}
    assert found - formats == {*lists, *OF_ONE_TAXONOMY}
    assert {"dataset/formats/ham10000.py", "readings/formats/dermachallenge.py"} <= formats


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
