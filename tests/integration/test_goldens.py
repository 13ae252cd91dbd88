"""What the commands say of fixed inputs is what they said before: numbers, keys, sentences.

Where a change is meant: ``python -m tests.goldens`` lists what differs, ``python -m tests.goldens --freeze`` keeps it.
"""

import difflib
from pathlib import Path

import pytest
from tests.command_line import CommandLine
from tests.goldens.commands import GOLDENS, Golden, GoldenRuns
from tests.goldens.inputs import write_inputs
from tests.goldens.kept import kept_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("goldens")
    write_inputs(made)
    return made


@pytest.fixture(scope="module")
def runs(folder: Path, commands: CommandLine) -> GoldenRuns:
    return GoldenRuns(commands, folder)


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_the_command_says_what_it_said_before(golden: Golden, runs: GoldenRuns, folder: Path) -> None:
    if not (folder / golden.source).exists():
        pytest.skip(f"{golden.source} is not kept beside this checkout")
    kept, now = kept_text(golden.name).splitlines(), runs.output_of(golden).splitlines()
    difference = list(difflib.unified_diff(kept, now, "kept", "now", n=1, lineterm=""))
    assert not difference, "\n".join(difference[:60])
