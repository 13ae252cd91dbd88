"""What is malignant and what benign is told from a class in one place, `records/taxonomies`; all others ask it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.parsed_sources import parsed

from dermdash.records.taxonomy import TAXONOMIES

PACKAGE = Path(__file__).parents[2] / "src" / "dermdash"
HOME = PACKAGE / "records" / "taxonomies"
WORDS_OF_SOURCES = {"records/diagnosis_words.py"}
"""Reads what a text says of malignancy; the class it finds is asked, as everywhere."""
SIDES = {"malignant", "benign", "borderline"}
CODES = {code for taxonomy in TAXONOMIES.values() for code in taxonomy.codes} - SIDES
OF_ONE_SIDE = {
    frozenset(codes) for taxonomy in TAXONOMIES.values() for codes in (taxonomy.malignant_codes, taxonomy.benign_codes)
}
ELSEWHERE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if HOME not in path.parents and path.relative_to(PACKAGE).as_posix() not in WORDS_OF_SOURCES
)


# Whoever tells sides apart names a status, or a code as a text: other files, most of them, need no closer look.
NAMED = re.compile(rf"[sS]tatus|[\"'](?:{'|'.join(map(re.escape, sorted(CODES)))})[\"']")


def told_apart(tree: ast.Module) -> Iterator[str]:
    """Places where a file tells sides by itself: by a status, or by a list of codes of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Status":
            yield f"line {node.lineno}: Status.{node.attr}"
        elif isinstance(node, ast.Compare) and _of_status(node):
            yield f"line {node.lineno}: a status compared with a side"
        elif isinstance(node, ast.Dict) and _sides_by_code(node):
            yield f"line {node.lineno}: sides by code"
        elif isinstance(node, ast.Set | ast.List | ast.Tuple) and _codes_of_one_side(node.elts):
            yield f"line {node.lineno}: the codes of one side"


def _of_status(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    status = any(isinstance(n, ast.Attribute) and n.attr == "status" for n in sides)
    return status and any(isinstance(n, ast.Constant) and n.value in SIDES for n in sides)


def _sides_by_code(node: ast.Dict) -> bool:
    codes = {key.value for key in node.keys if isinstance(key, ast.Constant)}
    values = [v.value for v in node.values if isinstance(v, ast.Constant)]
    return len(codes & CODES) > 1 and any(isinstance(v, bool) or v in SIDES for v in values)


def _codes_of_one_side(elements: list[ast.expr]) -> bool:
    codes = {n.value for n in elements if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    whole = len(codes) > 1 and len(codes) == len(elements)
    return whole and codes in OF_ONE_SIDE


def test_nobody_else_maps_classes_to_malignant_or_benign() -> None:
    assert len(ELSEWHERE) > 500
    closer = [path for path in ELSEWHERE if NAMED.search(path.read_text("utf-8"))]
    found = {str(path.relative_to(PACKAGE)): list(told_apart(parsed(path))) for path in closer}
    assert {path: places for path, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "source",
    [
        "Status.MALIGNANT",
        "c.status == 'malignant'",
        "{'mel': True, 'nv': False}",
        "dx in {'akiec', 'bcc', 'mel'}",
        "side = {'nv': 'benign', 'bcc': 'malignant'}",
    ],
)
def test_the_search_finds_each_kind(source: str) -> None:
    assert NAMED.search(source)
    assert list(told_apart(ast.parse(source)))


def test_the_search_takes_codes_for_other_things_as_they_are() -> None:
    source = "COLORS = {'mel': 'red', 'nv': 'blue'}; x.status == 'withdrawn'; y = ('mel', 'nv')"
    assert not list(told_apart(ast.parse(source)))
