"""Where the goldens are kept: as compressed texts, as they are long and only looked at where they differ."""

import gzip
from pathlib import Path

_EXPECTED = Path(__file__).parent / "expected"


def kept_text(name: str) -> str:
    """What was kept under this name; empty where nothing was."""
    path = _EXPECTED / f"{name}.gz"
    return gzip.decompress(path.read_bytes()).decode("utf-8") if path.exists() else ""


def keep_text(name: str, text: str) -> None:
    """Keep it; equal texts give equal files."""
    (_EXPECTED / f"{name}.gz").write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
