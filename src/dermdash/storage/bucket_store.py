"""Objects of a workspace in a bucket that speaks the S3 protocol (Amazon's, MinIO, Ceph, Garage and others).

Endpoint, region and keys are those that the environment gives every program of such buckets (``AWS_ENDPOINT_URL``,
``AWS_REGION``, ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SHARED_CREDENTIALS_FILE``, the role of a
machine); no setting, no log and no message holds them. A put is whole or not at all by the protocol, and what is sent
in parts becomes an object with the last one.
"""

from __future__ import annotations

import configparser
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from dermdash.errors import DermdashError, FileMissing, InvalidInput, ObjectsAway, WorkspaceFull
from dermdash.storage.object_store import ObjectStore, StoredObject, missing, object_name
from dermdash.whole_files import disk_is_full, whole_file

if TYPE_CHECKING:
    from obstore.store import S3Store

_RETRIES_FOR_S = 20.0
"""A server that restarts is waited for so long; a reader's page keeps its case meanwhile."""
_IN_USE_S = 60.0
"""What was asked for so lately is not taken out of the cache: somebody may be about to open it."""
_CODE = re.compile(r"<Code>(\w+)</Code>")
_FULL = ("XMinioStorageFull", "QuotaExceeded", "EntityTooLarge", "InsufficientStorage", "507 Insufficient")
_NO_BUCKET = "NoSuchBucket"


