"""What each rung of the verification ladder asks for: rules over one record, answers in words.

Source: the methodology for clinically verified dermatoscopic data sets (malignant classes are confirmed by
histology; benign ones stay at consensus, because a biopsy is not indicated).
"""

from collections.abc import Mapping
from typing import Any

from dermdash.records.fields import is_filled
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import VerificationStage


def check_verification_stage(values: Mapping[str, Any], *, dx: str | None, taxonomy: Taxonomy) -> list[str]:
    """Say what the record's label still lacks; an empty list means that its stage is enough for its class.

    Parameters
    ----------
    values
        The 16 fields by name; verification_stage and histopathology_result are read.
    dx
        Class code in `taxonomy`, None for a record without diagnosis.
    """
    stage = values.get("verification_stage")
    if stage is None or stage != stage:  # NaN: how a table says that nothing was recorded
        return ["The verification stage is not recorded."]
    problems = []
    if dx is not None and dx in taxonomy and taxonomy[dx].needs_histology and stage < VerificationStage.HISTOLOGY:
        problems.append("A malignant diagnosis needs histology (stage 3).")
    if stage == VerificationStage.HISTOLOGY and not is_filled(values.get("histopathology_result")):
        problems.append("Stage 3 needs a histopathology result.")
    if stage == VerificationStage.INITIAL_ANNOTATION and not problems:
        problems.append("An initial annotation needs the consensus of three specialists (stage 2).")
    return problems
