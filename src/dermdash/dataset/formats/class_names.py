"""Names of classes that labels give as numbers, one a line of a text file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dermdash.dataset.formats.source_files import SourceFile
from dermdash.errors import InvalidInput
from dermdash.records.text_file import read_text


@dataclass(frozen=True, slots=True)
class ClassNames:
    """Names by number, from 0, and the file that gives them."""

    file: str
    names: Mapping[int, str]

    def name_of(self, number: int, where: str) -> str:
        """The name of a class; raises InvalidInput where the file names none of that number."""
        if number not in self.names:
            raise InvalidInput(f"{where}: class {number} is none of the {len(self.names)} that {self.file} names")
        return self.names[number]


def names_of_lines(tables: Sequence[SourceFile], called: Collection[str]) -> ClassNames | None:
    """The first file of one of these names (in small letters) in which anything stands."""
    for file in sorted(tables, key=lambda f: f.name.count("/")):
        if file.short.lower() in called:
            lines = read_text(file.source, file_kind=file.short).splitlines()
            if names := {number: line.strip() for number, line in enumerate(lines) if line.strip()}:
                return ClassNames(file.name, names)
    return None
