"""Names that come from elsewhere and are to name a file here."""

import re
import unicodedata

_LONGEST_BYTES = 180
"""File systems allow 255; what is added while a file is written needs room, too."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def is_plain_name(name: str) -> bool:
    """Whether a file may bear this name in the folder it is meant for, on every system, and be seen there.

    No path, no hidden file, nothing that a system reserves or a terminal executes.
    """
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_BYTES
        and not name.startswith((".", "~", " ", "-"))
        and not name.endswith((".", " "))
        and not any(c in '/\\:*?"<>|' or unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
        and not _RESERVED.fullmatch(name)
    )
