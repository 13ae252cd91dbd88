"""What commands say about hostile files stays text in the terminal."""

import pytest

from dermdash.cli.console import say


def test_a_name_out_of_a_file_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("\nError: a\x1b]0;title\x07b\tc \x9b2J d\u202e é\n")
    assert capsys.readouterr().err == "\nError: a\ufffd]0;title\ufffdb\tc \ufffd2J d\ufffd é\n\n"
