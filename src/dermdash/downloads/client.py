"""Asking another host: redirects by hand, waiting as long as it says, and giving up in words."""

from __future__ import annotations

import email.utils
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from dermdash.downloads.reach import Reach
from dermdash.errors import DownloadFailed, InvalidInput, SourceAway
from dermdash.wording import duration, file_size

ATTEMPTS = 6
LONGEST_WAIT_S = 300.0
"""A server that asks for more patience is left alone: a command that sleeps for an hour looks as if it hung."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_AWAY = frozenset({408, 425, 429, 500, 502, 503, 504})
_USABLE = frozenset({200, 206, 416})
_TIMEOUT = httpx.Timeout(30.0, connect=20.0, pool=None)
_JSON_BYTES = 64 << 20
_MESSAGE_BYTES = 4096
_NEVER_BY_PROXY = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class DownloadClient:
    """Asks one source. Several threads may use it at once.

    Parameters
    ----------
    reach
        Where it may go.
    attempts
        How often one thing is tried before it is given up.
    notice
        Called with a sentence before it waits.
    wait
        Sleeps so many seconds; None: until then, or until `stop`.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        attempts: int = ATTEMPTS,
        notice: Callable[[str], None] = lambda _: None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self.reach = reach
        self._attempts = attempts
        self._notice = notice
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        try:
            self._http = httpx.Client(
                follow_redirects=False,
                timeout=_TIMEOUT,
                # What is hashed and resumed by position must come as it lies there.
                headers={"Accept-Encoding": "identity", "User-Agent": "dermdash"},
                limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
                mounts=dict.fromkeys(_NEVER_BY_PROXY),
            )
        except (ImportError, ValueError) as error:
            raise InvalidInput(
                f"The proxy that the environment names cannot be used ({error}): HTTPS_PROXY has to begin with http://."
            ) from error

    def __enter__(self) -> DownloadClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def stop(self) -> None:
        """Let every thread that uses this client come to its end soon."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    def patience(self) -> Patience:
        """How often one thing may fail before it is given up."""
        return Patience(self._attempts, self._wait, self._stopped, self._notice)

    @contextmanager
    def answer(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """The answer to one request, its body not read yet; redirects are followed where they may.

        Raises
        ------
        SourceAway
            The server is away or busy, or the connection broke: the same again may succeed.
        DownloadFailed
            It refuses, or sends on to where nothing is followed.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            self.reach.check(url)
            with _failures_named(url), self._http.stream("GET", url, headers=dict(headers or {})) as response:
                stream = response.extensions.get("network_stream")
                self.reach.check_peer(url, stream.get_extra_info("server_addr") if stream is not None else None)
                if response.status_code not in _REDIRECTS:
                    _require_usable(response, url)
                    yield response
                    return
                location = response.headers.get("location", "")
            if not location:
                raise DownloadFailed(f"{_host(url)} sends on without saying where to.")
            url = urljoin(url, location)
        raise DownloadFailed(f"{_host(url)} sends on and on: more than {_MOST_REDIRECTS} redirects.")

    def content(
        self,
        url: str,
        *,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        progress: Callable[[int, int | None], None] = lambda *_: None,
    ) -> bytes:
        """What lies at an address, in memory, after as many attempts as it takes.

        ``progress`` is called with the bytes so far and in all (None where the server does not say).

        Raises
        ------
        SourceAway
            The server stayed away.
        DownloadFailed
            It refuses, or what came is larger than ``most_bytes``.
        """
        patience = self.patience()
        while True:
            try:
                return self._content(url, most_bytes, headers, progress)
            except SourceAway as problem:
                patience.after(problem)

    def _content(
        self,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str] | None,
        progress: Callable[[int, int | None], None],
    ) -> bytes:
        with self.answer(url, headers) as response:
            announced = response.headers.get("content-length", "")
            total = int(announced) if announced.isascii() and announced.isdigit() else None
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > most_bytes:
                    raise DownloadFailed(f"{_host(url)} answers with more than {file_size(most_bytes)}.")
                progress(len(body), total)
            return bytes(body)

    def json(self, url: str, *, most_bytes: int = _JSON_BYTES) -> Any:
        """The JSON at an address.

        Raises
        ------
        SourceAway
            The server stayed away.
        DownloadFailed
            It refuses, or what came is no JSON or larger than ``most_bytes``.
        """
        body = self.content(url, most_bytes=most_bytes, headers={"Accept": "application/json"})
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise DownloadFailed(f"What {_host(url)} answers is no JSON: is it a page to sign in at?") from error


class Patience:
    """Waits longer after each failure in a row, and gives up after some."""

    def __init__(
        self,
        attempts: int,
        wait: Callable[[float], object],
        stopped: threading.Event,
        notice: Callable[[str], None],
    ) -> None:
        self._attempts = attempts
        self._wait = wait
        self._notice = notice
        self._stopped = stopped
        self._failures = 0

    def renew(self) -> None:
        """Something came: the failures before no longer count."""
        self._failures = 0

    def after(self, problem: SourceAway) -> None:
        """Wait before the next attempt, as long as the server asks.

        Raises
        ------
        SourceAway
            It failed too often, or the server asks for more patience than we have.
        """
        self._failures += 1
        if self._failures >= self._attempts or self._stopped.is_set():
            raise problem
        seconds = float(2 ** (self._failures - 1))
        if problem.retry_after is not None:
            if problem.retry_after > LONGEST_WAIT_S:
                raise SourceAway(
                    f"{problem} It asks to be left alone for {duration(problem.retry_after)}: run the same command "
                    "again then."
                ) from problem
            seconds = max(problem.retry_after, 0.0)
        self._notice(f"{problem} Trying again in {duration(seconds)}.")
        self._wait(seconds)
        if self._stopped.is_set():
            raise problem


@contextmanager
def _failures_named(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise SourceAway(f"{_host(url)} does not answer in time.") from error
    except httpx.TransportError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):  # another attempt would say the same
            raise DownloadFailed(
                f"{_host(url)} shows no certificate that is known here. Behind a proxy that opens connections, "
                "SSL_CERT_FILE has to name its certificate."
            ) from error
        raise SourceAway(f"The connection to {_host(url)} failed: {str(error) or type(error).__name__}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(f"{_host(url)} cannot be asked: {error}.") from error


def _require_usable(response: httpx.Response, url: str) -> None:
    status, host = response.status_code, _host(url)
    if status in _AWAY:
        raise SourceAway(f"{host} is busy or away (HTTP {status}).", retry_after=_retry_after(response))
    if status in _USABLE:
        return
    if status in (401, 403):
        words = (
            f"{host} does not hand this out without signing in (HTTP {status}): fetch it with a browser, and import "
            "the folder it lies in."
        )
    elif status in (404, 410):
        words = f"{host} has nothing public under that name (HTTP {status})."
    else:
        words = f"{host} refuses (HTTP {status})."
    raise DownloadFailed(" ".join([words, *_said_by(response)]))


def _said_by(response: httpx.Response) -> list[str]:
    """What a server says of its refusal, as interfaces do; nothing where that is a page or cannot be read."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _MESSAGE_BYTES:
                return []
        said = json.loads(body)
    except (httpx.HTTPError, ValueError, RecursionError):
        return []
    named = [said.get(key) for key in ("message", "detail")] if isinstance(said, dict) else []
    text = next((value for value in named if isinstance(value, str)), "")
    return [f"It says: {' '.join(text.split())[:200]}"] if text.strip() else []


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds until the next attempt is welcome; None where the server does not say so in a form one can read."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The server"
