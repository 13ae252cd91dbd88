"""The report as PDF, printed by a browser of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dermdash.errors import NotFound

RENDERERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
"""Programs that can print the report. wkhtmltopdf is not one: its old engine would leave every figure out."""

TIMEOUT_S = 120
_LOOK_S = 0.3
NO_RENDERER = (
    "no program that can print a PDF was found on this machine (Chromium, Google Chrome or Microsoft Edge): open the "
    "HTML in a browser and print it from there"
)


def find_renderer() -> str | None:
    """Path of the first browser there is; None where there is none."""
    return next((path for name in RENDERERS if (path := shutil.which(name))), None)


def render_pdf(html: str, *, timeout_s: float = TIMEOUT_S, waiting: Callable[[], object] | None = None) -> bytes:
    """Print a report.

    The browser runs without a window, with a profile of its own that is deleted afterwards, and cannot resolve any
    address.

    Parameters
    ----------
    waiting
        Called several times a second meanwhile. What it raises ends the browser and rises: so it can be stopped.

    Raises
    ------
    NotFound
        There is no browser, or it did not make a PDF in time.
    """
    browser = find_renderer()
    if browser is None:
        raise NotFound(NO_RENDERER)
    with tempfile.TemporaryDirectory(prefix="dermdash-pdf-", ignore_cleanup_errors=True) as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, "utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-first-run",
            "--no-default-browser-check",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            "--virtual-time-budget=20000",
            f"--print-to-pdf={out}",
            page.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root with its sandbox
        code, said = _run(command, Path(folder) / "said.txt", timeout_s, waiting)
        if code is None:
            raise NotFound(f"the PDF was not printed within {timeout_s:g} s: print the HTML from a browser")
        if code != 0 or not out.is_file() or out.stat().st_size == 0:
            last = said.strip().splitlines()[-1:]
            raise NotFound(f"the browser did not make a PDF ({' '.join(last) or code}): print the HTML instead")
        return out.read_bytes()


def _run(
    command: list[str], log: Path, timeout_s: float, waiting: Callable[[], object] | None
) -> tuple[int | None, str]:
    """Exit status, None after the time is up, and what was said on stderr.

    A browser is many processes: they end together, and none of them can hold a pipe that is waited for.
    """
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        )
        try:
            code = _waited(process, timeout_s, waiting)
        finally:
            if process.poll() is None:
                _end(process)
    return code, log.read_text("utf-8", errors="replace")


def _waited(process: subprocess.Popen[bytes], timeout_s: float, waiting: Callable[[], object] | None) -> int | None:
    ends = time.monotonic() + timeout_s
    while (left := ends - time.monotonic()) > 0:
        try:
            return process.wait(min(left, _LOOK_S))
        except subprocess.TimeoutExpired:
            if waiting is not None:
                waiting()
    return process.poll()


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
