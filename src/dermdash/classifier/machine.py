"""What the machine computes with. torch is imported only inside."""

from dermdash.errors import InvalidInput


def resolve_device(device: str) -> str:
    """Return "cuda" or "cpu" for "auto", "cuda" or "cpu".

    Raises
    ------
    InvalidInput
        On another word, or "cuda" where there is no such device.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise InvalidInput(f"unknown device {device!r}: expected auto, cpu or cuda")
    if device == "cpu":
        return device
    import torch

    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise InvalidInput("this machine has no CUDA device that torch can use: choose cpu or auto")
    return "cuda" if available else "cpu"


def thread_count() -> int:
    """Return how many threads torch uses for one operation."""
    import torch

    return int(torch.get_num_threads())
