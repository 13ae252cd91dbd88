"""The checks: what each looks for, what it costs, and the function that does it. What kinds of findings mean stands in
`dataset/finding_kinds`; a check finds one kind or several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dermdash.dataset.finding_kind import FindingKind
from dermdash.dataset.finding_kinds import KINDS, kinds_of_check
from dermdash.storage import findings
from dermdash.wording import counted
from dermdash.workflows.dataset.find_contradictions import find_contradictions
from dermdash.workflows.findings import check_fields, check_images, check_labels, check_splits
from dermdash.workflows.findings.check import Found, Scope
from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    ``slow``: it takes minutes for thousands of images, the others seconds; ``needs``: in words, what must be there.
    """

    key: str
    title: str
    run: Callable[[Scope], Found]
    slow: bool = False
    needs: str = ""

    @property
    def kinds(self) -> tuple[FindingKind, ...]:
        """What it finds."""
        return kinds_of_check(self.key)


def _contradictions(scope: Scope) -> Found:
    for place, dataset_id in enumerate(scope.dataset_ids):
        scope.report("Comparing rows", place, len(scope.datasets))
        find_contradictions(scope.workspace, dataset_id)
    stored = {kind.key: len(findings.list_findings(scope.workspace.engine, kind.key))
              for kind in kinds_of_check("contradictions")}  # fmt: skip
    return Found(stored=stored)


def _same_lesions(scope: Scope) -> Found:
    before = {row["id"] for row in findings.list_findings(scope.workspace.engine, findings.SAME_LESION)}
    found = Found()
    for dataset_id in [None] if scope.everything else scope.dataset_ids:
        report = find_same_lesions(
            scope.workspace, scope.actor, dataset_id=dataset_id, simulated=scope.simulated, processes=scope.processes,
            progress=lambda p: scope.report(p.stage, p.done, p.total),
        )  # fmt: skip
        found.notes.append(
            f"{report.new:,} of {counted(report.images, 'image')} new: {counted(report.compared, 'pair')} compared."
        )
        if report.unreadable:
            n = counted(len(report.unreadable), "image")
            found.notes.append(f"{n} cannot be read and were left out: restore the files of the workspace.")
    now = {row["id"] for row in findings.list_findings(scope.workspace.engine, findings.SAME_LESION)}
    found.stored = {findings.SAME_LESION: len(now - before)}
    return found


CHECKS: dict[str, Check] = {
    check.key: check
    for check in (
        Check("contradictions", "Contradictions among rows", _contradictions),
        Check("field_values", "Missing, impossible and default values", check_fields.field_values),
        Check("presence", "Presence that predicts the label", check_fields.presence_effects),
        Check("exact_duplicates", "Equal files", check_images.exact_duplicates),
        Check("quality_outliers", "Poor images", check_images.quality_outliers),
        Check("off_topic", "Pictures of another kind", check_images.off_topic_images),
        Check("near_duplicates", "Near duplicates", check_images.near_duplicate_pairs),
        Check(
            "label_errors", "Likely label errors", check_labels.likely_label_errors,
            needs="features of the records by some model (`dermdash predict`)",
        ),
        Check("same_lesion", "One lesion under two ids", _same_lesions, slow=True),
        Check(
            "split_leakage", "Leaks between training and test", check_splits.split_leaks,
            needs="a split of the data set (column source_split of its table)",
        ),
    )
}  # fmt: skip
"""In the order they run: leaks last, as they count near duplicates, too."""


def check_of(kind: str) -> Check | None:
    """The check that finds a kind; None where it comes of an act."""
    return CHECKS.get(KINDS[kind].check) if kind in KINDS else None
