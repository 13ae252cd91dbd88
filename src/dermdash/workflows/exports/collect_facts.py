"""Everything that documents say of a data set by numbers, read from the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.errors import NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import annotation_rows, export_rows, findings, import_runs, record_rows, records
from dermdash.storage import statistics_counts as counts
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, day
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.dataset.deidentification_state import text_state
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.dataset.make_split import grouping_words
from dermdash.workflows.dataset.statistics import dataset_statistics
from dermdash.workflows.dataset.tag_version import version_of
from dermdash.workflows.verification.label_facts import label_facts, methods_paragraphs

_VALUES = (
    "image_type", "polarisation", "contact", "acquisition_source", "fitzpatrick_type", "skin_tone", "skin_tone_scale",
    "anatomical_site", "source_split", "dx_type", "licence",
)  # fmt: skip


def collect_facts(
    workspace: Workspace, actor: Account, dataset_id: str, *, agreement: Sequence[str] = ()
) -> DatasetFacts:
    """Read what the database says of a data set.

    Parameters
    ----------
    agreement
        How far reviewers agree, in sentences: an analysis says it.

    Raises
    ------
    AccessDenied
        The person is neither curator nor statistician.
    NotFound
        There is no such data set.
    """
    engine = workspace.engine
    dataset = record_rows.dataset_row(engine, dataset_id)
    if dataset is None:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    labels = label_facts(workspace, actor, dataset_id)
    chosen = RecordFilter(dataset_id=(dataset_id,))
    statistics = dataset_statistics(workspace, chosen)
    answers = annotation_rows.list_annotations(engine, dataset_id=dataset_id)
    chosen_ids = records.record_ids(engine, chosen)
    people: defaultdict[str, set[str]] = defaultdict(set)
    for row in answers:
        if row["record_id"] in chosen_ids:
            people[row["record_id"]].add(row["account_id"])
    return DatasetFacts(
        dataset_id=dataset_id,
        name=dataset["name"],
        source=dataset["source"],
        licence=dataset["licence"],
        taxonomy=get_taxonomy(dataset["taxonomy"]).title,
        classes={c.code: c.name for c in get_taxonomy(dataset["taxonomy"]).classes},
        simulated=bool(dataset["simulated"]),
        statistics=statistics,
        completeness=statistics.completeness,
        values={name: _known(counts.value_counts(engine, chosen, name).get(dataset_id, {})) for name in _VALUES},
        lesions=counts.patients_and_lesions(engine, chosen).get(dataset_id, {}).get("lesions", 0),
        imports=tuple(_imports(workspace, dataset_id)),
        labels=tuple(methods_paragraphs(labels)),
        reviews_per_record=dict(sorted(Counter(len(who) for who in people.values()).items())),
        people=labels.reviewers,
        specialists=labels.experienced,
        blind=(labels.blind_to_initial, labels.blind_to_model, labels.reviews),
        agreement=tuple(agreement),
        images=text_state(workspace, [dataset_id]).statement,
        version=version_of(workspace, dataset_id).words,
        splits=tuple(_splits(workspace, dataset_id)),
        repeated=tuple(_repeated(workspace, dataset_id)),
        **export_rows.image_facts(engine, chosen),
    )


def _known(values: dict[str | None, int]) -> dict[str, int]:
    return {str(value): n for value, n in values.items() if value not in (None, "")}


def _imports(workspace: Workspace, dataset_id: str) -> list[str]:
    runs: list[dict[str, Any]] = [
        run for run in import_runs.list_import_runs(workspace.engine) if run["dataset_id"] == dataset_id
    ]
    return [
        f"Imported on {day(run['started_at'])} as {run['adapter']}: {counted(run['imported'], 'record')}."
        for run in reversed(runs)
        if run["imported"]
    ]


def _splits(workspace: Workspace, dataset_id: str) -> list[str]:
    """The splits that divide the data set, each with its parts and how it was drawn."""
    found = []
    for split in list_splits(workspace):
        if dataset_id not in split.datasets:
            continue
        if split.broken:
            found.append(f"{split.name}: how it divides cannot be read.")
            continue
        locked = ", its test part locked" if split.locked_at else ""
        found.append(
            f"{split.name}: {split.parts_in_words} of {counted(split.records, 'record')}, seed {split.seed}{locked}. "
            f"{grouping_words(split.grouping)}"
        )
    return found


def _repeated(workspace: Workspace, dataset_id: str) -> list[str]:
    own = f"{dataset_id}:"
    pairs = [p for p in findings.confirmed_pairs(workspace.engine) if all(name.startswith(own) for name in p)]
    return [f"{counted(len(pairs), 'pair')} of images confirmed to show one lesion."] if pairs else []
