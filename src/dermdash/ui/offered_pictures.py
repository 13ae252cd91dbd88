"""Pictures that a reader's browser was told of and may fetch piece by piece, where a message would not get through."""

import base64
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from dermdash.storage.workspace import Workspace
from dermdash.ui.leaving_pictures import LeavingPicture

_READERS, _PAYLOADS = 2048, 2
"""Of each reader the pictures of the last payloads: what is shown, and what was when a fetch of it began."""

_Key = tuple[Workspace, str]


class OfferedPictures:
    """What each reader may fetch at the moment; in memory, as every run of their page offers it anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: OrderedDict[_Key, list[dict[str, str]]] = OrderedDict()

    def offer(self, workspace: Workspace, reader_id: str, pictures: Iterable[LeavingPicture]) -> None:
        """Let a reader fetch these pictures, which have just been named to them."""
        now = {picture.name: picture.uri for picture in pictures}
        key = (workspace, reader_id)
        with self._lock:
            before = self._of.pop(key, [])
            self._of[key] = before if before and before[-1].keys() == now.keys() else [*before, now][-_PAYLOADS:]
            while len(self._of) > _READERS:
                self._of.popitem(last=False)

    def get(self, workspace: Workspace, reader_id: str, name: str) -> tuple[str, bytes] | None:
        """Type and bytes of a picture; None where it was not offered to this reader."""
        with self._lock:
            found = next((p[name] for p in self._of.get((workspace, reader_id), []) if name in p), None)
        if found is None:
            return None
        head, _, data = found.partition(",")
        return head.removeprefix("data:").partition(";")[0], base64.b64decode(data)


OFFERED = OfferedPictures()
