"""Draw a split of records: what belongs together on one side, every class in its share; look at it, store it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import pandas as pd

from dermdash.classifier.splits import parts_by_group
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.chosen_records import filter_in_words, kept_filter, within_dataset
from dermdash.records.split_parts import split_digest
from dermdash.storage import records, splits
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.chosen_records import count_rejected, ids_let_through
from dermdash.workflows.dataset.identity_groups import IdentityGroups, identity_groups
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind, kind_of_datasets
from dermdash.workflows.dataset.split_plan import FOLDS, SplitPlan
from dermdash.workflows.page_tasks import Report, no_report

NO_DIAGNOSIS = ""
"""Class of a record without a diagnosis: it is divided as a class of its own."""
PATIENT, LESION, TWIN, ALONE = "patient", "lesion", "twin", "alone"
"""By what a record could be kept together with others: its patient, else its lesion, else a file or confirmed pair that
ties it to another record; else by nothing that is known."""


@dataclass(frozen=True, slots=True)
class DrawnSplit:
    """A split as drawn, not stored.

    ``rejected``: so many records that the acquisition gate rejected are left out. ``rows``: the records ordered by id,
    with ``label`` (their class, `NO_DIAGNOSIS` where there is none), ``group`` (name of what belongs together),
    ``grouped_by`` and ``part``.
    """

    plan: SplitPlan
    datasets: tuple[str, ...]
    rows: pd.DataFrame
    rejected: int

    @property
    def part_names(self) -> tuple[str, ...]:
        """The parts in their order."""
        return tuple(name for name, _ in self.plan.shares)

    @property
    def parts(self) -> dict[str, str]:
        """Part of each record by record id."""
        return dict(zip(self.rows["id"], self.rows["part"], strict=True))

    @property
    def counts(self) -> pd.DataFrame:
        """Records of each class (index) in each part (columns, in their order); most frequent class first."""
        table = pd.crosstab(self.rows["label"], self.rows["part"]).reindex(columns=list(self.part_names), fill_value=0)
        return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]

    @property
    def grouping(self) -> dict[str, int]:
        """How many records could be kept together by what, and how many groups there are."""
        by = self.rows["grouped_by"].value_counts()
        return {
            **{kind: int(by.get(kind, 0)) for kind in (PATIENT, LESION, TWIN, ALONE)},
            "groups": int(self.rows["group"].nunique()),
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before it is used."""
        return tuple(_warnings(self))


def draw_split(workspace: Workspace, plan: SplitPlan, *, report: Report = no_report) -> DrawnSplit:
    """Draw a split; nothing is stored.

    Records of one patient, lesion, file or confirmed pair are kept together, directly or through others of the whole
    workspace. The same records, seed and shares give the same split. ``report`` hears how far it is, and may raise.

    Raises
    ------
    NotFound
        No such data set, no record in it, or the filter lets none through.
    InvalidInput
        Photographs and drawn images would be mixed; fewer groups than parts.
    """
    datasets = plan.datasets or tuple(
        str(d["id"]) for d in datasets_of_kind(workspace, simulated=default_kind(workspace)) if d["records"]
    )
    kind_of_datasets(workspace, datasets)
    report("Reading the records", 0, 3)
    every = records.similarity_columns(workspace.engine)
    inside = every[every["dataset_id"].isin(datasets)]
    if inside.empty:
        raise NotFound(
            f"There is no record to divide in {', '.join(datasets)}." if datasets else
            "There is no record to divide yet: import a data set first."
        )  # fmt: skip
    passing = set().union(*(ids_let_through(workspace, d, plan.record_filter) for d in datasets))
    rejected = sum(count_rejected(workspace, within_dataset(plan.record_filter, d)) for d in datasets)
    rows = inside[inside["id"].isin(passing)].sort_values("id").reset_index(drop=True)
    if rows.empty:
        if rejected == len(inside):
            raise NotFound(
                f"Every record of {', '.join(datasets)} was rejected for image quality: nothing was divided."
            )
        raise NotFound(
            f"The filter ({filter_in_words(plan.record_filter)}) lets none of {counted(len(inside), 'record')} of "
            f"{', '.join(datasets)} through: nothing was divided."
        )
    report("Finding what belongs together", 1, 3)
    together = identity_groups(workspace)
    ids = rows["id"].tolist()
    rows = rows.assign(
        label=rows["dx"].where(rows["dx"].notna(), NO_DIAGNOSIS),
        group=together.names_of(ids),
        grouped_by=_grouped_by(rows, together),
    )
    _check_groups(rows, plan, datasets)
    report("Dividing the records", 2, 3)
    at = parts_by_group(
        labels=rows["label"].tolist(), groups=rows["group"].tolist(), shares=[share for _, share in plan.shares],
        seed=plan.seed,
    )  # fmt: skip
    names = np.array([name for name, _ in plan.shares], dtype=object)
    report("Dividing the records", 3, 3)
    return DrawnSplit(plan, datasets, rows.assign(part=names[at]), rejected)


def _grouped_by(rows: pd.DataFrame, together: IdentityGroups) -> list[str]:
    numbers = together.of(rows["id"].tolist())
    size = np.bincount(together.numbers, minlength=int(numbers.max()) + 1)[numbers]
    named = rows["lesion_id"].notna() & (rows["lesion_id"] != rows["image_id"])  # the image id says: none named
    choices = [rows["patient_id"].notna(), named, pd.Series(size > 1, index=rows.index)]
    return [str(kind) for kind in np.select(choices, [PATIENT, LESION, TWIN], ALONE)]


