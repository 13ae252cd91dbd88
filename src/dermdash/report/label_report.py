"""The agreement report of a data set: how its labels came about, and how far those agree who gave them."""

from __future__ import annotations

from datetime import datetime

from dermdash.analyses.label_agreement.results import LabelAgreement
from dermdash.analyses.label_agreement.section import DRAWN, label_section
from dermdash.records.verification_stage import VerificationStage
from dermdash.report.section_report import render_sections
from dermdash.wording import counted, moment
from dermdash.workflows.verification.label_facts import LabelFacts, methods_paragraphs


def label_report(facts: LabelFacts, agreement: LabelAgreement, *, made_at: datetime) -> str:
    """Return the report as one HTML file that loads nothing."""
    stages = [
        (f"Stage {int(stage)}, {stage.title.lower()}", counted(facts.by_stage.get(int(stage), 0), "record"))
        for stage in VerificationStage
    ]
    claimed = sum(facts.claimed.values())
    head = [
        ("Records", f"{facts.records:,}"),
        *stages,
        *([("Claimed by the source", counted(claimed, "record"))] if claimed else []),
        ("Reviewers", f"{agreement.overall.reviewers:,}"),
        ("Independent reviews", f"{facts.reviews:,}"),
        ("Made", moment(made_at)),
    ]
    return render_sections(
        [label_section(agreement)],
        kind="Agreement report",
        title=facts.dataset,
        facts=head,
        paragraphs=methods_paragraphs(facts),
        warnings=[DRAWN] if facts.simulated else [],
    )
