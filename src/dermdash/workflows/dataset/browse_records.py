"""What the records pages show: a page of tiles, a record in full, the filtered set as CSV."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.details import FURTHER, FURTHER_PREFIX
from dermdash.records.record_columns import KEPT_INSIDE, data_dictionary
from dermdash.records.record_filter import SORT_KEYS, RecordFilter
from dermdash.records.record_flags import RecordFlag
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import models, records, tasks
from dermdash.storage.flags import flags_in, flags_of
from dermdash.storage.further_columns import further_of
from dermdash.storage.memberships import memberships_version
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.option_counts import option_counts as option_counts_of
from dermdash.storage.record_order import Surroundings, surroundings
from dermdash.storage.workspace import Workspace
from dermdash.verification.stage_rules import check_verification_stage
from dermdash.wording import told_apart
from dermdash.workflows.dataset.chosen_records import count_rejected
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.dataset.image_kinds import both_kinds_present, kind_of_datasets, simulated_dataset_ids
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.dataset.remembered_lesions import digests_of

_AHEAD = 30
"""Of a page's tiles about as many are in a window at once."""


_OF_A_TILE = (
    "id", "dataset_id", "image_id", "image_sha256", "dx", "verification_stage", "stage_claimed", "image_quality_score",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """The rows of one page of a filtered set. ``ahead``: images at the beginning of the next.

    ``flags``: what asks for a look at each record that has any, where it was asked for tiles.
    """

    page: int
    rows: pd.DataFrame
    ahead: tuple[str, ...] = ()
    flags: Mapping[str, list[RecordFlag]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordNumbers:
    """How many records there are, how many a filter lets through, and on how many pages.

    ``drawn`` of those that pass are drawn by a program, where the workspace has photographs too; else it is 0.
    ``rejected`` would pass had the acquisition gate not rejected them.
    """

    total: int
    matching: int
    drawn: int
    pages: int
    rejected: int = 0


def page_of_records(
    workspace: Workspace,
    record_filter: RecordFilter,
    *,
    sort: str = "image_id",
    descending: bool = False,
    page: int = 1,
    per_page: int = 60,
    tiles: bool = False,
) -> RecordsPage:
    """Return page `page` (from 1; clipped to what exists) of the records the filter lets through.

    Nothing is counted unless the page is beyond the last: that may take longer than to read it (`record_numbers`).
    ``tiles``: only what tiles show, with flags unless the filter is of who may not know them.

    Raises
    ------
    InvalidInput
        `sort` is not one of SORT_KEYS.
    """
    _check_sort(sort)
    flagged = tiles and not record_filter.settled

    def read(number: int) -> pd.DataFrame:
        # The first of the next page, too: to find where a page begins is what takes long.
        return records.page_of_records(
            workspace.engine,
            record_filter,
            sort=sort,
            descending=descending,
            limit=per_page + min(per_page, _AHEAD),
            offset=(number - 1) * per_page,
            columns=_OF_A_TILE if tiles else None,
            flagged=flagged,
        )

    page = max(1, page)
    rows = read(page)
    if rows.empty and page > 1:
        page = min(page, _pages(records.count_records(workspace.engine, record_filter), per_page))
        rows = read(page)
    ahead = tuple(rows["image_sha256"].iloc[per_page:].astype(str))
    rows = rows.iloc[:per_page]
    flags = {row["id"]: flags_in(row) for row in rows.to_dict("records")} if flagged else {}
    return RecordsPage(page, rows, ahead, flags)


def _check_sort(sort: str) -> None:
    if sort not in SORT_KEYS:
        raise InvalidInput(f"cannot sort by {sort!r}: choose {', '.join(SORT_KEYS)}")


def record_numbers(workspace: Workspace, record_filter: RecordFilter, *, per_page: int = 60) -> RecordNumbers:
    """Count what the filter lets through."""
    matching = records.count_records(workspace.engine, record_filter)
    return RecordNumbers(
        total=records.count_records(workspace.engine, RecordFilter()),
        matching=matching,
        drawn=_drawn(workspace, record_filter),
        pages=_pages(matching, per_page),
        rejected=count_rejected(workspace, record_filter),
    )


def _pages(matching: int, per_page: int) -> int:
    return max(1, -(-matching // per_page))


def _drawn(workspace: Workspace, record_filter: RecordFilter) -> int:
    """How many of the records that pass are drawn by a program; 0 where all of the workspace are."""
    if not both_kinds_present(workspace):
        return 0
    simulated = simulated_dataset_ids(workspace)
    chosen = record_filter.chosen("dataset_id")
    among = simulated & set(chosen) if chosen else simulated
    drawn = record_filter.with_options("dataset_id", sorted(among))
    return records.count_records(workspace.engine, drawn) if among else 0


def option_counts(workspace: Workspace, record_filter: RecordFilter) -> dict[str, dict[str, int]]:
    """For each facet, how many records each option would show with the other facets as they are."""
    return option_counts_of(workspace.engine, record_filter)


def list_datasets(workspace: Workspace) -> list[dict[str, Any]]:
    """Every data set with its number of records."""
    return records.list_datasets(workspace.engine)


def dataset_names(workspace: Workspace) -> dict[str, str]:
    """What each data set is called where people read: its name, and with its id where several have the same name."""
    return told_apart({str(d["id"]): str(d["name"]) for d in list_datasets(workspace)})


def dataset_name(workspace: Workspace, dataset_id: str) -> str:
    """What people call one data set; its id where the workspace does not know it (any more)."""
    return dataset_names(workspace).get(dataset_id, dataset_id)


def taxonomy_of_dataset(workspace: Workspace, dataset_id: str) -> Taxonomy:
    """The taxonomy that the diagnoses of a data set are of, or raise NotFound."""
    for dataset in records.list_datasets(workspace.engine):
        if dataset["id"] == dataset_id:
            return get_taxonomy(dataset["taxonomy"])
    raise NotFound(f"There is no data set {dataset_id!r}.")


def classes_of_datasets(workspace: Workspace) -> dict[str, Taxonomy | None]:
    """Data set id to the taxonomy of its diagnoses; None where its file is gone or cannot be used."""
    found: dict[str, Taxonomy | None] = {}
    for dataset in records.list_datasets(workspace.engine):
        try:
            found[str(dataset["id"])] = get_taxonomy(dataset["taxonomy"])
        except InvalidInput:
            found[str(dataset["id"])] = None
    return found


def unknown_classes(workspace: Workspace) -> dict[str, str]:
    """Why the classes of a data set are not known, by its name; empty where all are."""
    found = {}
    names = dataset_names(workspace)
    for dataset in records.list_datasets(workspace.engine):
        try:
            get_taxonomy(dataset["taxonomy"])
        except InvalidInput as error:
            found[names[str(dataset["id"])]] = str(error)
    return found


def data_version(workspace: Workspace, *, account_id: str = "") -> str:
    """A value that changes whenever records do, and open work of an account if one is named; caches are keyed on it."""
    version = records.data_version(workspace.engine)
    return f"{version}:{tasks.version_for(workspace.engine, account_id)}" if account_id else version


def flags_version(workspace: Workspace, *, account_id: str = "") -> str:
    """`data_version` that also changes with what is counted beside records: findings, splits, models."""
    return f"{data_version(workspace, account_id=account_id)}:{memberships_version(workspace.engine)}"


def thumbnail(workspace: Workspace, image_sha256: str) -> bytes:
    """Return the thumbnail (JPEG) of an image."""
    return workspace.files.get(THUMBNAILS, image_sha256)


def images_of(workspace: Workspace, record_ids: Iterable[str]) -> dict[str, str]:
    """The hash of the image of each of these records that there is."""
    return records.image_hashes(workspace.engine, record_ids)


def original(workspace: Workspace, image_sha256: str) -> bytes:
    """Return the stored, de-identified original of an image; raises FileMissing, or FileDamaged where it is another."""
    return workspace.files.get_whole(ORIGINALS, image_sha256)


def mask(workspace: Workspace, mask_sha256: str) -> bytes:
    """Return a segmentation mask (PNG); raises FileMissing, or FileDamaged where it is another."""
    return workspace.files.get_whole(MASKS, mask_sha256)


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """Everything the record page shows.

    ``taxonomy`` is that of its data set, ``simulated``: drawn by a program, ``further``: the columns of its source that
    are none of ours, as they stand there.
    """

    record: dict[str, Any]
    predictions: list[dict[str, Any]]
    same_lesion: pd.DataFrame
    verification_gaps: list[str]
    taxonomy: str
    simulated: bool = False
    further: Mapping[str, str] = field(default_factory=dict)


def record_detail(workspace: Workspace, record_id: str) -> RecordDetail:
    """Return a record with its predictions and the other images of its lesion, or raise NotFound."""
    record = records.get_record(workspace.engine, record_id)
    taxonomy = taxonomy_of_dataset(workspace, record["dataset_id"])
    lesion = records.records_of_lesion(workspace.engine, record["dataset_id"], record["lesion_id"])
    return RecordDetail(
        record,
        models.predictions_of_record(workspace.engine, record_id, lesion_digests=_lesions_shown(workspace, record)),
        lesion[lesion["id"] != record_id],
        check_verification_stage(record, dx=record["dx"], taxonomy=taxonomy),
        taxonomy.name,
        kind_of_datasets(workspace, [str(record["dataset_id"])]),
        further_of(workspace.engine, [record_id]).get(record_id, {}),
    )


def _lesions_shown(workspace: Workspace, record: Mapping[str, Any]) -> set[str]:
    """Digests of the lesions that are this record's: its own, and those of the same file and of confirmed pairs."""
    together = identity_groups(workspace, ONE_LESION).with_relatives([str(record["id"])])
    rows = records.records_by_id(workspace.engine, together)
    pairs = zip(rows["dataset_id"], rows["lesion_id"], strict=True)
    return {digest for dataset, lesion in pairs for digest in digests_of(str(dataset), str(lesion))}


def resolve_record_id(workspace: Workspace, image_id: str) -> str:
    """Turn an image id (or a full record id) into the record id.

    Raises
    ------
    NotFound
        No data set has it.
    InvalidInput
        Several data sets have it; the message lists the full ids.
    """
    if ":" in image_id:
        return str(records.get_record(workspace.engine, image_id)["id"])
    found = records.find_record_ids(workspace.engine, image_id)
    if not found:
        raise NotFound(f"No record has the image id {image_id!r}.")
    if len(found) > 1:
        raise InvalidInput(f"{image_id!r} is in several data sets, name one of: {', '.join(found)}")
    return found[0]


def dictionary_csv() -> bytes:
    """Return the data dictionary of the records CSV: what each column means, one row each."""
    return to_safe_csv(pd.DataFrame(data_dictionary()))


def lets_through(workspace: Workspace, record_filter: RecordFilter, record_id: str) -> bool:
    """Whether a record is among those that the filter lets through."""
    return records.lets_through(workspace.engine, record_filter, record_id)


NEIGHBOURS = 5
"""Shown on either side of a record."""


def around_record(
    workspace: Workspace, record_filter: RecordFilter, record_id: str, *, sort: str, descending: bool
) -> Surroundings:
    """What stands before and after a record on the Records page with that filter, sort and direction."""
    return surroundings(workspace.engine, record_filter, record_id, sort=sort, descending=descending, each=NEIGHBOURS)


def first_record(workspace: Workspace, record_filter: RecordFilter, *, sort: str, descending: bool) -> str | None:
    """The record that the Records page shows first; None where it shows none."""
    rows = records.page_of_records(workspace.engine, record_filter, sort=sort, descending=descending, limit=1)
    return None if rows.empty else str(rows["id"].iloc[0])


def flags_of_records(workspace: Workspace, record_ids: Iterable[str]) -> dict[str, list[RecordFlag]]:
    """What asks for a look at each of these records, for whose pages show every label."""
    return flags_of(workspace.engine, record_ids)


def records_csv(
    workspace: Workspace,
    record_filter: RecordFilter,
    *,
    sort: str = "image_id",
    descending: bool = False,
    examiners: Mapping[str, str] | None = None,
    further: bool = True,
    privacy: Privacy = AS_IT_IS,
) -> bytes:
    """Return the filtered set as CSV (UTF-8), in the order of the page, every record column.

    Parameters
    ----------
    examiners
        What to call the people of these account ids.
    further
        With the further columns of the sources, each under its name after ``further:``.
    privacy
        Which names, dates and ages to hide.

    Raises
    ------
    InvalidInput
        `sort` is not one of SORT_KEYS.
    """
    _check_sort(sort)
    chunks = [
        _with_further_columns(chunk)
        for chunk in records.iterate_records(
            workspace.engine, record_filter, sort=sort, descending=descending, further=further
        )
    ]
    frame = pd.concat(chunks) if chunks else records.page_of_records(workspace.engine, record_filter, limit=0)
    if privacy.changes:
        frame = hidden(workspace, frame, privacy, people=examiners)
    if examiners and not privacy.names:
        frame["examiner_id"] = frame["examiner_id"].replace(dict(examiners))
    return to_safe_csv(frame.drop(columns=[*KEPT_INSIDE, "quality"], errors="ignore"))


def _with_further_columns(chunk: pd.DataFrame) -> pd.DataFrame:
    """Each further column under a name of its own, in the order in which they come up."""
    if FURTHER not in chunk:
        return chunk
    cells = [{} if value is None else value for value in chunk[FURTHER]]
    names = list(dict.fromkeys(name for row in cells for name in row))
    columns = {f"{FURTHER_PREFIX}{name}": [row.get(name) for row in cells] for name in names}
    return pd.concat([chunk.drop(columns=FURTHER), pd.DataFrame(columns, index=chunk.index, dtype=object)], axis=1)
