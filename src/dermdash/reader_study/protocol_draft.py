"""A protocol in the making: its entries as they were typed, what is still wrong, and what differs from the template.

Entries are those of a protocol as JSON has them, all of every part. Two may be None where a protocol has a value:
``class_mix`` and ``cases_per_round`` are then as the template says for the classes of the data set.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any

from dermdash.errors import DermdashError, InvalidEntry, InvalidInput
from dermdash.reader_study.amendment import ProtocolChange
from dermdash.reader_study.before_freezing import MOST, check_before_freezing
from dermdash.reader_study.design import Arm
from dermdash.reader_study.protocol import NATURE_MEDICINE_2020, Protocol
from dermdash.reader_study.protocol_parts import PARTS, PlantedAdvice
from dermdash.reader_study.templates import cases_of_mix, get_template
from dermdash.readings.modality import Modality
from dermdash.records.chosen_records import check_kept
from dermdash.records.taxonomy import get_taxonomy

DraftEntries = dict[str, Any]
OF_EVERY_STUDY = ("name", "dataset_id", "taxonomy", "model_id", "seed")
"""What no template can say: such entries differ in every study."""
_WHOLE = ("class_mix", "record_filter", "frozen_crowd", "translations")
"""Entries that are compared as one, though they hold others."""
_ENTRIES = tuple(f.name for f in fields(Protocol))
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class DraftFault:
    """Why the entries make no protocol yet; ``entry`` is where it lies."""

    entry: str
    message: str


def entries_of_protocol(protocol: Protocol) -> DraftEntries:
    """The entries that make this protocol."""
    entries: DraftEntries = json.loads(json.dumps(protocol.as_values(complete=True)))
    template, classes = get_template(protocol.template), get_taxonomy(protocol.taxonomy)
    if protocol.class_mix == template.class_mix(classes):
        return entries | {"class_mix": None, "cases_per_round": None}
    if protocol.class_mix == template.class_mix(classes, protocol.cases_per_round):
        return entries | {"class_mix": None}
    # With a mix of its own a round has as many cases as its classes add up to.
    return entries | {"cases_per_round": None}


def entries_of_template(
    key: str, *, dataset_id: str, taxonomy: str, model_id: str | None = None, seed: int = 0
) -> DraftEntries:
    """The entries of a template, without a name.

    Raises
    ------
    NotFound
        There is no such taxonomy.
    InvalidInput
        There is no such template.
    """
    template = get_template(key)
    protocol = template.protocol(name="-", dataset_id=dataset_id, model_id="-", taxonomy=taxonomy, seed=seed)
    return entries_of_protocol(protocol) | {"name": "", "model_id": model_id}


def entries_of_values(values: Mapping[str, Any]) -> DraftEntries | None:
    """The entries of a file that make no protocol, where each of them can be shown and changed; else None.

    As in a protocol, a part that the file names takes the place of the template's.
    """
    template = values.get("template", NATURE_MEDICINE_2020)
    try:
        base = entries_of_template(template, dataset_id=str(values["dataset_id"]), taxonomy=values["taxonomy"])
    except (DermdashError, TypeError):
        return None
    unchanged: DraftEntries = {name: part().model_dump(mode="json") for name, part in (*PARTS.items(),)} | {
        "wrong_advice": PlantedAdvice(share_percent=25).model_dump(mode="json")
    }
    for name, value in values.items():
        whole = unchanged.get(name)
        if isinstance(value, Mapping) and whole is not None:
            if not value.keys() <= whole.keys():
                return None
            value = whole | dict(value)
        if not _is_like(whole if whole is not None else base[name], value):
            return None
        base[name] = deepcopy(value)
    words = base["pages"]["translations"]
    readable = (
        all(_is_arm(arm) for arm in base["design"]["arms"])
        and all(isinstance(base[name], int | None) for name in ("time_limit_s", "cases_per_round"))
        and isinstance(base["model_id"], str | None)
        and _is_mix(base["class_mix"])
        and all(isinstance(inner, dict) for inner in words.values())
        and isinstance(base["frozen_crowd"], dict | None)
        and _is_kept(base["record_filter"])
    )
    return base if readable else None


def _is_like(known: Any, value: Any) -> bool:
    """Whether a value is of the kind of another, entry by entry; nothing is like anything."""
    if known is None or value is None:
        return True
    if isinstance(known, dict):
        # Arms are no texts, and looked at by themselves.
        return isinstance(value, Mapping) and all(
            isinstance(inner, list) if name == "arms" else _is_like(known.get(name), inner)
            for name, inner in value.items()
        )
    if isinstance(known, bool) or isinstance(value, bool):
        return isinstance(known, bool) and isinstance(value, bool)
    if isinstance(known, list):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, type(known))


def _is_mix(mix: Any) -> bool:
    """Whether cases can be counted by it, however many of whatever class."""
    return mix is None or (
        isinstance(mix, Mapping)
        and all(isinstance(code, str) and isinstance(n, int) and abs(n) <= MOST for code, n in mix.items())
    )


def _is_arm(arm: Any) -> bool:
    try:
        Arm.read(arm, name="arm")
    except InvalidInput:
        return False
    return True


def _is_kept(kept: Any) -> bool:
    try:
        check_kept(kept)
    except InvalidInput:
        return False
    return True


def without_what_needs_a_model(entries: DraftEntries) -> DraftEntries:
    """The same with the forms of assistance that no model has to feed, where there are such; else as they are."""
    left = [m for m in entries["modalities"] if not Modality(m).needs_model]
    return entries | {"modalities": left} if left else entries


def check_entries(entries: Any) -> DraftEntries:
    """Take entries that are kept, which an older version may have written.

    Raises
    ------
    InvalidInput
        They are not those of a protocol.
    """
    if not isinstance(entries, Mapping) or not all(isinstance(entries.get(n), str) for n in ("template", "taxonomy")):
        raise InvalidInput("the draft holds no entries of a protocol")
    base = entries_of_template(
        entries["template"], dataset_id=str(entries.get("dataset_id", "")) or "-", taxonomy=entries["taxonomy"]
    )
    found = {name: deepcopy(entries[name]) if name in entries else base[name] for name in _ENTRIES}
    for name, value in base.items():
        if isinstance(value, dict) and name not in _WHOLE and isinstance(found[name], dict):
            found[name] = value | found[name]
    return found


def cases_per_round(entries: DraftEntries) -> Any:
    """Cases of a round: as entered, else as the template says."""
    asked = entries["cases_per_round"]
    return cases_of_mix(class_mix(entries)) if asked is None else asked


def class_mix(entries: DraftEntries) -> dict[str, int]:
    """Cases of each class: as entered, else as the template spreads the cases of a round."""
    if entries["class_mix"] is not None:
        return dict(entries["class_mix"])
    asked = entries["cases_per_round"]
    whole = asked if isinstance(asked, int) and asked >= 0 else None
    return get_template(entries["template"]).class_mix(get_taxonomy(entries["taxonomy"]), whole)


def protocol_of_entries(entries: DraftEntries) -> Protocol:
    """The protocol that the entries make.

    Raises
    ------
    InvalidInput
        They make none; an `InvalidEntry` says where the fault lies.
    """
    values = deepcopy(entries)
    values |= {"class_mix": class_mix(entries), "cases_per_round": cases_per_round(entries)}
    for name in ("name", "question"):
        values[name] = str(values[name]).strip()
    try:
        return Protocol(**values)
    except (TypeError, ValueError, AttributeError, KeyError) as error:  # out of a file: a list where a text should be
        raise InvalidInput(f"an entry of the protocol is not of its kind ({error})") from None


def faults_of_entries(entries: DraftEntries) -> tuple[DraftFault, ...]:
    """Everything that keeps the entries from being a protocol that can be frozen; empty where nothing does.

    What is wrong in one place is put aside to find what is wrong in the next.
    """
    found: list[DraftFault] = []
    tried = deepcopy(entries)
    base = entries_of_template(entries["template"], dataset_id="-", taxonomy=entries["taxonomy"], model_id="-")
    base |= {"name": "-"}
    while len(found) < _MOST_FAULTS:
        try:
            check_before_freezing(protocol_of_entries(tried))
            break
        except InvalidEntry as error:
            found.append(DraftFault(error.entry, str(error)))
            name = error.entry.partition(".")[0]
        except DermdashError as error:
            found.append(DraftFault("", str(error)))
            break
        if tried[name] == base[name]:
            break
        tried[name] = deepcopy(base[name])
    return tuple(found)


def template_of_entries(entries: DraftEntries) -> DraftEntries:
    """What the template of a draft says for its classes, with the numbers of cases that it spreads."""
    base = entries_of_template(entries["template"], dataset_id="-", taxonomy=entries["taxonomy"])
    return base | {"class_mix": class_mix(base), "cases_per_round": cases_per_round(base)}


def differences(entries: DraftEntries) -> tuple[ProtocolChange, ...]:
    """What is other than in the template, which stands under ``before``; not what no template can say."""
    base = template_of_entries(entries)
    mix = base["class_mix"] if entries["class_mix"] is None else class_mix(entries)
    old, new = _flat(base), _flat(entries | {"class_mix": mix, "cases_per_round": cases_per_round(entries)})
    return tuple(
        ProtocolChange(entry, old.get(entry), new.get(entry))
        for entry in dict.fromkeys((*new, *old))
        if entry not in OF_EVERY_STUDY and old.get(entry) != new.get(entry)
    )


def _flat(entries: DraftEntries) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in entries.items():
        if isinstance(value, dict) and name not in _WHOLE:
            flat |= {f"{name}.{entry}": inner for entry, inner in value.items()}
        else:
            flat[name] = value
    return flat


def entry_at(entries: DraftEntries, path: str) -> Any:
    """The value at ``part.entry.0.inner``; None where there is nothing."""
    value: Any = entries
    for step in path.split("."):
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def with_entry(entries: DraftEntries, path: str, value: Any) -> DraftEntries:
    """The entries with another value at a path, whose parent there is."""
    found = deepcopy(entries)
    *parents, last = path.split(".")
    place: Any = found
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return found
