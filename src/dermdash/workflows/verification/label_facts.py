"""How the labels of a data set came about: counted, and as the paragraph of a methods section that says no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dermdash.errors import NotFound
from dermdash.records.acts import TaskPurpose
from dermdash.records.chosen_records import filter_in_words, within_dataset
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import get_taxonomy
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, decisions, record_rows, records, review_rules
from dermdash.storage.workspace import Workspace
from dermdash.verification.review_rule import ReviewRule
from dermdash.wording import counted, form, percent
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.verification.people import active_accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """Counts of records unless said otherwise, as the labels stand now.

    Attributes
    ----------
    by_stage
        Records by stage that acts here gave, from 1; ``claimed``: the same of stages that an import brought along.
    unlabelled
        Without any stage.
    reviewed
        Of a stage-2 consensus here or above, by how many people reviewed them.
    direct, board
        How such a consensus came about.
    reviewers, experienced
        People who annotated or reviewed, and of them specialists or experts, as far as their accounts are active.
    blind_to_initial, blind_to_model, reviews
        Answers given without seeing it, of all that count.
    repeats
        Hidden repeats that were answered.
    histology, malignant, malignant_without_histology
        Records with a pathologist's result here; those of a malignant class, and of them without stage 3.
    reopened
        How often a record was reopened.
    rules
        The rules that held, in words, oldest first.
    only, left_out
        What the filter lets through, in words, where there is one, and how many records it leaves out: everything else
        is counted without them.
    by_outcome
        Whether the filter chooses by what came of the reviews.
    """

    dataset: str
    records: int
    simulated: bool
    by_stage: Mapping[int, int]
    claimed: Mapping[int, int]
    unlabelled: int
    reviewed: Mapping[int, int]
    direct: int
    board: int
    reviewers: int
    experienced: int
    reviews: int
    blind_to_initial: int
    blind_to_model: int
    repeats: int
    histology: int
    malignant: int
    malignant_without_histology: int
    reopened: int
    rules: tuple[str, ...]
    only: str = ""
    left_out: int = 0
    by_outcome: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


_OUTCOMES = ("verification_stage", "claimed", "agreement", "reviewers", "dx", "dx_type")
"""Filters by what came of the reviews: agreement among such records is not that of all."""


def label_facts(
    workspace: Workspace, actor: Account, dataset_id: str, record_filter: RecordFilter | None = None
) -> LabelFacts:
    """Count how the labels of a data set came about, or those of the records that a filter lets through.

    Raises
    ------
    AccessDenied
        The person is neither curator nor statistician.
    NotFound
        There is no such data set.
    """
    require_right(actor, Right.READ_ANSWERS)
    dataset = record_rows.dataset_row(workspace.engine, dataset_id)
    if dataset is None:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    chosen = record_filter or RecordFilter()
    rows = record_rows.filtered_rows(workspace.engine, within_dataset(chosen, dataset_id))
    standing = {row["id"]: row for row in rows}
    taxonomy = get_taxonomy(dataset["taxonomy"])
    annotations = [
        row
        for row in annotation_rows.list_annotations(workspace.engine, dataset_id=dataset_id)
        if row["record_id"] in standing
    ]
    reviews = [row for row in annotations if row["purpose"] == TaskPurpose.REVIEW]
    people = {row["account_id"] for row in annotations}
    active = active_accounts(workspace)
    consensus = {
        row["record_id"]: row
        for row in decisions.all_consensus(workspace.engine, dataset_id)
        if row["record_id"] in standing
    }
    # A consensus counts while its record stands on it: not one that was reopened since.
    holds = {
        record_id: row
        for record_id, row in consensus.items()
        if not standing[record_id]["stage_claimed"]
        and (standing[record_id]["verification_stage"] or 0) >= VerificationStage.CONSENSUS
    }
    malignant = [row for row in rows if row["dx"] in taxonomy and taxonomy[row["dx"]].needs_histology]
    rules = [ReviewRule.from_json(row["rule"]) for row in review_rules.rules_of(workspace.engine, dataset_id)]
    return LabelFacts(
        dataset=str(dataset["name"]),
        records=len(rows),
        simulated=bool(dataset["simulated"]),
        by_stage=_stages(row for row in rows if not row["stage_claimed"]),
        claimed=_stages(row for row in rows if row["stage_claimed"]),
        unlabelled=sum(row["verification_stage"] is None for row in rows),
        reviewed=dict(sorted(Counter(int(row["n_reviewers"]) for row in holds.values()).items())),
        direct=sum(row["kind"] == "direct" for row in holds.values()),
        board=sum(row["kind"] != "direct" for row in holds.values()),
        reviewers=len(people),
        experienced=sum(active[i].expertise != "resident" for i in people if i in active),
        reviews=len(reviews),
        blind_to_initial=sum(bool(row["blind_to_initial"]) for row in reviews),
        blind_to_model=sum(bool(row["blind_to_model"]) for row in reviews),
        repeats=sum(row["purpose"] == TaskPurpose.REPEAT for row in annotations),
        histology=len(
            standing.keys() & {row["record_id"] for row in decisions.all_histology(workspace.engine, dataset_id)}
        ),
        malignant=len(malignant),
        malignant_without_histology=sum(
            (row["verification_stage"] or 0) < VerificationStage.HISTOLOGY for row in malignant
        ),
        reopened=sum(record_id in standing for record_id in decisions.reopened_records(workspace.engine, dataset_id)),
        rules=tuple(rule.in_words() for rule in rules or [ReviewRule()]),
        only=filter_in_words(chosen),
        left_out=records.count_records(workspace.engine, RecordFilter(dataset_id=(dataset_id,))) - len(rows),
        by_outcome=any(chosen.chosen(name) for name in _OUTCOMES),
    )


def _chosen(facts: LabelFacts) -> list[str]:
    """What is said of the records that are left out."""
    if not facts.only:
        return []
    said = [
        f"Only those with the following are told of here: {facts.only}. That is {counted(facts.records, 'record')}; "
        f"{counted(facts.left_out, 'other')} {form(facts.left_out, 'is', 'are')} left out."
    ]
    if facts.by_outcome:
        said.append(
            "They were chosen by what came of the reviews, so that agreement among them is not that of all records."
        )
    return said


def _stages(rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    return dict(sorted(Counter(int(row["verification_stage"]) for row in rows if row["verification_stage"]).items()))


def methods_paragraphs(facts: LabelFacts) -> tuple[str, ...]:
    """The paragraph of a methods section: what happened here, what came from elsewhere, what is missing."""
    at = facts.by_stage
    here = [
        f"{counted(at[int(stage)], 'record')} to stage {int(stage)} ({stage.title.lower()})"
        for stage in VerificationStage
        if at.get(int(stage))
    ]
    said = [
        f"The data set {facts.dataset} holds {counted(facts.records + facts.left_out, 'record')}.",
        *_chosen(facts),
        f"Of these, {', '.join(here)} came here." if here else "None of their labels was reached here.",
    ]
    if facts.claimed:
        parts = [f"{counted(n, 'record')} (stage {stage})" for stage, n in facts.claimed.items()]
        said.append(
            f"The stage of {', '.join(parts)} was stated by the source of the data and not reached here; how it "
            "came about is not recorded."
        )
    if facts.unlabelled:
        said.append(f"{counted(facts.unlabelled, 'record')} had no label yet.")
    if facts.reviews:
        said.append(_reviews(facts))
    if facts.direct + facts.board:
        counts = ", ".join(f"{people} of {counted(n, 'record')}" for people, n in facts.reviewed.items())
        said.append(
            f"Of the records with a consensus reached here, {facts.direct:,} had it from agreeing reviewers directly "
            f"and {facts.board:,} from the board, where it was formulated with its reason. Reviewers of these records: "
            f"{counts}."
        )
    if facts.repeats:
        said.append(
            f"{counted(facts.repeats, 'review')} {form(facts.repeats, 'was', 'were')} of a record that the same person "
            "had reviewed before, without being told."
        )
    said.append(
        f"Of {counted(facts.malignant, 'record')} with a malignant label, "
        f"{facts.malignant - facts.malignant_without_histology:,} "
        f"({percent((facts.malignant - facts.malignant_without_histology) / facts.malignant)}) were confirmed by "
        "histology."
        if facts.malignant
        else "No record had a malignant label."
    )
    if facts.reopened:
        said.append(f"Records were reopened {counted(facts.reopened, 'time')}, each with a reason in the change log.")
    if facts.simulated:
        said.append("The images of this data set were drawn by a program.")
    return (" ".join(said), *(("The rule of review: " + rule) for rule in facts.rules))


def _reviews(facts: LabelFacts) -> str:
    blind = [
        what
        for what, n in (("the initial annotation", facts.blind_to_initial), ("a classifier", facts.blind_to_model))
        if n == facts.reviews
    ]
    partly = [
        f"{n:,} of them without seeing {what}"
        for what, n in (("the initial annotation", facts.blind_to_initial), ("a classifier", facts.blind_to_model))
        if 0 < n < facts.reviews
    ]
    text = (
        f"{counted(facts.reviewers, 'person', 'people')} annotated or reviewed ({facts.experienced:,} of them "
        f"specialists or experts) and gave {counted(facts.reviews, 'independent review')}, blind to one another"
    )
    if blind:
        text += f" and to {' and '.join(blind)}"
    return f"{text}{', ' + ', '.join(partly) if partly else ''}."
