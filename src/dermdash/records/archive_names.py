"""Names that an archive gives out once: such an id means the same lesion or patient in whatever data set it stands.

The ISIC Archive numbers images (``ISIC_0024306``), lesions (``IL_7252831``) and patients (``IP_1969685``), HAM10000 its
lesions (``HAM_0000118``); data sets drawn from them keep these names. Any other id ("L1", "12") is a clinic's own and
counts within its data set.
"""

import re

ARCHIVE_NAME = r"^(ISIC|IL|IP|HAM)_[0-9]{7}$"
"""As a regular expression that Python, DuckDB and PostgreSQL read alike."""
_ARCHIVE_NAME = re.compile(ARCHIVE_NAME)


def is_archive_name(name: str) -> bool:
    """Whether an archive gave this id out, so that it means the same everywhere."""
    return _ARCHIVE_NAME.match(name) is not None
