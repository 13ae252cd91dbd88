"""Python files as trees, each parsed once in a process: several tests look through all of them."""

import ast
import functools
from pathlib import Path


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The tree of a file; shared, so nobody may change it."""
    return ast.parse(path.read_text("utf-8"))
