"""Which spellings in a log are one name: what a person decided, and what nobody has decided yet.

Nothing is taken for one unasked, except the two Unicode forms of one text (NFC and NFD), which nobody can tell apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from dermdash.errors import DermdashError, InvalidInput, MissingColumns, NamesAlike
from dermdash.readings.modality import Phase
from dermdash.records.alike_names import AlikeNames, alike_names, composed, shown_name
from dermdash.wording import counted

KINDS: dict[str, str] = {
    "reader": "reader",
    "case": "case",
    "cluster": "cluster",
    "modality": "modality",
    "dx": "diagnosis",
    "truth_dx": "diagnosis",
    "advice_dx": "diagnosis",
    "session": "session",
    "arm": "arm",
    "management": "management",
    "profession": "profession",
    "experience_group": "experience_group",
    "age_group": "age_group",
    "gender": "gender",
    "country": "country",
}
"""What the columns of text name: a column of readings to its kind of name."""
MERGE, APART = "merge", "apart"
EVERY = "*"
_GROUPS_SAID = 5
_PASSES = 4
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SpellingChoice:
    """What a person decided of names that look alike.

    Attributes
    ----------
    one : dict
        Kind of name to spelling to the name it stands under.
    apart : dict
        Kind of name to groups of spellings that are different names.
    """

    one: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    apart: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.one or self.apart)

    def name(self, kind: str, text: str) -> str:
        """The name that a spelling stands under."""
        return self.one.get(kind, {}).get(text, text)

    def decides(self, group: AlikeNames) -> bool:
        """Whether these spellings were said to be different."""
        return any(set(group.names) <= set(names) for names in self.apart.get(group.kind, ()))

    def taking(self, groups: Iterable[AlikeNames], answer: str) -> "SpellingChoice":
        """The same with further groups decided: ``merge`` (the spelling of most rows stands for all) or ``apart``."""
        one = {kind: dict(names) for kind, names in self.one.items()}
        apart = dict(self.apart)
        for group in groups:
            if answer == MERGE:
                names = one.setdefault(group.kind, {})
                names.update({text: group.usual for text, name in names.items() if name in group.names})
                names.update(dict.fromkeys(group.names[1:], group.usual))
            else:
                apart[group.kind] = (*apart.get(group.kind, ()), group.names)
        return SpellingChoice(one, apart)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided, in sentences."""
        found = []
        for kind, names in self.one.items():
            also: dict[str, list[str]] = defaultdict(list)
            for spelling, name in names.items():
                also[name].append(shown_name(spelling))
            said = [f"{shown_name(name)} (also {', '.join(others)})" for name, others in also.items()]
            each = " each" if len(said) > 1 else ""
            found.append(f"Taken for one {kind_word(kind)}{each}, as was decided: {_listed(said)}.")
        for kind, groups in self.apart.items():
            said = [" and ".join(map(shown_name, names)) for names in groups]
            found.append(f"Different {kind_word(kind, 2)}, as was decided: {_listed(said)}.")
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """For storage and JSON; empty when nothing was decided."""
        kept: dict[str, Any] = {}
        if self.one:
            kept["one"] = {kind: dict(names) for kind, names in self.one.items()}
        if self.apart:
            kept["apart"] = {kind: [list(names) for names in groups] for kind, groups in self.apart.items()}
        return kept

    @classmethod
    def of_dict(cls, kept: Mapping[str, Any] | None) -> "SpellingChoice":
        """The choice that `as_dict` wrote."""
        kept = kept or {}
        return cls(
            {kind: dict(names) for kind, names in kept.get("one", {}).items()},
            {kind: tuple(map(tuple, groups)) for kind, groups in kept.get("apart", {}).items()},
        )


class NamesRead:
    """The names of a file as they are read: each comes out as it is to be called, and is remembered."""

    def __init__(self, choice: SpellingChoice | None = None) -> None:
        self.choice = choice or SpellingChoice()
        self._seen: dict[str, Counter[str]] = defaultdict(Counter)
        self._counted: dict[str, Counter[str]] = {}
        self._decomposed: set[str] = set()

    def one(self, column: str, text: str, rows: int = 1) -> str:
        """What the text in a column of readings (``reader``, ``case``, ...) is called; it stands in so many rows."""
        kind = KINDS[column]
        whole = composed(text)
        if whole != text:
            self._decomposed.add(text)
        name = self.choice.name(kind, whole)
        self._seen[kind][name] += rows
        return name

    def column(self, column: str, texts: "pd.Series[Any]") -> "pd.Series[Any]":
        """The same for a whole column; what is no text stays as it is."""
        meant = {t: self.one(column, t, int(n)) for t, n in texts.value_counts().items() if isinstance(t, str)}
        changed = {text: name for text, name in meant.items() if text != name}
        return texts.map(lambda text: changed.get(text, text)) if changed else texts

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The readings of a log with every name as it is to be called; they are counted, every answer once."""
        named = {name: self.column(name, rows[name]) for name in KINDS if name in rows}
        found = rows.assign(**named)
        answers = found[~found["copied"].eq(True)] if "copied" in found else found
        self._counted = {kind: Counter() for kind in KINDS.values()}
        for name in named:
            for text, n in answers[name].value_counts().items():
                if isinstance(text, str):
                    self._counted[KINDS[name]][text] += int(n)
        # Sessions that are made of the modalities are spelt as those are.
        if set(self._counted["session"]) <= set(self._counted["modality"]) | {Phase.UNAIDED.value}:
            self._counted["session"].clear()
        return found

    @property
    def undecided(self) -> tuple[AlikeNames, ...]:
        """Names that look alike and of which nobody has said whether they are one."""
        counted = self._counted or self._seen
        groups = (group for kind, rows in counted.items() for group in alike_names(kind, rows))
        return tuple(group for group in groups if not self.choice.decides(group))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done with the names, in sentences."""
        n = len(self._decomposed)
        nfd = (
            f"{n:,} name{' was' if n == 1 else 's were'} written with accents as characters of their own (Unicode NFD) "
            f"and read as the same text in one form (NFC).",
        )
        return (*(nfd if n else ()), *self.choice.notes)


