"""A server says where to go on; into a private network, to another scheme or in circles nobody follows it."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.published_server import PublishedServer, published_server

from dermdash.downloads.client import DownloadClient
from dermdash.downloads.one_file import WantedFile, fetch_file
from dermdash.downloads.reach import Reach
from dermdash.errors import DownloadFailed, InvalidInput, SourceAway

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[ff02::1]",
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[PublishedServer]:
    with published_server() as running:
        running.files["/file"] = b"content"
        yield running


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_of_a_private_network_is_refused(host: str) -> None:
    with pytest.raises(DownloadFailed, match="private network"):
        Reach("https://archive.example").check(f"https://{host}/file")


def test_a_public_address_is_not_refused() -> None:
    for host in ("93.184.215.14", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "[::ffff:93.184.215.14]"):
        Reach("https://archive.example").check(f"https://{host}/file")


def test_a_name_is_judged_by_all_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stands_for = {"public.example": ["93.184.215.14"], "both.example": ["93.184.215.14", "10.0.0.5"]}

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in stands_for[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    reach = Reach("https://archive.example")
    reach.check("https://public.example/file")
    with pytest.raises(DownloadFailed, match=r"both\.example, which is in a private network \(10\.0\.0\.5\)"):
        reach.check("https://both.example/file")


def test_a_name_that_stands_for_another_address_when_it_is_asked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    reach = Reach("https://archive.example")
    with pytest.raises(DownloadFailed, match="private network"):
        reach.check_peer("https://store.example/file", ("10.0.0.5", 443))
    reach.check_peer("https://store.example/file", ("93.184.215.14", 443))
    reach.check_peer("https://archive.example/file", ("10.0.0.5", 443))  # a person named it


@pytest.mark.parametrize("url", ["http://archive.example/file", "file:///etc/passwd", "ftp://archive.example/file"])
def test_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(DownloadFailed, match=r"only https is followed|no address"):
        Reach("https://archive.example").check(url)


@pytest.mark.parametrize("url", ["https://", "https://archive.example:port/", "nothing"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(DownloadFailed):
        Reach("https://archive.example").check(url)
    with pytest.raises(DownloadFailed, match="password"):
        Reach("https://archive.example").check("https://me:secret@archive.example/")


@pytest.mark.parametrize("base", ["http://archive.example", "ftp://archive.example", "archive.example", "https://", ""])
def test_a_download_begins_at_https_or_on_this_machine(base: str) -> None:
    with pytest.raises(InvalidInput, match="has to begin with https://"):
        Reach(base)
    assert Reach("http://127.0.0.1:8080/").base == "http://127.0.0.1:8080"


def test_a_redirect_to_the_store_that_a_person_named_is_followed_with_its_range(
    server: PublishedServer, tmp_path: Path
) -> None:
    with published_server() as store:
        store.files["/kept"] = b"content"
        server.redirects["/file"] = f"{store.address}/kept?signature=secret"
        with DownloadClient(Reach(server.address, also=[store.address])) as client:
            fetch_file(client, WantedFile(f"{server.address}/file", tmp_path / "file", 7))
        assert (tmp_path / "file").read_bytes() == b"content"
        assert store.paths() == ["/kept?signature=secret"]


def test_a_redirect_to_another_server_of_this_machine_is_not_followed(server: PublishedServer, tmp_path: Path) -> None:
    with published_server() as inner:
        inner.files["/secret"] = b"of the house"
        server.redirects["/file"] = f"{inner.address}/secret?token=x"
        with DownloadClient(Reach(server.address)) as client, pytest.raises(DownloadFailed, match="private network"):
            fetch_file(client, WantedFile(f"{server.address}/file", tmp_path / "file"))
        assert inner.asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("location", "message"),
    [("https://127.0.0.1/x", "only http is followed"), ("/file", "more than 5 redirects"), ("", "without saying where"),
     ("file:///etc/passwd", "no address")],
)  # fmt: skip
def test_redirects_elsewhere_in_circles_and_nowhere_are_not_followed(
    server: PublishedServer, tmp_path: Path, location: str, message: str
) -> None:
    server.redirects["/file"] = location
    with DownloadClient(Reach(server.address)) as client, pytest.raises(DownloadFailed, match=message) as caught:
        fetch_file(client, WantedFile(f"{server.address}/file", tmp_path / "file"))
    assert not isinstance(caught.value, SourceAway)


def test_json_has_a_bound_and_is_json(server: PublishedServer) -> None:
    server.files |= {"/page": b"<html>sign in</html>", "/large": b"[" + b"0," * 1000 + b"0]", "/deep": b"[" * 100_000}
    with DownloadClient(Reach(server.address), wait=lambda _: None) as client:
        with pytest.raises(DownloadFailed, match="no JSON"):
            client.json(f"{server.address}/page")
        with pytest.raises(DownloadFailed, match="no JSON"):
            client.json(f"{server.address}/deep")
        with pytest.raises(DownloadFailed, match="more than"):
            client.json(f"{server.address}/large", most_bytes=1000)
        assert len(client.json(f"{server.address}/large")) == 1001


def test_what_a_server_says_of_its_refusal_is_told(server: PublishedServer) -> None:
    said = {
        "/guests": b'{"status": "ERROR", "message": "A guestbook\\nhas to be filled in"}',
        "/page": b"<html>no</html>",
        "/list": b"[1]",
        "/long": b'{"message": "' + b"x" * 9000 + b'"}',
    }
    for path, body in said.items():
        server.answers[path] = lambda _, body=body: (400, body)
    with DownloadClient(Reach(server.address)) as client:
        with pytest.raises(DownloadFailed, match=r"refuses \(HTTP 400\)\. It says: A guestbook has to be filled in$"):
            client.json(f"{server.address}/guests")
        for path in ("/page", "/list", "/long"):
            with pytest.raises(DownloadFailed, match=r"refuses \(HTTP 400\)\.$"):
                client.json(f"{server.address}{path}")


def test_a_proxy_that_cannot_be_used_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(InvalidInput, match="HTTPS_PROXY has to begin with http://"):
        DownloadClient(Reach("https://archive.example"))


def test_this_machine_is_asked_without_a_proxy(server: PublishedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with DownloadClient(Reach(server.address), attempts=1) as client:
        assert client.content(f"{server.address}/file", most_bytes=100) == b"content"


def test_nobody_listens(tmp_path: Path) -> None:
    waited: list[float] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with DownloadClient(Reach(address), wait=waited.append) as client, pytest.raises(SourceAway, match="failed"):
        client.json(f"{address}/x")
    assert waited == [1.0, 2.0, 4.0, 8.0, 16.0]
