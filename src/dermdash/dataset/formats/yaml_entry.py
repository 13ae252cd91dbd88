"""A YAML file read entry by entry, each knowing its line; every plain word is text, so that ``NO`` is no "false"."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import yaml

from dermdash.errors import InvalidInput
from dermdash.records.yaml_text import no_yaml, refuse_hostile_yaml

_SHOWN = 60
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class YamlEntry:
    """One value of a YAML file, and where it stands: file, line, and the names of the entries around it."""

    node: yaml.Node
    file: str
    path: str = ""

    def refuse(self, why: str) -> InvalidInput:
        """The error to raise for this entry."""
        mark = self.node.start_mark
        where = self.file if mark is None else f"{self.file}, line {mark.line + 1}"
        return InvalidInput(f"{where}: {self.path}: {why}" if self.path else f"{where}: {why}")

    def entries(self, known: Collection[str] | None = None) -> dict[str, YamlEntry]:
        """What stands below it by name; refuses a name that is not known, or that stands there twice."""
        if self.empty:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse(f"expected entries with names, found {self._shown()}")
        found: dict[str, YamlEntry] = {}
        for key, value in self.node.value:
            name = YamlEntry(key, self.file, self.path)
            word = name.text()
            if known is not None and word not in known:
                raise name.refuse(f"unknown entry {word[:_SHOWN]!r}{near(word, known)}; known are {', '.join(known)}")
            if word in found:
                raise name.refuse(f"{word[:_SHOWN]!r} stands there twice")
            found[word] = YamlEntry(value, self.file, f"{self.path}, {word}" if self.path else word)
        return found

    def items(self) -> list[YamlEntry]:
        """The entries of a list."""
        if self.empty:
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse(f"expected a list, found {self._shown()}")
        return [YamlEntry(n, self.file, f"{self.path} {i}") for i, n in enumerate(self.node.value, start=1)]

    def text(self) -> str:
        """One word or text, as it stands."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refuse(f"expected text, found {self._shown()}")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def words(self) -> dict[str, str]:
        """Texts by name."""
        return {name: entry.text() for name, entry in self.entries().items()}

    def flag(self) -> bool:
        """Whether it says true."""
        word = self.text().lower()
        if word not in _FLAGS:
            raise self.refuse(f"expected true or false, found {self._shown()}")
        return _FLAGS[word]

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return isinstance(self.node, yaml.ScalarNode) and not self.node.value

    @property
    def is_text(self) -> bool:
        """Whether it is one text."""
        return isinstance(self.node, yaml.ScalarNode)

    def _shown(self) -> str:
        if isinstance(self.node, yaml.CollectionNode):
            return "entries with names" if isinstance(self.node, yaml.MappingNode) else "a list"
        return repr(str(self.node.value)[:_SHOWN])


def read_yaml(text: str, *, file: str, most_bytes: int, what: str) -> YamlEntry:
    """The whole of a file.

    Raises
    ------
    InvalidInput
        As `refuse_hostile_yaml` says, or nothing stands in it.
    """
    refuse_hostile_yaml(text, file=file, most_bytes=most_bytes, what=what)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:  # a second document
        raise no_yaml(file, error) from None
    if node is None:
        raise InvalidInput(f"{file} is empty")
    return YamlEntry(node, file)


def near(word: str, known: Collection[str] | Mapping[str, object]) -> str:
    """The nearest known name, to follow one that is not known; empty where none is near."""
    lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(lower), n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else ""