@dataclass(frozen=True, slots=True)
class BucketStore(ObjectStore):
    """Objects below ``s3://bucket/prefix``; each workspace has a prefix of its own.

    ``cache`` is a folder of this machine for what has to be a file (checkpoints, parts of embeddings): the least
    recently used make way where they exceed ``cache_bytes``. Pictures are never kept there.
    """

    url: str
    cache: Path
    cache_bytes: int

    @property
    def place(self) -> str:
        """The URL."""
        return self.url

    def read(self, name: str) -> bytes:
        """The content of an object, or FileMissing."""
        import obstore

        with self._errors(name):
            return bytes(obstore.get(self._bucket, name).bytes())

    def write(self, name: str, data: bytes) -> None:
        """Store an object, whatever has that name."""
        import obstore

        with self._errors(name):
            obstore.put(self._bucket, name, data)
        self._forget(name)

    def add_file(self, name: str, source: Path) -> None:
        """Store a copy of a file, whatever has that name."""
        import obstore

        with self._errors(name):
            obstore.put(self._bucket, name, source)
        self._forget(name)

    def has(self, name: str) -> bool:
        """Whether there is such an object."""
        import obstore

        try:
            with self._errors(name):
                obstore.head(self._bucket, name)
        except FileMissing:
            return False
        return True

    def remove(self, name: str) -> None:
        """Let go of an object, and of its copy here."""
        import obstore

        with suppress(FileMissing), self._errors(name):
            obstore.delete(self._bucket, name)
        self._forget(name)

    def list(self, folder: str) -> Iterator[StoredObject]:
        """The objects of a folder and of those in it, by name, a thousand at a time."""
        import obstore

        with self._errors(folder):
            for page in obstore.list(self._bucket, prefix=folder):
                for found in page:
                    yield StoredObject(str(found["path"]), int(found["size"]), found["last_modified"].timestamp())

    def local(self, name: str) -> Path:
        """The copy of this machine, brought here where it is not."""
        path = self.cache / name
        with suppress(FileNotFoundError):
            os.utime(path)
            return path
        try:
            self._fetch(name, path)
        except FileMissing:
            return path
        self._keep_within(path)
        return path

    @contextmanager
    def opened(self, name: str) -> Iterator[Path]:
        """A copy that is gone after the context."""
        path = self.cache / f".reading-{uuid4().hex}"
        try:
            self._fetch(name, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def link(self, kind: str, other_kind: str, sha256: str) -> None:
        """Store an object under a second kind too: the server copies it."""
        import obstore

        if not self.holds(other_kind, sha256):
            name = object_name(kind, sha256)
            with self._errors(name):
                obstore.copy(self._bucket, name, object_name(other_kind, sha256))

    def _fetch(self, name: str, path: Path) -> None:
        import obstore

        with whole_file(path) as passing, passing.open("wb") as file, self._errors(name):
            for block in obstore.get(self._bucket, name):
                file.write(block)

    def _forget(self, name: str) -> None:
        (self.cache / name).unlink(missing_ok=True)

    def _keep_within(self, newest: Path) -> None:
        kept = []
        for path in self.cache.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file():
                    kept.append((path.stat().st_mtime, path.stat().st_size, path))
        size, lately = sum(one for _, one, _ in kept), time.time() - _IN_USE_S
        for used, one, path in sorted(kept):
            if size <= self.cache_bytes or used > lately:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                size -= one

    @property
    def _bucket(self) -> S3Store:
        return _opened(self.url, tuple(sorted(pair for pair in os.environ.items() if pair[0].startswith("AWS_"))))

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Errors of the store in our words; of what the server said only its code, as the rest may hold keys."""
        import obstore.exceptions as refused

        try:
            yield
        except (refused.BaseError, FileNotFoundError) as error:
            said = str(error)
            code = found[1] if (found := _CODE.search(said)) else ""
            gone = isinstance(error, refused.NotFoundError | FileNotFoundError)
            if gone and _NO_BUCKET not in said:
                raise missing(name, self.url) from None
            if disk_is_full(error) or any(word in said for word in _FULL):
                raise WorkspaceFull(
                    f"The object store {self.url} is full{_in_brackets(code)}. What was stored before is safe: make "
                    "room there and run the same command again, it goes on where it stopped."
                ) from None
            if gone:
                cause, way_out = "there is no such bucket", "make it, or correct DERMDASH_OBJECTS"
            elif isinstance(error, refused.PermissionDeniedError | refused.UnauthenticatedError):
                cause = f"it refuses the keys{_in_brackets(code)}"
                way_out = "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights of that account"
            else:
                cause = f"it does not answer{_in_brackets(code)}"
                way_out = "look whether it runs and whether AWS_ENDPOINT_URL and AWS_REGION are right"
            raise ObjectsAway(
                f"The object store {self.url} is out of reach: {cause}. What was stored before is safe: {way_out}, "
                "and try again."
            ) from None


def _in_brackets(code: str) -> str:
    return f" ({code})" if code else ""


def check_url(url: str) -> None:
    """Raise an error where objects cannot be kept at such an address, or not by this installation."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.username or parts.password:
        raise InvalidInput(
            f"DERMDASH_OBJECTS={parts.scheme or '?'}:… is no place of objects: expected s3://bucket/prefix, "
            "file:///folder, or nothing for the workspace's folder. Keys belong into AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, never into the address."
        )
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.geturl() and (endpoint.scheme not in ("http", "https") or not endpoint.hostname):
        raise InvalidInput(
            "AWS_ENDPOINT_URL is no address of an object store: expected https://host or http://host:port, or nothing "
            "for Amazon's."
        )
    try:
        import obstore  # noqa: F401
    except ImportError:
        raise DermdashError(
            "DERMDASH_OBJECTS names a bucket, for which a package is missing: pip install 'dermdash[objects]' (or "
            "obstore), or leave it empty for the workspace's folder."
        ) from None


@lru_cache(maxsize=8)
def _opened(url: str, environment: tuple[tuple[str, str], ...]) -> S3Store:
    from obstore.store import S3Store

    parts, said = urlsplit(url), dict(environment)
    endpoint, keys = said.get("AWS_ENDPOINT_URL", ""), said.get("AWS_SHARED_CREDENTIALS_FILE", "")
    config: dict[str, Any] = dict(_keys_of(Path(keys), said.get("AWS_PROFILE", "default"))) if keys else {}
    if not endpoint and "AWS_ENDPOINT_URL" in said:  # a compose file has it so; the library takes it for an address
        config["endpoint"] = f"https://s3.{said.get('AWS_REGION') or 'us-east-1'}.amazonaws.com"
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config or None,  # type: ignore[arg-type]
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=120),
        },
        retry_config={
            "max_retries": 12,
            "retry_timeout": timedelta(seconds=_RETRIES_FOR_S),
            "backoff": {"init_backoff": timedelta(seconds=0.2), "max_backoff": timedelta(seconds=3), "base": 2},
        },
    )


def _keys_of(path: Path, profile: str) -> Iterator[tuple[str, str]]:
    """The keys that a file holds in Amazon's own form, which the library does not read."""
    read = configparser.ConfigParser(interpolation=None)
    try:
        read.read_string(path.read_text("utf-8"))
        keys = read[profile]
    except (OSError, UnicodeDecodeError, configparser.Error, KeyError):
        raise DermdashError(
            f"AWS_SHARED_CREDENTIALS_FILE: {path} cannot be read, or has no section [{profile}] with the keys of the "
            "object store."
        ) from None
    for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
        if name in keys:
            yield name, keys[name]
