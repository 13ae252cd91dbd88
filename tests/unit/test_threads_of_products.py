"""How many threads numpy multiplies with, in a process of its own: the number is read when numpy is imported."""

import os
import subprocess
import sys

import pytest

_CODE = """
import dermdash, numpy, scipy.linalg, threadpoolctl
print(*{pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["internal_api"] == "openblas"})
"""


@pytest.mark.parametrize(("wanted", "expected"), [(None, "1"), ("2", "2")])
def test_numpy_multiplies_with_one_thread_unless_told_otherwise(wanted: str | None, expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if wanted is not None:
        environment["OPENBLAS_NUM_THREADS"] = wanted
    found = subprocess.run([sys.executable, "-c", _CODE], env=environment, capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        pytest.skip("this numpy does not multiply with OpenBLAS")
    if (os.cpu_count() or 1) < int(expected):
        pytest.skip("one core only")
    assert found.stdout.split() == [expected]
