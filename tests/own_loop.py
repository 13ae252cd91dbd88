"""Run asynchronous code of a test."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it to its end in a thread and an event loop of its own, and return what it returned.

    Playwright leaves its event loop running in the thread of the tests: after a browser test of the same process
    ``asyncio.run`` fails there.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
