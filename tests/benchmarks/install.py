"""How long a fresh installation takes, and how much it lays on the disk. Downloads everything: only on request."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import REPOSITORY

NAME = "install"
_OF_TORCH = ("torch", "torchgen", "functorch", "torch-*", "sympy*", "isympy*", "mpmath*", "networkx*", "fsspec*")
"""torch, and what nothing else here needs; `filelock` and `setuptools` are too small to matter."""


def measure(*, quick: bool) -> list[Figure]:
    """The environment that `make run` makes, with pip's cache left out (quick: an empty environment)."""
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        started = time.perf_counter()
        if quick:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        else:
            make = ["make", "--silent", f"VENV={folder}", f"PYTHON={sys.executable}", f"{folder}/.runtime"]
            subprocess.run(
                ["env", "-u", "PYTHONDONTWRITEBYTECODE", "PIP_NO_CACHE_DIR=1", *make], cwd=REPOSITORY, check=True
            )
        seconds = time.perf_counter() - started
        packages = next(Path(folder).glob("lib/python*/site-packages"))
        torch = sum(_size(packages / "torch"))
        of_torch = sum(sum(_size(place)) for pattern in _OF_TORCH for place in packages.glob(pattern))
        size, compiled = _size(Path(folder))
    return [
        Figure(NAME, "time", seconds, "s"),
        Figure(NAME, "size", (size + compiled) / 1e6, "MB"),
        Figure(NAME, "of it compiled", compiled / 1e6, "MB"),
        Figure(NAME, "besides torch", (size + compiled - torch) / 1e6, "MB"),
        Figure(NAME, "besides torch and what only it brings", (size + compiled - of_torch) / 1e6, "MB"),
    ]


def _size(place: Path) -> tuple[int, int]:
    """Bytes of the files below a place as the disk holds them, in whole blocks: compiled modules apart."""
    size = {True: 0, False: 0}
    for path in place.rglob("*") if place.is_dir() else (place,):
        if path.is_file() and not path.is_symlink():
            size[path.suffix == ".pyc"] += path.lstat().st_blocks * 512
    return size[False], size[True]