def read_with_spellings(
    read: Callable[[NamesRead], Result], choice: SpellingChoice | None, rule: Mapping[str, str] | None = None
) -> tuple[Result, NamesRead]:
    """Read a file with what was decided of its names.

    Parameters
    ----------
    read
        Reads the file, asking the `NamesRead` for every name. It is called again when a rule decides what it met.
    choice
        What was decided of single names.
    rule
        Kind of name (``*`` for every other) to ``merge`` or ``apart``: decides what the choice leaves open.

    Raises
    ------
    NamesAlike
        The file cannot be used, and the reason names somebody or something that is spelt in several ways.
    """
    choice = choice or SpellingChoice()
    for _ in range(_PASSES):
        names = NamesRead(choice)
        failure: DermdashError | None = None
        try:
            result = read(names)
        except DermdashError as error:
            failure = error
        further = _ruled(choice, names.undecided, rule or {})
        if further == choice:
            break
        choice = further
    if failure is not None:
        raise _explained(failure, names) from failure
    return result, names


def _ruled(choice: SpellingChoice, groups: Iterable[AlikeNames], rule: Mapping[str, str]) -> SpellingChoice:
    for group in groups:
        if (answer := rule.get(group.kind, rule.get(EVERY))) is not None:
            choice = choice.taking([group], answer)
    return choice


def _explained(failure: DermdashError, names: NamesRead) -> DermdashError:
    """The error with what its reason may be: a name in it that is spelt in several ways, or that stands for several."""
    if isinstance(failure, MissingColumns):
        return failure
    said = str(failure)

    def names_one_of(texts: Iterable[str]) -> bool:
        return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) for text in texts)

    # Counts that do not agree may be of one name under two spellings.
    if blamed := tuple(g for g in names.undecided if names_one_of((*g.names, kind_word(g.kind, 2)))):
        return NamesAlike(f"{said}. {' '.join(alike_warnings(blamed))}", blamed)
    for kind, merged in names.choice.one.items():
        for name in dict.fromkeys(merged.values()):
            if names_one_of([name]):
                also = [shown_name(text) for text, other in merged.items() if other == name]
                return type(failure)(f"{said}. {shown_name(name)} is one {kind_word(kind)} with {_listed(also)}")
    return failure


def alike_warnings(groups: Iterable[AlikeNames]) -> tuple[str, ...]:
    """One sentence for each kind of name: the spellings with their rows, and that they are kept apart."""
    by_kind: dict[str, list[AlikeNames]] = defaultdict(list)
    for group in groups:
        by_kind[group.kind].append(group)
    found = []
    for kind, some in by_kind.items():
        said = "; ".join(group.text for group in some[:_GROUPS_SAID])
        more = f"; and {counted(len(some) - _GROUPS_SAID, 'more group')}" if len(some) > _GROUPS_SAID else ""
        them = f"one {kind_word(kind)}" + (" each" if len(some) > 1 else "")
        found.append(f"These spellings look like {them} and are kept apart: {said}{more}.")
    return tuple(found)


def kind_word(kind: str, number: int = 1) -> str:
    """A kind of name in words: "reader", "age groups"."""
    one = kind.replace("_", " ")
    if number == 1:
        return one
    plural = {"diagnosis": "diagnoses", "modality": "modalities", "country": "countries"}
    return plural.get(one, f"{one}s")


def spelling_rule(given: Iterable[str]) -> dict[str, str]:
    """The rule a command was given: ``merge``, ``apart``, or ``KIND=merge`` again and again; what comes later wins.

    Raises
    ------
    InvalidInput
        Another answer, or a kind of name that no log has.
    """
    rule: dict[str, str] = {}
    kinds = tuple(dict.fromkeys(KINDS.values()))
    for text in given:
        kind, equals, answer = text.rpartition("=")
        kind = kind.strip() if equals else EVERY
        if answer.strip() not in (MERGE, APART) or (kind != EVERY and kind not in kinds):
            raise InvalidInput(
                f"--spellings is {text!r}: expected {MERGE} or {APART}, for some names only KIND={MERGE} or "
                f"KIND={APART}, with KIND one of {', '.join(kinds)}"
            )
        rule[kind] = answer.strip()
    return rule


def _listed(parts: list[str]) -> str:
    more = f" and {len(parts) - _GROUPS_SAID:,} more" if len(parts) > _GROUPS_SAID else ""
    return ", ".join(parts[:_GROUPS_SAID]) + more
