"""Limiting torch's threads, and giving them back."""

import pytest
import torch

from dermdash.classifier.threads import limited_threads


def test_the_number_of_threads_is_limited_inside_and_restored_after() -> None:
    before = torch.get_num_threads()
    with limited_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_the_number_is_restored_after_an_error_too() -> None:
    def fail() -> None:
        with limited_threads(1):
            raise KeyError

    before = torch.get_num_threads()
    with pytest.raises(KeyError):
        fail()
    assert torch.get_num_threads() == before


def test_a_limit_above_what_is_used_changes_nothing() -> None:
    before = torch.get_num_threads()
    with limited_threads(before + 3):
        assert torch.get_num_threads() == before
