"""Links as QR codes: for a page, for a file, for a sheet to print."""

import html
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput

QUIET_ZONE = 4
"""Modules of white around a code, without which a camera may not find it (ISO/IEC 18004)."""
_SCALE = 8
_SHEET_STYLE = (
    "body{font:16px/1.4 system-ui,sans-serif;margin:10mm;color:#000;background:#fff}"
    "main{display:grid;grid-template-columns:1fr 1fr;gap:8mm}"
    "section{break-inside:avoid;border:1px solid #999;border-radius:2mm;padding:6mm}"
    "h2{font-size:16px;margin:0;overflow-wrap:anywhere}svg{width:48mm;height:48mm;display:block;margin:3mm 0}"
    "code{font:11px/1.35 ui-monospace,monospace;overflow-wrap:anywhere}"
)


def qr_modules(text: str) -> NDArray[np.bool_]:
    """The modules of a QR code (level M, a seventh of it may be lost) with its quiet zone; True is dark.

    Raises
    ------
    InvalidInput
        The text is too long for one; it is not repeated in the message, as a link admits whoever reads it.
    """
    parameters = cv2.QRCodeEncoder.Params()
    parameters.correction_level = cv2.QRCODE_ENCODER_CORRECT_LEVEL_M
    parameters.mode = cv2.QRCODE_ENCODER_MODE_BYTE
    try:
        made = cv2.QRCodeEncoder.create(parameters).encode(text)
    except cv2.error:
        made = None
    if made is None or made.size == 0:
        raise InvalidInput("a link this long fits in no QR code: give the app a shorter public address")
    dark = np.asarray(made) == 0
    # The corners of a code are dark; OpenCV leaves a margin around them that is narrower than the standard's.
    first, last = np.argwhere(dark).min(axis=0), np.argwhere(dark).max(axis=0)
    return np.pad(dark[first[0] : last[0] + 1, first[1] : last[1] + 1], QUIET_ZONE)


def qr_png(text: str) -> bytes:
    """A QR code as PNG, black on white whatever the theme: cameras expect that."""
    pixels = np.kron(~qr_modules(text) * np.uint8(255), np.ones((_SCALE, _SCALE), np.uint8)).astype(np.uint8)
    return bytes(cv2.imencode(".png", pixels)[1])


def qr_svg(text: str) -> str:
    """A QR code as an SVG element, sharp at any size."""
    dark = qr_modules(text)
    side = len(dark)
    path = "".join(f"M{column} {row}h1v1h-1z" for row, column in np.argwhere(dark))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}"/></svg>'
    )


def qr_sheet(title: str, links: Iterable[tuple[str, str]]) -> bytes:
    """A page (HTML) to print and cut: one card for each label and link, with its QR code."""
    cards = "".join(
        f"<section><h2>{html.escape(label)}</h2>{qr_svg(link)}<code>{html.escape(link)}</code></section>"
        for label, link in links
    )
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_SHEET_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body><main>{cards}</main></body></html>".encode()
