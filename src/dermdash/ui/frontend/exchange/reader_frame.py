"""What stands around every page of a reader: language, downloads, readings that this browser keeps."""

from typing import TypedDict


class LanguagePayload(TypedDict):
    """A language on offer, by its code and what its speakers call it."""

    code: str
    name: str


class DownloadPayload(TypedDict):
    """A text to save as a file: what the button says, the file's name, what it holds."""

    label: str
    name: str
    text: str


class ReaderFramePayload(TypedDict):
    """The head of a reader's page: its language and ``title``, the languages on offer, a file where there is one.

    ``preview``: it is shown on another page, whose language and title stay. ``away``: what to say while the server
    cannot be reached.
    """

    language: str
    label: str
    title: str
    languages: list[LanguagePayload]
    download: DownloadPayload | None
    preview: bool
    away: str


class JoinedPayload(TypedDict):
    """Of which study a browser is asked what it keeps of readings begun by a group's link, or what it is to keep.

    ``remember``: the token of a reading to keep; empty: it tells those that it has, as a list of texts.
    """

    study: str
    remember: str


VIEW_PARAMETER, PARTICIPATION_VIEW = "view", "participation"
"""Of the address of a reader: which of their pages is shown, where it is not the reading."""
MOST_JOINED = 5
"""Readings of a study that a browser keeps: as many people at one computer are told apart."""
