"""The browser side of dermdash's components: plain JavaScript modules and CSS, shipped with the package.

`composed` makes the one module of a component of its files (see `dermdash.ui.frontend.modules`).
"""

import base64
from importlib import resources
from pathlib import Path

_ICON = Path(__file__).parent / "icon.png"
# Within the page: as a file it would be one of the downloads, which only the admin may fetch.
ICON = "data:image/png;base64," + base64.b64encode(_ICON.read_bytes()).decode()


def read_styles(*names: str) -> str:
    """Return the named style sheets of this folder in the given order, as one text: later rules win."""
    folder = resources.files(__name__)
    return "\n".join(folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in names)
