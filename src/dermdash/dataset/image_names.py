"""Which image file a row of a table means: its path first, then its name, then its name without extension.

What is spelt otherwise in the table than on the disk (capitals, Unicode form, leading zeros that a spreadsheet ate,
``.0`` or ``1.23E+05`` that it added, characters that nobody sees, ``_downsampled``, another extension) is joined where
one file and one row alone can be meant, and every such match is listed. Where several files can be meant, none is: a
label on the wrong picture is worse than a picture without a label.
"""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from dermdash.dataset.source_entry import ImageEntry, same_content
from dermdash.dataset.source_records import ExclusionReason
from dermdash.records.alike_names import alike_key, composed, folded, shown_name
from dermdash.records.csv_table import clean_image_id
from dermdash.wording import counted

_DRIVE = re.compile(r"[A-Za-z]:/+")
_WHOLE = re.compile(r"(\d+)[.,]0+")
_ZEROS = re.compile(r"^0+(?=\d)")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d{1,2})", re.IGNORECASE)
_REDUCED = "_downsampled"
_PLAIN_NUMBER = re.compile(r"[0-9]{1,40}")
_NAMED = 3
_MOST_COPIES = 20
_HINTED = 500
"""Rows for which the nearest name is looked for, and files among which it is: more would take seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says of its image: a path, a name or an id; and its diagnosis, which may be the name of a folder."""

    text: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """The file of a row; ``note`` says how it was found where its name is not the one in the row."""

    entry: ImageEntry
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoFile:
    """Why a row has no file, and what stands there instead."""

    reason: ExclusionReason
    detail: str


@dataclass(frozen=True, slots=True)
class FileMatches:
    """What was found for every row, in their order, and files that hold the same as one that was found."""

    outcomes: tuple[FoundFile | NoFile, ...]
    copies: tuple[tuple[ImageEntry, ImageEntry], ...] = ()


def match_files(wanted: Sequence[Wanted], images: Sequence[ImageEntry], *, left_out: Iterable[str] = ()) -> FileMatches:
    """Find the file of every row; see the head of this module.

    Exact matches come before all others, so that no near one takes a file which another row names. A file that is there
    twice, byte by byte, is one file.

    Parameters
    ----------
    left_out
        What rows that were left out already say of their images: their files are no less theirs.
    """
    return _Matching(wanted, images, left_out).matches()


class _Name(NamedTuple):
    """A path of the table or of the disk, in one form: its folders, its name, and that without extension."""

    folders: tuple[str, ...]
    name: str
    stem: str

    @classmethod
    def of(cls, text: str) -> "_Name":
        path = composed(text).strip().replace("\\", "/")
        if "/" not in path:
            return cls((), path, clean_image_id(path))
        path = path[found.end() :] if (found := _DRIVE.match(path)) else path
        kept = [part for part in map(str.strip, path.split("/")) if part not in ("", ".", "..")] or [""]
        return cls(tuple(kept[:-1]), kept[-1], clean_image_id(kept[-1]))

    @property
    def has_suffix(self) -> bool:
        return self.name != self.stem

    @property
    def folder(self) -> str:
        """The folder it lies in; empty at the top."""
        return self.folders[-1] if self.folders else ""

    def with_stem(self, loosen: Callable[[str], str]) -> "_Name":
        return self if loosen is str else self._replace(stem=loosen(self.stem))

    def ends(self, other: "_Name") -> bool:
        """Whether these folders are the last ones of the other path."""
        return not self.folders or other.folders[-len(self.folders) :] == self.folders


def bare_number(stem: str) -> str:
    """A number without leading zeros and without ``.0``; any other text as it is."""
    if not stem[:1].isdigit():
        return stem
    whole = found[1] if (found := _WHOLE.fullmatch(stem)) else stem
    return _ZEROS.sub("", whole, count=1) if whole.isascii() and whole.isdigit() else whole


def _full_size(stem: str) -> str:
    return stem.removesuffix(_REDUCED)


# How names may differ, in the order in which that is looked at: what makes a folded stem equal then, and its words.
_LOOSENED: tuple[tuple[Callable[[str], str], str], ...] = (
    (str, "capitals, blanks or characters that are not seen"),
    (bare_number, "leading zeros or a decimal that a spreadsheet took or added"),
    (_full_size, f'"{_REDUCED}"'),
    (lambda stem: bare_number(_full_size(stem)), "more than one of capitals, zeros and endings"),
)


_File = tuple[_Name, ImageEntry]
_Key = TypeVar("_Key", bound=Hashable)


