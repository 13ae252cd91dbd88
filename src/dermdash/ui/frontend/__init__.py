"""The browser side of dermdash's components: plain JavaScript and CSS, shipped with the package.

Each component is one module for Streamlit; shared parts are joined in front of it, so that nothing is fetched.
"""

import base64
from importlib import resources
from pathlib import Path

_ICON = Path(__file__).parent / "icon.png"
# Within the page: as a file it would be one of the downloads, which only the admin may fetch.
ICON = "data:image/png;base64," + base64.b64encode(_ICON.read_bytes()).decode()


def read_assets(*names: str) -> str:
    """Return the named files of this folder joined in the given order, as one text."""
    folder = resources.files(__name__)
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
