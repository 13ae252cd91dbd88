"""The table of public JSON keys is that of what the commands print; `test_goldens` holds these to the commands."""

from tests.json_keys_page import COMMANDS, COMMON, PAGE, keys_of, page

from dermdash.analyses.registry import ANALYSES


def test_the_table_of_keys_is_that_of_the_goldens() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.json_keys_page"


def test_every_command_of_an_analysis_is_in_the_table() -> None:
    named = {command.rpartition(" ")[2] for command in COMMANDS}
    assert {a.command_name for a in ANALYSES if a.command_name} <= named


def test_every_common_key_is_one_that_commands_print() -> None:
    printed = {key for names in COMMANDS.values() for key in keys_of(names)}
    assert set(COMMON) <= printed
