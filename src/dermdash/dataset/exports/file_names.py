"""Names of files made of image ids: safe on every disk, no two alike, and none that passes for a mask."""

import re

from dermdash.dataset.mask_names import named_as_mask
from dermdash.records.alike_names import folded

_UNSAFE = re.compile(r"[^\w .()+-]")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})
_LONGEST = 120


class FileNames:
    """Gives each image id of an export a name; most are their own.

    ``dots``: whether a name may hold any, which in a WebDataset would end it.
    """

    def __init__(self, *, dots: bool = True) -> None:
        self._dots, self._taken = dots, set[str]()

    def of(self, image_id: str) -> str:
        """The name of the next image."""
        name = _UNSAFE.sub("_", image_id).strip(" .")[:_LONGEST] or "image"
        if not self._dots:
            name = name.replace(".", "_")
        if named_as_mask(name) or folded(name.partition(".")[0]) in _RESERVED:
            name += "_image"
        whole, number = name, 1
        while folded(whole) in self._taken:
            number += 1
            whole = f"{name}_{number}"
        self._taken.add(folded(whole))
        return whole
