"""The classes of a data set in a format that knows one taxonomy only: mapped by their diagnoses, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dermdash.dataset.exports.export_format import LeftOutOfFormat
from dermdash.records.taxonomies.mapping import map_taxonomy
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted

NO_CLASS, OTHER_CLASS = "no_diagnosis", "label_outside_the_format"


class ClassWords:
    """The class of each record in the format's taxonomy, with a count of what was read as something else."""

    def __init__(self, own: Taxonomy, formats: Taxonomy) -> None:
        self.own, self.formats = own, formats
        same = own.name == formats.name
        self._of = {c: c for c in own.codes} if same else {m.source.code: m.code for m in map_taxonomy(own, formats)}
        self._counts: Counter[str] = Counter()

    def code_of(self, row: Mapping[str, Any], *, n: int = 1) -> str:
        """The class of a record (or of so many) in the format; `LeftOutOfFormat` where it has none there, or at all."""
        dx = row.get("dx")
        if not dx:
            said = f": the source says {row['source_label']!r}" if row.get("source_label") else ""
            raise LeftOutOfFormat(NO_CLASS, f"it has no diagnosis with a class{said}")
        code = self._of.get(dx)
        if code is None:
            raise LeftOutOfFormat(OTHER_CLASS, f"{dx} of {self.own.name} is no single class of {self.formats.name}")
        if code != dx:
            self._counts[dx] += n
        return code

    def notes(self) -> list[str]:
        """Which classes were written as others."""
        return [
            f"{self.own[dx].name} was written as {self.formats[self._of[dx] or ''].name} ({counted(n, 'record')})."
            for dx, n in self._counts.most_common()
        ]