class _Matching:
    """Indexes first, so that a hundred thousand files called 1.jpg in folders of their own are each looked at once."""

    def __init__(self, wanted: Sequence[Wanted], images: Sequence[ImageEntry], left_out: Iterable[str]) -> None:
        self.rows = len(wanted)
        # A row that stands there twice is no rival of itself.
        there = {w.text for w in wanted}
        self.wanted = [*wanted, *(Wanted(text) for text in dict.fromkeys(left_out) if text not in there)]
        self.names = [_Name.of(w.text) for w in self.wanted]
        self.files = [(_Name.of(entry.relative or entry.name), entry) for entry in images]
        self.by_name = _groups(self.files, lambda name: name.name)
        self.by_stem = _groups(self.files, lambda name: name.stem)
        self.name_in_folder = _groups(self.files, lambda name: (name.folder, name.name))
        self.stem_in_folder = _groups(self.files, lambda name: (name.folder, name.stem))
        self.rows_of_stem = Counter(name.stem for name in self.names)
        self.rows_of_path = Counter((name.folders, name.stem) for name in self.names)
        self.outcomes: list[FoundFile | NoFile | None] = [None] * len(self.wanted)
        self.copies: dict[ImageEntry, ImageEntry] = {}

    def matches(self) -> FileMatches:
        for place, name in enumerate(self.names):
            self.outcomes[place] = self._exact(place, name)
        taken = {found.entry for found in self.outcomes if isinstance(found, FoundFile)}
        if None in self.outcomes[: self.rows]:
            rows = [_folded(name) for name in self.names]
            files = [_folded(name) for name, _ in self.files]
            for loosen, words in _LOOSENED:
                self._near([n.with_stem(loosen) for n in rows], [n.with_stem(loosen) for n in files], words, taken)
            self._scientific(taken)
        hints = _Hints(self.files)
        of_rows = self.outcomes[: self.rows]
        done = [outcome or hints.no_file(self.names[place]) for place, outcome in enumerate(of_rows)]
        return FileMatches(tuple(done), tuple(self.copies.items()))

    def _exact(self, place: int, name: _Name) -> FoundFile | NoFile | None:
        """The file with this path, else the one with this name, else the one with this name without extension."""
        if not name.stem:
            return None
        # Of a.png and a.bmp in the table, either may be the a.jpg on the disk.
        alone_here = self.rows_of_path[name.folders, name.stem] == 1
        alone = self.rows_of_stem[name.stem] == 1
        otherwise = "its extension" * name.has_suffix
        if name.folders:
            named = self.name_in_folder.get((name.folder, name.name), []) if name.has_suffix else []
            for files, differs in ((named, ""), (self.stem_in_folder.get((name.folder, name.stem), []), otherwise)):
                below = [file for file in files if name.ends(file[0])]
                whole = [file for file in below if file[0].folders == name.folders]
                if (found := whole or below) and (alone_here or not differs):
                    return self._one(place, found, differs)
        named = self.by_name.get(name.name, []) if name.has_suffix else []
        for files, differs in ((named, ""), (self.by_stem.get(name.stem, []), otherwise)):
            # A path that leads nowhere may mean the file of that name elsewhere, unless another row has that name.
            if files and (alone or not (name.folders or differs)):
                return self._one(place, files, " and ".join(filter(None, ("its folder" * bool(name.folders), differs))))
        return None

    def _one(self, place: int, files: list[_File], differs: str) -> FoundFile | NoFile:
        """The one file of several of a name: of copies the first, else the one in the folder of the row's class."""
        text, entry = self.wanted[place].text, files[0][1]
        if not differs and not text.isascii() and _last_part(text) not in (entry.name, entry.image_id):
            differs = "the Unicode form of its letters"
        note = f"{_shown(text)} was matched with {entry.relative}, which differs in {differs}" if differs else ""
        if len(files) == 1:
            return FoundFile(entry, note)
        entries = [entry for _, entry in files]
        if len(files) <= _MOST_COPIES and same_content(entries):
            if place < self.rows:
                self.copies.update(dict.fromkeys(entries[1:], entry))
            return FoundFile(entry, note)
        folder = folded(self.wanted[place].folder)
        inside = [entry for name, entry in files if folder in map(folded, name.folders)] if folder else []
        if len(inside) == 1:
            several = counted(len(files), "file")
            said = f"{_shown(text)} was matched with {inside[0].relative}: of {several} of that name "
            return FoundFile(inside[0], said + "this one lies in the folder of its diagnosis")
        return NoFile(ExclusionReason.AMBIGUOUS_IMAGE_NAME, f"{_shown(text)} may be any of {_places(entries)}")

    def _near(self, rows: Sequence[_Name], files: Sequence[_Name], words: str, taken: set[ImageEntry]) -> None:
        """Join rows without a file to files without a row, where by these names one of each is alone."""
        open_rows = [place for place, outcome in enumerate(self.outcomes) if outcome is None and self.names[place].stem]
        asked = {rows[place].stem for place in open_rows}
        called = Counter(name.stem for name in rows if name.stem in asked)
        called_here = Counter((name.folders, name.stem) for name in rows if name.stem in asked)
        by_stem: dict[str, list[ImageEntry]] = defaultdict(list)
        in_folder: dict[tuple[str, str], list[_File]] = defaultdict(list)
        for name, (_, entry) in zip(files, self.files, strict=True):
            if name.stem in asked:
                by_stem[name.stem].append(entry)
                in_folder[name.folder, name.stem].append((name, entry))
        for place in open_rows:
            name, text = rows[place], _shown(self.wanted[place].text)
            candidates, rivals = by_stem.get(name.stem, []), called[name.stem]
            if name.folders:
                inside = [entry for file, entry in in_folder.get((name.folder, name.stem), []) if name.ends(file)]
                if inside:
                    candidates, rivals = inside, called_here[name.folders, name.stem]
            if not any(entry not in taken for entry in candidates):
                continue
            if len(candidates) == 1 and rivals == 1:
                taken.add(candidates[0])
                said = f"{text} was matched with {candidates[0].relative}, which differs in {words}"
                self.outcomes[place] = FoundFile(candidates[0], said)
            else:
                others = f", and so may {counted(rivals - 1, 'other row')}" if rivals > 1 else ""
                said = f"{text} may be {_places(candidates)}{others}"
                self.outcomes[place] = NoFile(ExclusionReason.AMBIGUOUS_IMAGE_NAME, said)

    def _scientific(self, taken: set[ImageEntry]) -> None:
        """Join 1.23E+05 to the one file whose number is written so with as many decimals."""
        numbers = [(int(name.stem), entry) for name, entry in self.files if _PLAIN_NUMBER.fullmatch(name.stem)]
        written: dict[int, dict[float, list[ImageEntry]]] = {}
        for place, name in enumerate(self.names):
            found = _SCIENTIFIC.fullmatch(name.stem)
            if self.outcomes[place] is not None or found is None:
                continue
            decimals = len(found[2] or "")
            if decimals not in written:
                written[decimals] = defaultdict(list)
                for number, entry in numbers:
                    written[decimals][float(f"%.{decimals}e" % number)].append(entry)
            fits = written[decimals].get(float(f"{found[1]}.{found[2] or 0}e{found[3]}"), [])
            if len(fits) == 1 and fits[0] not in taken and self.rows_of_stem[name.stem] == 1:
                taken.add(fits[0])
                said = f"{_shown(name.name)} was matched with {fits[0].relative}, the one number that is written so"
                self.outcomes[place] = FoundFile(fits[0], said)
            elif fits:
                said = f"{_shown(name.name)} may be {_places(fits)}"
                self.outcomes[place] = NoFile(ExclusionReason.AMBIGUOUS_IMAGE_NAME, said)


