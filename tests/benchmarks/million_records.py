"""What works on tables alone, over a million records: checks, statistics, a split and its proof, a version.

Their images are names without files: what looks at pixels takes its time by image and is measured elsewhere
(`findings`, `same_lesions`, `acquisition`).
"""

import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dermdash.records.record_filter import RecordFilter
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.check_split import check_split
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.dataset.statistics import dataset_statistics
from dermdash.workflows.dataset.tag_version import compare_versions, tag_version
from dermdash.workflows.findings.run_checks import run_checks
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import add_records, name_images

NAME = "million_records"
_DATASET = "ham"
_CHECKS = ("contradictions", "field_values", "presence", "quality_outliers")


def measure(*, quick: bool) -> list[Figure]:
    """Processor time of each, and the most memory the process ever held (quick: 20,000 records)."""
    count = 20_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        workspace = open_workspace(Settings(home=Path(folder), database_url=""))
        try:
            add_records(workspace, count=count, images=name_images(workspace, count=count), dataset_id=_DATASET)
            return [_timed(f"{what}, {count:,}", do) for what, do in _work(workspace).items()]
        finally:
            workspace.close()


def _work(workspace: Workspace) -> dict[str, Callable[[], object]]:
    plan = SplitPlan(name="bench", shares=read_shares("70/15/15"), seed=1, datasets=(_DATASET,))
    return {
        **{f"check {name}": partial(_checked, workspace, name) for name in _CHECKS},
        "statistics": lambda: dataset_statistics(workspace, RecordFilter()),
        "split by patient": lambda: make_split(workspace, OPERATOR, plan),
        "proof that nothing leaks": lambda: check_split(workspace, plan.name),
        "tag a version": lambda: tag_version(workspace, OPERATOR, _DATASET, "v1", note="bench"),
        "compare it with now": lambda: compare_versions(workspace, _DATASET, "v1"),
    }


def _checked(workspace: Workspace, name: str) -> None:
    (report,) = run_checks(workspace, OPERATOR, checks=(name,), dataset_id=_DATASET).checks
    if report.could_not:
        raise RuntimeError(f"{name}: {report.problem}")


def _timed(what: str, do: Callable[[], object]) -> Figure:
    started = time.process_time()
    do()
    seconds = time.process_time() - started
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figure(NAME, what, seconds, "s", f"processor time; at most {held:,.0f} MB so far")