def _check_groups(rows: pd.DataFrame, plan: SplitPlan, datasets: tuple[str, ...]) -> None:
    groups, parts = rows["group"].nunique(), len(plan.shares)
    if groups >= parts:
        return
    by_patient = (rows["grouped_by"] == PATIENT).all()
    kind = ("patient", "patients") if by_patient else ("group of records", "groups of records")
    raise InvalidInput(
        f"{counted(parts, 'fold' if plan.kind == FOLDS else 'part')} need at least as many independent "
        f"{kind[1]}: the {counted(len(rows), 'record')} of {', '.join(datasets)} {form(len(rows), 'is', 'are')} of "
        f"{counted(groups, *kind)}. Choose fewer, or more records. Nothing was stored."
    )


def _warnings(drawn: DrawnSplit) -> list[str]:
    said = []
    counts, grouping = drawn.counts, drawn.grouping
    if drawn.rejected:
        n = drawn.rejected
        said.append(
            f"{counted(n, 'record')} rejected for image quality {form(n, 'is', 'are')} left out: the filter "
            "acquisition takes them in."
        )
    classes = [label for label in counts.index if label != NO_DIAGNOSIS]
    if len(classes) == 1 and len(counts) == 1:
        said.append(f"All records are of one class ({classes[0]}): there is nothing to balance.")
    if NO_DIAGNOSIS in counts.index:
        n = int(counts.loc[NO_DIAGNOSIS].to_numpy().sum())
        said.append(
            f"{counted(n, 'record')} without a diagnosis {form(n, 'is', 'are')} divided as a class of their own."
        )
    absent = {
        str(label): [part for part in counts.columns if not counts.loc[label, part]]
        for label in classes
        if (counts.loc[label] == 0).any()
    }
    for label, parts in absent.items():
        said.append(
            f"No record of the class {label} in {', '.join(parts)}: too few of it are independent of one another."
        )
    unnamed = grouping[TWIN] + grouping[ALONE]
    if unnamed:
        said.append(
            f"{counted(unnamed, 'record')} {form(unnamed, 'names', 'name')} neither patient nor lesion: images of one "
            "person may stand on both sides and nothing here can tell."
        )
    if grouping[LESION]:
        n = grouping[LESION]
        said.append(
            f"{counted(n, 'record')} {form(n, 'names', 'name')} a lesion and no patient: other lesions of the same "
            "person may stand on the other side."
        )
    return said


def grouping_words(grouping: Mapping[str, int]) -> str:
    """By what so many records could be kept together, as a sentence."""
    words = {
        PATIENT: "by patient", LESION: "by lesion", TWIN: "by a shared file or confirmed pair",
        ALONE: "by nothing known",
    }  # fmt: skip
    return "Kept together: " + ", ".join(f"{grouping[k]:,} {w}" for k, w in words.items() if grouping[k]) + "."


def make_split(
    workspace: Workspace, account: Account | None, plan: SplitPlan, *, report: Report = no_report
) -> tuple[DrawnSplit, bool]:
    """Draw a split and store it under its name, all of it or nothing; False: the very same was stored already.

    Raises
    ------
    AccessDenied
        The account may not.
    InvalidInput, NotFound
        As `draw_split` says, or the name is taken by another one.
    """
    account = require_right(account, Right.KEEP_VERSIONS)
    chosen = kept_filter(plan.record_filter)
    taken = splits.split_by_name(workspace.engine, plan.name)
    if taken is not None and (taken["withdrawn_at"] is not None or not _same(taken, plan, chosen)):
        raise InvalidInput(_taken(taken))
    drawn = draw_split(workspace, plan, report=report)
    parts = drawn.parts
    if taken is not None:
        # A browser that sends a form again, or a command run again, has made it once.
        if taken["digest"] == split_digest(parts):
            return drawn, False
        raise InvalidInput(
            f"There is a split {plan.name!r} already, made with the same choices of records as they were then. A split "
            "never changes: choose another name for one of today."
        )
    report("Storing the split", 0, 1)
    sizes = drawn.rows["part"].value_counts()
    values = {
        "id": uuid4().hex,
        "name": plan.name,
        "kind": plan.kind,
        "parts": [{"name": name, "share": share, "records": int(sizes.get(name, 0))} for name, share in plan.shares],
        "seed": plan.seed,
        "datasets": list(drawn.datasets),
        "record_filter": chosen,
        "grouping": drawn.grouping,
        "digest": split_digest(parts),
    }
    return drawn, splits.save_split(workspace.engine, account.id, values, parts)


def _same(taken: Mapping[str, object], plan: SplitPlan, chosen: Mapping[str, object]) -> bool:
    shares = [(part["name"], part["share"]) for part in taken["parts"]]  # type: ignore[attr-defined]
    asked = plan.datasets or tuple(taken["datasets"])  # type: ignore[arg-type]
    return (
        shares == [tuple(share) for share in plan.shares]
        and taken["seed"] == plan.seed
        and sorted(asked) == sorted(taken["datasets"])  # type: ignore[call-overload]
        and taken["record_filter"] == chosen
    )


def _taken(taken: Mapping[str, object]) -> str:
    withdrawn = ", which was withdrawn" if taken["withdrawn_at"] is not None else ""
    return f"There is a split {taken['name']!r} already{withdrawn}: a name means one split for good, so choose another."
