"""How long the checks take on 100,000 rows, hashes and feature vectors, and how well they find what the demo plants."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dermdash.analysis import label_errors, presence, value_spikes
from dermdash.dataset.near_duplicates import find_candidates
from dermdash.dataset.off_topic import unlike_the_others
from dermdash.dataset.synthetic import write_demo_dataset
from dermdash.dataset.synthetic.demo_dataset import PLANTED_FILE
from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.findings.run_checks import run_checks
from tests.benchmarks.figures import Figure
from tests.benchmarks.made_images import made_images
from tests.planted_scores import read_planted, scores

NAME = "findings"
_CHECKS = (
    "field_values", "presence", "exact_duplicates", "quality_outliers", "off_topic", "near_duplicates",
    "same_lesion", "split_leakage",
)  # fmt: skip


def measure(*, quick: bool) -> list[Figure]:
    """Processor time of each check's all-pairs or all-rows work, and recall of planted faults."""
    n = 5_000 if quick else 100_000
    return [*_times(n), *_planted(0.3 if quick else 2.0)]


def _times(n: int) -> list[Figure]:
    rng = np.random.default_rng(0)
    forms, parts, features, labels = made_images(rng, n)
    forms[: n // 100] = forms[n // 100 : n // 100 * 2]  # copies
    names = np.array(list("abcdefg"), dtype=object)[labels]
    lesions = np.array([f"L{i // 2}" for i in range(n)], dtype=object)
    ages = np.round(rng.normal(50, 17, n).clip(0, 90) / 5) * 5
    work: dict[str, Callable[[], Any]] = {
        "candidates for near duplicates": lambda: find_candidates(forms, parts),
        "probabilities out of five folds": lambda: label_errors.out_of_fold_probabilities(
            features, labels, np.arange(n) // 2
        ),
        "unlike the others": lambda: unlike_the_others(features[:, :16]),
        "presence of one field": lambda: presence.presence_effect(rng.random(n) < 0.5, names, lesions),
        "spikes of one field": lambda: value_spikes.find_spikes(ages, minimum=0, maximum=120),
    }
    figures = []
    for what, do in work.items():
        started = time.process_time()
        do()
        figures.append(Figure(NAME, f"{what}, {n:,}", time.process_time() - started, "s", "processor time"))
    return figures


def _planted(scale: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        source = Path(folder) / "source"
        metadata = write_demo_dataset(source, scale=scale, size=(225, 300))
        workspace = open_workspace(Settings(home=Path(folder) / "workspace", database_url=""))
        import_dataset(
            workspace, adapter="csv", taxonomy=DEMO_TAXONOMY.name, metadata=metadata, images=[source / "images"],
            masks=[source / "masks"], dataset_id="demo", simulated=True,
        )  # fmt: skip
        run_checks(workspace, OPERATOR, checks=_CHECKS, dataset_id="demo")
        found = scores(workspace, read_planted(source / PLANTED_FILE), "demo")
        workspace.close()
    return [
        Figure(NAME, f"{what} of {kind}", round(value, 3), "", f"{s.hit} of {s.planted} planted, {s.found} findings")
        for kind, s in found.items()
        if kind != "label_error"  # which needs a model
        for what, value in (
            ("recall", s.recall),
            ("precision of the whole list", s.precision),
            *(
                (
                    ("precision of the first that were planted", s.precision_at_first),
                    ("average precision", s.average_precision),
                )
                if s.in_order
                else ()
            ),
        )
    ]
