"""What every store of objects keeps, in a folder and in a bucket, and what a bucket on the network adds to it."""

import http.server
import os
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from tests.browser.cuttable_link import CuttableLink
from tests.object_server import KEY, SECRET, ObjectServer

from dermdash.errors import DermdashError, FileMissing, InvalidInput, ObjectsAway, OutOfReach, WorkspaceFull
from dermdash.settings import Settings
from dermdash.storage import bucket_store
from dermdash.storage.bucket_store import BucketStore
from dermdash.storage.object_store import LOCKED, MASKS, ORIGINALS, THUMBNAILS, FolderStore, ObjectStore
from dermdash.storage.place_of_objects import open_objects

DATA = b"a picture"
NAME = sha256(DATA).hexdigest()
LARGE = os.urandom(24_000_000)
"""Sent in five parts."""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path)
    return BucketStore(request.getfixturevalue("bucket"), tmp_path / "cache", 10**9)


def names(store: ObjectStore, folder: str) -> list[str]:
    return [found.name for found in store.list(folder)]


def test_what_is_put_is_found_read_listed_and_gone_once_it_is_taken_away(store: ObjectStore) -> None:
    assert not store.holds(ORIGINALS, NAME)
    assert names(store, ORIGINALS) == []
    store.put(ORIGINALS, NAME, DATA)
    assert store.holds(ORIGINALS, NAME)
    assert store.get(ORIGINALS, NAME) == DATA
    (found,) = store.list(ORIGINALS)
    assert (found.name, found.size) == (f"originals/{NAME[:2]}/{NAME}", len(DATA))
    assert abs(found.written - time.time()) < 60
    assert names(store, MASKS) == []
    for _ in range(2):
        store.take_away(ORIGINALS, NAME)
    assert not store.holds(ORIGINALS, NAME)


def test_an_object_that_is_missing_is_named_with_the_way_out(store: ObjectStore) -> None:
    for ask in (lambda: store.get(ORIGINALS, NAME), lambda: store.opened("models/m.safetensors").__enter__()):
        with pytest.raises(FileMissing, match=r"missing from the workspace .+ Restore it from a backup"):
            ask()
    assert not store.local("models/m.safetensors").exists()


def test_putting_again_does_nothing_and_replacing_mends_what_is_damaged(store: ObjectStore) -> None:
    store.put(ORIGINALS, NAME, b"damaged")
    store.put(ORIGINALS, NAME, DATA)
    assert store.get(ORIGINALS, NAME) == b"damaged"
    store.replace(ORIGINALS, NAME, DATA)
    assert store.get(ORIGINALS, NAME) == DATA


def test_an_object_is_linked_under_a_second_kind_and_lives_on_without_the_first(store: ObjectStore) -> None:
    store.put(ORIGINALS, NAME, DATA)
    for _ in range(2):
        store.link(ORIGINALS, THUMBNAILS, NAME)
    store.take_away(ORIGINALS, NAME)
    assert store.get(THUMBNAILS, NAME) == DATA
    store.put(LOCKED, NAME, DATA)
    store.guard(LOCKED, NAME)
    assert store.get(LOCKED, NAME) == DATA


def test_files_of_any_size_go_in_and_come_out_as_files(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "made.safetensors"
    source.write_bytes(LARGE)
    store.add_file("models/m.safetensors", source)
    assert store.local("models/m.safetensors").read_bytes() == LARGE
    with store.opened("models/m.safetensors") as path:
        assert path.read_bytes() == LARGE
    store.write("models/m.safetensors", b"another")
    assert store.local("models/m.safetensors").read_bytes() == b"another", "and not the copy of the first"
    assert names(store, "models") == ["models/m.safetensors"]


def test_a_worker_of_another_process_has_the_same_store_and_pictures(store: ObjectStore) -> None:
    store.put(ORIGINALS, NAME, DATA)
    there = pickle.loads(pickle.dumps((store, store.image(ORIGINALS, NAME))))
    assert there[0] == store
    assert there[1]() == DATA


def test_copies_of_a_bucket_stay_within_their_room_and_the_one_used_last_stays(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_store, "_IN_USE_S", -1.0)
    store = BucketStore(bucket, tmp_path / "cache", 2500)
    for name in "abc":
        store.write(f"models/{name}", name.encode() * 1000)
    for at, name in enumerate("aba"):
        os.utime(store.local(f"models/{name}"), (at, at))
    store.local("models/c")
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()) == ["a", "c"]
    assert store.local("models/b").read_bytes() == b"b" * 1000


