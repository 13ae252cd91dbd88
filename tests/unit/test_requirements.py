"""requirements.txt holds what the app imports, what that brings, and nothing else; requirements-dev.txt likewise."""

import ast
import functools
import importlib.metadata
import importlib.util
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.parsed_sources import parsed

from dermdash.cli.first_imports import IMPORTED_LATER

REPOSITORY = Path(__file__).parents[2]
RUNTIME, DEVELOPMENT = REPOSITORY / "requirements.txt", REPOSITORY / "requirements-dev.txt"
APP = ("app.py", "pages/**/*.py", "src/**/*.py")
BROUGHT = "# What they bring"
NOT_IMPORTED = {
    "authlib": "Streamlit imports it to sign people in at a provider, where one is configured",
    "duckdb": "duckdb-sqlalchemy imports it; the format of a workspace's file goes with its version",
    "psycopg": "SQLAlchemy imports it where the address of the database says postgresql+psycopg",
    "pytz": "DuckDB imports it to hand out times with a zone",
}
"""Direct requirements of the app that no file of it imports, and who does."""
OPTIONAL = {
    "distributed": "extra `cluster`: batches on a Dask cluster",
    "obstore": "extra `objects`: pictures, models and embeddings in a bucket",
}
"""What functions of the app import where somebody installed it, which requirements-dev.txt does for the tests."""
TOOLS = {
    "pytest": "runs the tests",
    "pytest-timeout": "ends a test that hangs",
    "pytest-xdist": "runs the tests in three processes",
    "pytest-rerunfailures": "tries a browser test a second time",
    "ruff": "make lint",
    "mypy": "make lint",
    "pandas-stubs": "mypy reads it",
    "types-pyyaml": "mypy reads it",
    "import-linter": "make lint",
    "obstore": "the app imports it where objects lie in a bucket",
    "sphinx": "make docs",
    "myst-parser": "make docs",
    "furo": "make docs",
    "sphinx-copybutton": "make docs",
}
"""Direct requirements of development that the tests need not import."""
TESTS_ALSO_IMPORT = {
    "click": "typer's", "orjson": "Streamlit's", "packaging": "Streamlit's", "websockets": "Streamlit's",
    "setuptools": "torch's", "joserfc": "Authlib's", "uvicorn": "Streamlit's",
    "faiss": "a benchmark compares with it where somebody installed it",
    "cleanvision": "a benchmark compares with it where somebody installed it",
    "drawn_images": "a module of the small apps that the browser tests serve",
    "style_charts": "a module of the small apps that the browser tests serve",
}  # fmt: skip
"""Imported by tests and benchmarks, and why it is not among their direct requirements."""
OURS = sys.stdlib_module_names | {"dermdash", "tests"}
# The pins are those of one machine; what other systems need besides is theirs.
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


@functools.cache
def imported_by(*places: str, in_functions: bool = True) -> dict[str, Path]:
    """Names of what the files of these places import from elsewhere, each with one file that does."""
    found: dict[str, Path] = {}
    for path in (path for place in places for path in REPOSITORY.glob(place)):
        tree = parsed(path)
        for node in _statements(tree) if in_functions else tree.body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                # Several distributions share the name `google`: what is imported from it tells them apart.
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            found |= {name: path for name in names if name.partition(".")[0] not in OURS}
    return found


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement, in functions and classes too; expressions hold none and are not looked at."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += inner if isinstance(inner := getattr(node, part, []), list) else []


PROVIDERS = {
    name: sorted({canonicalize_name(distribution) for distribution in found})
    for name, found in importlib.metadata.packages_distributions().items()
}
"""The distributions that have a file or folder of each top-level name."""


def distributions_of(names: dict[str, Path]) -> dict[str, Path]:
    """Who provides what is imported; names that nobody here provides are given back as they are."""
    found: dict[str, Path] = {}
    for name, path in names.items():
        top = name.partition(".")[0]
        candidates = PROVIDERS.get(top, [top])
        if len(candidates) > 1:
            candidates = [c for c in candidates if _holds(c, name)]
        found |= dict.fromkeys(candidates, path)
    return found


def _holds(distribution: str, name: str) -> bool:
    place = name.replace(".", "/")
    return any(
        str(file) in (f"{place}.py", f"{place}/__init__.py") for file in importlib.metadata.files(distribution) or ()
    )


