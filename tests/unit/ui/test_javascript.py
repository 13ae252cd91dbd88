"""Runs the tests of the JavaScript modules (tests/javascript) with node, each file as one test."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dermdash.ui.frontend.modules import composed, module_names, read_module

REPOSITORY = Path(__file__).parents[3]
TESTS = REPOSITORY / "tests" / "javascript"
FILES = sorted(TESTS.glob("*.test.mjs"))
MODULES = Path("src", "dermdash", "ui", "frontend")
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def node(*arguments: str | Path, folder: Path) -> str:
    assert NODE is not None
    ran = subprocess.run(
        [NODE, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False, encoding="utf-8"
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as the repository, with the one module that is made from Python as a file too."""
    folder = tmp_path_factory.mktemp("javascript")
    (folder / MODULES).mkdir(parents=True)
    for name in module_names():
        (folder / MODULES / f"{name}.mjs").write_text(read_module(name), encoding="utf-8")
    shutil.copytree(TESTS, folder / "tests" / "javascript")
    return folder


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_the_javascript_tests_pass(file: Path, checkout: Path) -> None:
    written = len(re.findall(r"^test\(", file.read_text("utf-8"), re.MULTILINE))
    said = node("--test", "--test-reporter=tap", Path("tests", "javascript", file.name), folder=checkout)
    assert re.findall(r"^# (pass|skipped|todo) (\d+)$", said, re.MULTILINE) == [
        ("pass", str(written)), ("skipped", "0"), ("todo", "0"),
    ], said  # fmt: skip
    assert written > 0


def test_there_are_tests_to_run() -> None:
    assert len(FILES) >= 8


@pytest.mark.parametrize("name", [n for n in module_names() if "export default" in read_module(n)])
def test_the_module_of_a_component_is_one_that_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    """Streamlit imports it and calls its default export; no name of it may reach the page or another component."""
    (tmp_path / "component.mjs").write_text(composed(name), encoding="utf-8")
    (tmp_path / "look.mjs").write_text(
        "const before = Object.getOwnPropertyNames(globalThis).length;\n"
        'const component = await import("./component.mjs");\n'
        "const after = Object.getOwnPropertyNames(globalThis).length;\n"
        "console.log(JSON.stringify([Object.keys(component), typeof component.default, after - before]));\n",
        encoding="utf-8",
    )
    assert node("look.mjs", folder=tmp_path) == '[["default"],"function",0]\n'
