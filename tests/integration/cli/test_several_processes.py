"""`dermdash serve --processes` and `dermdash nginx-upstreams`: what is refused, and what is printed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "dermdash.cli"]


def run(*words: str, home: Path) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DERMDASH_")}
    return subprocess.run(
        [*COMMAND, *words], env=kept | {"DERMDASH_HOME": str(home)}, capture_output=True, text=True, check=False
    )


def test_several_processes_on_duckdb_are_refused_with_the_way_out(tmp_path: Path) -> None:
    done = run("serve", "--processes", "2", home=tmp_path)
    assert done.returncode == 1
    assert "Several app processes need a PostgreSQL database" in done.stderr
    assert "DERMDASH_DATABASE_URL" in done.stderr
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_ports_beyond_the_last_are_refused(tmp_path: Path) -> None:
    assert "choose a lower --port" in run("serve", "--processes", "3", "--port", "65534", home=tmp_path).stderr


@pytest.mark.parametrize(("words", "named"), [((), 2), (("--processes", "4", "--port", "9000", "--host", "app"), 4)])
def test_the_upstreams_name_every_process(words: tuple[str, ...], named: int, tmp_path: Path) -> None:
    printed = run("nginx-upstreams", *words, home=tmp_path).stdout
    assert printed.count("max_fails") == 2 * named
    if words:
        assert "nginx-upstreams --processes 4 --port 9000 --host app`" in printed
        assert "server app:9003 backup;" in printed
