"""How many threads torch computes with. torch is imported only inside."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let torch use at most ``count`` threads per operation inside the ``with`` block.

    Small networks on small batches gain little from a second thread, and lose a lot of time where the other core
    is busy: the threads wait for one another at every layer. One thread also gives the same weights on every
    machine of a type.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(min(count, before))
    try:
        yield
    finally:
        torch.set_num_threads(before)
