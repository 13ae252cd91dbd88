"""The documentation as a site: `make docs` writes it to build/docs. The pages read as well where the sources lie."""

from pathlib import Path

import typer
from sphinx.application import Sphinx
from typer.cli import get_docs_for_click
from typer.core import TyperGroup

from dermdash import __version__
from dermdash.cli import app as dermdash

project = "dermdash"
author = project_copyright = "the developers of dermdash"
release = version = __version__
language = "en"

extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# The help of a command begins with its own name, a level below the page.
suppress_warnings = ["myst.header"]

# Everything lies in the site: a clinic's network may have no way out.
html_theme = "furo"
html_title = "dermdash"
html_show_sphinx = False
html_copy_source = False

COMMANDS = Path(__file__).parent / "reference" / "commands"


def write_commands(_: Sphinx) -> None:
    """Write a page for every command, and one for each group of commands, from the help that they print themselves."""
    root = typer.main.get_command(dermdash)
    assert isinstance(root, TyperGroup)
    above = typer.Context(root, info_name="dermdash")
    pages = {}
    for name, command in root.commands.items():
        if not command.hidden:
            context = typer.Context(command, info_name=name, parent=above)
            pages[f"{name}.md"] = get_docs_for_click(obj=command, ctx=context, name=name, call_prefix="dermdash")
    COMMANDS.mkdir(exist_ok=True)
    for old in COMMANDS.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        # Only what changed is read anew.
        if not (page := COMMANDS / name).exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register what is written before the pages are read."""
    app.connect("builder-inited", write_commands)