@contextmanager
def reached_by(link: CuttableLink, server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in server.environment(f"http://127.0.0.1:{link.port}").items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        link.close()


def test_a_connection_that_is_lost_in_the_middle_of_a_put_leaves_the_whole_object_or_none(
    object_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, link = object_server.new_place(), CuttableLink(object_server.port)
    with reached_by(link, object_server, monkeypatch):
        monkeypatch.setattr(bucket_store, "_RETRIES_FOR_S", 1.0)
        cut = BucketStore(place, tmp_path / "cut", 10**9)
        before = link.accepted
        failed: list[Exception] = []

        def put() -> None:
            try:
                cut.write("models/m", LARGE)
            except OutOfReach as error:
                failed.append(error)

        writing = threading.Thread(target=put)
        writing.start()
        while link.accepted == before:
            time.sleep(0.001)
        link.cut()
        writing.join(60)
        assert isinstance(failed[0], ObjectsAway)
        link.mend()
        assert not cut.has("models/m"), "none of it"
        cut.write("models/m", LARGE)
        assert cut.read("models/m") == LARGE


def test_a_server_that_is_away_for_some_seconds_is_waited_for(
    object_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, link = object_server.new_place(), CuttableLink(object_server.port)
    with reached_by(link, object_server, monkeypatch):
        store = BucketStore(place, tmp_path / "cache", 10**9)
        store.put(ORIGINALS, NAME, DATA)
        link.cut()
        threading.Timer(2.0, link.mend).start()
        began = time.monotonic()
        assert store.get(ORIGINALS, NAME) == DATA
        assert time.monotonic() - began > 1.5
        link.cut()
        threading.Timer(2.0, link.mend).start()
        store.put(MASKS, NAME, DATA)
        assert store.get(MASKS, NAME) == DATA


def test_one_that_stays_away_is_an_error_that_names_the_cause_and_the_way_out(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_store, "_RETRIES_FOR_S", 0.2)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ObjectsAway, match=r"it does not answer.*AWS_ENDPOINT_URL"):
        BucketStore(bucket, tmp_path, 1).get(ORIGINALS, NAME)


def test_a_bucket_that_is_not_there_is_no_missing_object(bucket: str, tmp_path: Path) -> None:
    store = BucketStore("s3://there-is-no-such-bucket/x", tmp_path, 1)
    for ask in (lambda: store.get(ORIGINALS, NAME), lambda: store.put(ORIGINALS, NAME, DATA)):
        with pytest.raises(ObjectsAway, match=r"there is no such bucket.*DERMDASH_OBJECTS"):
            ask()


REFUSALS = {
    "keys": (403, "InvalidAccessKeyId", ObjectsAway, r"refuses the keys \(InvalidAccessKeyId\).*AWS_ACCESS_KEY_ID"),
    "full": (507, "XMinioStorageFull", WorkspaceFull, r"is full \(XMinioStorageFull\).*make room"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_a_server_refuses_is_told_by_its_code_and_without_a_key(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    status, code, error, words = REFUSALS[kind]

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = f"<Error><Code>{code}</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(bucket_store, "_RETRIES_FOR_S", 0.2)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        keys = tmp_path / "keys"
        keys.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
        with pytest.raises(error, match=words) as raised:
            BucketStore(f"s3://{kind}-bucket/x", tmp_path / "cache", 1).replace(ORIGINALS, NAME, DATA)
        server.shutdown()
    told = str(raised.value) + caplog.text + repr(raised.value.__cause__)
    assert KEY not in told
    assert SECRET not in told


def test_the_setting_says_where_objects_lie(tmp_path: Path) -> None:
    assert open_objects(Settings(objects=""), tmp_path) == FolderStore(tmp_path)
    assert open_objects(Settings(objects=f"file://{tmp_path}/objects"), tmp_path) == FolderStore(tmp_path / "objects")
    found = open_objects(Settings(objects="s3://bucket/prefix/", objects_cache_gigabytes=0.5), tmp_path)
    assert found == BucketStore("s3://bucket/prefix", tmp_path / "objects-cache", 500_000_000)


@pytest.mark.parametrize("url", ["ftp://host/x", "s3://", "s3://key:secret@bucket/x", "s3://bucket/x?key=secret", "x"])
def test_an_address_that_is_none_is_refused_without_repeating_what_may_be_a_secret(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="expected s3://bucket/prefix") as raised:
        open_objects(Settings(objects=url), tmp_path)
    assert "secret" not in str(raised.value).replace("AWS_SECRET", "")


def test_an_endpoint_that_is_no_address_is_refused_before_anything_is_asked_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for endpoint in ("garage:3900", "https://", "s3.example.org"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(InvalidInput, match="AWS_ENDPOINT_URL is no address"):
            open_objects(Settings(objects="s3://bucket/x"), tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    store = open_objects(Settings(objects="s3://bucket/x"), tmp_path)
    assert isinstance(store, BucketStore)
    assert store._bucket.config["endpoint"] == "https://s3.eu-central-1.amazonaws.com"


def test_without_the_package_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(DermdashError, match=r"dermdash\[objects\]"):
        open_objects(Settings(objects="s3://bucket/x"), tmp_path)
