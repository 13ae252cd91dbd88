"""What a report carries in packed form: gzip as base64, which a browser unpacks itself (DecompressionStream, 2023)."""

import base64
import gzip


def packed(data: bytes) -> str:
    """The bytes compressed, as text in which no character means anything to HTML. Equal bytes give equal text."""
    return base64.b64encode(gzip.compress(data, compresslevel=9, mtime=0)).decode()
