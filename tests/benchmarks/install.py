"""How long a fresh installation takes, and how much it lays on the disk. Downloads everything: only on request."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import REPOSITORY

NAME = "install"


def measure(*, quick: bool) -> list[Figure]:
    """Environment, requirements and the package itself, with pip's cache left out (quick: the empty environment)."""
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        if not quick:
            pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
            subprocess.run([*pip, "-r", str(REPOSITORY / "requirements.txt")], check=True)
            subprocess.run([*pip, "--no-deps", "--editable", str(REPOSITORY)], check=True)
        seconds = time.perf_counter() - started
        size = sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
    return [Figure(NAME, "time", seconds, "s"), Figure(NAME, "size", size / 1e6, "MB")]
