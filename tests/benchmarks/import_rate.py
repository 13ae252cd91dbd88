"""Images imported per second, beside how fast Pillow alone decodes the same files, and cleanvision looks at them.

The ratio says what all of an import costs (hashing, removing metadata, thumbnail, perceptual hash, quality, storing
files and rows) in units of work that cannot be avoided. The files are read once before, so that neither side pays for
a cold disk. cleanvision, which looks for poor and duplicate images and stores nothing, is measured where it is
installed.
"""

import contextlib
import importlib.util
import io
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import SHARED_DATA, write_ham_dataset

NAME = "import_rate"


def measure(*, quick: bool) -> list[Figure]:
    """HAM10000 where it lies beside the checkout, and 600 synthetic JPEGs of 600 x 450 (quick: 100)."""
    figures: list[Figure] = []
    ham = SHARED_DATA / "ham10000"
    if not quick and ham.is_dir():
        figures += _import_figures("HAM10000, 224 px", ham / "HAM10000_metadata.csv", ham / "images")
    elif not quick:
        print(f"  no {ham}: measured on synthetic images only")
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        metadata, images = write_ham_dataset(Path(folder) / "source", count=100 if quick else 600)
        figures += _import_figures("synthetic, 600 x 450", metadata, images)
    return figures


def _import_figures(name: str, metadata: Path, images: Path) -> list[Figure]:
    paths = sorted(path for path in images.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    file_size = sum(len(path.read_bytes()) for path in paths) / 1e6
    one = len(paths) / _seconds_to_decode(paths, processes=1)
    two = len(paths) / _seconds_to_decode(paths, processes=2)
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as home:
        workspace = open_workspace(Settings(home=Path(home), database_url=""))
        started = time.perf_counter()
        report = import_dataset(workspace, adapter="ham10000", metadata=metadata, images=[images])
        seconds = time.perf_counter() - started
        workspace.close()
    rate = report.imported / seconds
    size = f"{report.imported:,} images, {file_size:.0f} MB"
    figures = [
        Figure(NAME, f"{name}: import", rate, "images/s", f"{size}, {seconds:.1f} s"),
        Figure(NAME, f"{name}: Pillow decoding, one process", one, "images/s"),
        Figure(NAME, f"{name}: Pillow decoding, two processes", two, "images/s"),
        Figure(NAME, f"{name}: import against one Pillow process", rate / one, "", "1 = as fast as decoding"),
        Figure(NAME, f"{name}: import against two Pillow processes", rate / two, ""),
    ]
    if importlib.util.find_spec("cleanvision") is None:
        print("  cleanvision is not installed: not measured")
        return figures
    looked = len(paths) / _seconds_of_cleanvision(images)
    return [*figures, Figure(NAME, f"{name}: cleanvision, two processes", looked, "images/s", "its default checks")]


def _seconds_of_cleanvision(images: Path) -> float:
    from cleanvision import Imagelab

    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        Imagelab(data_path=str(images)).find_issues(n_jobs=2)
    return time.perf_counter() - started


def _seconds_to_decode(paths: Sequence[Path], *, processes: int) -> float:
    if processes == 1:
        started = time.perf_counter()
        _decode(paths)
        return time.perf_counter() - started
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(_decode, [paths[:1]] * processes)  # started and imported before the clock runs
        started = time.perf_counter()
        pool.map(_decode, [paths[i::processes] for i in range(processes)], chunksize=1)
        return time.perf_counter() - started


def _decode(paths: Sequence[Path]) -> int:
    pixels = 0
    for path in paths:
        with Image.open(path) as image:
            image.load()
            pixels += image.width * image.height
    return pixels
