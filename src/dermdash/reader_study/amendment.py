"""What may change of a protocol after its freeze: numbered, with a reason, and never the cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.before_freezing import check_changed_entries
from dermdash.reader_study.protocol import Protocol

LEAST_REASON, MOST_REASON = 3, 2000
AMENDABLE = {
    "name": "The name of the study", "question": "The wording of the question",
    "consent_text": "The consent, as a new version that readers are asked again by",
    "consent_version": "The version of the consent", "confidence_levels": "The wording of the levels of confidence",
    "time_limit_s": "The time limit", "prespecified_analyses": "The analyses decided beforehand",
    "conduct": "Conduct (readers aimed at, last day, stopping rule, interruptions, withdrawal, blinding)",
    "pages": "Languages, translations, instructions, feedback, certificate and game",
}  # fmt: skip
"""Entries that neither cases nor assignments nor what was asked follow from, as titles; `WASHOUT` is one more."""
WASHOUT = "design.washout_days"


@dataclass(frozen=True, slots=True)
class ProtocolChange:
    """One entry as it was and as it is; an entry of a part is named ``part.entry``."""

    entry: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of a frozen protocol; ``number`` counts from 1, ``protocol`` is what holds from ``made_at`` on."""

    number: int
    reason: str
    protocol: Protocol
    account_id: str
    made_at: datetime

    @property
    def protocol_sha256(self) -> str:
        """SHA-256 of the protocol as amended."""
        return self.protocol.sha256


def check_amendment(before: Protocol, after: Protocol, *, reason: str) -> tuple[ProtocolChange, ...]:
    """What an amendment changes.

    Raises
    ------
    InvalidInput
        It changes nothing, or what readers who have begun already follow; it has no reason; or what it changes could
        not be frozen.
    """
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        length = f"{LEAST_REASON} to {MOST_REASON:,} characters"
        raise InvalidInput(f"say why in {length}: the reason stands in every export")
    found = tuple(changes(before, after))
    if not found:
        raise InvalidInput("nothing is changed: an amendment says what is different")
    fixed = [c.entry for c in found if c.entry.partition(".")[0] not in AMENDABLE and c.entry != WASHOUT]
    if fixed:
        raise InvalidInput(
            f"{', '.join(fixed)} cannot be amended, as cases, assignments or answers follow from it: make a new study "
            f"instead. Amended can be {', '.join(sorted(AMENDABLE))} and {WASHOUT}"
        )
    if len(before.confidence_levels) != len(after.confidence_levels):
        raise InvalidInput("the levels of confidence may be worded anew, and stay as many as they are")
    check_changed_entries(after, [change.entry for change in found])
    if after.tells_at_once and not before.tells_at_once and after.view.whole_patient:
        raise InvalidInput(
            "feedback at once cannot be added where the other lesions of a patient are shown: some of them are cases "
            "themselves, and were left beside the others as nobody was to be told their diagnosis. Make a new study"
        )
    texts = before.consent_text != after.consent_text, before.consent_version != after.consent_version
    if texts[0] and not texts[1]:
        raise InvalidInput("another consent text needs another consent version: readers are asked again by it")
    return found


def changes(before: Protocol, after: Protocol) -> Iterator[ProtocolChange]:
    """Every entry that differs, those of parts one by one."""
    old, new = _flat(before), _flat(after)
    for entry in sorted(old.keys() | new.keys()):
        if old.get(entry) != new.get(entry):
            yield ProtocolChange(entry, old.get(entry), new.get(entry))


def _flat(protocol: Protocol) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in protocol.as_values(complete=True).items():
        if isinstance(value, Mapping) and name not in ("class_mix", "record_filter", "frozen_crowd"):
            flat |= {f"{name}.{entry}": inner for entry, inner in value.items()}
        else:
            flat[name] = list(value) if isinstance(value, tuple) else value
    return flat


def amended(protocol: Protocol, entries: Mapping[str, Any]) -> Protocol:
    """The protocol with some entries replaced; of a part those that are named."""
    found: dict[str, Any] = {}
    known = protocol.as_values(complete=True)
    for name, value in entries.items():
        if name not in known:
            raise InvalidInput(f"a protocol has no entry {name!r}")
        both = isinstance(value, Mapping) and isinstance(known[name], Mapping) and name != "class_mix"
        found[name] = {**known[name], **value} if both else value
    return replace(protocol, **found)
