"""Which records show one lesion or one person: the one home of what may not be taken for independent.

Splits, held-out sets, similar images, units of an evaluation, cases of a study: all ask here, so that a pair that
people confirmed counts everywhere at once. It stands in this folder because what trains and predicts asks it, and
`workflows/lesion_identity`, where the pairs are found and decided, asks those in turn.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.errors import NotFound
from dermdash.records.archive_names import ARCHIVE_NAME
from dermdash.retrieval.groups import connected_groups
from dermdash.storage import findings, records
from dermdash.storage.workspace import Workspace


class IdentityLink(StrEnum):
    """What ties two records: one lesion or patient of a data set, one file, a pair that people confirmed."""

    LESION = "lesion"
    PATIENT = "patient"
    FILE = "file"
    PAIR = "pair"


_MOST_KEPT = 2
_kept: OrderedDict[tuple[str, frozenset[IdentityLink]], tuple[str, IdentityGroups]] = OrderedDict()
_lock = threading.Lock()

EVERY_LINK = frozenset(IdentityLink)
ONE_LESION = frozenset({IdentityLink.LESION, IdentityLink.FILE, IdentityLink.PAIR})
"""What makes two images one lesion; a patient may have several."""


@dataclass(frozen=True, eq=False)
class IdentityGroups:
    """All records of a workspace, numbered by group.

    Attributes
    ----------
    record_ids
        Every record of the workspace.
    numbers
        int32 (n,): two records share a number when they are linked, directly or through others.
    """

    record_ids: tuple[str, ...]
    numbers: NDArray[np.int32]

    @cached_property
    def _position(self) -> dict[str, int]:
        return {record_id: i for i, record_id in enumerate(self.record_ids)}

    def of(self, record_ids: Sequence[str]) -> NDArray[np.int32]:
        """The number of each record's group, in their order.

        Raises
        ------
        NotFound
            A record is not in the workspace.
        """
        try:
            return self.numbers[[self._position[record_id] for record_id in record_ids]]
        except KeyError as missing:
            raise NotFound(f"There is no record {missing.args[0]!r} in the workspace.") from None

    def with_relatives(self, record_ids: Iterable[str]) -> set[str]:
        """These records and all that are linked with one of them; ids that are not in the workspace are left out."""
        known = [self._position[record_id] for record_id in record_ids if record_id in self._position]
        together = np.isin(self.numbers, self.numbers[known])
        return {self.record_ids[i] for i in np.flatnonzero(together)}

    def merged_with(self, pairs: Iterable[tuple[str, str]]) -> IdentityGroups:
        """The groups that there would be if these pairs were confirmed, too; unknown records are left out."""
        known = [
            (self._position[a], self._position[b]) for a, b in pairs if a in self._position and b in self._position
        ]
        now = [str(number) for number in self.numbers]
        return IdentityGroups(self.record_ids, connected_groups(len(self.record_ids), {"group": now}, known))

    def clusters_of(self, record_ids: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
        """The group of each record by the smallest of the ``names`` (one of each record) in it.

        Cases of a study are called so: equal groups have equal names in every workspace, so that bootstraps draw the
        same, and no name of a patient leaves with them.
        """
        numbers = self.of(record_ids).tolist()
        smallest: dict[int, str] = {}
        for number, name in zip(numbers, names, strict=True):
            smallest[number] = min(name, smallest.get(number, name))
        return tuple(smallest[number] for number in numbers)

    def names_of(self, record_ids: Sequence[str]) -> list[str]:
        """The group of each record by a name: the smallest of ``record_ids`` in it.

        The same records get the same names in every workspace, whatever else lies there, unless that links them.
        """
        numbers = self.of(record_ids).tolist()
        smallest: dict[int, str] = {}
        for number, record_id in zip(numbers, record_ids, strict=True):
            known = smallest.get(number)
            if known is None or record_id < known:
                smallest[number] = record_id
        return [smallest[number] for number in numbers]


def identity_groups(workspace: Workspace, links: Collection[IdentityLink] = EVERY_LINK) -> IdentityGroups:
    """Number the groups of records that are linked, directly or through others.

    Belonging is transitive, and the groups are those of all records of the workspace: two records of one data set that
    each share a file with another one's are together. Ids of patients and lesions count within their data set, as
    another clinic's patient 1 is somebody else, but for names that an archive gives out (`records/archive_names`). One
    file under two names, and two records that people confirmed to show one lesion, belong together wherever they stand.
    A decision that two records are different takes no link away: until the contradiction is resolved they are kept
    together, which can only cost cases and never lets one lesion in twice.

    Parameters
    ----------
    links
        What counts: everything by default; `ONE_LESION` for questions in which one person may come twice.
    """
    chosen = frozenset(links)
    pairs = repr(findings.confirmed_pairs(workspace.engine)).encode()
    state = f"{records.data_version(workspace.engine)} {hashlib.sha256(pairs).hexdigest()}"
    key = (str(workspace.home), chosen)
    with _lock:
        if key not in _kept or _kept[key][0] != state:
            _kept.pop(key, None)  # before the next is made: a million records take some 200 MB
            every = records.similarity_columns(workspace.engine)
            _kept[key] = (state, _grouped(workspace, every, chosen))
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key][1]


def _grouped(workspace: Workspace, every: pd.DataFrame, links: Collection[IdentityLink]) -> IdentityGroups:
    belongings = {
        IdentityLink.LESION: _or_none(scoped_names(every["dataset_id"], every["lesion_id"])),
        IdentityLink.PATIENT: _or_none(scoped_names(every["dataset_id"], every["patient_id"])),
        IdentityLink.FILE: _or_none(every["image_sha256"]),
    }
    pairs = _positions(workspace, every) if IdentityLink.PAIR in links else []
    numbers = connected_groups(len(every), {k: v for k, v in belongings.items() if k in links}, pairs)
    return IdentityGroups(tuple(every["id"]), numbers)


def scoped_names(datasets: pd.Series, names: pd.Series) -> pd.Series:
    """Ids of lesions or patients as they count over all data sets: with their data set, unless an archive gave them."""
    everywhere = names.str.match(ARCHIVE_NAME).fillna(value=False).astype(bool)
    return names.where(everywhere, datasets + "\n" + names)


def _positions(workspace: Workspace, every: pd.DataFrame) -> list[tuple[int, int]]:
    position = {record_id: i for i, record_id in enumerate(every["id"])}
    confirmed = findings.confirmed_pairs(workspace.engine)
    return [(position[a], position[b]) for a, b in confirmed if a in position and b in position]


def group_keys_of(workspace: Workspace, record_ids: Collection[str]) -> tuple[str, ...]:
    """Name the group of each record as units of a statistic are named: with the strongest link known in it.

    A record has the same key whichever records it is evaluated with.

    Returns
    -------
    tuple of str
        One key per record: ``patient``, else ``lesion``, else ``image``, and the smallest record id of the group, as in
        "patient clinic:ISIC_1".
    """
    every = records.similarity_columns(workspace.engine)
    groups = identity_groups(workspace)
    named = every["lesion_id"].notna() & (every["lesion_id"] != every["image_id"])  # the image id says: none named
    confirmed = {i for pair in _positions(workspace, every) for i in pair}
    facts = pd.DataFrame(
        {
            "id": every["id"],
            "patient": every["patient_id"].notna(),
            "lesion": [known or i in confirmed for i, known in enumerate(named)],
        }
    ).groupby(groups.of(every["id"].tolist()))
    # The kind is one for the whole group: a lesion whose patient only some records name must not have two keys.
    names = {
        group: f"{'patient' if has_patient else 'lesion' if has_lesion else 'image'} {smallest}"
        for group, smallest, has_patient, has_lesion in facts.agg(
            {"id": "min", "patient": "any", "lesion": "any"}
        ).itertuples(name=None)
    }
    return tuple(names[number] for number in groups.of(list(record_ids)))


def _or_none(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
