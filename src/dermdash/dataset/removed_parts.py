"""What was taken out of an image file: kinds in words, never what stood there."""

from collections.abc import Iterable
from enum import StrEnum


class Removed(StrEnum):
    """A kind of what a file said beside its pixels."""

    EXIF = "exif"
    GPS = "gps"
    XMP = "xmp"
    IPTC = "iptc"
    COMMENT = "comment"
    TEXT = "text"
    PREVIEW = "preview"
    APPLICATION = "application"
    PRIVATE = "private"
    PROFILE = "profile"
    PROFILE_COLOURS = "profile_colours"
    HIDDEN = "hidden"
    UNUSED = "unused"
    TRANSPARENT = "transparent"
    TRAILER = "trailer"
    CONTAINER = "container"

    @property
    def words(self) -> str:
        """The kind as people read it."""
        return _WORDS[self]


_WORDS = {
    Removed.EXIF: "EXIF (camera, times, names)",
    Removed.GPS: "GPS position",
    Removed.XMP: "XMP (editing history, names)",
    Removed.IPTC: "IPTC and Photoshop data",
    Removed.COMMENT: "Comment",
    Removed.TEXT: "Text of a PNG",
    Removed.PREVIEW: "Embedded preview image",
    Removed.APPLICATION: "Data of a camera or program",
    Removed.PRIVATE: "Private or unknown part of a PNG",
    Removed.PROFILE: "Colour profile with texts, replaced by the standard one",
    Removed.PROFILE_COLOURS: "Colour profile that no standard one equals: colours may be shown a little differently",
    Removed.HIDDEN: "Bytes hidden inside a part that has no place for them",
    Removed.UNUSED: "Tables that the image does not use",
    Removed.TRANSPARENT: "Transparency with what it hid: the image is stored as it looks on white",
    Removed.TRAILER: "Bytes after the end of the image",
    Removed.CONTAINER: "Everything but the pixels of a file in another format",
}


def in_order(kinds: Iterable[Removed]) -> tuple[Removed, ...]:
    """Each kind once, in the order of the list."""
    found = set(kinds)
    return tuple(kind for kind in Removed if kind in found)
