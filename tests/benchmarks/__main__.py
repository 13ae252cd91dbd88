"""`python -m tests.benchmarks`: measure, print one table, write bench-results/results.json."""

import argparse
import importlib
import os
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, table, write_results

BENCHMARKS = (
    "import_rate",
    "inference_rate",
    "retrieval",
    "records_page",
    "records_in_chromium",
    "map_in_chromium",
    "million_records",
    "reader_step",
    "step_cost",
    "load",
    "beside_readers",
    "slow_line",
    "ladder",
    "ladder_sessions",
    "hostile_reader",
    "cold_start",
    "first_openings",
    "findings",
    "scale",
    "same_lesions",
    "burned_in_text",
    "acquisition",
    "cluster",
    "novelty",
    "mrmc",
    "analyses",
    "error_rates",
    "sample_size",
)
"""In the order of the report; each is a module of this package with ``measure(*, quick) -> list[Figure]``."""


def main() -> None:
    """Run the chosen benchmarks one after the other: they share the cores, so never at the same time."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*BENCHMARKS, "install"], help="this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small and short: whether it runs, not how fast")
    parser.add_argument("--install", action="store_true", help="also measure a fresh installation (downloads it)")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), help="folder of results.json")
    options = parser.parse_args()
    out = options.out.resolve()
    names = options.only or [*BENCHMARKS, *(["install"] if options.install else [])]
    figures: list[Figure] = []
    for name in names:
        print(f"{name} (load average {os.getloadavg()[0]:.1f}) ...", flush=True)
        started = time.perf_counter()
        measured = importlib.import_module(f"tests.benchmarks.{name}").measure(quick=options.quick)
        figures += measured
        print(table(measured))
        print(f"\n  took {time.perf_counter() - started:.0f} s\n", flush=True)
        write_results(figures, out / "results.json")
    print(f"Written to {out / 'results.json'}")


if __name__ == "__main__":
    main()
