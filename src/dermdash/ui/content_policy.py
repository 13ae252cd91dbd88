"""What a page of the app may load, run and reach, said to the browser: whatever a file brings along stays dead text.

Even where some text out of a file became markup, it could run no script of its own, load nothing from another host and
send nothing there.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

import streamlit

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def content_policy() -> bytes:
    """The value of the header ``Content-Security-Policy`` of every answer.

    Scripts: files of the app, those that it makes while it runs (``blob:``, our components), and the ones that stand
    in Streamlit's page itself, each by its hash. Styles also inline, of which all of Streamlit is made. Nothing from or
    to another host, in no frame, no form and no plug-in.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    digests = [hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page)]
    scripts = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    parts = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join((name, *sources)) for name, sources in parts.items()).encode()
