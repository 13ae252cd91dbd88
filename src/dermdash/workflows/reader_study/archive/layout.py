"""What a study archive is made of.

- ``manifest.json``: what the archive is, what made it, what was held back, and size and sha256 of every other file
- ``protocol.json``: the frozen protocol in its canonical form, of which the study's hash is; ``amendments.json``
- ``consent/``: the texts that readers agreed to, one file per version
- ``readings/``: the readings in every form that other programs read, with the data dictionary
- ``audit/``: events of sessions and acts about invitations
- ``report/``: the report, and its numbers with options, seeds and tolerance
- ``rows/``: the study as rows of tables, one JSON object a line: what an import and `dermdash reproduce` read
- ``taxonomy/``: the classes, where they are not dermdash's own
- ``images/`` and ``model/``: the pictures of cases and of similar images shown, and the checkpoint
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.errors import InvalidInput

FORMAT = 1
KIND = "dermdash study archive"
MANIFEST, README = "manifest.json", "README.txt"
PROTOCOL, AMENDMENTS = "protocol.json", "amendments.json"
NUMBERS, REPORT = "report/numbers.json", "report/report.html"
CONSENT, READINGS, AUDIT, ROWS, IMAGES, MODEL, TAXONOMY = (
    "consent/", "readings/", "audit/", "rows/", "images/", "model/", "taxonomy/",
)  # fmt: skip
LINES = ".jsonl"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ ()+-]*(/[A-Za-z0-9][A-Za-z0-9._ ()+-]*)?")


@dataclass(frozen=True, slots=True)
class ArchiveManifest:
    """What an archive says of itself.

    Attributes
    ----------
    study
        ``id``, ``name``, ``simulated``, ``protocol_sha256``, ``frozen_at``.
    software
        Versions of what made it.
    counts
        Readers, cases, readings, practice readings and events in it.
    privacy
        What was held back of people: ``profiles`` "reduced" or "whole", ``names`` "hidden" or "as they are", and in
        words what was merged.
    left_out
        What it does not hold, and why: one sentence for each.
    files
        sha256 and bytes of every other file, by name.
    """

    study: Mapping[str, Any]
    made_at: str
    dermdash: str
    schema: str
    software: Mapping[str, str]
    counts: Mapping[str, int]
    privacy: Mapping[str, Any]
    left_out: tuple[str, ...]
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": KIND,
            "format": FORMAT,
            "study": dict(self.study),
            "made_at": self.made_at,
            "dermdash": self.dermdash,
            "schema": self.schema,
            "software": dict(self.software),
            "counts": dict(self.counts),
            "privacy": dict(self.privacy),
            "left_out": list(self.left_out),
            "files": {name: {"sha256": sha, "bytes": size} for name, (sha, size) in sorted(self.files.items())},
        }


def read_manifest(said: Any, name: str) -> ArchiveManifest:
    """The manifest of an archive called ``name``.

    Raises
    ------
    InvalidInput
        It is none, or one of a newer form.
    """
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise InvalidInput(f"{name} is no study archive: `dermdash study archive` makes one")
    form = said.get("format")
    if not isinstance(form, int) or isinstance(form, bool) or form < 1:
        raise InvalidInput(f"{name}: {MANIFEST} does not say which form of archive this is: it is damaged")
    if form > FORMAT:
        raise InvalidInput(
            f"{name} is a study archive of form {form}, made by dermdash {_words(said.get('dermdash'))}, and this "
            f"version reads up to form {FORMAT}: install that one"
        )
    try:
        files = {
            _file_name(key): (_sha(entry["sha256"]), _size(entry["bytes"])) for key, entry in said["files"].items()
        }
        study = dict(said["study"])
        if not all(isinstance(study[key], str) for key in ("id", "name", "protocol_sha256")):
            raise ValueError
        return ArchiveManifest(
            study=study,
            made_at=str(said["made_at"]),
            dermdash=str(said["dermdash"]),
            schema=str(said["schema"]),
            software={str(k): str(v) for k, v in said["software"].items()},
            counts={str(k): int(v) for k, v in said["counts"].items()},
            privacy=dict(said["privacy"]),
            left_out=tuple(map(str, said["left_out"])),
            files=files,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"{name}: {MANIFEST} is damaged ({type(error).__name__}): take the archive anew") from None


def _words(value: object) -> str:
    return str(value)[:40] if isinstance(value, str) else "of an unknown version"


def _file_name(name: str) -> str:
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError
    return name


def _sha(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError
    return value


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError
    return value
