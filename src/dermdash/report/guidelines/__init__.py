"""Topics of the reporting guidelines for studies of AI, in our own short words, to be filled in beside a report."""

from dermdash.report.guidelines.clear_derm import CLEAR_DERM
from dermdash.report.guidelines.consort_ai import CONSORT_AI
from dermdash.report.guidelines.decide_ai import DECIDE_AI
from dermdash.report.guidelines.guideline import Guideline, GuidelineItem
from dermdash.report.guidelines.stard_ai import STARD_AI

GUIDELINES: tuple[Guideline, ...] = (DECIDE_AI, CONSORT_AI, STARD_AI, CLEAR_DERM)

__all__ = ["GUIDELINES", "Guideline", "GuidelineItem"]
