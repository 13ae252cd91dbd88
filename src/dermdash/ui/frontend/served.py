"""Scripts and styles of our components as files of the app: a browser fetches each version once and keeps it.

What Streamlit is given in their place is a few lines that fetch the file and wait for it. Otherwise the whole text, a
hundred kilobytes of the reading panel, would travel again with every run of a page: to a reader, with every answer.
"""

import gzip
import hashlib
import json
from functools import cache
from typing import NamedTuple

from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.modules import composed

PATH = "dermdash-scripts"
STYLES_OF: dict[str, tuple[str, ...]] = {
    "annotation_panel": ("base", "panel", "marks", "annotation_panel"),
    "facets": ("base", "facets"),
    "first_script": (),
    "gallery": ("base", "gallery"),
    "health_board": ("base", "health_board"),
    "gate_desk": ("base", "panel", "judging_desk", "gate_desk"),
    "image_viewer": ("base", "image_viewer"),
    "judging_desk": ("base", "panel", "marks", "judging_desk"),
    "lesion_crop": ("base", "lesion_crop"),
    "marks_viewer": ("base", "marks", "marks_viewer"),
    "point_map": ("base", "point_map"),
    "reader_frame": ("base", "reader_frame"),
    "reading_panel": ("base", "panel", "reading_panel"),
}
"""Style sheets of each component, by the module that it begins with."""

# Where the app lies is known from its own scripts, whatever prefix a proxy puts before it. A module that could not be
# fetched is not asked for again under the same address, so each try has its own.
_LOADER = """const own = document.querySelector('script[src*="/static/"]').src;
const at = new URL("../../PLACE", own).href;
async function fetched(tries) {
try {
return await import(tries ? `${at}?${tries}` : at);
} catch {
await new Promise((go) => setTimeout(go, Math.min(8000, 500 * 1.6 ** tries)));
return fetched(tries + 1);
}
}
const { default: mount, STYLES } = await fetched(0);
export default function shown(component) {
const { parentElement: root } = component;
if (!root.querySelector(":scope > style[data-own]")) {
const style = document.createElement("style");
style.dataset.own = "";
style.textContent = STYLES;
root.prepend(style);
}
return mount(component);
}
"""


class ServedScript(NamedTuple):
    """A file: its name, which says its content, its text, and the same compressed."""

    name: str
    text: bytes
    compressed: bytes


@cache
def served_script(entry: str) -> ServedScript:
    """The module of a component, which exports its styles as ``STYLES``."""
    styles = json.dumps(read_styles(*STYLES_OF[entry]))
    text = f"{composed(entry)}export const STYLES = {styles};\n".encode()
    name = f"{entry}-{hashlib.sha256(text).hexdigest()[:16]}.mjs"
    return ServedScript(name, text, gzip.compress(text, mtime=0))


def loader(entry: str) -> str:
    """The module that Streamlit is given: it fetches the file and shows the component with its styles."""
    return _LOADER.replace("PLACE", f"{PATH}/{served_script(entry).name}")
