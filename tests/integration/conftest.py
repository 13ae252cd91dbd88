"""The command line, for every test of the folder that runs commands."""

from collections.abc import Iterator

import pytest
from tests.command_line import CommandLine, command_line
from tests.made_once import copied_databases  # noqa: F401  a fixture


@pytest.fixture(scope="session")
def commands() -> Iterator[CommandLine]:
    """`dermdash` in processes of its own."""
    with command_line() as started:
        yield started
