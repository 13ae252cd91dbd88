"""``python -m tests.goldens``: list what differs from the kept files; ``--freeze``: keep what is said now."""

import difflib
import sys
import tempfile
from pathlib import Path

from tests.command_line import command_line
from tests.goldens.commands import GOLDENS, GoldenRuns
from tests.goldens.inputs import write_inputs
from tests.goldens.kept import keep_text, kept_text


def main() -> int:
    """The number of goldens that differ."""
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    differing = 0
    with tempfile.TemporaryDirectory() as name, command_line() as cli:
        folder = Path(name)
        write_inputs(folder)
        runs = GoldenRuns(cli, folder)
        for golden in GOLDENS:
            if (wanted and golden.name not in wanted) or not (folder / golden.source).exists():
                continue
            now = runs.output_of(golden)
            if "--freeze" in sys.argv:
                keep_text(golden.name, now)
                continue
            lines = list(
                difflib.unified_diff(
                    kept_text(golden.name).splitlines(),
                    now.splitlines(),
                    f"{golden.name} kept",
                    "now",
                    n=1,
                    lineterm="",
                )
            )
            if lines:
                differing += 1
                sys.stdout.write("\n".join(lines[:400]) + f"\n[{golden.name}: {len(lines)} lines of difference]\n")
    return differing


if __name__ == "__main__":
    sys.exit(min(main(), 100))
