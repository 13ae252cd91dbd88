"""The report as PDF, printed by a browser of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from dermdash.errors import NotFound

RENDERERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
"""Programs that can print the report. wkhtmltopdf is not one: its old engine would leave every figure out."""

TIMEOUT_S = 120
NO_RENDERER = (
    "no program that can print a PDF was found on this machine (Chromium, Google Chrome or Microsoft Edge): open the "
    "HTML in a browser and print it from there"
)


def find_renderer() -> str | None:
    """Path of the first browser there is; None where there is none."""
    return next((path for name in RENDERERS if (path := shutil.which(name))), None)


def render_pdf(html: str, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Print a report.

    The browser runs without a window, with a profile of its own that is deleted afterwards, and cannot resolve any
    address.

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
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise NotFound(f"the PDF was not printed within {timeout_s:g} s: print the HTML from a browser") from None
        if done.returncode != 0 or not out.is_file() or out.stat().st_size == 0:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise NotFound(
                f"the browser did not make a PDF ({' '.join(last) or done.returncode}): print the HTML instead"
            )
        return out.read_bytes()
