"""Joining two files by name, when some names are spelt otherwise in one of them.

A name is joined to the same name; else to the one that differs only in capitals, blanks, or what nobody sees, when on
both sides only one is meant. Whatever stays alone although a name like it is there is listed, never dropped in silence.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dermdash.records.alike_names import alike_key, folded, shown_name

_NAMED = 5


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Which name of the other side each wanted name is.

    Attributes
    ----------
    found : dict
        Wanted name to the known one it is joined to.
    respelt : dict
        The part of ``found`` whose two names are spelt differently.
    near : dict
        Wanted names without a match to a known name that looks like them.
    """

    found: Mapping[str, str]
    respelt: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)

    def warnings(self, what: str, where: str) -> tuple[str, ...]:
        """What to say of the join, in sentences: ``what`` is joined ("cases"), ``where`` the other side is."""
        said = []
        if self.respelt:
            said.append(
                f"Matched though spelt otherwise in {where}, {len(self.respelt):,} of the {what}: "
                f"{_pairs(self.respelt)}."
            )
        if self.near:
            said.append(
                f"Not matched though names like them stand in {where}, {len(self.near):,} of the {what}: "
                f"{_pairs(self.near)}. Spell them alike if they are the same."
            )
        return tuple(said)


def match_names(wanted: Iterable[str], known: Iterable[str]) -> NameMatch:
    """Join names to names; see the head of this module. A known name is joined to one wanted name at most."""
    there = dict.fromkeys(known)
    found = {name: name for name in dict.fromkeys(wanted) if name in there}
    alone = [name for name in dict.fromkeys(wanted) if name not in found]
    if not alone:
        return NameMatch(found)
    free = _by_key((name for name in there if name not in found), folded)
    respelt = {
        names[0]: free[key][0]
        for key, names in _by_key(alone, folded).items()
        if len(names) == 1 and len(free.get(key, ())) == 1
    }
    looks_like = _by_key(there, alike_key)
    near = {
        name: looks_like[key][0] for name in alone if name not in respelt and (key := alike_key(name)) in looks_like
    }
    return NameMatch(found | respelt, respelt, near)


def _by_key(names: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[key(name)].append(name)
    return groups


def _pairs(names: Mapping[str, str]) -> str:
    said = [f"{shown_name(name)} (there {shown_name(other)})" for name, other in list(names.items())[:_NAMED]]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(said) + more
