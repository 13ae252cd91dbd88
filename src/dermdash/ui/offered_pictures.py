"""Pictures that a reader's browser was told of and may fetch piece by piece, where a message would not get through."""

import base64
from collections import Counter, OrderedDict
from collections.abc import Iterable
from threading import Lock

from dermdash.storage.workspace import Workspace
from dermdash.ui.leaving_pictures import LeavingPicture

_READERS, _PAYLOADS = 2048, 2
"""Of each reader the pictures of the last payloads: what is shown, and what was when a fetch of it began."""
MOST_CHARACTERS = 256 << 20
"""Of all pictures together; beyond that the readers who were offered theirs longest ago are offered none any more,
until their page runs again."""

_Key = tuple[Workspace, str]


class OfferedPictures:
    """What each reader may fetch at the moment; in memory, as every run of their page offers it anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: OrderedDict[_Key, list[frozenset[str]]] = OrderedDict()
        # A picture that many readers are offered is kept once: its name says its content.
        self._pictures: dict[_Key, str] = {}
        self._offers: Counter[_Key] = Counter()
        self._characters = 0

    def offer(self, workspace: Workspace, reader_id: str, pictures: Iterable[LeavingPicture]) -> None:
        """Let a reader fetch these pictures, which have just been named to them."""
        uris = {picture.name: picture.uri for picture in pictures}
        now, key = frozenset(uris), (workspace, reader_id)
        with self._lock:
            before = self._of.pop(key, [])
            if before and before[-1] == now:
                self._of[key] = before
                return
            for name in now:
                self._keep((workspace, name), uris[name])
            self._of[key] = [*before, now][-_PAYLOADS:]
            for gone in [*before, now][:-_PAYLOADS]:
                self._let_go(workspace, gone)
            while len(self._of) > _READERS or (self._characters > MOST_CHARACTERS and len(self._of) > 1):
                (of, _), payloads = self._of.popitem(last=False)
                for names in payloads:
                    self._let_go(of, names)

    def _keep(self, picture: _Key, uri: str) -> None:
        self._offers[picture] += 1
        if self._offers[picture] == 1:
            self._pictures[picture] = uri
            self._characters += len(uri)

    def _let_go(self, workspace: Workspace, names: Iterable[str]) -> None:
        for picture in ((workspace, name) for name in names):
            self._offers[picture] -= 1
            if not self._offers[picture]:
                del self._offers[picture]
                self._characters -= len(self._pictures.pop(picture))

    def get(self, workspace: Workspace, reader_id: str, name: str) -> tuple[str, bytes] | None:
        """Type and bytes of a picture; None where it was not offered to this reader."""
        with self._lock:
            offered = any(name in names for names in self._of.get((workspace, reader_id), []))
            found = self._pictures[workspace, name] if offered else None
        if found is None:
            return None
        head, _, data = found.partition(",")
        return head.removeprefix("data:").partition(";")[0], base64.b64decode(data)


OFFERED = OfferedPictures()
