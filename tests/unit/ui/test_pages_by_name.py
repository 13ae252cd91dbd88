"""A sentence that leads to a page calls it as the menu does."""

import ast
import re
from pathlib import Path

import dermdash
from dermdash.ui.navigation import MENU

_NAMED = re.compile(r"\b(?:the|app's|\() ?page \*?([A-Z][^*.,;:)]*)|\b[tT]he (?:app's )?([A-Z][a-z]+) page\b")
_LIKELY = re.compile(r"\bpage[\s\"*]+[A-Z]|[A-Z][a-z]+[\s\"]+page\b")
"""Parsing every module would take seconds."""
_TABS = ("Benefit of assistance", "Multi-reader multi-case comparison")
"""Pages of a study that are tabs and parts of it today."""


def test_every_page_that_a_sentence_names_is_in_the_menu() -> None:
    titles = (*(entry.title for entries in MENU.values() for entry in entries), *_TABS)
    wrong, named = [], 0
    for path in sorted(Path(dermdash.__file__).parent.rglob("*.py")):
        source = path.read_text("utf-8")
        if not _LIKELY.search(source):
            continue
        for node in ast.walk(ast.parse(source)):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            for found in _NAMED.finditer(" ".join(text.split())):
                named += 1
                if not (found[1] or found[2]).startswith(titles):
                    wrong.append(f"{path.name}:{node.lineno}: {found[0]}")
    assert named > 20
    assert not wrong
