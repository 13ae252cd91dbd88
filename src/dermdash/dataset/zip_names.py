"""Names of files that do not say their encoding: in zip files that old or Russian programs wrote, on old disks."""

import zipfile
from collections.abc import Iterable, Sequence

from dermdash.records.text_encoding import SURE, WORDS_OF, guesses

_SAYS_UTF8 = 0x800
_ASSUMED = "cp437"
"""What a zip file is in when it does not say, and what `zipfile` reads it as."""
_DOS = {"cp866": 0.4, "cp1251": 0.2, "cp437": 0.2, "cp850": 0.1, "cp1252": 0.1}


def zip_names(entries: Iterable[zipfile.ZipInfo]) -> tuple[dict[str, str], str]:
    """How the entries of a zip file are really called, by the name that `zipfile` gives, and a note where that is told.

    Only names that are otherwise in another encoding are in the first.
    """
    odd = [e.filename for e in entries if not e.filename.isascii() and not e.flag_bits & _SAYS_UTF8]
    names, encoding = decoded_names([name.encode(_ASSUMED, errors="replace") for name in odd])
    if encoding in ("", _ASSUMED):
        return {}, ""
    return dict(zip(odd, names, strict=True)), f"names of files read as {WORDS_OF.get(encoding, encoding)}"


def decoded_names(names: Sequence[bytes]) -> tuple[list[str], str]:
    """Names as text, in the one encoding that all are likely to be in, and which; empty where it cannot be told."""
    if not names:
        return [], ""
    try:
        return [name.decode() for name in names], "utf-8"
    except UnicodeDecodeError:
        pass
    # What precedes a name shall not count. A name that has a line end in it, as few have, gets a blank there.
    found = guesses(b"\n".join(name.replace(b"\n", b" ") for name in names), _DOS)
    texts = found[0].text.split("\n") if found and found[0].confidence >= SURE else []
    if len(texts) != len(names):
        return [name.decode("ascii", errors="backslashreplace") for name in names], ""
    return texts, found[0].encoding
