"""Taxonomies as YAML files: what is read, and that every fault is named with its place."""

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.diagnosis_words import read_diagnosis
from dermdash.records.taxonomies.taxonomy_file import parse_taxonomy, taxonomy_yaml
from dermdash.records.taxonomy import TAXONOMIES, LesionOrigin, Status

CLINIC = """
name: clinic3
title: Clinic, three classes
classes:
- code: nv
  name: Melanocytic nevus
  origin: melanocytic
  status: benign
  aliases: [mole]
- code: mel
  name: Melanoma
  origin: melanocytic
  status: malignant
- code: rest
  name: All others
  origin: unknown
  status: unknown
  covers: [other_benign, seborrheic_keratosis]
"""


def test_a_file_of_ones_own_is_read_and_words_mean_its_classes() -> None:
    clinic = parse_taxonomy(CLINIC, file="clinic3.yaml")
    assert clinic.codes == ("nv", "mel", "rest")
    assert (clinic["rest"].origin, clinic["rest"].status) == (LesionOrigin.UNKNOWN, Status.UNKNOWN)
    # Where nothing is said, a class covers what its name and aliases mean.
    assert clinic["nv"].covers == ("nevus",)
    for text, code in (
        ("Pigmentnävus", "nv"),
        ("lentigo maligna", "mel"),
        ("SK", "rest"),
        ("basal cell carcinoma", None),
    ):
        assert read_diagnosis(text, clinic).code == code, text


def test_every_taxonomy_comes_back_from_the_file_that_is_written_of_it() -> None:
    for taxonomy in TAXONOMIES.values():
        assert parse_taxonomy(taxonomy_yaml(taxonomy), file="again.yaml") == taxonomy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: clinic3", "name: Clinic 3", r"clinic\.yaml, name 'Clinic 3': small letters"),
        ("title: Clinic, three classes", "tilte: Clinic", r"unknown entry 'tilte' \(did you mean title\?\)"),
        ("title: Clinic, three classes", "", "title is missing"),
        ("code: mel", "code: nv", "two classes have the code nv"),
        ("code: mel", "code: MEL", r"class 2, code 'MEL': small letters"),
        ("code: rest", "code: no", r"class 3, code: expected text, found False; write it in quotes"),
        ("status: malignant", "status: malign", r"class 2 \(mel\), status 'malign' \(did you mean malignant\?\)"),
        ("origin: unknown", "origin: skin", r"class 3 \(rest\), origin 'skin': expected one of melanocytic"),
        ("aliases: [mole]", "aliases: mole", r"class 1 \(nv\), aliases: expected a list of texts"),
        ("aliases: [mole]", "aliases: [Melanoma]", "'melanoma' means two classes, nv and mel"),
        (
            "[other_benign, seborrheic_keratosis]",
            "[seborrhoic_keratosis]",
            r"no diagnosis 'seborrhoic_keratosis' \(did",
        ),
        ("[other_benign, seborrheic_keratosis]", "[nevus]", "would belong to two classes, nv and rest"),
        ("classes:", "classes: [", "is no YAML"),
        ("classes:", "colours:", "unknown entry 'colours'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, said: str) -> None:
    assert old in CLINIC
    with pytest.raises(InvalidInput, match=said):
        parse_taxonomy(CLINIC.replace(old, new, 1), file="clinic.yaml")


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b", "name: a\ntitle: b\nclasses: []", "!!python/object:os.system {}"]
)
def test_what_is_no_taxonomy_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_taxonomy(text, file="x.yaml")


def test_a_file_that_is_far_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput, match="larger than 256 KiB"):
        parse_taxonomy("#" * 300_000, file="x.yaml")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("name: 2020-13-45", "is no YAML: month must be in 1..12"),
        ("name: 1:" + "59:" * 5_000 + "1", "found a number"),
        ("name:\n- &a [x, x]\n- [*a, *a]", r"line 3: \*a refers to another place"),
    ],
    ids=["no date", "no number", "alias"],
)
def test_what_yaml_cannot_make_is_said_and_an_alias_is_never_unfolded(said: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse_taxonomy(f"{said}\ntitle: T\nclasses: []\n", file="mine.yaml")
