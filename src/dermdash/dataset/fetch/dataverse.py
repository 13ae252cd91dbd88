"""A deposit as the API of a Dataverse describes it (guides.dataverse.org, Native API and Data Access API).

A table that Dataverse could read is kept in two forms: as it was deposited, and as tab-separated text made of it. The
published checksum is that of the deposited file, so that is what is fetched (``format=original``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlencode

from dermdash.downloads.client import DownloadClient
from dermdash.downloads.one_file import Checksum
from dermdash.errors import DownloadFailed
from dermdash.records.plain_names import is_plain_name

_MOST_FILES = 100_000
_TAGS = re.compile(r"<[^<>]{0,200}>")
_ENDINGS = {"text/csv": ".csv", "text/comma-separated-values": ".csv", "text/tsv": ".tsv"}


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """One file: its name, where it is fetched, size in bytes and checksum where they are published.

    ``fault`` says why it cannot be fetched; empty where it can.
    """

    name: str
    url: str
    size: int | None
    checksum: Checksum | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A published version of a deposit: its files, its version as people write it, and its licence in words."""

    version: str
    licence: str
    files: tuple[DepositedFile, ...]


def read_deposit(client: DownloadClient, doi: str) -> Deposit:
    """What the newest published version of a deposit holds.

    Raises
    ------
    SourceAway, DownloadFailed
        The Dataverse is away, or does not know the deposit, or answers in another form than is documented.
    """
    address = f"{client.reach.base}/api/datasets/:persistentId/versions/:latest-published"
    answer = client.json(f"{address}?{urlencode({'persistentId': doi}, safe=':/')}")
    version = answer.get("data") if isinstance(answer, dict) else None
    listed = version.get("files") if isinstance(version, dict) else None
    if not isinstance(version, dict) or not isinstance(listed, list) or len(listed) > _MOST_FILES:
        raise DownloadFailed(f"{client.reach.base} answers about {doi} in a form that is not known here.")
    return Deposit(_version(version), _licence(version), tuple(_files(client.reach.base, listed)))


def _version(version: Mapping[str, Any]) -> str:
    parts = (version.get("versionNumber"), version.get("versionMinorNumber"))
    return ".".join(str(part) for part in parts if isinstance(part, int))


def _licence(version: Mapping[str, Any]) -> str:
    licence = version.get("license")
    if isinstance(licence, dict) and isinstance(licence.get("name"), str):
        return str(licence["name"])
    terms = version.get("termsOfUse")
    text = licence if isinstance(licence, str) and licence != "NONE" else terms if isinstance(terms, str) else ""
    return " ".join(_TAGS.sub(" ", text).split())[:300]


def _files(base: str, listed: list[Any]) -> Iterator[DepositedFile]:
    seen: set[str] = set()
    for entry in listed:
        file = entry.get("dataFile") if isinstance(entry, dict) else None
        if not isinstance(file, dict) or not isinstance(file.get("id"), int):
            raise DownloadFailed(f"{base} lists a file in a form that is not known here.")
        read = _file(base, entry, file)
        if not read.fault and read.name.casefold() in seen:
            read = DepositedFile(read.name, "", None, None, "another file of the deposit has the same name")
        seen.add(read.name.casefold())
        yield read


def _file(base: str, entry: Mapping[str, Any], file: Mapping[str, Any]) -> DepositedFile:
    address = f"{base}/api/access/datafile/{quote(str(file['id']))}"
    name, size = str(file.get("filename") or entry.get("label") or ""), file.get("filesize")
    if file.get("originalFileFormat") or file.get("originalFileName"):
        address += "?format=original"
        name, size = _original_name(name, file), file.get("originalFileSize")
    fault = ""
    if not is_plain_name(name):
        fault = "its name is none that a file may have here"
    elif entry.get("restricted") is True or file.get("restricted") is True:
        fault = "it is restricted: ask for access on the page of the deposit and fetch it with a browser"
    known = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
    return DepositedFile(name, address, known, _checksum(file), fault)


def _original_name(name: str, file: Mapping[str, Any]) -> str:
    original = file.get("originalFileName")
    if isinstance(original, str) and original:
        return original
    ending = _ENDINGS.get(str(file.get("originalFileFormat")).partition(";")[0].strip().lower())
    return str(PurePosixPath(name).with_suffix(ending)) if ending and is_plain_name(name) else name


def _checksum(file: Mapping[str, Any]) -> Checksum | None:
    published = file.get("checksum")
    if isinstance(published, dict):
        return Checksum.published(str(published.get("type", "")), str(published.get("value", "")))
    return Checksum.published("md5", str(file["md5"])) if isinstance(file.get("md5"), str) else None
