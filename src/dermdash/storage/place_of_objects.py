"""Where the objects of a workspace are kept, as the settings say."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from dermdash.settings import Settings
from dermdash.storage.bucket_store import BucketStore, check_url
from dermdash.storage.object_store import FolderStore, ObjectStore

CACHE = "objects-cache"
"""Folder of a workspace with copies of what lies in a bucket."""


def open_objects(settings: Settings, home: Path) -> ObjectStore:
    """The objects of the workspace in ``home``; nothing is asked of a bucket yet.

    Raises
    ------
    DermdashError
        The address is none, or the package for it is not installed.
    """
    url = settings.objects
    if not url:
        return FolderStore(home)
    if urlsplit(url).scheme == "file" and not urlsplit(url).netloc:
        return FolderStore(Path(unquote(urlsplit(url).path)).resolve())
    check_url(url)
    return BucketStore(url.rstrip("/"), home / CACHE, int(settings.objects_cache_gigabytes * 1e9))
