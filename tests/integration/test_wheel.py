"""What is installed from a wheel is the whole app: its files, and `dermdash serve` away from any checkout."""

import http.client
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.metadata import Metadata
from tests.browser.ports import free_port
from tests.browser.streamlit_server import stop_process

REPOSITORY = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "requirements.txt", "README.md", "CHANGELOG.md", "LICENSE")
PACKAGE, APP = REPOSITORY / "src" / "dermdash", "dermdash/app/"
# The installed backend, without the network: pip would fetch one of its own first.
BUILD = """
import os, sys, tarfile
from setuptools import build_meta
built = sys.argv[1]  # the backend has arguments of its own
sdist = build_meta.build_sdist(built)
with tarfile.open(os.path.join(built, sdist)) as packed:
    packed.extractall(built, filter="data")
os.chdir(os.path.join(built, sdist.removesuffix(".tar.gz")))
build_meta.build_wheel(built)
"""
ASK_THE_APP = """
from streamlit.testing.v1 import AppTest
import dermdash
from dermdash.cli.app_folder import app_folder
from dermdash.ui import access
from dermdash.ui.navigation import MENU
scripts = [app_folder() / "pages" / f"{entry.script}.py" for entries in MENU.values() for entry in entries]
print(dermdash.__file__, app_folder(), len(scripts), [str(s) for s in scripts if not s.is_file()], sep="\\n")
access.session_token = lambda: ""  # AppTest has no cookies
app = AppTest.from_file(app_folder() / "app.py", default_timeout=60).run()
print([e.value for e in app.exception], [h.value for h in app.header])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, made from its sdist."""
    folder = tmp_path_factory.mktemp("build")
    sources, built = folder / "sources", folder / "built"
    built.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(PACKAGE, sources / "src" / "dermdash", ignore=ignored)
    for name in ("pages", ".streamlit"):
        shutil.copytree(REPOSITORY / name, sources / name, ignore=ignored)
    for name in (*SOURCES, "app.py"):
        shutil.copy(REPOSITORY / name, sources / name)
    done = subprocess.run([sys.executable, "-c", BUILD, built], cwd=sources, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel's files lie, as in site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder)
    return folder


def environment(installed: Path, home: Path) -> dict[str, str]:
    """Of a program that finds the package there and nowhere else, and what it needs where the tests find it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DERMDASH_", "STREAMLIT_"))}
    return kept | {"PYTHONPATH": str(installed), "DERMDASH_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def files_below(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_every_file_of_package_and_app_is_in_the_wheel_as_it_is_here(wheel: Path) -> None:
    expected = {f"dermdash/{name}": data for name, data in files_below(PACKAGE).items()}
    expected |= {f"{APP}pages/{name}": data for name, data in files_below(REPOSITORY / "pages").items()}
    expected |= {APP + name: (REPOSITORY / name).read_bytes() for name in ("app.py", ".streamlit/config.toml")}
    with zipfile.ZipFile(wheel) as opened:
        found = {name: opened.read(name) for name in opened.namelist() if ".dist-info/" not in name}
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []


def test_the_wheel_asks_for_what_requirements_txt_pins_and_has_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        (information,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Metadata.from_email(opened.read(information))
        commands = opened.read(information.replace("METADATA", "entry_points.txt")).decode()
    lines = (line.partition("#")[0].strip() for line in (REPOSITORY / "requirements.txt").read_text().splitlines())
    asked = {str(r).replace(" ", "") for r in metadata.requires_dist or ()}
    optional = {name for name in asked if "extra==" in name}
    assert asked - optional == {line.replace(" ", "") for line in lines if line}
    assert sorted(name.partition(">")[0] for name in optional) == ["distributed", "obstore"]
    assert "dermdash = dermdash.cli:main" in commands


def test_its_app_finds_its_pages_in_the_package(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_THE_APP],
        env=environment(installed, tmp_path / "workspace"), cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    package, folder, scripts, missing, drawn = done.stdout.splitlines()
    assert (package, folder) == (str(installed / "dermdash" / "__init__.py"), str(installed / APP.rstrip("/")))
    assert int(scripts) > 20
    assert missing == "[]"
    assert drawn == "[] ['Sign in']"


def test_it_serves_from_any_folder(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dermdash.cli", "serve", "--no-demo", "--port", str(port)],
        env=environment(installed, tmp_path / "workspace"), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        link = next((line.strip() for line in process.stdout if "/sign-in/" in line), "")
        assert link, "the server ended before it printed a link"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/_stcore/health")
        health = connection.getresponse()
        assert (health.status, health.read()) == (200, b"ok")
        connection.request("GET", urlsplit(link).path)
        assert connection.getresponse().status == 303, "a route of our app.py"
        assert Path(f"/proc/{process.pid}/cwd").resolve() == installed / APP or sys.platform != "linux"
    finally:
        stop_process(process)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["workspace"]
