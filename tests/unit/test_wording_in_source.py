"""Nothing outside `dermdash.wording` writes a percentage, a p value, a count with its noun or a moment by itself."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.parsed_sources import parsed

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "dermdash"
HOME = PACKAGE / "wording.py"
SOURCES = sorted({*PACKAGE.rglob("*.py"), *(REPOSITORY / "pages").rglob("*.py"), REPOSITORY / "app.py"} - {HOME})
SCRIPTS = sorted(path for ending in ("js", "mjs", "jinja") for path in PACKAGE.rglob(f"*.{ending}"))
IDS = frozenset({"75-99 %", "50-74 %", "below 50 %"})
"""Values of a filter, which stand in addresses that people have kept: never shown as they are."""
NOUNS = (
    "answers|cases|classes|columns|draws|epochs|files|findings|folds|groups|images|labels|lesions|links|maps|masks|"
    "models|notes|pairs|patients|points|predictions|queries|ratings|readers|readings|records|rows|seeds|studies"
)

# {share:.1%}, {x:.3f}, {x:+.2f}, {x:.2e}; {x:g} echoes what a person or a file gave and stays.
_ROUNDED = re.compile(r"^[^%]*[fFeE%]$")
_DAY = re.compile(r"%Y-%m|%d %B|%H:%M")
# A number (or what stands for one) with a percent sign; style sheets have their own, without a space.
_PERCENT = re.compile(r"\d\s*%(?![\d{])|%d\s*%%|\}\s+%")
_STARTS_PERCENT = re.compile(r"^\s*%(?![\d{])")
_P = re.compile(r"(?:^|[^\w'-])p\s*(?:[=<>]\s*)?$")
_P_NUMBER = re.compile(r"(?:^|[^\w'-])p\s*[=<>]\s*\d")
_BOTH_NUMBERS = re.compile(r"\w\(e?s\)")
_NOUN_AFTER = re.compile(rf"^ (?:\w+ )?(?:{NOUNS})\b")


def _docstrings(nodes: Iterable[ast.AST]) -> set[int]:
    """Every text that stands as a statement: documentation, not output."""
    return {id(node.value) for node in nodes if isinstance(node, ast.Expr)}


def _faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    nodes = list(ast.walk(tree))  # to walk is most of the time
    documentation = _docstrings(nodes)
    specs = {
        id(part)
        for node in nodes
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None
        for part in ast.walk(node.format_spec)
    }
    for node in nodes:
        if id(node) in documentation or id(node) in specs:
            continue
        if isinstance(node, ast.FormattedValue) and (spec := _spec(node)):
            if _ROUNDED.match(spec):
                yield node.lineno, f"a number rounded by {spec!r}"
            if _DAY.search(spec):
                yield node.lineno, f"a moment written by {spec!r}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in IDS:
            yield from ((node.lineno, fault) for fault in _faults_of_text(node.value))
        if isinstance(node, ast.JoinedStr):
            yield from ((node.lineno, fault) for fault in _faults_of_pieces(node))
        if isinstance(node, ast.IfExp) and _is_plural(node):
            yield node.lineno, f"a plural chosen by hand: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and _makes_minus(node):
            yield node.lineno, "a minus sign put in by hand"


def _spec(node: ast.FormattedValue) -> str:
    pieces = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "1" for p in pieces)


def _faults_of_text(text: str) -> Iterator[str]:
    if _PERCENT.search(text) and "<style>" not in text:
        yield f"a percentage: {text!r}"
    if _P_NUMBER.search(text):
        yield f"a p value: {text!r}"
    if _BOTH_NUMBERS.search(text):
        yield f"a noun for one and many: {text!r}"


def _faults_of_pieces(node: ast.JoinedStr) -> Iterator[str]:
    for one, other in zip(node.values, node.values[1:], strict=False):
        if isinstance(one, ast.FormattedValue) and isinstance(other, ast.Constant):
            text = str(other.value)
            if _STARTS_PERCENT.match(text):
                yield f"a percentage: {ast.unparse(one)}{text[:8]!r}"
            value = ast.unparse(one.value)
            counts = (_spec(one) == "," or value.startswith("len(")) and not value.isupper()  # a constant is no 1
            if counts and _NOUN_AFTER.match(text):
                yield f"a count with its noun: {value}{text[:16]!r}"
        if isinstance(one, ast.Constant) and isinstance(other, ast.FormattedValue) and _P.search(str(one.value)):
            yield f"a p value: {str(one.value)[-16:]!r}"


def _is_plural(node: ast.IfExp) -> bool:
    branches = [part.value for part in (node.body, node.orelse) if isinstance(part, ast.Constant)]
    if len(branches) != 2 or not all(isinstance(text, str) for text in branches):
        return False
    short, long = sorted(map(str, branches), key=len)
    return long in (f"{short}s", f"{short}es") or (short.endswith("y") and long == f"{short[:-1]}ies")


def _makes_minus(node: ast.Call) -> bool:
    is_replace = isinstance(node.func, ast.Attribute) and node.func.attr == "replace" and len(node.args) == 2
    return is_replace and ast.unparse(node.args[0]) == "'-'" and "MINUS" in ast.unparse(node.args[1])


def test_numbers_for_people_are_written_in_one_module() -> None:
    assert len(SOURCES) > 400
    found = [
        f"{path.relative_to(REPOSITORY).as_posix()}:{line}: {fault}"
        for path in SOURCES
        for line, fault in _faults(parsed(path))
    ]
    assert not found, "\n".join(found)


def test_scripts_and_templates_keep_a_percent_sign_with_its_number() -> None:
    assert len(SCRIPTS) > 8
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in SCRIPTS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(r"[\d}] %[\"'`<]", line)
    ]
    assert not found, "\n".join(found)


def test_the_search_finds_what_it_is_for() -> None:
    wrong = (
        'f"{x:.1%}"', 'f"{x:.3f}"', 'f"{100 * x:.0f} %"', 'f"{x:g} %"', '"95 % CI"', '"%d %%"', 'f"p = {p}"',
        'f"(p {p})"', '"p < 0.05"', '"image(s)"', '"" if n == 1 else "s"', '"study" if n == 1 else "studies"',
        'f"{n:,} images"', 'f"{len(a)} new findings"', 'f"{t:%Y-%m-%d %H:%M}"', 'text.replace("-", MINUS)',
        'f"{x:+.{digits}f}"', '"ability %{x}: %{y:.0f} %"',
    )  # fmt: skip
    for source in wrong:
        assert list(_faults(ast.parse(f"said = {source}"))), source
    right = (
        'f"{percent(x)} of {counted(n, \'image\')}"', 'f"expected {low:g} to {high:g}"',
        '"<style>td{width:50%}</style>"',
        'f"{now:%Y%m%dT%H%M%S%f}"', '"Sensitivity, %"', '"%{x}: %{y}<extra></extra>"', 'f"{p_words(p)}"', '"a - b"',
        'f"{name} records no answer"', 'f"{i % 3}"',
    )  # fmt: skip
    for source in right:
        assert not list(_faults(ast.parse(f"said = {source}"))), source
    assert not list(_faults(ast.parse('"""Below 5 % of 3 images, p = 0.5."""')))


def test_every_table_for_people_is_drawn_in_one_place() -> None:
    """There an empty cell is empty: Streamlit alone writes None."""
    drawn = [
        path.relative_to(REPOSITORY).as_posix()
        for path in SOURCES
        if re.search(r"\bst\s*\.\s*(?:dataframe|table)\b", text := path.read_text("utf-8"))  # parsing all takes a while
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in ("dataframe", "table") and ast.unparse(node.value) == "st"
    ]
    assert drawn == ["src/dermdash/ui/tables.py"]
