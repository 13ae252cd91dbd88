"""What becomes of classes in another taxonomy: by hand from what the sources say of their classes."""

import pytest

from dermdash.records.taxonomies.mapping import MappedClass, MappingOutcome, map_taxonomy
from dermdash.records.taxonomies.taxonomy_file import parse_taxonomy
from dermdash.records.taxonomy import ASAN12, CLINICAL9, HAM7, ISIC2019, MILK11, PADUFES6, TAXONOMIES, Taxonomy


def mapped(source: Taxonomy, target: Taxonomy) -> dict[str, MappedClass]:
    return {m.source.code: m for m in map_taxonomy(source, target)}


@pytest.mark.parametrize("taxonomy", TAXONOMIES.values(), ids=lambda t: t.name)
def test_every_class_is_kept_in_its_own_taxonomy(taxonomy: Taxonomy) -> None:
    for code, m in mapped(taxonomy, taxonomy).items():
        assert (m.code, m.outcome, m.lost) == (code, MappingOutcome.KEPT, ())


@pytest.mark.parametrize(
    ("source", "target", "codes"),
    [
        (
            HAM7,
            ISIC2019,
            {"akiec": "ak", "bcc": "bcc", "bkl": "bkl", "df": "df", "mel": "mel", "nv": "nv", "vasc": "vasc"},
        ),
        (PADUFES6, ISIC2019, {"bcc": "bcc", "scc": None, "ack": "ak", "sek": "bkl", "mel": "mel", "nev": "nv"}),
        (CLINICAL9, HAM7, {"nevus": "nv", "dysplastic_nevus": "nv", "papilloma": None, "hemangioma": "vasc"}),
        (HAM7, CLINICAL9, {"nv": None, "bkl": None, "vasc": None, "mel": "melanoma", "bcc": "basal_cell_carcinoma"}),
        (MILK11, HAM7, {"akiec": "akiec", "ben_oth": None, "inf": None, "mal_oth": None, "sccka": None, "nv": "nv"}),
        (ASAN12, HAM7, {"ak": "akiec", "iec": "akiec", "scc": None, "lentigo": None, "pg": "vasc", "wart": None}),
    ],
    ids=lambda v: v.name if isinstance(v, Taxonomy) else "",
)
def test_a_class_has_the_one_class_of_all_its_diagnoses_or_none(
    source: Taxonomy, target: Taxonomy, codes: dict[str, str | None]
) -> None:
    found = mapped(source, target)
    assert {code: found[code].code for code in codes} == codes


def test_what_is_no_longer_told_apart_and_what_changes_its_status_is_said() -> None:
    dysplastic = mapped(CLINICAL9, HAM7)["dysplastic_nevus"]
    assert dysplastic.outcome is MappingOutcome.MERGED
    assert dysplastic.lost == ("Not told apart from Nevus.", "Is borderline; Melanocytic nevus is benign.")
    assert mapped(HAM7, ISIC2019)["akiec"].lost == ("Is malignant; Actinic keratosis is borderline.",)


def test_a_class_that_parts_names_where_each_part_goes() -> None:
    nevus = mapped(HAM7, CLINICAL9)["nv"]
    assert (nevus.outcome, nevus.candidates) == (MappingOutcome.UNDECIDED, ("nevus", "dysplastic_nevus"))
    assert "Dysplastic nevus: Dysplastic nevus." in nevus.lost
    assert mapped(HAM7, CLINICAL9)["bkl"].lost[-1].endswith("Solar lentigo: no class.")


def test_a_class_of_which_nothing_is_known_says_what_to_do() -> None:
    text = "name: odd\ntitle: Odd\nclasses:\n" + "".join(
        f"- {{code: c{i}, name: Group {i}, origin: unknown, status: benign}}\n" for i in (1, 2)
    )
    odd = mapped(parse_taxonomy(text, file="odd.yaml"), HAM7)["c1"]
    assert (odd.outcome, odd.code) == (MappingOutcome.NONE, None)
    assert "covers" in odd.lost[0]
