"""Published lists of duplicates as evidence: which records they name, said beside what is measured and never instead.

Nothing is removed, merged or decided here. A pair that a list names is a finding that people look at; lesion ids,
splits and counts follow what they decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dermdash.dataset.duplicate_lists import KnownPairs, read_duplicate_list
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.name_match import match_names
from dermdash.storage import findings, listed_findings, records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind

_MOST_SOURCE = 200
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ListedDuplicates:
    """What a list says of a data set.

    Attributes
    ----------
    dataset, source
        The data set, and what the list is called.
    pairs, images
        Entries of the list: pairs, and images without the other one.
    new, joined, dropped
        Findings that only this list speaks for, that were there and that it also speaks for now, and that an earlier
        version of it named and this one does not.
    one_lesion
        Pairs that have one lesion id already: there is nothing to find.
    unknown
        Images that are not in the data set.
    unusable
        Rows that cannot be used, and why.
    notes
        Names that were matched though spelt otherwise, and the like.
    """

    dataset: str
    source: str
    pairs: int
    images: int
    new: int
    joined: int
    dropped: int
    one_lesion: int
    unknown: tuple[str, ...]
    unusable: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def listed_in_words(listed: ListedDuplicates) -> list[str]:
    """What a list says of a data set, in sentences: what it lists first, then what was left out and why."""
    what = [counted(n, one) for n, one in ((listed.pairs, "pair"), (listed.images, "image")) if n]
    said = [f"{listed.source}: {' and '.join(what) or 'nothing'} listed."]
    counts = [
        f"{n:,} {words}"
        for n, words in (
            (listed.new, "new among the findings"), (listed.joined, "found before"),
            (listed.one_lesion, "with one lesion id already"), (listed.dropped, "not listed any more"),
        )
        if n
    ]  # fmt: skip
    if counts:
        said.append(f"{', '.join(counts)}.")
    for names, words in ((listed.unknown, "not in the data set"), (listed.unusable, "cannot be used")):
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            said.append(f"{len(names):,} {words}: {', '.join(names[:_SHOWN])}{more}.")
    return [*said, *listed.notes]


def import_duplicate_list(
    workspace: Workspace,
    account: Account | None,
    file: Path | bytes,
    *,
    dataset_id: str,
    name: str = "",
    source: str | None = None,
) -> ListedDuplicates:
    """Read a list and keep what it says of a data set, in place of what it said before.

    ``file``: its path, or what it holds, called ``name``.

    Raises
    ------
    AccessDenied
        The account may not.
    InvalidInput
        It is no list of duplicates.
    NotFound
        There is no such data set, or the list names none of its images.
    """
    require_right(account, Right.DECIDE_FINDINGS)
    return keep_listed(workspace, read_duplicate_list(file, name=name), dataset_id=dataset_id, source=source)


def keep_found(
    workspace: Workspace, lists: Iterable[KnownPairs], *, dataset_id: str
) -> tuple[list[ListedDuplicates], list[str]]:
    """Keep what lists that lay among the files of a data set say of it; those about other images are named."""
    kept, others = [], []
    for known in lists:
        try:
            kept.append(keep_listed(workspace, known, dataset_id=dataset_id))
        except NotFound as problem:
            others.append(str(problem))
    return kept, others


def keep_listed(
    workspace: Workspace, known: KnownPairs, *, dataset_id: str, source: str | None = None
) -> ListedDuplicates:
    """Keep what a list says of a data set; see `import_duplicate_list`. ``source``: its name, else that of its file."""
    called = (source or known.name).strip()
    if not called or len(called) > _MOST_SOURCE:
        raise InvalidInput(f"a list needs a name of up to {_MOST_SOURCE} characters to be known by")
    datasets = [str(d["id"]) for d in records.list_datasets(workspace.engine)]
    if dataset_id not in datasets:
        raise NotFound(f"There is no data set {dataset_id!r}; there are: {', '.join(datasets) or 'none'}.")
    rows = findings.searchable_records(workspace.engine, dataset_id)
    record_of = dict(zip(rows["image_id"], rows["id"], strict=True))
    lesion_of = dict(zip(rows["id"], rows["lesion_id"], strict=True))
    wanted = dict.fromkeys([*(name for pair in known.pairs for name in pair), *known.names])
    match = match_names(wanted, record_of)
    if wanted and not match.found:
        raise NotFound(
            f"{known.name} names none of the images of {dataset_id}: is it about another data set? It names "
            f"{', '.join(list(wanted)[:3])}."
        )
    both = [tuple(_record(name, match.found, record_of) for name in pair) for pair in known.pairs]
    there = [(a, b) for a, b in both if a is not None and b is not None and a != b]
    apart = [pair for pair in there if lesion_of[pair[0]] != lesion_of[pair[1]]]
    alone = [(r,) for name in known.names if (r := _record(name, match.found, record_of)) is not None]
    changes = [
        listed_findings.save_listed(workspace.engine, kind, named, source=called, among=lesion_of)
        for kind, named in ((findings.SAME_LESION, apart), (findings.LISTED_DUPLICATE, alone))
    ]
    return ListedDuplicates(
        dataset=dataset_id, source=called, pairs=len(known.pairs), images=len(known.names),
        new=sum(c.new for c in changes), joined=sum(c.joined for c in changes),
        dropped=sum(c.dropped for c in changes), one_lesion=len(there) - len(apart),
        unknown=tuple(name for name in wanted if name not in match.found), unusable=known.unusable,
        notes=match.warnings("images of the list", f"data set {dataset_id}"),
    )  # fmt: skip


def _record(name: str, found: Mapping[str, str], record_of: Mapping[str, str]) -> str | None:
    return record_of[found[name]] if name in found else None


def listed_records(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Ids of records that lists call a duplicate without saying of what, with what these lists are called."""
    found = findings.list_findings(workspace.engine, findings.LISTED_DUPLICATE)
    return {row["records"][0]: tuple(row["details"][findings.LISTED]) for row in found if row["records"]}


def listed_images(workspace: Workspace, *, simulated: bool | None = None) -> list[dict[str, Any]]:
    """Rows of these records with `listed_in`, by image id; drawn images (True), photographs, or the usual kind."""
    named = listed_records(workspace)
    kind = default_kind(workspace) if simulated is None else simulated
    wanted = {str(d["id"]) for d in datasets_of_kind(workspace, simulated=kind)}
    rows = records.records_by_id(workspace.engine, sorted(named)).to_dict("records") if named else []
    found = [{str(k): v for k, v in row.items()} | {"listed_in": list(named[row["id"]])} for row in rows]
    return sorted((row for row in found if row["dataset_id"] in wanted), key=lambda row: (row["image_id"], row["id"]))
