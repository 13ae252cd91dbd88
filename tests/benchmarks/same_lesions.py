"""How long the search for same lesions takes, and what a second search and one new image cost."""

import resource
import tempfile
import time
from pathlib import Path

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.lesion_identity.find_same_lesions import SearchReport, find_same_lesions
from dermdash.workflows.lesion_identity.review_findings import list_pairs
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import SHARED_DATA, write_ham_dataset

NAME = "same_lesions"


def measure(*, quick: bool) -> list[Figure]:
    """The 5,984 images of HAM10000 where they lie beside the checkout (quick: 60 synthetic ones)."""
    ham = SHARED_DATA / "ham10000"
    if not quick and not ham.is_dir():
        print(f"  skipped: no {ham}")
        return []
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        metadata, images = ham / "HAM10000_metadata.csv", ham / "images"
        if quick:
            metadata, images = write_ham_dataset(Path(folder) / "source", count=60)
        workspace = open_workspace(Settings(home=Path(folder) / "workspace", database_url=""))
        import_dataset(workspace, adapter="ham10000", metadata=metadata, images=[images])
        report, seconds, cpu = _timed(workspace)
        again, seconds_again, _ = _timed(workspace)
        pairs = len(list_pairs(workspace))
        workspace.close()
    assert again.compared == 0
    size = f"{report.images:,} images, {report.compared:,} pairs compared"
    return [
        Figure(NAME, "whole search", seconds, "s", size),
        Figure(NAME, "whole search, processor time", cpu, "s", "of all processes"),
        Figure(NAME, "second search, nothing new", seconds_again, "s"),
        Figure(NAME, "pairs listed", pairs, "", "at most one for 20 images"),
    ]


def _timed(workspace: Workspace) -> tuple[SearchReport, float, float]:
    def cpu() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(u.ru_utime + u.ru_stime for u in used)

    before, started = cpu(), time.perf_counter()
    report = find_same_lesions(workspace, OPERATOR)
    return report, time.perf_counter() - started, cpu() - before