def _groups(files: Iterable[_File], key: Callable[[_Name], _Key]) -> dict[_Key, list[_File]]:
    groups: dict[_Key, list[_File]] = defaultdict(list)
    for file in files:
        groups[key(file[0])].append(file)
    return groups


def _folded(name: _Name) -> _Name:
    return _Name(tuple(map(folded, name.folders)), folded(name.name), folded(name.stem))


def _last_part(text: str) -> str:
    return text.strip().replace("\\", "/").rpartition("/")[2]


def _shown(text: str) -> str:
    return shown_name(text.strip())


def _places(entries: Sequence[ImageEntry]) -> str:
    named = ", ".join(entry.location for entry in entries[:_NAMED])
    return named + (f" and {len(entries) - _NAMED:,} more" if entries[_NAMED:] else "")


class _Hints:
    """The nearest name for rows without a file: one that looks like it, or has the same digits."""

    def __init__(self, files: Sequence[_File]) -> None:
        self.files = files
        self.asked = 0
        self.alike: dict[str, list[str]] = {}
        self.by_digits: dict[str, list[str]] = {}

    def no_file(self, name: _Name) -> NoFile:
        detail = f"there is no image file for {name.stem or 'an empty name'}"
        self.asked += 1
        near = self._nearest(name.stem) if name.stem and self.asked <= _HINTED else None
        if near is not None:
            detail += f"; the nearest name is {shown_name(near)}"
        return NoFile(ExclusionReason.NO_IMAGE_FILE, detail)

    def _nearest(self, stem: str) -> str | None:
        if not self.alike:
            for file, _ in self.files:
                self.alike.setdefault(alike_key(_full_size(file.stem)), []).append(file.stem)
                self.by_digits.setdefault(_digits(file.stem), []).append(file.stem)
        if found := self.alike.get(alike_key(_full_size(stem))):
            return found[0]
        close = difflib.get_close_matches(stem, self.by_digits.get(_digits(stem), [])[:_HINTED], n=1, cutoff=0.7)
        return close[0] if close else None


def _digits(text: str) -> str:
    return " ".join(part.lstrip("0") for part in re.findall(r"\d+", text))
