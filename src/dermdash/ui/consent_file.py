"""The consent that a reader takes home: the text as agreed, its version, when, and its hash."""

from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import pages
from dermdash.reader_study.words.language import Language
from dermdash.ui.frontend.exchange.reader_frame import DownloadPayload


def consent_file(protocol: Protocol, given: Sequence[Mapping[str, Any]], language: Language) -> DownloadPayload | None:
    """The latest consent as a text file; None where none was kept."""
    if not given:
        return None
    latest = given[-1]
    agreed = pages.AGREED_LINE.said(
        language, moment=latest["agreed_at"].strftime("%Y-%m-%d %H:%M:%S"), sha256=latest["text_sha256"]
    )
    version = pages.CONSENT_VERSION_LINE.said(language, version=latest["version"])
    text = f"{protocol.name}\n\n{version}\n\n{latest['text']}\n\n{agreed}\n"
    return DownloadPayload(
        label=pages.CONSENT_DOWNLOAD.said(language), name=f"consent-v{latest['version']}.txt", text=text
    )
