"""Hashes of little cost, for tests of anything but what a hash costs: a real one takes a tenth of a second."""

import pytest
from argon2 import PasswordHasher

from dermdash.workflows.accounts import passwords


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imported by a conftest, it holds for its folder."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nothing = hasher.hash("no password")
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    monkeypatch.setattr(passwords, "_hash_of_nothing", lambda: nothing)
