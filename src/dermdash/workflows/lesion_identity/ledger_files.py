"""Ledgers as files: taken in, compared with what is decided here; what applying one would do, before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.dataset.identity_ledger import LedgerRow, read_ledger
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.text_file import read_bytes
from dermdash.storage import identity_acts, records
from dermdash.storage.identity_acts import PairToDecide
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.lesion_identity.ledger import LedgerEntry, ledger_entries

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair of which a file says something else than people here decided."""

    images: tuple[str, str]
    here: str
    there: str

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {"images": list(self.images), "here": self.here, "there": self.there}


@dataclass(frozen=True, slots=True)
class LedgerPlan:
    """What taking decisions in would do; nothing is done yet.

    Attributes
    ----------
    source
        What the file or list is called.
    to_decide
        Pairs that nobody here has decided about.
    same
        How many pairs are decided here in the same way.
    disagreements
        Pairs decided otherwise here: they are left alone unless asked for.
    overruling
        The decisions that asking for them would store.
    only_here
        Pairs of these records' data sets decided here of which the file says nothing.
    unknown
        Image ids that are not in the workspace, or that several of its data sets have and no data set is named.
    """

    source: str
    to_decide: tuple[PairToDecide, ...]
    same: int
    disagreements: tuple[Disagreement, ...]
    overruling: tuple[PairToDecide, ...]
    only_here: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "source": self.source,
            "only_there": len(self.to_decide),
            "same": self.same,
            "disagreements": [found.to_json() for found in self.disagreements],
            "only_here": [list(pair) for pair in self.only_here],
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class LedgerImport:
    """What was taken in: the act (None where there was nothing new), and the plan it followed."""

    act_id: str | None
    decided: int
    plan: LedgerPlan

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {"act": self.act_id, "decided": self.decided} | self.plan.to_json()


def plan_ledger(workspace: Workspace, file: Path | bytes, *, name: str = "", source: str | None = None) -> LedgerPlan:
    """Read a ledger and compare it with the decisions that hold here; nothing is stored.

    Parameters
    ----------
    file
        Its path, or what it holds, called ``name``.
    source
        What the ledger is called; else its file's name.

    Raises
    ------
    InvalidInput
        It is no ledger, a row cannot be used, or two rows contradict one another.
    NotFound
        It names no image of the workspace.
    """
    called = _called(file, name)
    rows = read_ledger(file, name=called)
    named = {name for row in rows for name in (row.image_id_1, row.image_id_2)}
    finder = _Finder(workspace, named)
    pairs, unknown = _pairs_of(rows, finder)
    if rows and not pairs:
        raise NotFound(
            f"{called} names no two images of this workspace: is it about another data set? It names "
            f"{', '.join(sorted(unknown)[:_SHOWN])}."
        )
    return plan_pairs(workspace, pairs, source=(source or called).strip(), unknown=unknown)


def _called(file: Path | bytes, name: str) -> str:
    return name or (file.name if isinstance(file, Path) else "the ledger")


def plan_pairs(
    workspace: Workspace, pairs: Sequence[PairToDecide], *, source: str, unknown: Iterable[str] = ()
) -> LedgerPlan:
    """Compare decisions that somebody or some list made with those that hold here; nothing is stored."""
    here = {frozenset(entry.records): entry for entry in ledger_entries(workspace)}
    image_of = _image_ids(workspace, {r for pair in pairs for r in pair.records} | {r for key in here for r in key})
    new, other, disagreements, same = [], [], [], 0
    for pair in pairs:
        entry = here.get(frozenset(pair.records))
        if entry is None:
            new.append(pair)
        elif entry.decision == pair.decision:
            same += 1
        else:
            first, second = (image_of[record] for record in pair.records)
            disagreements.append(Disagreement((first, second), entry.decision, pair.decision))
            other.append(pair)
    named = {frozenset(pair.records) for pair in pairs}
    only_here = tuple(_images(entry, image_of) for key, entry in here.items() if key not in named)
    return LedgerPlan(
        source, tuple(new), same, tuple(disagreements), tuple(other), only_here, tuple(sorted(set(unknown)))
    )


def _images(entry: LedgerEntry, image_of: Mapping[str, str]) -> tuple[str, str]:
    first, second = (image_of[record] for record in entry.records)
    return first, second


def _image_ids(workspace: Workspace, record_ids: Iterable[str]) -> dict[str, str]:
    rows = records.records_by_id(workspace.engine, sorted(record_ids))
    return dict(zip(rows["id"], rows["image_id"], strict=True))


