"""What a merge reveals, resolved with the higher evidence: by the acts that change records, each in the change log.

One lesion has one diagnosis, one person, one site. Where records of a group say otherwise, the one whose evidence is
highest is right until somebody knows better: stage 3 over 2 over 1, histology over opinion. Nothing changes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.lesion_identity.lesion_groups import COMPARED, evidence_rank, field_title, value_words
from dermdash.workflows.verification.board import checked_text
from dermdash.workflows.verification.histology import enter_histology
from dermdash.workflows.verification.reopen import correct_field, reopen

CORRECTED = ("sex", "age_at_exam", "anatomical_site")
"""Facts that are corrected; the label goes the way of the ladder, and who a patient is the source has to say."""


def resolve_field(workspace: Workspace, actor: Account, field: str, *, right: str, wrong: str, reason: str = "") -> str:
    """Let the record ``wrong`` follow the record ``right`` in one fact, by the act that may; return what was done.

    Sex, age and site are corrected. A diagnosis that histology settled is entered as the histology of the other image,
    which shows the same lesion; any other diagnosis reopens the record that stands lower, to be reviewed again.

    Raises
    ------
    AccessDenied
        Whoever resolves is no curator.
    InvalidInput
        The fact is none that is resolved so, or ``wrong`` stands higher than ``right``, or at stage 3 itself.
    NotFound
        There is no such record.
    """
    require_right(actor, Right.CURATE_LABELS)
    frame = records.records_by_id(workspace.engine, [right, wrong])
    rows = {str(row["id"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}
    if missing := [record for record in (right, wrong) if record not in rows]:
        raise NotFound(f"There is no record {missing[0]!r} in the workspace.")
    kept, follows = rows[right], rows[wrong]
    one, other = identity_groups(workspace, ONE_LESION).of([right, wrong]).tolist()
    if one != other:
        raise InvalidInput(
            f"{kept['image_id']} and {follows['image_id']} are no longer one lesion: somebody decided anew. Nothing "
            "was changed."
        )
    if field not in COMPARED or field == "patient_id":
        raise InvalidInput(f"{field!r} is nothing that one record takes over from another: correct the source.")
    if evidence_rank(follows) > evidence_rank(kept):
        raise InvalidInput(
            f"{follows['image_id']} stands higher than {kept['image_id']}: what rests on more does not follow "
            "what rests on less."
        )
    said = value_words(field, kept[field])
    why = f"one lesion with {kept['image_id']}, whose {field_title(field).lower()} is {said} by higher evidence"
    why = checked_text(f"{why}: {reason.strip()}" if reason.strip() else why, "reason")
    if field in CORRECTED:
        correct_field(workspace, actor, wrong, field, _plain(kept[field]), reason=why)
        return f"{field_title(field)} of {follows['image_id']} is now {said}."
    return _settle_label(workspace, actor, kept, follows, why)


def _settle_label(
    workspace: Workspace, actor: Account, kept: Mapping[str, Any], follows: Mapping[str, Any], why: str
) -> str:
    if _stage(follows) == VerificationStage.HISTOLOGY:
        raise InvalidInput(
            f"{follows['image_id']} is verified by histology, too: two results of one lesion are for people to settle: "
            "reopen the record that is wrong, with a reason."
        )
    if _stage(kept) == VerificationStage.HISTOLOGY:
        enter_histology(workspace, actor, str(follows["id"]), dx=str(kept["dx"]), text=why)
        return f"The histology of {kept['image_id']} is entered for {follows['image_id']}, too."
    stage = _stage(follows)
    if stage is None:
        raise InvalidInput(f"{follows['image_id']} has no stage: it is annotated, not resolved.")
    lower = None if stage == VerificationStage.INITIAL_ANNOTATION else VerificationStage.INITIAL_ANNOTATION
    reopen(workspace, actor, str(follows["id"]), reason=why, to_stage=lower)
    return f"{follows['image_id']} is reopened and will be reviewed again."


def _stage(row: Mapping[str, Any]) -> VerificationStage | None:
    value = row["verification_stage"]
    return None if value is None or pd.isna(value) else VerificationStage(int(value))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
