"""The app may have as many connections open as the system lets it."""

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")
CODE = """
import resource
from dermdash.ui.server_start import raise_open_files_limit
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
raised = raise_open_files_limit()
assert raise_open_files_limit() == raised
print(raised, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_the_soft_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    raised, soft, hard = map(int, done.stdout.split())
    assert soft == raised > 256
    assert hard in (soft, resource.RLIM_INFINITY)
