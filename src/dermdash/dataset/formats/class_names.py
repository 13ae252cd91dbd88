"""Names of classes that labels give as numbers, one a line of a text file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dermdash.dataset.formats.source_files import SourceFile
from dermdash.errors import InvalidInput
from dermdash.records.text_file import read_text


@dataclass(frozen=True, slots=True)
class ClassNames:
    """Names by number, from 0, the file that gives them, and which folders it calls parts of the data set."""

    file: str
    names: Mapping[int, str]
    parts: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def name_of(self, number: int, where: str) -> str:
        """The name of a class; raises InvalidInput where the file names none of that number."""
        if number not in self.names:
            raise InvalidInput(f"{where}: class {number} is none of the {len(self.names)} that {self.file} names")
        return self.names[number]


def names_of_lines(tables: Sequence[SourceFile], called: Collection[str]) -> list[ClassNames]:
    """Of all files of one of these names (in small letters) in which anything stands, the outermost first."""
    found = []
    for file in sorted(tables, key=lambda f: f.name.count("/")):
        if file.short.lower() in called:
            lines = read_text(file.source, file_kind=file.short).splitlines()
            if names := {number: line.strip() for number, line in enumerate(lines) if line.strip()}:
                found.append(ClassNames(file.name, names))
    return found


def nearest_above(several: Sequence[ClassNames], path: str) -> ClassNames | None:
    """The first of those in the nearest folder above a file; None where none lies above it.

    Two data sets in folders of their own may count the same classes in another order.
    """
    folders = PurePosixPath(path).parts[:-1]
    places = {one.file: PurePosixPath(one.file).parts[:-1] for one in several}
    above = [one for one in several if folders[: len(places[one.file])] == places[one.file]]
    return max(above, key=lambda one: len(places[one.file]), default=None)
