"""Measured figures: what a benchmark returns, and how they are summarised, shown and stored."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

_PACKAGES = ("streamlit", "duckdb", "SQLAlchemy", "pillow", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: which benchmark, of what, how much; `note` says what the number rests on."""

    benchmark: str
    name: str
    value: float
    unit: str
    note: str = ""


def percentiles(benchmark: str, name: str, milliseconds: Sequence[float], *, note: str = "") -> list[Figure]:
    """Median and 95th percentile of durations in milliseconds."""
    if not milliseconds:
        return []
    p50, p95 = np.percentile(milliseconds, [50, 95])
    count = f"n = {len(milliseconds)}" + (f"; {note}" if note else "")
    return [
        Figure(benchmark, f"{name}, p50", float(p50), "ms", count),
        Figure(benchmark, f"{name}, p95", float(p95), "ms", count),
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, one line each, grouped by benchmark."""
    name_width = max((len(figure.name) for figure in figures), default=0)
    lines = []
    previous = ""
    for figure in figures:
        if figure.benchmark != previous:
            lines += ["", figure.benchmark, "-" * len(figure.benchmark)]
            previous = figure.benchmark
        lines.append(
            f"  {figure.name:<{name_width}}  {_number(figure.value):>9} {figure.unit:<9} {figure.note}".rstrip()
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    if float(value).is_integer() and abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def write_results(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures with the machine they were measured on; the load says how quiet it was."""
    machine = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "packages": {name: version(name) for name in _PACKAGES},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine, "figures": [asdict(f) for f in figures]}, indent=2) + "\n")
