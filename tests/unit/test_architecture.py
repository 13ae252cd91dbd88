"""Which module may import which, and where SQL may stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "dermdash"
OUTSIDE_STORAGE = [
    path.relative_to(REPOSITORY).as_posix()
    for folder in (PACKAGE, REPOSITORY / "pages")
    for path in sorted(folder.rglob("*.py"))
    if PACKAGE / "storage" not in path.parents
]
SQL = re.compile(
    r"\bsa\.text\(|\bSELECT\b[^\n]*\bFROM\b|\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bUPDATE\b[^\n]*\bSET\b|\bCREATE\s+TABLE\b"
)


def test_imports_point_inward() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed beside this Python")
    result = subprocess.run([linter, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_module_outside_storage_holds_sql() -> None:
    assert len(OUTSIDE_STORAGE) > 50
    found = {path: SQL.findall((REPOSITORY / path).read_text("utf-8")) for path in OUTSIDE_STORAGE}
    assert not {path: texts for path, texts in found.items() if texts}


def test_the_search_for_sql_finds_some() -> None:
    found = SQL.findall("sa.text('x'); 'SELECT a FROM b'; 'INSERT INTO b'; 'UPDATE b SET a = 1'")
    assert len(found) == 4
    assert not SQL.findall("select(a).from_(b); st.selectbox('Select one from the list')")


def test_streamlit_pages_hold_no_business_imports() -> None:
    """Pages draw what ui gives them, call workflows and count in words; they reach no deeper."""
    deep = re.compile(r"^from dermdash\.(?!ui|workflows|wording)(\w+)|^import (sqlalchemy|duckdb|torch)", re.MULTILINE)
    for page in sorted((REPOSITORY / "pages").rglob("*.py")):
        assert not deep.findall(page.read_text("utf-8")), page


def test_only_one_place_turns_to_other_hosts() -> None:
    """What a page, a start or an import does stays on this machine; who adds a way out has to say here what for."""
    allowed = {
        "downloads/client.py", "downloads/one_file.py", "downloads/reach.py",
        "cli/serve_commands.py",  # looks whether its own port is free
        "workflows/mail_server.py",  # the one of the settings, where somebody sends mail to readers
        "workflows/cluster.py",  # the one of the settings or of --cluster, for names of files and figures
        "storage/bucket_store.py",  # the one of the settings, for objects of the workspace
        "ui/server_start.py",  # asks the app itself whether it answers
    }  # fmt: skip
    asks = re.compile(
        r"^\s*(?:import|from) "
        r"(?:httpx|httpcore|requests|urllib3|aiohttp|urllib\.request|http\.client|socket|distributed|obstore|ftplib|smtplib)\b",
        re.MULTILINE,
    )
    found = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if asks.search(path.read_text("utf-8"))
    }
    assert found == allowed
    assert asks.search("def work():\n    from urllib.request import urlopen")


def test_tests_run_asynchronous_code_in_a_loop_of_its_own() -> None:
    """After a browser test ``asyncio.run`` fails in the thread of the tests: which order that shows in is chance."""
    tests = REPOSITORY / "tests"
    programs = {tests / "benchmarks", tests / "faults"}  # processes of their own
    own = {tests / "own_loop.py", Path(__file__)}
    found = [
        path.relative_to(REPOSITORY).as_posix()
        for path in sorted(tests.rglob("*.py"))
        if not programs & set(path.parents) and path not in own and "asyncio.run(" in path.read_text("utf-8")
    ]
    assert not found
