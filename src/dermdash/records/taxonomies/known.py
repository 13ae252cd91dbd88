"""Which taxonomies are known: dermdash's own, and those that the open workspace adds in its folder `taxonomies`."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.taxonomies.classes import Taxonomy
from dermdash.records.taxonomies.taxonomy_file import MOST_BYTES, SUFFIX, parse_taxonomy
from dermdash.settings import Settings

# The order in which a log or a truth file that names none is tried.
OWN = ("ham7", "clinical9", "asan12", "isic2019", "milk11", "padufes6", "malignancy2")
DEFAULT_TAXONOMY = OWN[0]
"""What a command or a page takes where nobody says; code below them is told."""


@functools.cache
def _own(name: str) -> Taxonomy:
    file = f"{name}{SUFFIX}"
    return parse_taxonomy((files("dermdash.records.taxonomies") / file).read_text("utf-8"), file=file)


class KnownTaxonomies(Mapping[str, Taxonomy]):
    """Taxonomies by name: dermdash's own first, then those of the workspace by name.

    The folder of the workspace is read again when a file in it was added, replaced or removed: by another process, too.
    A file that cannot be used hides no other; ``problems`` says what is wrong with it. Until a workspace is opened the
    folder is that of the workspace which the settings name.
    """

    FOLDER = "taxonomies"
    """The folder's name in a workspace."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._as_read: int | None = None
        self._added: dict[str, Taxonomy] = {}
        self._problems: dict[str, str] = {}
        self._lent: dict[str, Taxonomy] = {}

    def use_workspace(self, home: Path) -> None:
        """Know the taxonomies of this workspace, and no longer those of another."""
        self._folder, self._as_read, self._added, self._problems = home / self.FOLDER, None, {}, {}

    @property
    def added(self) -> Mapping[str, Taxonomy]:
        """Those of the workspace alone."""
        self._read_again()
        return self._added

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with files of the workspace that cannot be used, by the name of the file without its ending."""
        self._read_again()
        return self._problems

    def refuse_clash(self, taxonomy: Taxonomy, *, file: str) -> None:
        """Raise InvalidInput where its name is one of dermdash's own, or a code has another name than elsewhere.

        A code means the same in every taxonomy that has it, as it is shown in words without one.
        """
        if taxonomy.name in OWN:
            raise InvalidInput(
                f"{file}: {taxonomy.name} is the name of one of dermdash's own taxonomies; choose another"
            )
        for other in self.values():
            for c in taxonomy.classes:
                if other.name != taxonomy.name and c.code in other and other[c.code].name != c.name:
                    raise InvalidInput(
                        f"{file}: the code {c.code} is {other[c.code].name!r} in {other.name} and {c.name!r} here: "
                        "give it the same name, or another code"
                    )

    @contextmanager
    def with_added(self, taxonomies: Iterable[Taxonomy]) -> Iterator[None]:
        """Know these as well for a while, as a file does that brings its own; InvalidInput where one clashes."""
        before = self._lent
        for taxonomy in taxonomies:
            if self.get(taxonomy.name) == taxonomy:
                continue
            self.refuse_clash(taxonomy, file=taxonomy.name)
            if taxonomy.name in self:
                raise InvalidInput(f"there is a taxonomy {taxonomy.name} already, and this one differs")
            self._lent = {**self._lent, taxonomy.name: taxonomy}
        try:
            yield
        finally:
            self._lent = before

    def __getitem__(self, name: str) -> Taxonomy:
        if name in OWN:
            return _own(name)
        self._read_again()
        return self._added[name] if name in self._added else self._lent[name]

    def __iter__(self) -> Iterator[str]:
        self._read_again()
        return iter(dict.fromkeys((*OWN, *self._added, *self._lent)))

    def __len__(self) -> int:
        self._read_again()
        return len(list(iter(self)))

    def _read_again(self) -> None:
        if self._folder is None:
            self._folder = Settings().home.resolve() / self.FOLDER
        try:
            changed = self._folder.stat().st_mtime_ns
        except OSError:
            changed = 0
        if changed == self._as_read:
            return
        # Before the files are read: whatever comes while they are makes the next look read them again.
        self._as_read, self._added, self._problems = changed, {}, {}
        for path in sorted(self._folder.glob(f"*{SUFFIX}")) if changed else ():
            try:
                taxonomy = read_taxonomy_file(path)
                if path.stem != taxonomy.name:
                    raise InvalidInput(f"{path.name} declares {taxonomy.name}: a file has the name of its taxonomy")
                self.refuse_clash(taxonomy, file=path.name)
                self._added[taxonomy.name] = taxonomy
            except DermdashError as problem:
                self._problems[path.stem] = str(problem)


def read_taxonomy_file(path: Path) -> Taxonomy:
    """Read one file.

    Raises
    ------
    InvalidInput
        It cannot be read, or is no taxonomy.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 at byte {error.start}") from None
    return parse_taxonomy(text, file=path.name)


TAXONOMIES = KnownTaxonomies()


def get_taxonomy(name: str) -> Taxonomy:
    """Return the taxonomy of that name, or raise InvalidInput naming the known ones."""
    if name in TAXONOMIES:
        return TAXONOMIES[name]
    if name in TAXONOMIES.problems:
        raise InvalidInput(f"the taxonomy {name!r} of the workspace cannot be used: {TAXONOMIES.problems[name]}")
    raise InvalidInput(f"unknown taxonomy {name!r}: known are {', '.join(TAXONOMIES)}")


def diagnosis_name(code: str | None) -> str:
    """Return the diagnosis in words ("nv": "Melanocytic nevus"); a code of no known taxonomy as it stands.

    A code means the same in every taxonomy that has it.
    """
    if not code:
        return "No diagnosis"
    own = _own_names().get(code)
    return own or next((t[code].name for t in TAXONOMIES.added.values() if code in t), code)


@functools.cache
def _own_names() -> Mapping[str, str]:
    return {c.code: c.name for name in OWN for c in _own(name).classes}


def short_diagnosis_name(code: str) -> str:
    """Return the first of the names of a diagnosis ("akiec": "Actinic keratosis"), for labels in figures."""
    return diagnosis_name(code).partition(" / ")[0]


HAM7, CLINICAL9, ASAN12, ISIC2019, MILK11, PADUFES6, MALIGNANCY2 = (_own(name) for name in OWN)