def import_ledger(
    workspace: Workspace,
    actor: Account,
    file: Path | bytes,
    *,
    name: str = "",
    source: str | None = None,
    overrule: bool = False,
) -> LedgerImport:
    """Take the decisions of a ledger in, in one act that can be undone as one; the same file again changes nothing.

    Parameters
    ----------
    file, name, source
        As of `plan_ledger`.
    overrule
        Let it overrule what people here decided otherwise; else these pairs are only listed.

    Raises
    ------
    AccessDenied
        Whoever imports is no curator.
    InvalidInput, NotFound
        As `plan_ledger`: nothing is stored then.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    data = read_bytes(file, file_kind="ledger")
    plan = plan_ledger(workspace, data, name=_called(file, name), source=source)
    detail = {"file": _called(file, name), "sha256": hashlib.sha256(data).hexdigest()}
    return carry_out(workspace, actor, plan, kind=identity_acts.LEDGER, detail=detail, overrule=overrule)


def carry_out(
    workspace: Workspace, actor: Account, plan: LedgerPlan, *, kind: str, detail: dict[str, Any], overrule: bool
) -> LedgerImport:
    """Store what a plan says, in one act; nothing where there is nothing new."""
    require_right(actor, Right.DECIDE_FINDINGS)
    overruled = {frozenset(pair.records) for pair in plan.overruling} if overrule else set()

    def decided_meanwhile(pair: PairToDecide, last: Mapping[str, Any] | None) -> bool:
        return last is not None and frozenset(pair.records) not in overruled

    act, decided = identity_acts.store_act(
        workspace.engine, [*plan.to_decide, *(plan.overruling if overrule else ())], kind=kind, source=plan.source,
        detail=detail, account_id=actor.id, leave=decided_meanwhile,
    )  # fmt: skip
    return LedgerImport(act, decided, plan)


class _Finder:
    """Records by the image a ledger names."""

    def __init__(self, workspace: Workspace, images: Iterable[str]) -> None:
        rows = records.records_of_images(workspace.engine, images)
        self._by_place = {(str(r.dataset_id), str(r.image_id)): str(r.id) for r in rows.itertuples()}
        self._datasets = {dataset for dataset, _ in self._by_place}
        self._drawn = simulated_dataset_ids(workspace)
        self._dataset_of = {str(r.id): str(r.dataset_id) for r in rows.itertuples()}
        self._by_image: dict[str, list[str]] = {}
        for (_, image), record in self._by_place.items():
            self._by_image.setdefault(image, []).append(record)

    def is_drawn(self, record_id: str) -> bool:
        """Whether a program drew its image."""
        return self._dataset_of[record_id] in self._drawn

    def record(self, dataset_id: str, image_id: str) -> str | None:
        """The record; an image of another data set's name is looked for in all where only one has it."""
        exact = self._by_place.get((dataset_id, image_id))
        if exact is not None or dataset_id in self._datasets:
            return exact
        found = self._by_image.get(image_id, [])
        return found[0] if len(found) == 1 else None


def _refuse_both_kinds(row: LedgerRow, finder: _Finder, one: str, other: str) -> None:
    if finder.is_drawn(one) != finder.is_drawn(other):
        raise InvalidInput(
            f"{row.image_id_1} and {row.image_id_2} are a photograph and a drawn image: they show no one lesion. "
            "Nothing was taken in."
        )


def _pairs_of(rows: Sequence[LedgerRow], finder: _Finder) -> tuple[list[PairToDecide], list[str]]:
    pairs: dict[frozenset[str], PairToDecide] = {}
    unknown: list[str] = []
    for row in rows:
        one, other = finder.record(row.dataset_id_1, row.image_id_1), finder.record(row.dataset_id_2, row.image_id_2)
        if one is None or other is None or one == other:
            found = ((one, row.image_id_1), (other, row.image_id_2))
            unknown += [image for record, image in found if record is None] or [row.image_id_2]
            continue
        _refuse_both_kinds(row, finder, one, other)
        first, second = sorted((one, other))
        pair = PairToDecide((first, second), row.decision, row.evidence, row.note, row.person, row.date)
        earlier = pairs.setdefault(frozenset(pair.records), pair)
        if earlier.decision != pair.decision:
            raise InvalidInput(
                f"Two rows decide differently about {row.image_id_1} and {row.image_id_2}: {earlier.decision} and "
                f"{pair.decision}. Nothing was taken in."
            )
    return list(pairs.values()), unknown


def plan_words(plan: LedgerPlan) -> str:
    """What a plan says, in a sentence."""
    said = [
        f"{counted(len(plan.to_decide), 'decision')} that {'is' if len(plan.to_decide) == 1 else 'are'} not here",
        f"{plan.same:,} the same",
        f"{len(plan.disagreements):,} decided otherwise here",
        f"{counted(len(plan.unknown), 'image')} not here",
    ]
    return f"{plan.source}: {', '.join(said)}."