def pins(path: Path) -> tuple[dict[str, Requirement], dict[str, Requirement]]:
    """The direct requirements of a file and what they bring, by canonical name."""
    lines = path.read_text("utf-8").splitlines()
    border = next(number for number, line in enumerate(lines) if line.startswith(BROUGHT))
    return _requirements(lines[:border]), _requirements(lines[border:])


def _requirements(lines: list[str]) -> dict[str, Requirement]:
    said = (line.partition("#")[0].strip() for line in lines)
    found = [Requirement(line) for line in said if line and not line.startswith("-r")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def brought_by(direct: Iterable[Requirement]) -> set[str]:
    """What is installed with these, themselves included, as the metadata of the installed distributions say."""
    waiting = [(r, extra) for r in direct for extra in ("", *r.extras)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        key = (canonicalize_name(requirement.name), extra)
        if key in seen:
            continue
        seen.add(key)
        for text in importlib.metadata.requires(requirement.name) or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate(LINUX | {"extra": extra}):
                waiting += [(needed, e) for e in ("", *needed.extras)]
    return {name for name, _ in seen}


def test_what_the_app_imports_is_a_direct_requirement() -> None:
    direct, _ = pins(RUNTIME)
    imported = distributions_of(imported_by(*APP))
    assert len(imported) > 20
    assert {name: path.name for name, path in imported.items() if name not in direct}.keys() == OPTIONAL.keys()


def test_an_optional_requirement_is_an_extra_is_imported_in_functions_and_the_tests_have_it() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    asked = [Requirement(text) for texts in extras.values() for text in texts]
    development = pins(DEVELOPMENT)[0]
    assert {requirement.name for requirement in asked} == OPTIONAL.keys()
    for requirement in asked:
        assert requirement.specifier.contains(next(iter(development[requirement.name].specifier)).version)
    assert not OPTIONAL.keys() & set(distributions_of(imported_by(*APP, in_functions=False)))


def test_a_direct_requirement_is_imported_by_the_app_or_says_who_imports_it() -> None:
    direct, _ = pins(RUNTIME)
    imported = distributions_of(imported_by(*APP))
    assert sorted(set(direct) - set(imported)) == sorted(NOT_IMPORTED)


def test_what_the_tests_import_is_a_direct_requirement_of_app_or_development() -> None:
    direct, development = pins(RUNTIME)[0], pins(DEVELOPMENT)[0]
    imported = set(distributions_of(imported_by("tests/**/*.py")))
    assert imported - set(direct) - set(development) <= set(TESTS_ALSO_IMPORT)
    assert set(development) - imported <= set(TOOLS)


def test_what_the_direct_requirements_bring_is_pinned_and_nothing_else_is() -> None:
    direct, brought = pins(RUNTIME)
    assert not set(direct) & set(brought)
    assert sorted(brought) == sorted(brought_by(direct.values()) - set(direct))


def test_development_pins_what_it_brings_besides_the_app_and_nothing_else() -> None:
    app = brought_by(pins(RUNTIME)[0].values())
    direct, brought = pins(DEVELOPMENT)
    assert not (set(direct) | set(brought)) & app
    assert sorted(brought) == sorted(brought_by(direct.values()) - set(direct) - app)


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT], ids=lambda path: path.name)
def test_every_requirement_is_pinned_to_the_version_that_these_tests_run_with(path: Path) -> None:
    for requirement in (r for part in pins(path) for r in part.values()):
        assert str(requirement.specifier).startswith("=="), requirement
        installed = importlib.metadata.version(requirement.name).partition("+")[0]
        assert requirement.specifier.contains(installed), f"{requirement} is asked for, {installed} is here"


def test_what_is_compiled_after_an_installation_is_installed_and_covers_what_functions_import() -> None:
    for name in IMPORTED_LATER:
        # A module that stands in for itself, as cryptography's do once they are imported, has no spec.
        assert name in sys.modules or importlib.util.find_spec(name) is not None, name
    direct, imported = pins(RUNTIME)[0], set(distributions_of(imported_by(*APP)))
    at_once = set(distributions_of(imported_by(*APP, in_functions=False)))
    later = set(distributions_of(dict.fromkeys(IMPORTED_LATER, REPOSITORY)))
    assert imported - at_once - OPTIONAL.keys() <= later
    assert later <= set(direct) | {"uvicorn"}
